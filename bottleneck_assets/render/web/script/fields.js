/* What a chart or a table says of a row: a measure over the row's scope, or a column as it is.

   Belongs here: how a field is found in a row, and how it is written. Never here: its label or format (figures/), or how a measure is
   computed (measures.js). */
import { figures } from "./figures.js";
import { adviceSaid, say, word, writeAs } from "./format.js";
import { figure, measures } from "./measures.js";
import { state } from "./selection.js";

/** @typedef {{measure?: string, column?: string}} Named one or the other */
/** @typedef {{name: string, label: string, short: string, format: string, of: (row: any) => any, written: (row: any) => string}} Field */

/** Where a column is said in other words than its own. @type {Record<string, (row: any) => string | null>} */
const SAID = {
  product: (row) => row.title,
  recommendation: (row) => adviceSaid(row.recommendation),
  sentence: (row) => row[`sentence_${state.language}`],
  audience: (row) => say(`audience_${row.audience}`),
  verdict: (row) => say(`verdict_${row.verdict}`),
  confidence: (row) => (row.confidence === null ? null : say(`confidence_${row.confidence}`)), // a fact has none
  state: ({ reorder_point: low, stock_ceiling: high, stock_on_date: stock }) => say(`state_${low === null || stock === null ? "unknown" : stock < low ? "below" : stock > high ? "above" : "within"}`),
};

/** Return a column of a row: its own, or of the product, promotion or finding that it stands for. @param {string} name @param {any} row */
const column = (name, row) => {
  if (name in row) return row[name];
  const held = { ...row.value?.product, ...row.value };
  return name in SAID ? SAID[name](held) : (held[name] ?? null);
};

/** Return a field by its name. @param {Named} named @returns {Field} */
export const field = ({ measure, column: name = "" }) => {
  const { label, short = label, format } = measure ? measures[measure] : figures.columns[name];
  const of = (row) => (measure ? figure(measure, row.scope) : column(name, row));
  return { name: measure ?? name, label: word(label), short: word(short), format, of, written: (row) => writeAs(format, of(row)) };
};
