// Opens the pages of reports in Chromium and looks at them as people would: with a mouse, a keyboard and a screen
// reader, light and dark, narrow and wide, and printed. `cargo xtask browser` runs it.
//
//   node report.js SHOTS NAME=PAGE…
//
// Screenshots go to SHOTS; each page is a file. Exits with 1 where something is wrong.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readFileSync, statSync } from "node:fs";
import { chromium } from "playwright-core";

const MOST_BYTES = 1_500_000;
const SIZES = { narrow: { width: 360, height: 780 }, wide: { width: 1440, height: 900 } };
const [shots, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = [];

function expect(is, what) {
  if (!is) faults.push(what);
}

/** Opens a page and returns it with what it complains about and asks for. */
async function open(browser, url, options) {
  // The axe is brought by the test, which the page's own policy would refuse.
  const context = await browser.newContext({ ...options, bypassCSP: options.bypassCSP ?? false });
  const page = await context.newPage();
  const heard = [];
  page.on("console", (message) => heard.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(`error: ${error}`));
  page.on("dialog", (dialog) => {
    heard.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const own = request.url() === url || request.url().startsWith("data:image/png");
    if (!own) heard.push(`request: ${request.url().slice(0, 100)}`);
  });
  await page.goto(url);
  return { context, page, heard };
}

/** What the list shows: one column of all rows. */
const column = (page, number) =>
  page.$$eval("#utterance-table tbody tr", (rows, number) => rows.map((row) => row.cells[number].textContent.trim()), number);

async function sorts_and_searches(page, name) {
  const all = await column(page, 0);
  const status = await page.textContent("#shown");
  const listed = Number(status.match(/, (\d+) listed/)?.[1]);
  expect(listed >= all.length && all.length > 0, `${name}: the list is empty: ${status}`);

  await page.click("#utterance-table th:has-text('duration') button");
  const up = (await column(page, 3)).map(Number);
  expect(up.every((of, n) => n === 0 || up[n - 1] <= of), `${name}: durations do not rise: ${up}`);
  // By keyboard the other way.
  await page.focus("#utterance-table th:has-text('duration') button");
  await page.keyboard.press("Enter");
  const down = (await column(page, 3)).map(Number);
  expect(down.every((of, n) => n === 0 || down[n - 1] >= of), `${name}: durations do not fall: ${down}`);
  const sort = await page.getAttribute("#utterance-table th:has-text('duration')", "aria-sort");
  expect(sort === "descending", `${name}: aria-sort is ${sort}`);

  await page.fill("#search", all[0]);
  const found = await column(page, 0);
  expect(found.includes(all[0]) && found.length <= all.length, `${name}: ${all[0]} is not found`);
  await page.fill("#search", "no utterance is called this");
  expect((await column(page, 0)).length === 0, `${name}: something is found that is not there`);
  await page.fill("#search", "");

  const splits = await page.$$eval("#split option", (options) => options.map((option) => option.value));
  await page.selectOption("#split", splits.at(-1));
  const of = await column(page, 1);
  expect(of.every((split) => split === splits.at(-1) || !splits.at(-1)), `${name}: other splits are shown`);
  await page.selectOption("#split", "");
}

async function look(browser, name, path) {
  const url = pathToFileURL(resolve(path)).href;
  expect(statSync(path).size < MOST_BYTES, `${name}: it has ${statSync(path).size} bytes`);
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { context, page, heard } = await open(browser, url, { viewport, colorScheme });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width <= viewport.width, `${name}: at ${viewport.width} px it is ${width} px wide`);
      const charts = await page.$$eval("svg", (all) => all.filter((svg) => svg.getBoundingClientRect().height > 50).length);
      expect(charts > 0, `${name}: no chart is there`);
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      if (size === "wide" && (await page.$("#utterance-table"))) await sorts_and_searches(page, name);
      heard.forEach((of) => expect(false, `${name}, ${colorScheme}, ${size}: ${of}`));
      await context.close();
    }
    const { context, page } = await open(browser, url, { viewport: SIZES.wide, colorScheme, bypassCSP: true });
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document));
    found.violations.forEach(({ id, help, nodes }) =>
      expect(false, `${name}, ${colorScheme}: axe: ${id}: ${help}: ${nodes[0].html.slice(0, 200)}`),
    );
    await context.close();
  }
  const { context, page } = await open(browser, url, { viewport: SIZES.wide });
  await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: join(shots, `${name}-print.png`), fullPage: true });
  await page.pdf({ path: join(shots, `${name}.pdf`), format: "A4" });
  await context.close();
  // Without its script the page still shows everything.
  const bare = await open(browser, url, { viewport: SIZES.wide, javaScriptEnabled: false });
  const rows = await bare.page.locator("#utterance-table tbody tr").count();
  expect(rows > 0 || !(await bare.page.locator("#utterance-table").count()), `${name}: no rows without a script`);
  await bare.context.close();
}

mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Root has no sandbox of its own, and the pages are files of this test.
  args: ["--no-sandbox"],
});
for (const page of pages) {
  const at = page.indexOf("=");
  await look(browser, page.slice(0, at), page.slice(at + 1));
}
console.log(`${pages.length} pages in Chromium ${browser.version()}: ${faults.length} faults`);
await browser.close();
faults.forEach((fault) => console.error(fault));
process.exit(faults.length ? 1 : 0);
