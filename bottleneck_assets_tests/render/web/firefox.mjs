// Drives Debian's Firefox, by WebDriver BiDi: opens pages, chooses a segment, and prints what it sees as JSON (test_firefox.py reads it).
//
// Takes on stdin { modules, firefox, patience, stands, seen, addresses, segment }: the folder of puppeteer-core, the browser, milliseconds, what
// a page has once it stands, a function that tells what it shows, the pages to open, and the segment to be chosen on the first of them.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const given = JSON.parse(await text(process.stdin));
const { default: puppeteer } = createRequire(`${given.modules}/`)("puppeteer-core");
const seen = eval(given.seen);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: given.firefox, headless: true });

/** A page that stands, and everything that it has complained of. */
async function opened(address) {
  const page = await browser.newPage();
  page.setDefaultTimeout(given.patience);
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.setViewport({ width: 1280, height: 850 });
  await page.goto(address);
  await page.waitForSelector(given.stands);
  return { page, said };
}

async function shown(address) {
  const { page, said } = await opened(address);
  const found = await page.evaluate(seen);
  await page.close();
  return { ...found, said };
}

/** What the first page shows after a segment is chosen by hand, at which address; and what after going back. */
async function chosen() {
  const { page, said } = await opened(given.addresses[0]);
  const before = await page.evaluate(seen);
  await page.select("select[name=segment]", given.segment);
  await page.waitForFunction(() => location.hash.includes("segment="));
  const address = page.url();
  const after = await page.evaluate(seen);
  await page.goBack();
  await page.waitForFunction(() => !location.hash.includes("segment="));
  return { address, before, after, undone: await page.evaluate(seen), said };
}

const shows = [];
for (const address of given.addresses) shows.push(await shown(address));
console.log(JSON.stringify({ shows, chosen: await chosen() }));
await browser.close();
