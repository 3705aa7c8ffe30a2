// Opens a permission report in a real browser and uses it as people do: node report.mjs PAGE PDF

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Without it the package does not unpack the libraries that the browser needs.
process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
const { default: puppeteer } = await import("puppeteer-core");

const [file, pdf] = process.argv.slice(2);
const faults = [];
const holds = (what, fine) => (fine ? undefined : faults.push(what));

const browser = await puppeteer.launch({
  args: [...chromium.args, "--no-sandbox"],
  executablePath: await chromium.executablePath(),
  headless: "shell",
  defaultViewport: { width: 1280, height: 900 },
});
try {
  const page = await browser.newPage();
  const asked = [];
  const said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });

  const total = await page.$$eval(".row", (rows) => rows.length);
  const visible = () => page.$$eval(".row", (rows) => rows.filter((row) => row.offsetParent !== null).length);
  const shown = () => page.$eval("#shown", (line) => line.textContent);
  holds("there are rows", total > 1);
  holds("every row is shown at first", (await visible()) === total && (await shown()) === `${total} of ${total} lines`);

  await searches(page, total, visible, shown);
  await walks(page);
  for (const scheme of ["light", "dark"]) {
    await contrasts(page, scheme);
  }
  await fits(page);
  await prints(page, total);

  const others = asked.filter((url) => url !== pathToFileURL(file).href);
  holds(`nothing else is asked for: ${others}`, others.length === 0);
  holds(`nothing is said on the console: ${said.join("; ")}`, said.length === 0);
} finally {
  await browser.close();
}
for (const fault of faults) {
  console.error(`does not hold: ${fault}`);
}
console.log(`${faults.length === 0 ? "the report holds" : "the report has faults"}`);
process.exitCode = faults.length === 0 ? 0 : 1;

// Finds rows by what is typed and chosen, and shows all of them again.
async function searches(page, total, visible, shown) {
  const word = await page.$eval(".row code", (code) => code.textContent);
  await page.type("#search", word);
  const found = await page.$$eval(".row", (rows, word) => rows.filter((row) => row.textContent.toLowerCase().includes(word.toLowerCase())).length, word);
  holds(`searching ${word} shows the rows with it`, found > 0 && (await visible()) === found);
  holds("the count says so", (await shown()) === `${found} of ${total} lines`);
  await page.type("#search", " nothing-has-this-in-it");
  holds("what is nowhere is not found", (await visible()) === 0);
  await page.click("button[type=reset]");
  await page.waitForFunction((total) => document.querySelector("#shown").textContent === `${total} of ${total} lines`, { timeout: 120_000 }, total);
  const status = await page.$eval(".row", (row) => row.dataset.status);
  await page.select("#status", status);
  const fit = await page.$$eval(".row", (rows, status) => rows.filter((row) => row.dataset.status === status).length, status);
  holds(`${status} rows are chosen`, (await visible()) === fit);
  await page.select("#status", "");
}

// Goes through the page with the keyboard alone.
async function walks(page) {
  // The keyboard goes on from where the mouse was, so the page is opened afresh.
  await page.reload({ waitUntil: "load" });
  const order = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const here = document.activeElement;
      const style = getComputedStyle(here);
      const name = here.labels?.[0]?.textContent ?? here.getAttribute("aria-labelledby") ?? here.textContent;
      return { id: here.id || here.className || here.tagName, name: name?.trim(), outlined: style.outlineStyle !== "none" };
    });
    if (at.id === "BODY") {
      break;
    }
    order.push(at);
  }
  holds("the first stop skips to the list", order[0]?.id === "skip");
  for (const id of ["search", "function", "status", "level"]) {
    holds(`${id} is reached`, order.some((at) => at.id === id));
  }
  const places = ["search", "function", "status", "level"].map((id) => order.findIndex((at) => at.id === id));
  holds("fields are reached in the order they stand", places.every((at, index) => index === 0 || at > places[index - 1]));
  holds("every stop has a name", order.every((at) => at.name));
  const blind = order.filter((at) => !at.outlined).map((at) => at.id);
  holds(`every stop is outlined: ${blind}`, blind.length === 0);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  holds("a slash goes to the search", await page.evaluate(() => document.activeElement.id === "search"));
}

// Every text is at least 4.5 times lighter or darker than what is behind it (WCAG 2.2, 1.4.3).
async function contrasts(page, scheme) {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const { weak, background } = await page.evaluate(() => {
    const parse = (color) => color.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.length < 4 || color[3] > 0) {
          return color;
        }
      }
      return [255, 255, 255];
    };
    const weak = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const drawn = element.closest("svg");
      if (!walker.currentNode.textContent.trim() || /^(SCRIPT|STYLE|OPTION|title|desc)$/.test(element.tagName)) {
        continue;
      }
      const style = getComputedStyle(element);
      const box = drawn && element.parentElement.querySelector("rect");
      const front = light(parse(drawn ? style.fill : style.color));
      const back = light(box ? parse(getComputedStyle(box).fill) : behind(element));
      const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      if (ratio < 4.5) {
        weak.push(`${element.className.baseVal ?? element.className} ${walker.currentNode.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
      }
    }
    return { weak, background: light(behind(document.body)) };
  });
  holds(`${scheme}: every text can be read: ${weak.slice(0, 5).join("; ")}`, weak.length === 0);
  holds(`${scheme}: the page is ${scheme}`, scheme === "light" ? background > 0.8 : background < 0.1);
}

// Nothing hangs out of the page on a small screen; what is wide scrolls by itself.
async function fits(page) {
  await page.setViewport({ width: 420, height: 800 });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  holds(`a small screen is wide enough: ${over}`, over <= 0);
  await page.setViewport({ width: 1280, height: 900 });
}

// Prints every row, without what one cannot use on paper.
async function prints(page, total) {
  await page.emulateMediaType("print");
  const rows = await page.$$eval(".row", (rows) => rows.filter((row) => row.offsetParent !== null).length);
  holds("every row is printed", rows === total);
  holds("fields are not printed", await page.$eval(".filters", (form) => form.offsetParent === null));
  const paper = await page.$eval("#shown", (line) => line.textContent);
  holds("the count of rows is printed", paper === `${total} of ${total} lines`);
  const bytes = Buffer.from(await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true }));
  writeFileSync(pdf, bytes);
  const pages = bytes.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
  holds(`it has pages: ${pages}`, pages > 0);
  await page.emulateMediaType(null);
}
