/* Evaluates measures as the dashboard does: `node evaluate.mjs <scripts> <page>` reads a list of states, and writes the figures of each:
   with `compare`, those of the earlier months that the chosen ones are compared with. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [scripts, page] = process.argv.slice(2);
const html = readFileSync(page, "utf8");
const block = (id) => html.match(new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, "s"))[1];
globalThis.document = { getElementById: (id) => ({ textContent: block(id) }) };

const { figure, measures } = await import(pathToFileURL(`${scripts}/measures.js`));
const { chosen, state } = await import(pathToFileURL(`${scripts}/selection.js`));
const { compared } = await import(pathToFileURL(`${scripts}/compare.js`));
const { months } = await import(pathToFileURL(`${scripts}/figures.js`));

const everything = { segment: "", type: "", from: 0, to: months.length - 1, compare: "", focus: null };
const place = (month) => months.findIndex((found) => found.startsWith(month));
const figures = JSON.parse(readFileSync(0, "utf8")).map(({ from, to, ...given }) => {
  Object.assign(state, everything, given, from && { from: place(from) }, to && { to: place(to) });
  return Object.fromEntries(Object.keys(measures).map((name) => {
    const scope = state.compare ? compared(name).scope : chosen();
    return [name, scope && figure(name, scope)];
  }));
});
process.stdout.write(JSON.stringify(figures));
