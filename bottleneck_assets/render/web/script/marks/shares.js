/* Bars of equal length, each divided among the values of a series. */
import { medium, narrow } from "../html.js";
import { figure, written } from "../measures.js";
import { dimensions, keysOf, members, shadeOf } from "../dimensions.js";
import { choices, FAINT, fieldsOf, labelOf, measureOf, names, saidOf } from "./mark.js";

/** @import { Chart, Declared } from "./mark.js" */

/** @param {Declared} chart @returns {Chart} */
export const shares = (chart) => {
  const [measure, { series }, { pick, isChosen }] = [measureOf(chart), chart, choices(chart.by[0])];
  const rows = members(chart.by[0]).flatMap((member) => members(series, member.scope).map((part) => (
    { ...member, part, scope: part.scope, amount: figure(measure, part.scope) ?? 0 }))).filter(({ amount }) => amount);
  const domain = dimensions[series].order ?? [];
  const values = rows.map((row, at) => ({ at, label: row.label, series: row.part.label, order: domain.indexOf(row.part.value), value: row.amount, on: row.on }));
  const labels = domain.map((value) => dimensions[series].name(value));
  return {
    rows, height: medium.printing ? 12.5 : 13,
    head: ({ at }) => rows[at].label,
    tips: ({ at }) => [[rows[at].part.label, written(measure, rows[at].amount)]],
    click: ({ at }) => pick?.(rows[at]),
    heads: [chart.by[0], series].map(labelOf), named: ({ label, part }) => [label, part.label], columns: saidOf(chart), pick, isChosen,
    fields: fieldsOf([...keysOf(chart.by[0], ({ value }) => value), ...keysOf(series, ({ part }) => part.value)], saidOf(chart)),
    listed: rows.filter(({ on }) => on),
    spec: {
      data: { values },
      mark: { type: "bar", cornerRadiusEnd: 0, cursor: "pointer" },
      encoding: {
        y: { field: "label", type: "nominal", sort: null, axis: names(narrow() ? 20 : 60) },
        x: { field: "value", type: "quantitative", stack: "normalize", axis: { labelExpr: "write_share(datum.value)", tickCount: 5, grid: true } },
        color: { field: "series", type: "nominal", sort: labels, scale: { domain: labels, range: domain.map((value) => shadeOf(series, value)) }, legend: narrow() ? { columns: 1 } : {} },
        order: { field: "order", type: "quantitative" }, opacity: FAINT,
      },
    },
  };
};
