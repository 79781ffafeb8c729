/* Lines and stacks over months, one for each measure or for each value of a series; a click on a month chooses it. */
import { compared, earlier } from "../compare.js";
import { figures, months, monthAt, segments } from "../figures.js";
import { say, word, write } from "../format.js";
import { colour, medium, narrow, rem } from "../html.js";
import { figure, measures, written } from "../measures.js";
import { change, chosenMonths, everyMonth, monthByMonth, scopeOf, state } from "../selection.js";
import { dimensions, keysOf, members, shadeOf } from "../dimensions.js";
import { eventsOf } from "../events.js";
import { axisOf, fieldsOf, labelOf, measureOf, saidOf } from "./mark.js";

/** @import { Scope } from "../selection.js" */
/** @import { Event } from "../events.js" */
/** @import { Chart, Declared, Tip } from "./mark.js" */
/** @import { Field } from "../fields.js" */
/** @typedef {{label: string, measure: string, value?: any, colour: string, scopes: (Scope | undefined)[]}} Series one scope for each that is asked for */

const SIGNS = { campaigns: "▼", price_rises: "▲" };
const DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2, 1, 2]];

/** @param {Declared} chart @param {(Scope | undefined)[]} scopes of months @returns {Series[]} */
const seriesOf = ({ series, measures: named }, scopes) => {
  if (!series) return named.map(({ measure = "" }, at) => ({ label: word(measures[measure].short), measure, colour: colour(`c${at % 6}`), scopes }));
  const split = scopes.map((scope) => new Map((scope ? members(series, scope) : []).map((member) => [member.value, member.scope])));
  return segments.map((value) => ({ label: dimensions[series].name(value), value, measure: named[0].measure ?? "", colour: shadeOf(series, value), scopes: split.map((parts) => parts.get(value)) }));
};

/** @param {number} month */
const isAlone = (month) => state.from === month && state.to === month;
/** @param {number} month */
const choose = (month) => change(isAlone(month) ? { from: 0, to: months.length - 1 } : { from: month, to: month });
/** What choosing does of which a chart has a row for each month. @type {Pick<Chart, "pick" | "isChosen" | "click">} */
export const choiceOfMonths = { pick: ({ month }) => choose(month), isChosen: ({ month }) => isAlone(month), click: ({ m }) => choose(m) };
/** An axis of months, which are their places. */
export const MONTHS = { labelExpr: "write_tick(datum.value)", labelAngle: 0, labelOverlap: true, labelSeparation: 4, ticks: false };

/**
 * Return the series of the earlier months that the chosen ones are compared with, each under the month beside which it stands; none where
 * nothing is compared, or nothing is known of them.
 * @param {Declared} chart
 */
const before = (chart) => {
  if (!state.compare || chart.mark !== "line" || !compared(measureOf(chart)).scope) return null;
  const places = months.map((_, place) => (place >= state.from && place <= state.to ? earlier(measures[measureOf(chart)].grain, place) : null));
  return { places, series: seriesOf(chart, places.map((place) => (place === null ? undefined : scopeOf([place])))) };
};
/** Return the columns that the earlier months add to the table. @param {Declared} chart @param {ReturnType<typeof before>} past @returns {Field[]} */
const columnsBefore = (chart, past) => {
  if (!past) return [];
  const monthOf = ({ month }) => monthAt(past.places[month] ?? 0);
  const label = say("compared_month");
  return [{ name: "", head: "compared_month", label, short: label, format: "text", of: monthOf, written: (row) => write.shortMonth(monthOf(row)) },
    ...saidOf({ ...chart, tips: [] }).map((field) => {
      const of = ({ month, value }) => {
        const scope = past.series.find((one) => one.measure === field.name && one.value === value)?.scopes[month];
        return scope ? figure(field.name, scope) : null;
      };
      const [named, short] = [field.label, field.short].map((name) => say("compared_column", { label: name }));
      return { ...field, head: `${field.head}_compared`, label: named, short, of, written: (row) => written(field.name, of(row)) };
    })];
};

/** Say which months stand faintly beside those chosen, or why none do, and what the signs above the months mean. @param {Declared} chart @param {Event[][]} events @param {boolean} isCut whether its axis leaves out zero */
const notesOf = (chart, events, isCut) => {
  const { said, why } = state.compare && chart.mark === "line" ? compared(measureOf(chart)) : { said: "", why: "" };
  const kinds = [...new Set(events.flat().map(({ kind }) => kind))];
  return [...(isCut ? [say("axis_cut")] : []), ...(why ? [say("compared_not", { why })] : said ? [say("compared_lines", { range: said })] : []), ...kinds.map((kind) => say(`events_shown_${kind}`, { rise: write.share(figures.price_rise) }))];
};
/** Return the column of what happened, if anything did. @param {Event[][]} events @returns {Field[]} */
const columnOf = (events) => {
  if (!events.some((found) => found.length)) return [];
  const of = ({ month }) => events[month].map(({ kind, text }) => say("event", { kind: say(`event_${kind}`), what: text })).join(" · ");
  return [{ name: "", head: "events", label: say("events"), short: say("events"), format: "text", of, written: of }];
};

/** Return the rows of the table: each chosen month, or each value of the series in it. @param {Declared} chart @param {Series[]} shown */
const listedOf = ({ series, measures: named }, shown) => chosenMonths().flatMap((month) => (series ? shown : shown.slice(0, 1))
  .map(({ value, label, scopes }) => ({ month, value, label: series ? label : "", scope: scopes[month] }))
  .filter(({ scope }) => scope && named.some(({ measure = "" }) => figure(measure, scope) !== null)));

/** @param {Declared} chart @returns {Chart} */
export const overMonths = (chart) => {
  const measure = measureOf(chart);
  const isStack = chart.mark === "stack";
  const places = months.map((_, place) => place);
  const valued = (all) => all.map((one) => ({ ...one, values: one.scopes.map((scope) => (scope ? figure(one.measure, scope) : null)) }))
    .filter(({ values }) => values.some((value) => value !== null));
  const [shown, past] = [valued(seriesOf(chart, monthByMonth())), before(chart)];
  const rows = places.flatMap((place) => shown.map(({ label, values, measure: of }, at) => (
    { m: place, series: label, at, of, value: values[place], on: place >= state.from && place <= state.to }))).filter(({ value }) => value !== null);
  const domain = shown.map(({ label }) => label);
  const rowsBefore = valued(past?.series ?? []).flatMap(({ label, values, measure: of }) => places.map((place) => (
    { m: place, series: label, of, value: values[place], from: past?.places[place] }))).filter(({ value, series }) => value !== null && domain.includes(series));
  // an axis begins at zero, but where all that is asked is how one thing moves
  const fromZero = isStack || chart.base === null && !(measures[measure].format === "rate" && shown.length === 1);
  const x = { field: "m", type: "ordinal", sort: null, scale: { domain: places }, axis: MONTHS };
  const labelExpr = fromZero ? axisOf(measure) : axisOf(measure).replace("share", "rate");
  const y = { field: "value", type: "quantitative", stack: isStack ? "zero" : null, scale: { zero: fromZero, nice: true }, axis: { labelExpr } };
  const events = eventsOf(chart.events);
  const marked = places.flatMap((m) => [...new Set(events[m].map(({ kind }) => kind))].map((kind) => ({ m, kind, sign: SIGNS[kind] })));
  // the signs stand above the months, the legend above the signs; names that are too long for two side by side stand one below the other
  const legendPlace = { ...(marked.length && { offset: rem() * 1.3 }), ...((narrow() || medium.printing && domain.length === 2) && domain.some((label) => label.length > 16) && { columns: 1 }) };
  const legend = shown.length === 1 ? null : isStack ? legendPlace : { ...legendPlace, symbolType: "stroke", symbolSize: rem() * 22 };
  const told = (range) => ({ field: "series", type: "nominal", sort: domain, scale: { domain, range }, legend });
  const color = told(shown.map((one) => one.colour));
  const strokeDash = told(shown.map((_, at) => DASHES[at % DASHES.length]));
  const opacity = { condition: { test: "datum.on", value: 1 }, value: 0.3 };
  const faint = { strokeWidth: 1.6, opacity: 0.5 };
  const layerBefore = rowsBefore.length ? [{ data: { values: rowsBefore }, layer: [{ mark: { type: "line", ...faint }, encoding: { x, y, color, strokeDash } }, { mark: { type: "point", filled: false, size: rem() * 1.6, ...faint }, encoding: { x, y, color } }] }] : [];
  const layer = isStack
    ? [{ mark: { type: "bar", cornerRadiusEnd: 0 }, encoding: { x, y, color, opacity, order: { field: "at", type: "quantitative" } } }]
    : [
        { mark: { type: "line", opacity: everyMonth() ? 1 : 0.3 }, encoding: { x, y, color, strokeDash } },
        ...(everyMonth() ? [] : [{ transform: [{ filter: "datum.on" }], mark: { type: "line" }, encoding: { x, y, color, strokeDash } }]),
        { mark: { type: "point", filled: true, size: rem() * 2.2 }, encoding: { x, y, color, opacity } },
      ];
  const layerEvents = marked.length ? [{ data: { values: marked }, mark: { type: "text", baseline: "bottom", dx: { expr: "datum.kind === 'campaigns' ? -5 : 5" }, dy: -1, color: colour("soft") }, encoding: { x, y: { value: 0 }, text: { field: "sign" } } }] : [];
  const base = chart.base === null ? [] : [{ data: { values: [{}] }, mark: { type: "rule", strokeDash: [3, 3] }, encoding: { y: { datum: chart.base } } }];
  // what the pointer meets: a month from top to bottom, however thin its line is
  const met = { data: { values: places.map((m) => ({ m })) }, mark: { type: "bar", opacity: 0, cornerRadiusEnd: 0, width: { band: 1.3 }, cursor: "pointer" }, encoding: { x, y: { value: 0 }, y2: { value: "height" } } };
  const columns = [...saidOf(chart), ...columnsBefore(chart, past), ...columnOf(events)];
  return {
    rows, notes: notesOf(chart, events, !fromZero && Math.min(...rows.map(({ value }) => value)) > 0), spec: { data: { values: rows }, layer: [...base, ...layer, ...layerBefore, ...layerEvents, met] },
    head: ({ m }) => write.month(m),
    tips: ({ m }) => [...rows.filter((row) => row.m === m).map((row) => [row.series, row]), ...rowsBefore.filter((row) => row.m === m).map((row) => [`${row.series}, ${write.shortMonth(monthAt(row.from ?? 0))}`, row])]
      .map(([name, row]) => /** @type {Tip} */ ([name, written(row.of, row.value)])).concat(events[m].map(({ kind, text }) => [`${SIGNS[kind]} ${say(`event_${kind}`)}`, text])),
    fields: fieldsOf([["month", ({ month }) => months[month]], ...(chart.series ? keysOf(chart.series, ({ value }) => value) : [])], columns),
    listed: listedOf(chart, shown),
    heads: ["month", ...(chart.series ? [chart.series] : [])].map(labelOf), columns,
    named: ({ month, label }) => [write.month(month), ...(chart.series ? [label] : [])],
    ...choiceOfMonths,
  };
};
