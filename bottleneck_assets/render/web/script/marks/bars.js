/* Bars in rows, with their figures at their ends; a bullet has a tick for a second measure as well. */
import { say } from "../format.js";
import { colour, medium, narrow, rem } from "../html.js";
import { figure, written } from "../measures.js";
import { members, pooled } from "../dimensions.js";
import { axisOf, colourIn, FAINT, measureOf, names, OWN, reactions, withRoom, zero } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

/** How many letters of a name there is room for. @param {Declared["size"]} size */
const longestName = (size) => (narrow() ? 22 : medium.printing ? (size === "full" ? 60 : 20) : { narrow: 22, half: 30, wide: 34, full: 78 }[size]);

/** @param {Declared} chart @returns {Chart} */
export const bars = (chart) => {
  const measure = measureOf(chart);
  const found = members(chart.by[0])
    .map((member) => ({ ...member, amount: figure(measure, member.scope) ?? NaN }))
    .filter(({ amount }) => !Number.isNaN(amount));
  if (!chart.in_order) found.sort((one, other) => other.amount - one.amount);
  // the first ones by size, a gain or a loss alike
  const all = chart.first ? found.filter(({ amount }) => amount).sort((one, other) => Math.abs(other.amount) - Math.abs(one.amount)) : found;
  const rows = chart.first ? all.slice(0, medium.printing ? Math.min(chart.first, 10) : chart.first) : all; // a sheet has room for ten
  const isCut = rows.length < all.length || chart.first > 0 && pooled(chart.by[0], "product").count > 0;
  const values = rows.map((row, at) => {
    const mark = chart.mark === "bullet" ? figure(measureOf(chart, 1), row.scope) : null;
    return {
      at, key: `${at}|${row.label}`, // two products may have one name
      value: row.amount, shown: written(measure, row.amount), colour: colourIn(chart, row, row.amount), on: row.on,
      mark, end: mark === null ? row.amount : Math.max(row.amount, mark), // a figure stands beyond both
    };
  });
  const [least, most] = [Math.min, Math.max].map((end) => end(...values.map(({ value }) => value)));
  // bars that are as good as equal in length tell nothing: dots need no axis from zero
  const areDots = chart.mark === "bar" && values.length > 1 && least > 0 && most > least && least > 0.8 * most;
  const [low, high] = areDots ? [least - 0.2 * (most - least), most] : [Math.min(0, least), Math.max(0, ...values.map(({ end }) => end))];
  const [before, after] = [true, false].map((isLess) => values.filter(({ value }) => value < 0 === isLess).map(({ shown }) => shown));
  const x = {
    field: "value", type: "quantitative", scale: { ...withRoom(low, high, before, after), zero: !areDots },
    axis: { labelExpr: axisOf(measure), tickCount: narrow() || chart.size === "narrow" ? 3 : 4, grid: true, labelOverlap: "greedy", labelSeparation: 8 },
  };
  const step = Math.min(4, Math.max(1.75, 14 / rows.length));
  const tick = { mark: { type: "tick", color: colour("ink"), thickness: 3, size: rem() * 0.6 * step }, encoding: { x: { field: "mark", type: "quantitative" } } };
  return {
    rows, ...(areDots && { mark: "dot", notes: [say("axis_cut")] }), first: isCut ? rows.length : 0, height: Math.max(rows.length * step + 3, 6), ...reactions(chart, rows),
    spec: {
      data: { values },
      encoding: { y: { field: "key", type: "nominal", sort: null, axis: names(longestName(chart.size), "write_label(datum.value)") } },
      layer: [
        { mark: { ...(areDots ? { type: "point", filled: true, size: rem() * 8 } : { type: "bar" }), cursor: "pointer" }, encoding: { x, color: OWN, opacity: FAINT } },
        ...(chart.mark === "bullet" ? [tick] : []),
        { mark: { type: "text", align: { expr: "datum.value < 0 ? 'right' : 'left'" }, dx: { expr: `datum.value < 0 ? -5 : ${areDots ? 10 : 5}` }, baseline: "middle" }, encoding: { x: { field: "end", type: "quantitative" }, text: { field: "shown" } } },
        ...(low < 0 ? [{ ...zero("x"), encoding: { x: { datum: 0 }, y: null } }] : []),
      ],
    },
  };
};
