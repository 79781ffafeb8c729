/* What is shown, as a CSV file, and the release's own file beside it.

   Belongs here: the form and the name of the file, and the links to it. Never here: which columns it has (marks/, table.js). */
import { figures, months, texts } from "./figures.js";
import { SAID } from "./fields.js";
import { inFrench, say, unaccented } from "./format.js";
import { h } from "./html.js";
import { everyMonth, state } from "./selection.js";

/** @typedef {[name: string, of: (row: any) => any][]} Fields */
/** How a CSV is written: as those of a release are, or as French Excel reads it, which is how the portal gives them. */
const FORMS = {
  csv: { separator: ",", decimal: ".", newline: "\n", mark: "" },
  "fr.csv": { separator: ";", decimal: ",", newline: "\r\n", mark: "\ufeff" },
};
/** @typedef {keyof typeof FORMS} Form */

/** @param {any} value @param {string} decimal */
const cell = (value, decimal) => {
  if (typeof value === "number") return String(value).replace(".", decimal);
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // a spreadsheet would run it
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Return what French Excel is told that a column is called, as in the portal's files. @param {string} name @returns {string} */
const frenchHead = (name) => figures.heads[name === "sentence_en" ? "sentence_fr" : name] // whatever the page is in, it gets that
  ?? (name.endsWith("_compared") ? texts.compared_column.fr.replace("{label}", frenchHead(name.slice(0, -"_compared".length))) : texts[name]?.fr ?? name);
/** Return what French Excel is told of a row: the words that the page has in French for what the tables hold as codes. @param {Fields[0]} field @param {any} row */
const frenchCell = ([name, of], row) => {
  const value = of(row);
  return name in SAID && value !== null && value !== undefined ? SAID[name](value) : value;
};
/** @param {Fields} fields @param {any[]} rows @param {Form} form */
export const csv = (fields, rows, form = "csv") => {
  const { separator, decimal, newline, mark } = FORMS[form];
  const lines = form === "fr.csv"
    ? inFrench(() => [fields.map(([name]) => frenchHead(name)), ...rows.map((row) => fields.map((field) => frenchCell(field, row)))])
    : [fields.map(([name]) => name), ...rows.map((row) => fields.map(([, of]) => of(row)))];
  return mark + lines.map((cells) => cells.map((value) => cell(value, decimal)).join(separator) + newline).join("");
};

/** Return a file's name without its ending: the tab, what of it, and all that is chosen. @param {string} tab @param {string} what @param {string} search */
export const fileName = (tab, what, search = "") => {
  const chosen = everyMonth() ? [] : [...new Set([state.from, state.to])].map((place) => months[place].slice(0, 7));
  return [tab, what, state.segment, state.type, state.focus?.value, ...chosen, state.compare, search]
    .map((part) => unaccented(String(part ?? "")).replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60)).filter(Boolean).join("_");
};

/** @param {string} name @param {Blob} file */
export const download = (name, file) => {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};

/** Return the address of a file of the release: whoever shows the page says where they lie. @param {string} path */
export const addressOf = (path) => `${document.documentElement.dataset.files}/${path}`;
/** Return the address of a page of the site that shows this one, none where the page is opened by itself. @param {string} path */
export const sitePage = (path) => (document.documentElement.dataset.zone ? path : null);
/** Return a link to a table of the release. @param {string} path @param {string} [title] */
export const wholeTable = (path, title) => h("a", { href: addressOf(path), download: true, title }, path);
/**
 * Return the links to the whole table, and to what is shown, in either form.
 * @param {string} path of the table in the release
 * @param {string} title
 * @param {Fields} fields
 * @param {() => any[] | Promise<any[] | null>} rows none, if they could not be had
 * @param {() => string} name of the file
 * @param {...Node} more
 */
export const links = (path, title, fields, rows, name, ...more) => h("p", { class: "links" }, wholeTable(path, say("csv_whole")),
  .../** @type {Form[]} */ (Object.keys(FORMS)).map((form) => h("button", {
    type: "button", "data-form": form, "aria-label": say(`label_${form}`, { title }),
    onclick: async () => {
      const found = await rows();
      if (found) download(`${name()}.${form}`, new Blob([csv(fields, found, form)], { type: "text/csv" }));
    },
  }, say(`shown_${form}`))), ...more);
