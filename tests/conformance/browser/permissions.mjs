// Opens a permission report in a real browser and uses it as people do: node permissions.mjs PAGE PDF

import { LANDSCAPE, contrasts, fits, holds, printed, sections, skips, visited, walked } from "./page.mjs";

const [file, pdf] = process.argv.slice(2);
// A report that was compared with nothing has no statuses.
const FIELDS = ["search", "function", "status", "level"];

const visible = (page) => page.$$eval(".row", (rows) => rows.filter((row) => row.offsetParent !== null).length);
const shown = (page) => page.$eval("#shown", (line) => line.textContent);

await visited(file, async (page) => {
  const total = await page.$$eval(".row", (rows) => rows.length);
  holds("there are rows", total > 1);
  holds("every row is shown at first", (await visible(page)) === total && (await shown(page)) === `${total} of ${total} permissions`);
  await sections(page, ["Summary", "Findings", "Which function reaches what", "Who calls what, and what reaches what", "Every permission", "Signature"]);
  await sums(page, total);
  await agrees(page);
  await draws(page);
  await searches(page, total);
  await hurries(page, total);
  await walks(page);
  await types(page, total);
  await skips(page, "lines");
  await contrasts(page);
  await fits(page);
  await prints(page, total);
});

// The numbers of the summary are those of the rows.
async function sums(page, total) {
  const { counts, rows } = await page.evaluate(() => ({
    counts: [...document.querySelectorAll(".total")].map((one) => [one.querySelector(".word").textContent, Number(one.querySelector("strong").textContent)]),
    rows: [...document.querySelectorAll(".row")].map((row) => row.dataset.status),
  }));
  if (rows.every((status) => !status)) {
    const said = Object.fromEntries(counts);
    const names = await page.$$eval("#function option", (all) => all.filter((one) => one.value && one.value !== "the project").length);
    holds("the permissions are counted", said.permissions === total);
    holds("the functions are counted", said.functions >= names);
    return;
  }
  const statuses = counts.filter(([word]) => word !== "public");
  holds("the numbers of the summary add up", statuses.reduce((sum, [, count]) => sum + count, 0) === total);
  for (const [word, count] of statuses) {
    holds(`${count} rows are ${word}`, rows.filter((status) => status === word).length === count);
  }
}

// The matrix says what the rows say: for each function and each thing that it reaches, the kinds of access.
async function agrees(page) {
  const { wrong, cells } = await page.evaluate(() => {
    const letters = { list: "L", read: "R", tag: "T", write: "W", "manage permissions": "P", unknown: "?" };
    const order = Object.values(letters);
    const text = (of, selector) => of.querySelector(selector)?.textContent.trim() ?? "";
    const whose = (header) => `${header.firstChild.textContent.trim()} ${text(header, ".cloud")}`;
    const wanted = new Map();
    for (const row of document.querySelectorAll(".row")) {
      const own = text(row, ".side") === "may" && row.dataset.status !== "removed" && !row.querySelector(".badge.deny");
      if (!own) {
        continue;
      }
      for (const resource of row.querySelectorAll(".resource")) {
        const key = `${whose(row.querySelector("th"))}|${resource.textContent}`;
        const levels = row.dataset.level.split(", ").map((word) => letters[word]);
        wanted.set(key, new Set([...(wanted.get(key) ?? []), ...levels]));
      }
    }
    const wrong = [];
    let cells = 0;
    for (const table of document.querySelectorAll(".matrix")) {
      const columns = [...table.querySelectorAll("thead th")].slice(1).map((one) => one.title.split("\n"));
      for (const line of table.querySelectorAll("tbody tr")) {
        const name = whose(line.querySelector("th"));
        [...line.querySelectorAll("td")].forEach((cell, at) => {
          const levels = new Set(columns[at].flatMap((full) => [...(wanted.get(`${name}|${full}`) ?? [])]));
          columns[at].forEach((full) => wanted.delete(`${name}|${full}`));
          const said = cell.textContent.replace(/[ •]/g, "");
          const expected = order.filter((letter) => levels.has(letter)).join("");
          cells += expected ? 1 : 0;
          if (said !== expected) {
            wrong.push(`${name} on ${columns[at]}: ${said} and not ${expected}`);
          }
        });
      }
    }
    return { wrong: [...wrong, ...[...wanted.keys()].map((key) => `${key} is nowhere`)], cells };
  });
  holds("the matrix has cells", cells > 1);
  holds(`the matrix says what the rows say: ${wrong.slice(0, 3).join("; ")}`, wrong.length === 0);
}

// The picture has a line for every caller of every function, and no word hangs out of its box.
async function draws(page) {
  const { lacks, boxes, out } = await page.evaluate(() => {
    const titles = new Set([...document.querySelectorAll("svg .line title")].map((one) => one.textContent));
    const text = (of, selector) => of.querySelector(selector)?.textContent.trim() ?? "";
    const lacks = [];
    for (const row of document.querySelectorAll(".row")) {
      const header = row.querySelector("th");
      if (text(row, ".side") !== "is called by" || row.dataset.status === "removed") {
        continue;
      }
      const title = `${text(row, ".caller")} calls ${header.firstChild.textContent.trim()} (${text(header, ".cloud")})`;
      if (!titles.has(title)) {
        lacks.push(title);
      }
    }
    const boxes = [...document.querySelectorAll("svg .box")];
    const out = boxes.filter((box) => box.querySelector("text").getComputedTextLength() > Number(box.querySelector("rect").getAttribute("width")) - 12);
    return { lacks, boxes: boxes.length, out: out.map((box) => box.querySelector("text").textContent) };
  });
  holds("there are boxes", boxes > 2);
  holds(`every caller is drawn: ${lacks.slice(0, 3)}`, lacks.length === 0);
  holds(`names fit their boxes: ${out.slice(0, 3)}`, out.length === 0);
  // A picture that cannot be seen at once is drawn in parts.
  const first = await page.$("svg .function");
  await first.hover();
  const on = await page.$$eval("svg.chosen .line.on", (lines) => lines.length);
  holds("pointing at a function shows its lines", on > 0);
}

// Finds rows by what is typed and chosen, and shows all of them again.
async function searches(page, total) {
  const word = await page.$eval(".row code", (code) => code.textContent);
  await page.type("#search", word);
  const found = await page.$$eval(".row", (rows, word) => rows.filter((row) => row.textContent.toLowerCase().includes(word.toLowerCase())).length, word);
  holds(`searching ${word} shows the rows with it`, found > 0 && found < total && (await visible(page)) === found);
  holds("the count says so", (await shown(page)) === `${found} of ${total} permissions`);
  await page.type("#search", " nothing-has-this-in-it");
  holds("what is nowhere is not found", (await visible(page)) === 0);
  await page.click("button[type=reset]");
  await all(page, total);
  const status = await page.$eval(".row", (row) => row.dataset.status);
  if (!status) {
    return;
  }
  await page.select("#status", status);
  const fit = await page.$$eval(".row", (rows, status) => rows.filter((row) => row.dataset.status === status).length, status);
  holds(`${status} rows are chosen`, (await visible(page)) === fit);
  await page.select("#status", "");
}

async function all(page, total) {
  const back = page.waitForFunction((total) => document.querySelector("#shown").textContent === `${total} of ${total} permissions`, { timeout: 20_000 }, total);
  holds("all rows are shown again", await back.then(() => true, () => false));
}

// What is typed is found at once, however long the report.
async function hurries(page, total) {
  const slowest = await page.evaluate(() => {
    const field = document.querySelector("#search");
    let slowest = 0;
    for (const word of ["s", "s3", "write", "logs:put", "function-number-7", "read s3", "nowhere", ""]) {
      const start = performance.now();
      field.value = word;
      field.dispatchEvent(new Event("input"));
      // Asking for a height makes the browser lay out the page.
      void document.body.offsetHeight;
      slowest = Math.max(slowest, performance.now() - start);
    }
    return slowest;
  });
  console.log(`${total} rows: the slowest search took ${slowest.toFixed(0)} ms`);
  holds(`a search takes less than two seconds: ${slowest}`, slowest < 2_000);
}

async function fieldsOf(page) {
  const there = await Promise.all(FIELDS.map((id) => page.$(`#${id}`)));
  return FIELDS.filter((_, at) => there[at] !== null);
}

// Goes through the page with the keyboard alone.
async function walks(page) {
  const order = await walked(page);
  const fields = await fieldsOf(page);
  holds("there are fields", fields.length >= 3);
  const places = fields.map((id) => order.findIndex((at) => at.id === id));
  for (const [at, id] of fields.entries()) {
    holds(`${id} is reached`, places[at] >= 0);
  }
  holds("fields are reached in the order they stand", places.every((at, index) => index === 0 || at > places[index - 1]));
}

// Searches, chooses and starts over with the keyboard alone.
async function types(page, total) {
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  holds("a slash goes to the search", await page.evaluate(() => document.activeElement.id === "search"));
  const address = page.url();
  await page.keyboard.type("s3:");
  await page.keyboard.press("Enter");
  const found = await visible(page);
  holds("Enter in the search leaves what was found", page.url() === address && found > 0 && found < total);
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  const chosen = await page.$eval("#function", (field) => field.value);
  const fit = await visible(page);
  const functions = await page.$$eval("#function option", (all) => all.length - 1);
  holds("the arrow chooses a function", chosen !== "" && fit > 0 && (functions === 1 || fit <= found));
  const fields = await fieldsOf(page);
  for (let step = 1; step < fields.length; step += 1) {
    await page.keyboard.press("Tab");
  }
  holds("the last stop shows all again", await page.evaluate(() => document.activeElement.type === "reset"));
  await page.keyboard.press("Enter");
  await all(page, total);
}

// Prints every row, without what one cannot use on paper.
async function prints(page, total) {
  await page.emulateMediaType("print");
  holds("every row is printed", (await visible(page)) === total);
  holds("fields are not printed", await page.$eval(".filters", (form) => form.offsetParent === null));
  holds("the count of rows is printed", (await shown(page)) === `${total} of ${total} permissions`);
  holds("it has pages", (await printed(page, pdf, LANDSCAPE)) > 1);
}
