/* Bars in columns, in the order of what they are of. */
import { figure } from "../measures.js";
import { members } from "../dimensions.js";
import { axisOf, colourIn, measureOf, OWN, reactions } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

/** @param {Declared} chart @returns {Chart} */
export const upright = (chart) => {
  const measure = measureOf(chart);
  const rows = members(chart.by[0]).map((member) => ({ ...member, amount: figure(measure, member.scope) ?? 0 })).filter(({ amount }) => amount);
  const values = rows.map((row, at) => ({ at, label: row.label, value: row.amount, colour: colourIn(chart, row, row.amount) }));
  return {
    rows, ...reactions(chart, rows),
    spec: {
      data: { values },
      mark: { type: "bar" },
      encoding: {
        x: { field: "label", type: "ordinal", sort: null, axis: { labelAngle: 0, labelOverlap: true, ticks: false } },
        y: { field: "value", type: "quantitative", axis: { labelExpr: axisOf(measure) } }, color: OWN,
      },
    },
  };
};
