/* Reads the parts of rows that measures add up: columns, and what is made of them.

   Belongs here: what each part and condition means, as figures/plain.py describes them, and their sum. Never here: which rows are added
   up (selection.js), or what is made of sums (measures.js). What is not known is null. */
import { everyRow, figures } from "./figures.js";

/** @import { Grain, Row } from "./figures.js" */
/** @typedef {Record<string, any> & {op: string}} Declared a combination, a part or a condition */
/** @typedef {(row: Row) => any} Reading made once of what is declared, since rows are many */

/** @type {Record<string, Declared>} */
const parts = figures.measures.parts;

/** Return what finds a column in a row, or in its product: undefined where neither has it. @param {string} name @returns {Reading} */
const held = (name) => (row) => (row[name] === undefined ? row.product[name] : row[name]);
/** Return what finds a column of a row, or of its product. @param {string} name @returns {Reading} */
export const cell = (name) => {
  const read = held(name);
  return (row) => read(row) ?? null;
};

/** @param {Declared} condition @returns {(row: Row) => boolean} */
const holding = ({ op, column, sign, other }) => {
  const one = cell(column);
  if (op === "known") return (row) => one(row) !== null;
  const against = other?.op === "column" ? cell(other.name) : () => other;
  const compare = { "<": (left, right) => left < right, ">": (left, right) => left > right, "<=": (left, right) => left <= right }[sign] ?? ((left, right) => left === right);
  return (row) => {
    const [left, right] = [one(row), against(row)];
    return left !== null && right !== null && compare(left, right);
  };
};

/** Return what stands for a part where rows have no column of its name. @param {Declared | undefined} part @returns {Reading} */
const standIn = (part) => {
  if (!part) return () => null;
  const holds = part.condition ? holding(part.condition) : () => true;
  if (part.op === "counted") return (row) => (holds(row) ? 1 : 0);
  if (part.op === "when") {
    const read = cell(part.column);
    return (row) => (holds(row) ? read(row) : null);
  }
  const [left, right] = [cell(part.left), cell(part.right)];
  const join = { "+": (one, other) => one + other, "-": (one, other) => one - other }[part.sign] ?? ((one, other) => one * other);
  return (row) => {
    const [one, other] = [left(row), right(row)];
    return one === null || other === null ? null : join(one, other);
  };
};

const kept = /** @type {Map<string, Float64Array>} */ (new Map());
/**
 * Return a part of all rows of a grain, each at its row's place, `NaN` where it is not known: a column, or what stands for it where rows
 * have none. It is read once, since it is added up over many a scope.
 * @param {Grain} grain
 * @param {string} name
 * @returns {Float64Array}
 */
export const column = (grain, name) => {
  const known = kept.get(`${grain} ${name}`);
  if (known) return known;
  const [rows, read, otherwise] = [everyRow[grain], held(name), standIn(parts[name])];
  const found = new Float64Array((rows.at(-1)?.at ?? -1) + 1);
  for (const row of rows) {
    const value = read(row);
    found[row.at] = (value === undefined ? otherwise(row) : value) ?? NaN;
  }
  kept.set(`${grain} ${name}`, found);
  return found;
};

/** Return the sum of a column whose fifteen digits are sure, so that amounts keep their cents: what each addition loses is added at the end. @param {{at: number}[]} rows @param {Float64Array} column */
export const total = (rows, column) => {
  let [sum, lost, isKnown] = [0, 0, false];
  for (const { at } of rows) {
    const value = column[at];
    if (Number.isNaN(value)) continue;
    const next = sum + value;
    lost += Math.abs(sum) < Math.abs(value) ? value - next + sum : sum - next + value;
    sum = next;
    isKnown = true;
  }
  return isKnown ? Number((sum + lost).toPrecision(15)) : null;
};
