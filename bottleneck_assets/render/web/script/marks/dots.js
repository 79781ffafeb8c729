/* A dot for each member, placed by two measures, its size a third. */
import { segments } from "../figures.js";
import { say, word } from "../format.js";
import { colour, rem } from "../html.js";
import { figure, measures } from "../measures.js";
import { members, shadeOf, valueOf } from "../dimensions.js";
import { chosen } from "../selection.js";
import { axisOf, measureOf, reactions, zero } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];
const DECADES = [1, 10, 100, 1000, 10000, 100000, 1000000];

/** @param {Declared} chart @returns {Chart} */
export const dots = (chart) => {
  const [across, up, third] = [measureOf(chart), measureOf(chart, 1), measureOf(chart, 2)];
  const placed = members(chart.by[0], chosen()).map((member) => (
    { ...member, x: figure(across, member.scope), y: figure(up, member.scope), size: third ? figure(third, member.scope) : null }));
  // amounts of products lie decades apart, and there is none of nothing
  const isLog = chart.by[0] === "product";
  const rows = placed.filter(({ x, y }) => x !== null && y !== null && (!isLog || y > 0));
  // ratings have one decimal: hundreds of products would lie upon one another
  const aside = isLog ? (at) => 0.08 * (((at * 0.618034) % 1) - 0.5) : () => 0;
  const values = rows.map((row, at) => ({ at, x: (row.x ?? 0) + aside(at), y: row.y, size: row.size, series: valueOf(row, chart.series) }));
  const domain = segments.filter((segment) => values.some(({ series }) => series === segment));
  const legend = domain.length > 1 ? {} : null;
  const told = (range) => ({ field: "series", type: "nominal", scale: { domain, range }, legend });
  const axis = (measure, more = {}) => ({ title: word(measures[measure].short), labelExpr: axisOf(measure), grid: true, tickCount: 5, ...more });
  return {
    rows, notes: isLog ? [say("moved_apart")] : [], height: 19, ...reactions(chart, rows),
    spec: {
      data: { values },
      layer: [
        ...(isLog ? [] : [zero("y")]),
        {
          mark: { type: "point", filled: true, opacity: isLog ? 0.45 : 0.6, stroke: colour("paper"), strokeWidth: 0.5, cursor: "pointer" },
          encoding: {
            x: { field: "x", type: "quantitative", scale: { zero: false, nice: true }, axis: axis(across) },
            y: { field: "y", type: "quantitative", scale: isLog ? { type: "log", nice: true } : { zero: true }, axis: axis(up, isLog ? { values: DECADES } : {}) },
            color: told(domain.map((value) => shadeOf(chart.series, value))),
            shape: told(domain.map((value) => SHAPES[segments.indexOf(value) % SHAPES.length])),
            size: third ? { field: "size", type: "quantitative", scale: { range: [rem() * 1.2, rem() * 9] }, legend: null } : { value: rem() * 4 },
          },
        },
      ],
    },
  };
};
