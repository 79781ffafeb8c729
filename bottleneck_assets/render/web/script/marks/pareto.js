/* Products in the order of their revenue, as bars, and the share that the first ones make of what is chosen as a line. */
import { say, word } from "../format.js";
import { colour } from "../html.js";
import { figure, measures } from "../measures.js";
import { dimensions, members, shadeOf, valueOf } from "../dimensions.js";
import { field } from "../fields.js";
import { chosen } from "../selection.js";
import { axisOf, measureOf, reactions } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

/** Return the products in order, as far as none that is kept in a group could stand among them. @param {string} measure */
const inOrder = (measure) => {
  const end = Math.min(...(chosen().rows("product") ?? []).filter(({ sku }) => sku === null).map(({ rank }) => rank ?? Infinity));
  const sold = members("product", chosen()).map((member) => ({ ...member, amount: figure(measure, member.scope) ?? 0 })).filter(({ amount }) => amount > 0);
  return { end, sold: sold.filter(({ value }) => value.rank < end).sort((one, other) => other.amount - one.amount || one.value.rank - other.value.rank) };
};

/** @param {Declared} chart @returns {Chart} */
export const pareto = (chart) => {
  const [measure, series] = [measureOf(chart), chart.series];
  const [whole, { end, sold }] = [figure(measure, chosen()), inOrder(measure)];
  let before = 0;
  const rows = sold.map((member) => ({ ...member, cumulative_revenue_share: whole ? (before += member.amount) / whole : null }));
  const values = rows.map((row, at) => ({ at, left: at, right: at + 1, revenue: row.amount, share: row.cumulative_revenue_share, series: valueOf(row, series) }));
  const domain = dimensions[series].order ?? [];
  const x = { field: "left", type: "quantitative", scale: { domain: [0, Math.max(rows.length, 1)], nice: false }, axis: { title: say("in_order"), labelExpr: "write_count(datum.value)", tickCount: Math.min(8, rows.length) } };
  const legend = { labelExpr: `${JSON.stringify(dimensions[series].name(""))} + datum.label` };
  const shares = { title: field(chart.measures[1]).label, labelExpr: "write_share(datum.value)", values: [0, 0.2, 0.4, 0.6, 0.8, 0.95, 1], orient: "right", grid: false };
  return {
    rows, first: end < Infinity ? rows.length : 0, height: 19, ...reactions({ ...chart, tips: [{ column: "rank" }] }, rows),
    spec: {
      data: { values },
      layer: [
        {
          mark: { type: "rect", cursor: "pointer" },
          encoding: {
            x, x2: { field: "right" }, y: { field: "revenue", type: "quantitative", axis: { title: word(measures[measure].label), labelExpr: axisOf(measure) } }, y2: { datum: 0 },
            color: { field: "series", type: "nominal", scale: { domain, range: domain.map((value) => shadeOf(series, value)) }, legend },
          },
        },
        {
          layer: [
            { data: { values: [{ at: 0.8 }, { at: 0.95 }] }, mark: { type: "rule", strokeDash: [3, 3], opacity: 0.7 }, encoding: { y: { field: "at", type: "quantitative" } } },
            { mark: { type: "line", color: colour("ink"), strokeWidth: 2 }, encoding: { x: { field: "right", type: "quantitative" }, y: { field: "share", type: "quantitative", scale: { domain: [0, 1] }, axis: shares } } },
          ],
        },
      ],
      resolve: { scale: { y: "independent" } },
    },
  };
};
