/* Evaluates measures: the closed set of combinations, over the rows of a scope.

   Belongs here: what each combination means, as figures/plain.py describes them. Never here: what a part of a row is (parts.js), or a
   measure (figures/measures.py declares them all). What is not known is null, and so is every figure that a scope says nothing of. */
import { figures, months, rowsOfGrain } from "./figures.js";
import { say, word, write, writeAs } from "./format.js";
import { cell, column, total } from "./parts.js";
import { state } from "./selection.js";

/** @import { Grain, Words } from "./figures.js" */
/** @import { Scope } from "./selection.js" */
/** @import { Declared } from "./parts.js" */
/**
 * @typedef {{
 *   label: Words, short: Words, unit_label: Words | null, note: Words | null, moment: "period_end" | "stock_date" | "", is_beyond_bounds: boolean, format: string, good: 1 | 0 | -1,
 *   change: "points" | "relative", grain: Grain, combination: Declared,
 * }} Measure
 */

/** @type {Record<string, Measure>} */
export const measures = figures.measures.measures;
/** @type {Record<Grain, {dimensions: string[], unmoved: Record<string, Words>, undefined: Record<string, Words>}>} */
export const grains = figures.measures.grains;

/** Return what a scope has of something, computed once. @param {Scope} scope @param {unknown} what @param {() => number | null} compute */
const once = ({ figures }, what, compute) => {
  const found = figures.get(what);
  if (found !== undefined) return found;
  const value = compute();
  figures.set(what, value);
  return value;
};

/**
 * Return what a combination gives over the rows of one grain.
 * @param {Declared} combination
 * @param {Scope} scope
 * @param {Grain} grain
 * @returns {number | null}
 */
const combine = (combination, scope, grain) => once(scope, combination, () => {
  const { op, of, part } = combination;
  const summed = (during = scope) => once(during, `${grain} ${part}`, () => total(during.rows(grain) ?? [], column(grain, part)));
  const last = scope.months.slice(-1);
  switch (op) {
    case "sum": return summed();
    case "latest": return summed(scope.during(last));
    case "largest": {
      const held = column(grain, part);
      const values = (scope.rows(grain) ?? []).map(({ at }) => held[at]).filter((value) => !Number.isNaN(value));
      return values.length ? values.reduce((most, value) => Math.max(most, value)) : null;
    }
    case "constant": return combination.value;
    case "whole": return combine(of, scope.whole, grain);
    case "todate": return combine(of, scope.during(months.map((_, place) => place).filter((place) => place <= last[0])), grain);
    case "distinct": {
      const held = column(grain, part);
      const found = (scope.rows(grain) ?? []).filter(({ at }) => held[at]).map(cell(combination.column));
      // products that are not kept one by one: it is not known which were the same in two months
      if (found.includes(null)) return scope.months.length === 1 ? summed() : null;
      return new Set(found).size;
    }
    case "ratio": {
      const [above, below] = [combine(of, scope, grain), combine(combination.over, scope, grain)];
      return above === null || !below ? null : combination.times * above / below;
    }
    case "index": {
      const first = months.findIndex((_, place) => rowsOfGrain[grain].some((row) => row.month === place));
      const [now, then] = [last, [first]].map((during) => summed(scope.during(during)));
      return now === null || !then ? null : 100 * now / then;
    }
    case "rise": {
      const index = combine(of, scope, grain);
      return index === null ? null : index / 100 - 1;
    }
    default: throw new Error(`no combination is called ${op}`);
  }
});

/** Return a figure: a measure over a scope. @param {string} name @param {Scope} scope */
export const figure = (name, scope) => {
  const { combination, grain } = measures[name];
  return scope.rows(grain) === null ? null : combine(combination, scope, grain);
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
