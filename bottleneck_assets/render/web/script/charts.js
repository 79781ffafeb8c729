/* Charts in their places: which mark draws one, its common look, and handing it to Vega.

   Belongs here: what is the same for all charts. Never here: how one mark is drawn (marks/). */
import { field } from "./fields.js";
import { list, say, write } from "./format.js";
import { colour, h, letters, library, medium, narrow, rem } from "./html.js";
import { bands } from "./marks/bands.js";
import { bars } from "./marks/bars.js";
import { dots } from "./marks/dots.js";
import { expressions, labelOf } from "./marks/mark.js";
import { overMonths } from "./marks/months.js";
import { pareto } from "./marks/pareto.js";
import { shares } from "./marks/shares.js";
import { upright } from "./marks/upright.js";
import { waterfall } from "./marks/waterfall.js";
import { whenOf, whyNot } from "./measures.js";
import { chosen } from "./selection.js";
import { hideTip, showTip } from "./tooltip.js";

/** @import { Chart, Declared } from "./marks/mark.js" */

/** @param {Declared} declared */
export const chartOf = (declared) => {
  const overTime = declared.by[0] === "month" ? overMonths : shares;
  const marks = { line: overMonths, stack: overTime, bar: bars, bullet: bars, column: upright, dot: dots, waterfall, pareto, band: bands };
  return marks[declared.mark](declared);
};

/** @param {string} label */
export const asPicture = (label) => ({ role: "img", "aria-label": label });

const config = () => {
  const size = letters();
  const [ink, soft, line] = ["ink", "soft", "line"].map(colour);
  const labels = { labelFontSize: size, labelColor: soft, labelLimit: 400, labelPadding: 4, title: null, titleFontSize: size, titleFontWeight: "normal", titleColor: soft };
  return {
    background: null, font: getComputedStyle(document.body).fontFamily, aria: false, view: { stroke: null }, padding: 2,
    axis: { ...labels, gridColor: line, domainColor: line, tickColor: line }, axisX: { grid: false, labelPadding: narrow() ? 9 : 4 }, axisXQuantitative: { labelFlush: 2 * size }, axisY: { tickCount: 5, domain: false, ticks: false },
    legend: { orient: "top", labelFontSize: size, labelColor: ink, title: null, symbolStrokeWidth: 2, labelLimit: 300, columns: narrow() ? 2 : medium.printing ? 3 : 0, symbolSize: size * 9, offset: 6 },
    text: { fontSize: size, color: ink }, bar: { cornerRadiusEnd: 2 }, line: { strokeWidth: 2.2 }, rule: { color: soft },
    rangeBand: {}, scale: { bandPaddingInner: 0.25, bandPaddingOuter: 0.1 },
  };
};

/** Return what a chart shows, in words. @param {Declared} declared @param {Chart} chart */
export const described = ({ mark, by, series, measures: named }, { columns: [first], listed, named: namesOf, mark: drawn = mark, more = [] }) => {
  const rows = listed.map((row) => ({ value: first.of(row), name: namesOf(row).join(", "), said: first.written(row) })).filter(({ value }) => value !== null);
  if (!rows.length) return say("nothing");
  const dimensions = [...new Set([...by, series])].filter((name) => name && (name === by[0] || mark !== "bar"));
  const [least, most] = [Math.min, Math.max].map((end) => rows.find(({ value }) => value === end(...rows.map((row) => row.value))));
  const sentence = say(rows.length === 1 ? "described_one" : "described", {
    mark: say(`mark_${drawn}`), measures: list(named.map((one) => field(one).label)), by: list(dimensions.map((name) => labelOf(name).toLowerCase())),
    count: write.count(rows.length), first: first.label, low: least?.said ?? "", least: least?.name ?? "", high: most?.said ?? "", most: most?.name ?? "",
  });
  return [sentence, ...more].join(" ");
};

/** Return the one day that all of a chart is of, in words, if it is. @param {Declared} declared */
export const dayOf = ({ measures: shown }) => {
  const [day, ...others] = new Set(shown.map(({ measure }) => (measure ? whenOf(measure) : "")));
  return others.length ? undefined : day || undefined;
};

/** Return how high a chart is, in pixels. @param {Chart} chart */
export const heightOf = ({ height = 15 }) => (medium.printing ? Math.min(height * 10, 168) : height * rem());

/**
 * Draw a chart into its place; return what must be let go before the place is drawn again.
 * @param {Chart} chart
 * @param {Declared} declared
 * @param {HTMLElement} place
 * @param {string} label what it shows, in words
 */
export const drawChart = async (chart, declared, place, label) => {
  if (!chart.rows.length) {
    const why = chart.why || declared.measures.map(({ measure }) => measure && whyNot(measure, chosen())).find(Boolean);
    place.append(h("p", { class: "empty" }, why || say("nothing")));
    return null;
  }
  const [width, height] = [Math.max(place.clientWidth - 4, 120), heightOf(chart)];
  const spec = typeof chart.spec === "function" ? chart.spec(width, height) : { width, height, autosize: { type: "fit", contains: "padding" }, ...chart.spec };
  await library("vegaEmbed");
  const { view } = await vegaEmbed(place, { description: label, ...spec }, {
    mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, hover: true, logLevel: 1, config: config(), expressionFunctions: expressions,
    ast: true, // expressions are interpreted: the page's policy lets no text become code
    tooltip: () => {}, // ours has text as text
  });
  for (const [name, value] of Object.entries(asPicture(label))) place.setAttribute(name, value); // Vega has put its own in their place
  place.removeAttribute("aria-roledescription");
  place.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the place around it says what it shows, and the table its figures
  view.addEventListener("mousemove", (event, item) => {
    const tips = item?.datum && item.mark.role === "mark" ? chart.tips(item.datum) : [];
    if (item && tips.length) showTip(event, chart.head(item.datum), tips);
    else hideTip();
  });
  view.addEventListener("mouseout", hideTip);
  view.addEventListener("click", (_, item) => {
    if (!item?.datum || item.mark.role !== "mark") return;
    hideTip();
    chart.click?.(item.datum);
  });
  return view;
};
