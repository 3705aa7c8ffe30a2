// What holds for every page: it asks for nothing else, can be read in both colour schemes, fits a small screen, and
// can be printed. A fault is said and counted; nothing is thrown, so that all of them are seen at once.

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Without it the package does not unpack the libraries that the browser needs.
process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
const { default: puppeteer } = await import("puppeteer-core");

const faults = [];
export const holds = (what, fine) => (fine ? undefined : faults.push(what));

// Opens a page, visits it, and ends the program with 0 if nothing is at fault.
export async function visited(file, visit) {
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
    await visit(page);
    const others = asked.filter((url) => url.split("#")[0] !== pathToFileURL(file).href);
    holds(`nothing else is asked for: ${others}`, others.length === 0 && asked.length > 0);
    holds(`nothing is said on the console: ${said.join("; ")}`, said.length === 0);
  } finally {
    await browser.close();
  }
  for (const fault of faults) {
    console.error(`does not hold: ${fault}`);
  }
  console.log(faults.length === 0 ? "the page holds" : `the page has ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

// The sections a page has, by their headings.
export async function sections(page, wanted) {
  const found = await page.$$eval("h2", (all) => all.map((one) => one.firstChild.textContent.trim()));
  for (const title of wanted) {
    holds(`there is a section ${title}: ${found}`, found.includes(title));
  }
}

// Goes through the page with the Tab key alone, and returns the stops.
export async function walked(page) {
  // The keyboard goes on from where the mouse was, so the page is opened afresh.
  await page.reload({ waitUntil: "load" });
  const order = [];
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const here = document.activeElement;
      const style = getComputedStyle(here);
      const name = here.labels?.[0]?.textContent ?? here.getAttribute("aria-labelledby") ?? here.textContent;
      const outlined = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
      return { id: here.id || here.className || here.tagName, name: name?.trim(), outlined };
    });
    if (at.id === "BODY") {
      break;
    }
    order.push(at);
  }
  holds("the first stop skips what stands before", order[0]?.id === "skip");
  holds("every stop has a name", order.every((at) => at.name));
  const blind = order.filter((at) => !at.outlined).map((at) => at.id);
  holds(`every stop is outlined: ${blind}`, order.length > 1 && blind.length === 0);
  return order;
}

// Follows the first link with the Enter key.
export async function skips(page, to) {
  await page.reload({ waitUntil: "load" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  holds(`Enter skips to ${to}`, await page.evaluate((to) => location.hash === `#${to}` && document.activeElement.id === to, to));
}

// Every text is at least 4.5 times lighter or darker than what is behind it (WCAG 2.2, 1.4.3), and the outline of what
// has the focus 3 times (1.4.11).
export async function contrasts(page) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const { texts, weak, least, background, outline } = await page.evaluate(contrast);
    console.log(`${scheme}: ${texts} texts, the weakest ${least.toFixed(2)}, the outline ${outline.toFixed(2)}`);
    holds(`${scheme}: there is text`, texts > 20);
    holds(`${scheme}: every text can be read: ${weak.slice(0, 5).join("; ")}`, weak.length === 0);
    holds(`${scheme}: the outline can be seen: ${outline.toFixed(2)}`, outline >= 3);
    holds(`${scheme}: the page is ${scheme}`, scheme === "light" ? background > 0.8 : background < 0.1);
  }
  await page.emulateMediaFeatures([]);
}

// Runs in the page.
function contrast() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const against = (one, two) => (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
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
  let [texts, least] = [0, Number.POSITIVE_INFINITY];
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
    const ratio = against(front, back);
    texts += 1;
    least = Math.min(least, ratio);
    if (ratio < 4.5) {
      weak.push(`${element.className.baseVal ?? element.className} ${walker.currentNode.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
  }
  const background = light(behind(document.body));
  const link = document.querySelector(".skip");
  link.focus({ focusVisible: true });
  const outline = against(light(parse(getComputedStyle(link).outlineColor)), background);
  link.blur();
  return { texts, weak, least, background, outline };
}

// Nothing hangs out of the page on a small screen; what is wide scrolls by itself, with the arrow keys too.
export async function fits(page) {
  await page.setViewport({ width: 420, height: 800 });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  holds(`a small screen is wide enough: ${over}`, over <= 0);
  const wide = await page.evaluate(() => {
    const wide = [...document.querySelectorAll(".wide")].find((one) => one.scrollWidth > one.clientWidth);
    wide?.focus();
    return Boolean(wide);
  });
  holds("something is wider than a small screen", wide);
  await page.keyboard.press("ArrowRight");
  const scrolled = page.waitForFunction(() => document.activeElement.scrollLeft > 0, { timeout: 20_000 });
  holds("the right arrow scrolls it", await scrolled.then(() => true, () => false));
  await page.setViewport({ width: 1280, height: 900 });
}

// The width of A4 less its margins, in the units of CSS.
export const PORTRAIT = 703;
export const LANDSCAPE = 1031;

// Prints the page into a file, with nothing cut off at the side of the paper, and returns how many sheets it takes.
export async function printed(page, pdf, width) {
  await page.emulateMediaType("print");
  await page.setViewport({ width, height: 700 });
  const cut = await page.evaluate(() => {
    const all = [document.documentElement, ...document.querySelectorAll(".wide, pre")];
    return all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => `${one.tagName} ${one.scrollWidth - one.clientWidth}`);
  });
  holds(`nothing is cut off on paper: ${cut}`, cut.length === 0);
  const bytes = Buffer.from(await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true, timeout: 120_000 }));
  writeFileSync(pdf, bytes);
  await page.setViewport({ width: 1280, height: 900 });
  await page.emulateMediaType(null);
  const sheets = bytes.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
  console.log(`printed on ${sheets} sheets`);
  return sheets;
}
