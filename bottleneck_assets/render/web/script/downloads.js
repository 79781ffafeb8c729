/* What is shown, as a CSV file, and the release's own file beside it.

   Belongs here: the form of the file and the links to it. Never here: which columns it has (marks/, table.js). */
import { say } from "./format.js";
import { h } from "./html.js";

/** @param {any} value */
const csvCell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // a spreadsheet would run it
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** @typedef {[name: string, of: (row: any) => any][]} Fields */
/** @param {Fields} fields @param {any[]} rows */
export const csv = (fields, rows) =>
  [fields.map(([name]) => name), ...rows.map((row) => fields.map(([, of]) => of(row)))].map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");

/** @param {string} name @param {string} text */
const download = (name, text) => {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: address, download: `${name}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};

/** Return a link to a tab's file in the release. @param {string} tab @param {string} [title] */
export const wholeTable = (tab, title) => h("a", { href: `../${tab}.csv`, download: true, title }, `${tab}.csv`);
/**
 * Return both links.
 * @param {string} tab
 * @param {string} name of the file
 * @param {string} title
 * @param {Fields} fields
 * @param {() => any[]} rows
 */
export const links = (tab, name, title, fields, rows) => h("p", { class: "links" }, wholeTable(tab, say("csv_whole")),
  h("button", { type: "button", "aria-label": say("csv_label", { title }), onclick: () => download(name, csv(fields, rows())) }, say("csv_shown")));
