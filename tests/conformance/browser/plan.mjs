// Opens a plan in a real browser and uses it as people do: node plan.mjs PAGE PDF

import { PORTRAIT, contrasts, fits, holds, printed, sections, skips, visited, walked } from "./page.mjs";

const [file, pdf] = process.argv.slice(2);

await visited(file, async (page) => {
  await sections(page, ["Summary", "Resources", "Steps, and what each expects"]);
  const total = await page.$$eval(".resource", (all) => all.length);
  const added = await page.$eval(".total.create strong", (count) => Number(count.textContent));
  holds(`each of ${added} resources has a part: ${total}`, total > 1 && total === added);
  holds("every part is open at first", await page.$$eval(".resource", (all) => all.every((one) => one.open)));
  const steps = await page.$$eval("tbody tr", (rows) => rows.map((row) => row.textContent));
  const addresses = await page.$$eval(".resource summary code", (all) => all.map((one) => one.textContent));
  const idle = addresses.filter((address) => !steps.some((step) => step.includes(address)));
  holds(`every resource has a step: ${idle}`, idle.length === 0);
  await walked(page);
  await skips(page, "resources");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  holds("Enter closes a part", await page.$eval(".resource", (one) => !one.open));
  await page.keyboard.press("Enter");
  holds("Enter opens it again", await page.$eval(".resource", (one) => one.open));
  await contrasts(page);
  await fits(page);
  holds("it has pages", (await printed(page, pdf, PORTRAIT)) > 1);
});
