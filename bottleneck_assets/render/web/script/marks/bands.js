/* Small multiples: of each value of a series a line over months, before the band that is to be expected; triangles where it lies outside. */
import { field } from "../fields.js";
import { figures, months, segments } from "../figures.js";
import { list, range, say, write } from "../format.js";
import { colour, letters, medium, narrow, rem } from "../html.js";
import { groups, rowsOf } from "../rows.js";
import { chosenMonths, everyMonth, state } from "../selection.js";
import { shadeOf } from "../dimensions.js";
import { FAINT, fieldsOf, labelOf, OWN, roomFor, saidOf } from "./mark.js";
import { choiceOfMonths, MONTHS } from "./months.js";

/** @import { Chart, Declared } from "./mark.js" */
/** @typedef {Record<string, any> & {month: number, segment: string}} Row of the chart's table, its month as its place among the months */

/** Return the rows of the chart's table in their segments' order, of every month. @param {Declared} chart @returns {Row[]} */
const rowsIn = (chart) => {
  const rows = /** @type {Row[]} */ (rowsOf(figures.tables[chart.rows].rows).map((row) => ({ ...row, month: months.indexOf(row.month) })));
  return rows.filter(({ segment }) => !state.segment || segment === state.segment)
    .sort((one, other) => one.month - other.month || segments.indexOf(one.segment) - segments.indexOf(other.segment));
};
/** Say by what the table's rows are not told apart, if that is chosen: the figures of others stand for none. */
const notBy = () => {
  const kinds = [...(state.type ? ["type"] : []), ...(state.focus ? [state.focus.kind] : [])].map((kind) => say(`kind_${kind}`));
  return kinds.length ? say("not_by", { kind: list(kinds) }) : "";
};
/** Return places of months as ranges of those that follow one another, in words. @param {number[]} places */
const rangesOf = (places) => list([...groups(places.map((place, at) => ({ place, run: place - at })), ({ run }) => run).values()].map((run) => range(run[0].place, run.at(-1)?.place ?? 0)));

/**
 * Say what the signs mean, and which segments and months have no band, no figure or no stock.
 * @param {Row[]} rows
 * @param {(row: Row) => boolean} isKnown whether there is something to draw of a row
 * @param {NonNullable<Declared["band"]>} band
 */
const notesOf = (rows, isKnown, { expected }) => {
  const [wanted, bySegment] = [segments.filter((name) => !state.segment || name === state.segment), groups(rows, ({ segment }) => segment)];
  const has = (name) => bySegment.get(name)?.some((row) => row[expected] !== null);
  const unbound = wanted.filter((name) => bySegment.has(name) && !has(name));
  const absent = wanted.filter((name) => !bySegment.has(name));
  const unknown = [...bySegment].flatMap(([segment, known]) => {
    const missing = chosenMonths().filter((place) => !known.some((row) => row.month === place && isKnown(row)));
    return missing.length ? [say("band_unknown", { segment, months: rangesOf(missing) })] : [];
  });
  return [
    ...(wanted.some(has) ? [say("band_meant")] : []), ...(unbound.length ? [say("band_none", { segments: list(unbound) })] : []),
    ...unknown, ...(absent.length ? [say("band_not_stocked", { segments: list(absent) })] : []),
  ];
};
/** Say in words which chosen months lie outside their bands. @param {Row[]} rows @param {NonNullable<Declared["band"]>} band */
const outsideOf = (rows, { state: where }) => {
  if (rows.every((row) => row[where] === null)) return [];
  const found = rows.filter((row) => ["below", "above"].includes(row[where]))
    .map((row) => say("band_month", { segment: row.segment, month: write.month(row.month), state: say(`${where}_${row[where]}`) }));
  return [found.length ? say("band_outside", { months: list(found) }) : say("band_within")];
};

const LEAST = 0.01; // what an axis of rates spans at least: moves too small to be read on it are not drawn as large ones
/** How many panels stand side by side, of so many. @param {number} count */
const acrossOf = (count) => {
  const most = medium.printing ? 6 : Math.max(1, Math.floor(document.documentElement.clientWidth / (18 * rem())));
  return Math.ceil(count / Math.ceil(count / most)) || 1;
};

/** @param {Declared} chart @returns {Chart} */
export const bands = (chart) => {
  const band = /** @type {NonNullable<Declared["band"]>} */ (chart.band);
  const [value, why] = [field(chart.measures[0]), notBy()];
  const isKnown = (row) => value.of(row) !== null;
  const all = why ? [] : rowsIn(chart);
  const rows = all.filter(isKnown);
  const shown = segments.filter((name) => rows.some(({ segment }) => segment === name));
  const middles = new Map([...groups(rows, ({ segment }) => segment)].map(([name, some]) => [name, [Math.min, Math.max].reduce((sum, end) => sum + end(...some.map(value.of)) / 2, 0)]));
  const values = rows.map((row, at) => {
    const middle = middles.get(row.segment) ?? 0;
    const shade = { below: colour("bad"), above: colour("good") }[row[band.state]] ?? shadeOf(chart.series, row.segment);
    return {
      at, m: row.month, panel: row.segment, value: value.of(row), low: row[band.low], high: row[band.high], expected: row[band.expected],
      least: middle - LEAST / 2, most: middle + LEAST / 2, where: row[band.state] ?? "within", colour: shadeOf(chart.series, row.segment), shade, fill: row[band.aside] ? colour("paper") : shade,
      on: row.month >= state.from && row.month <= state.to,
    };
  });
  const across = acrossOf(shown.length);
  const lines = Math.ceil(shown.length / across);
  const listed = rows.filter(({ month }) => month >= state.from && month <= state.to);
  const columns = saidOf(chart);
  /** @param {number} width @param {number} height */
  const spec = (width, height) => {
    const [size, room] = [letters(), roomFor(values.map((row) => value.written(rows[row.at])))]; // of the figures on an axis
    const [above, below] = [1.2 * size + 6, 2.5 * size + (narrow() ? 17 : 12)]; // a panel: its name, and its months in two lines
    const x = { field: "m", type: "ordinal", sort: null, scale: { type: "band", domain: months.map((_, place) => place), paddingInner: 0, paddingOuter: 0.2 }, axis: MONTHS };
    const y = { field: "value", type: "quantitative", scale: { zero: false, padding: rem() * 0.6 }, axis: { labelExpr: `write_${value.format}(datum.value)`, tickCount: 4, labelFlush: size / 2, minExtent: room, maxExtent: room } };
    const bound = { transform: [{ filter: "isValid(datum.low)" }] };
    const edges = ["low", "high", "expected"].map((name) => ({
      ...bound, mark: { type: "rule", color: colour("edge"), ...(name === "expected" && { strokeDash: [3, 3] }) }, encoding: { x: { ...x, bandPosition: 0 }, x2: { field: "m", bandPosition: 1 }, y: { ...y, field: name }, opacity: FAINT },
    }));
    const reach = { mark: { type: "rule", opacity: 0 }, encoding: { x, y: { ...y, field: "least" }, y2: { field: "most" } } };
    const line = { mark: { type: "line", opacity: everyMonth() ? 1 : 0.3 }, encoding: { x, y, color: OWN } };
    const sign = { domain: ["below", "within", "above"], range: ["triangle-down", "circle", "triangle-up"] };
    return {
      data: { values }, columns: across, bounds: "flush", spacing: { column: room + 6, row: above + below },
      facet: { field: "panel", type: "nominal", sort: shown, header: { title: null, labelAnchor: "start", labelFontSize: size, labelColor: colour("ink"), labelPadding: 4, labelLimit: width } },
      spec: {
        width: Math.max(40, Math.floor((width - size) / across - room - 6)), height: Math.max(20, Math.floor(height / lines - above - below)),
        layer: [
          { ...bound, mark: { type: "bar", color: colour("line"), cornerRadiusEnd: 0, width: { band: 1 } }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, opacity: FAINT } },
          reach, ...edges, line,
          ...(everyMonth() ? [] : [{ ...line, transform: [{ filter: "datum.on" }], mark: { type: "line" } }]),
          {
            mark: { type: "point", filled: true, strokeWidth: 1.4 },
            encoding: {
              x, y, opacity: FAINT, fill: { field: "fill", type: "nominal", scale: null }, stroke: { field: "shade", type: "nominal", scale: null }, shape: { field: "where", type: "nominal", scale: sign, legend: null },
              size: { condition: { test: "datum.where === 'within'", value: rem() * 2.2 }, value: rem() * 5 },
            },
          },
          { mark: { type: "bar", opacity: 0, width: { band: 1 }, cursor: "pointer" }, encoding: { x, y: { value: 0 }, y2: { value: "height" } } },
        ],
      },
      resolve: { scale: { y: "independent" }, axis: { x: "independent", y: "independent" } },
    };
  };
  const notes = why ? [] : notesOf(all, isKnown, band);
  return {
    rows, listed, spec, columns, height: lines * 12, more: outsideOf(listed, band), why: why || (rows.length ? "" : notes.join(" · ")), notes: rows.length ? [say("band_axes"), ...notes] : [],
    head: ({ at }) => `${rows[at].segment} · ${write.month(rows[at].month)}`,
    tips: ({ at }) => columns.map(({ label, written }) => [label, written(rows[at])]),
    fields: fieldsOf([["month", ({ month }) => months[month]], ["segment", ({ segment }) => segment]], columns),
    heads: ["month", chart.series].map(labelOf), named: ({ month, segment }) => [write.month(month), segment], ...choiceOfMonths,
  };
};
