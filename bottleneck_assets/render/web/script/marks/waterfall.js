/* Steps from nothing to a total, one after another in time; each goes on from where the one before ended. */
import { say } from "../format.js";
import { colour, narrow } from "../html.js";
import { figure, written } from "../measures.js";
import { choice, members } from "../dimensions.js";
import { colourIn, FAINT, measureOf, names, OWN, reactions, withRoom, zero } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

/** @param {Declared} chart @returns {Chart} */
export const waterfall = (chart) => {
  const measure = measureOf(chart);
  const steps = members(chart.by[0])
    .map((member) => ({ ...member, amount: figure(measure, member.scope) ?? NaN }))
    .filter(({ amount }) => !Number.isNaN(amount))
    .sort((one, other) => (one.value < other.value ? -1 : 1)); // a campaign begins with its first day
  const total = steps.reduce((sum, { amount }) => sum + amount, 0);
  const rows = steps.length ? [...steps, { value: null, scope: choice(chart.by[0]), label: say("total"), on: true, amount: total }] : [];
  let before = 0;
  const values = rows.map((row, at) => {
    const from = at < steps.length ? before : 0;
    before = from + row.amount;
    const shade = at < steps.length ? colourIn(chart, row, row.amount) : colour("soft");
    return { at, label: row.label, from, to: before, end: Math.max(from, before), shown: written(measure, row.amount), colour: shade, on: row.on };
  });
  const reached = values.flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(0, ...reached), Math.max(0, ...reached)];
  const y = { field: "label", type: "nominal", sort: null, axis: names(narrow() ? 22 : 30) };
  const x = { field: "from", type: "quantitative", scale: withRoom(low, high, [], values.map(({ shown }) => shown)), axis: { labelExpr: "write_short(datum.value)", tickCount: 4, grid: true } };
  const { click, ...reacting } = reactions(chart, rows);
  return {
    rows, height: rows.length * 2.5 + 3, ...reacting, click: (datum) => datum.at < steps.length && click?.(datum),
    spec: {
      data: { values },
      layer: [
        { mark: { type: "bar", cornerRadiusEnd: 0, cursor: "pointer" }, encoding: { y, x, x2: { field: "to" }, color: OWN, opacity: FAINT } },
        { mark: { type: "text", align: "left", dx: 5, baseline: "middle" }, encoding: { y, x: { field: "end", type: "quantitative" }, text: { field: "shown" } } },
        zero("x"),
      ],
    },
  };
};
