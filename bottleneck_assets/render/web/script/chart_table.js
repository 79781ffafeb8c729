/* What a chart shows, as a table under it, whose buttons do what a click on a mark does: for who has no pointer, or does not see it.

   Belongs here: that table. Never here: what is in it (marks/), or the sortable table of a tab (table.js). */
import { say } from "./format.js";
import { byId, h } from "./html.js";

/** @import { Chart } from "./marks/mark.js" */

const opened = /** @type {Set<string>} */ (new Set()); // by chart: it stays open when the tab is drawn anew

/** @param {Chart} chart @param {any} row @param {string} id */
const nameOf = ({ pick, isChosen, named }, row, id) => {
  const [name] = named(row);
  if (!pick) return name;
  const key = named(row).join("|");
  const again = () => {
    pick(row);
    const anew = /** @type {HTMLElement[]} */ ([...byId(id).querySelectorAll("button[data-row]")]);
    (anew.find(({ dataset }) => dataset.row === key) ?? byId(id).querySelector("summary"))?.focus();
  };
  return h("button", { type: "button", class: "name", "data-row": key, "aria-pressed": String(isChosen(row)), title: say("focus_on", { what: name }), onclick: again }, name);
};

/** @param {Chart} chart @param {string} id @param {string} heading */
const table = (chart, id, heading) => {
  const { heads, named, columns, listed } = chart;
  return h("table", {}, h("caption", { class: "unseen" }, heading),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)), ...columns.map(({ short, format }) => h("th", { scope: "col", class: format === "text" ? null : "number" }, short)))),
    h("tbody", {}, ...listed.map((row) => h("tr", {}, h("th", { scope: "row" }, nameOf(chart, row, id)), ...named(row).slice(1).map((name) => h("td", {}, name)),
      ...columns.map(({ format, written }) => h("td", { class: format === "text" ? null : "number" }, written(row)))))));
};

/** @param {Chart} chart @param {string} id of the element @param {string} heading */
export const chartTable = (chart, id, heading) => {
  if (!chart.listed.length) return null;
  const place = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heading });
  const fill = () => place.hasChildNodes() || place.append(table(chart, id, heading));
  if (opened.has(id)) fill();
  const details = /** @type {HTMLDetailsElement} */ (h("details", { id, class: "shown", open: opened.has(id) }, h("summary", {}, say("as_table")), place));
  details.addEventListener("toggle", () => {
    opened[details.open ? "add" : "delete"](id);
    if (details.open) fill();
  });
  return details;
};
