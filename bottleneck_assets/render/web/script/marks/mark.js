/* What all charts are: rows, a specification for Vega-Lite, and what happens under the pointer.

   Belongs here: the shape of a chart, what several marks share, and how values are written in Vega's expressions. Never here: one mark,
   each of which has a module beside this one, or which charts a tab has (figures/tabs.py declares them). */
import { field } from "../fields.js";
import { figures } from "../figures.js";
import { cut, tick, word, write } from "../format.js";
import { letters } from "../html.js";
import { measures } from "../measures.js";
import { dimensions, keysOf, shadeOf, valueOf } from "../dimensions.js";

/** @import { Words } from "../figures.js" */
/** @import { Member } from "../dimensions.js" */
/** @import { Fields } from "../downloads.js" */
/** @import { Field, Named } from "../fields.js" */
/**
 * @typedef {object} Declared a chart as figures/tabs.py declares it
 * @property {string} id
 * @property {Words} title
 * @property {"line" | "stack" | "bar" | "column" | "dot" | "bullet" | "waterfall" | "pareto" | "band"} mark
 * @property {string[]} by
 * @property {Named[]} measures
 * @property {string} series
 * @property {Named[]} tips
 * @property {number} first
 * @property {boolean} in_order
 * @property {boolean} signed
 * @property {number | null} base
 * @property {import("../events.js").Kind[]} events
 * @property {"narrow" | "half" | "wide" | "full"} size
 * @property {string} rows the table that it is drawn from, if that is not the tab's
 * @property {{expected: string, low: string, high: string, state: string, aside: string} | null} band
 *
 * @typedef {Record<string, any>} Datum what Vega gets of a row: plain values, and its place `at` among the rows
 * @typedef {[name: string, value: string]} Tip
 * @typedef {object} Chart
 * @property {any[]} rows none, if there is nothing to draw
 * @property {any[]} listed the rows of its table: those drawn that are chosen
 * @property {number} [first] how many it draws, if those are but the first ones
 * @property {string} [mark] what it is drawn with, if not as declared
 * @property {string[]} [notes] what is said of it beside what it is of
 * @property {string[]} [more] what its sentence says besides
 * @property {string} [why] there is nothing to draw
 * @property {object | ((width: number, height: number) => object)} spec where it is made of several views, by the room that there is
 * @property {number} [height] in the size of a letter
 * @property {(datum: Datum) => string} head of the tooltip
 * @property {(datum: Datum) => Tip[]} tips
 * @property {(datum: Datum) => void} [click]
 * @property {Fields} fields the columns of its CSV
 * @property {string[]} heads what the names in its table are names of
 * @property {(row: any) => string[]} named
 * @property {Field[]} columns of its table, beside the names
 * @property {(row: any) => void} [pick] what a click on a mark does, of a row
 * @property {(row: any) => boolean} isChosen
 */

/** Return the name of a chart's measure. @param {Declared} chart @param {number} [at] */
export const measureOf = (chart, at = 0) => /** @type {string} */ (chart.measures[at]?.measure);
/** Return what a chart says of a member besides its name. @param {Declared} chart */
export const saidOf = ({ by: [by], measures: named, series, tips }) => {
  const told = by === "product" ? ["sku", series] : by === "promotion" ? ["month", series] : [];
  return [...named, ...told.map((column) => ({ column })), ...tips.filter(({ column }) => !column || !told.includes(column))].map(field);
};
/** Return the columns of a CSV: keys as in the release, and fields beside them. @param {Fields} keys @param {Field[]} said @returns {Fields} */
export const fieldsOf = (keys, said) => [...keys, ...said.filter(({ head }) => !keys.some(([key]) => key === head)).map(({ head, of }) => /** @type {Fields[0]} */ ([head, of]))];
/** Return what things are called that rows are of. @param {string} name */
export const labelOf = (name) => word(figures.columns[name].label);
/** Return what choosing does of which a chart has rows. @param {string} by @returns {Pick<Chart, "pick" | "isChosen">} */
export const choices = (by) => {
  const { select, isChosen } = dimensions[by];
  return { pick: select && (({ value }) => select(value)), isChosen: ({ value }) => isChosen?.(value) ?? false };
};
/** Return how a chart answers the pointer, and what its table holds. @param {Declared} chart @param {Member[]} rows @returns {Omit<Chart, "rows" | "first" | "spec" | "height">} */
export const reactions = (chart, rows) => {
  const [said, { pick, isChosen }] = [saidOf(chart), choices(chart.by[0])];
  return {
    head: ({ at }) => rows[at]?.label ?? "",
    tips: ({ at }) => (rows[at] ? said.map(({ label, written }) => [label, written(rows[at])]) : []),
    click: ({ at }) => rows[at] && pick?.(rows[at]),
    fields: fieldsOf(keysOf(chart.by[0], ({ value }) => value), said),
    listed: rows.filter(({ value, on }) => value !== null && on),
    heads: [labelOf(chart.by[0])], named: ({ label }) => [label], columns: said, pick, isChosen,
  };
};

/** Return the colour of a member with a value. @param {Declared} chart @param {Member} member @param {number} value */
export const colourIn = ({ signed, series, by }, member, value) => {
  const name = series || by[0];
  return signed ? shadeOf("verdict", value < 0 ? "contradicted" : "supported") : shadeOf(name, valueOf(member, name));
};

/** What is not chosen stays in sight, but faint. */
export const FAINT = { condition: { test: "datum.on", value: 1 }, value: 0.35 };
/** A colour that a datum brings with it. */
export const OWN = { field: "colour", type: "nominal", scale: null };
/** @param {"x" | "y"} axis */
export const zero = (axis) => ({ data: { values: [{}] }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: { [axis]: { datum: 0 } } });
/** Return an axis of names. @param {number} longest @param {string} name */
export const names = (longest, name = "datum.value") => ({ labelExpr: `write_cut(${name}, ${longest})`, labelLimit: 600, ticks: false, domain: false });
const LETTER = 0.6; // the widest that the letters of a figure are on average, in their size
/** Return how wide the widest of some figures is, and what is around it, in pixels. @param {string[]} figures */
export const roomFor = (figures) => (figures.length ? Math.ceil(Math.max(...figures.map(({ length }) => length)) * LETTER * letters()) + 12 : 0);
/**
 * Return a scale for bars from one end to the other, with room beside them for the figures that are written there, however wide it is.
 * @param {number} low
 * @param {number} high
 * @param {string[]} before the figures to the left of bars
 * @param {string[]} after and those to their right
 */
export const withRoom = (low, high, before, after) => {
  const [left, right] = [roomFor(before), roomFor(after)];
  const pixel = `${high - low || 1} / max(width - ${left + right}, 40)`;
  return { domainMin: { expr: `${low} - ${left} * ${pixel}` }, domainMax: { expr: `${high} + ${right} * ${pixel}` }, nice: false };
};

/** Return how an axis writes the values of a measure. @param {string} measure */
export const axisOf = (measure) => {
  const { format } = measures[measure];
  return `write_${/** @type {Record<string, string>} */ ({ euros: "short", price: "short", count: "shortCount", rate: "share", change: "share" })[format] ?? format}(datum.value)`;
};
/** What the specifications call in Vega's expressions. */
export const expressions = {
  ...Object.fromEntries(Object.entries(write).map(([way, written]) => [`write_${way}`, /** @type {any} */ (written)])),
  write_tick: (place) => tick(Number(place)),
  write_label: (key) => String(key).slice(String(key).indexOf("|") + 1),
  write_cut: (text, longest) => cut(String(text), longest),
};
