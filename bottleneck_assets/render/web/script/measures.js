/* Evaluates measures: the closed set of combinations, over the rows of a scope.

   Belongs here: what each combination, part and condition means, as figures/plain.py describes them. Never here: a measure
   (figures/measures.py declares them all). What is not known is null, and so is every figure that a scope says nothing of. */
import { figures, months, rowsOfGrain } from "./figures.js";
import { say, word, write, writeAs } from "./format.js";
import { state } from "./selection.js";

/** @import { Grain, Row, Words } from "./figures.js" */
/** @import { Scope } from "./selection.js" */
/** @typedef {Record<string, any> & {op: string}} Declared a combination, a part or a condition */
/**
 * @typedef {{
 *   label: Words, short: Words, unit_label: Words | null, note: Words | null, moment: "period_end" | "stock_date" | "", is_beyond_bounds: boolean, format: string, good: 1 | 0 | -1,
 *   change: "points" | "relative", grain: Grain, combination: Declared,
 * }} Measure
 */

/** @type {Record<string, Measure>} */
export const measures = figures.measures.measures;
/** @type {Record<string, Declared>} */
const parts = figures.measures.parts;
/** @type {Record<Grain, {dimensions: string[], unmoved: Record<string, Words>, undefined: Record<string, Words>}>} */
export const grains = figures.measures.grains;

/** Return a column of a row, or of its product. @param {Row} row @param {string} name @returns {any} */
export const cell = (row, name) => (name in row ? row[name] : row.product[name]) ?? null;

/** @param {Declared} condition @param {Row} row @returns {boolean} */
const holds = (condition, row) => {
  if (condition.op === "known") return cell(row, condition.column) !== null;
  const [one, other] = [cell(row, condition.column), condition.other?.op === "column" ? cell(row, condition.other.name) : condition.other];
  if (one === null || other === null) return false;
  return condition.sign === "<" ? one < other : condition.sign === ">" ? one > other : condition.sign === "<=" ? one <= other : one === other;
};

/** Return a part of a row: its column, or what stands for it where the rows have none. @param {Row} row @param {string} name */
const partOf = (row, name) => {
  const part = parts[name];
  if (name in row || name in row.product || !part) return cell(row, name);
  if (part.op === "counted") return !part.condition || holds(part.condition, row) ? 1 : 0;
  if (part.op === "when") return holds(part.condition, row) ? cell(row, part.column) : null;
  const [left, right] = [cell(row, part.left), cell(row, part.right)];
  if (left === null || right === null) return null;
  return part.sign === "+" ? left + right : part.sign === "-" ? left - right : left * right;
};

/** Return a sum whose fifteen digits are sure, so that amounts keep their cents: what each addition loses is added at the end. @param {number[]} values */
const total = (values) => {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) < Math.abs(value) ? value - next + sum : sum - next + value;
    sum = next;
  }
  return values.length ? Number((sum + lost).toPrecision(15)) : null;
};

/**
 * Return what a combination gives over the rows of one grain.
 * @param {Declared} combination
 * @param {Scope} scope
 * @param {Grain} grain
 * @returns {number | null}
 */
const combine = (combination, scope, grain) => {
  const { op, of, part } = combination;
  const values = (during = scope) => (during.rows(grain) ?? []).map((row) => partOf(row, part)).filter((value) => value !== null);
  const last = scope.months.slice(-1);
  switch (op) {
    case "sum": return total(values());
    case "latest": return total(values(scope.during(last)));
    case "largest": return values().reduce((most, value) => (most === null || value > most ? value : most), null);
    case "constant": return combination.value;
    case "whole": return combine(of, scope.whole, grain);
    case "todate": return combine(of, scope.during(months.map((_, place) => place).filter((place) => place <= last[0])), grain);
    case "distinct": {
      const found = (scope.rows(grain) ?? []).filter((row) => partOf(row, part)).map((row) => cell(row, combination.column));
      // products that are not kept one by one: it is not known which were the same in two months
      if (found.includes(null)) return scope.months.length === 1 ? total(values()) : null;
      return new Set(found).size;
    }
    case "ratio": {
      const [above, below] = [combine(of, scope, grain), combine(combination.over, scope, grain)];
      return above === null || !below ? null : combination.times * above / below;
    }
    case "index": {
      const first = months.findIndex((_, place) => rowsOfGrain[grain].some((row) => row.month === place));
      const [now, then] = [total(values(scope.during(last))), total(values(scope.during([first])))];
      return now === null || !then ? null : 100 * now / then;
    }
    case "rise": {
      const index = combine(of, scope, grain);
      return index === null ? null : index / 100 - 1;
    }
    default: throw new Error(`no combination is called ${op}`);
  }
};

/** Return a figure: a measure over a scope. @param {string} name @param {Scope} scope */
export const figure = (name, scope) => {
  const { combination, grain } = measures[name];
  const found = scope.figures.get(name);
  if (found !== undefined) return found;
  const value = scope.rows(grain) === null ? null : combine(combination, scope, grain);
  scope.figures.set(name, value);
  return value;
};

/** Return a figure as it is written. @param {string} name @param {number | null} value */
export const written = (name, value) => writeAs(measures[name].format, value);

/** Return why a measure has no figure in a scope that says nothing of its rows: what is in focus is nothing that they know. @param {string} name @param {Scope} scope */
export const whyNot = (name, scope) => {
  const { grain } = measures[name];
  if (!state.focus || scope.rows(grain) !== null) return "";
  return state.focus.kind === "sku" && word(grains[grain].undefined.sku) || say("not_by", { kind: say(`kind_${state.focus.kind}`) });
};
/** Return the day that the stock of a measure is of, in words; none if it is of months. @param {string} name */
export const whenOf = (name) => {
  const day = figures.moments[measures[name].moment];
  return day ? say("on_day", { day: write.shortDay(day) }) : "";
};
/** Return what is to be said beside a measure: why it has no figure, of which day it is, or how it is meant. @param {string} name @param {Scope} scope */
export const remark = (name, scope) => whyNot(name, scope) || whenOf(name) || word(measures[name].note ?? grains[measures[name].grain].unmoved.month);
