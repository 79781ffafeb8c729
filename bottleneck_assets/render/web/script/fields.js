/* What a chart or a table says of a row: a measure over the row's scope, or a column as the release has it.

   Belongs here: how a field is found in a row, and how it is written. Never here: its label or format (figures/), or how a measure is
   computed (measures.js). */
import { figures, months } from "./figures.js";
import { adviceSaid, coverSaid, say, scopeOfFinding, word, writeAs } from "./format.js";
import { figure, measures } from "./measures.js";
import { state } from "./selection.js";

/** @typedef {{measure?: string, column?: string}} Named one or the other */
/** @typedef {{name: string, head: string, label: string, short: string, format: string, of: (row: any) => any, written: (row: any) => string}} Field `head` and `of` are as in the release */

/** What is no column of a row as it is. @type {Record<string, (row: any) => any>} */
const MADE = {
  product: (row) => row.title,
  sentence: (row) => row[`sentence_${state.language}`],
  month: (row) => (row.month === null ? null : months[row.month]),
  state: ({ reorder_point: low, stock_ceiling: high, stock_on_date: stock }) =>
    (low === null || stock === null ? null : stock < low ? "below reorder point" : stock > high ? "above ceiling" : "within"),
};
/** @param {boolean} value */
const yesOrNo = (value) => say(value ? "yes" : "no");
/** Where a column is said in other words than its own. @type {Record<string, (value: any) => string>} */
export const SAID = {
  recommendation: adviceSaid,
  audience: (value) => say(`audience_${value}`),
  verdict: (value) => say(`verdict_${value}`),
  confidence: (value) => (value === null ? "–" : say(`confidence_${value}`)),
  state: (value) => say(`state_${value ?? "unknown"}`),
  scope: scopeOfFinding,
  cover_band: coverSaid,
  margin_state: (value) => (value === null ? "–" : say(`margin_state_${value}`)),
  has_campaign: yesOrNo,
  is_step: yesOrNo,
};

/** Return a column of a row: its own, or of the product, promotion or finding that it stands for. @param {string} name @param {any} row */
const column = (name, row) => {
  const held = name in row ? row : { ...row.value?.product, ...row.value };
  return name in MADE ? MADE[name](held) : (held[name] ?? null);
};

/** Return a field by its name. @param {Named} named @returns {Field} */
export const field = ({ measure, column: name = "" }) => {
  const { label, short = label, format } = measure ? measures[measure] : figures.columns[name] ?? measures[name];
  const of = (row) => (measure ? figure(measure, row.scope) : column(name, row));
  const written = (row) => (name in SAID ? SAID[name](of(row)) : writeAs(format === "month" ? "monthOf" : format, of(row)));
  const head = name === "sentence" ? `sentence_${state.language}` : measure ?? name;
  return { name: measure ?? name, head, label: word(label), short: word(short), format, of, written };
};
