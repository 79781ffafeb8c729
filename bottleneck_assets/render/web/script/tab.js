/* A tab, as figures/tabs.py declares it: cards, charts, a table and notes, drawn into its panel.

   Belongs here: putting the parts of a tab together, and letting go of what was drawn before. Never here: one of the parts. */
import { advice } from "./advice.js";
import { answered } from "./answer.js";
import { card } from "./cards.js";
import { asPicture, chartOf, dayOf, described, drawChart, heightOf } from "./charts.js";
import { chartTable } from "./chart_table.js";
import { addressOf, download, fileName, links, sitePage } from "./downloads.js";
import { pooled } from "./dimensions.js";
import { figures } from "./figures.js";
import { say, scopeSaid, word, write } from "./format.js";
import { colour, h, library, medium, rem, rest } from "./html.js";
import { measures } from "./measures.js";
import { sheet } from "./paper.js";
import { picture } from "./picture.js";
import { lazily } from "./rows.js";
import { state } from "./selection.js";
import { listing } from "./table.js";

/** @import { Grain } from "./figures.js" */
/** @import { Chart, Declared } from "./marks/mark.js" */

/** @typedef {Map<Element, () => Promise<VegaView | null>>} Drawings of charts, by their places */
const drawn = /** @type {Map<string, {as: string, parts: {finalize: () => void}[], drawings: Drawings}>} */ (new Map()); // by tab
/** All that a drawing depends on. */
const drawnAs = () => JSON.stringify([state, document.documentElement.clientWidth, rem(), medium.printing, colour("ink")]);

/** Take it that a tab shows what is chosen now. @param {string} name */
export const stands = (name) => {
  const now = drawn.get(name);
  if (now) now.as = drawnAs();
};
/**
 * Draw a tab, unless it stands as it is to be.
 * @param {any} tab
 * @param {HTMLElement} panel
 */
export const draw = async ({ name, title, question, answer, cards, charts, table, notes }, panel) => {
  const before = drawn.get(name);
  if (before?.as === drawnAs()) return;
  for (const part of before?.parts ?? []) part.finalize();
  const isOpening = !drawn.size && !medium.printing; // then it is drawn in steps; later at once, so that the page keeps its place
  const drawings = /** @type {Drawings} */ (new Map());
  const now = { as: drawnAs(), parts: /** @type {{finalize: () => void}[]} */ ([]), drawings };
  drawn.set(name, now);
  const isLeft = () => rest().then(() => drawn.get(name) !== now || (state.tab !== name && drawn.delete(name))); // who comes back gets it anew
  const placed = /** @type {{chart: Chart, place: HTMLElement, figure: HTMLElement}[]} */ ([]);
  for (const declared of charts) {
    if (isOpening && await isLeft()) return;
    const [chart, heading] = [chartOf(declared), word(declared.title)];
    const scope = scopeSaid(dayOf(declared));
    const label = `${heading}. ${described(declared, chart)} ${scope}`;
    const place = h("div", { class: "plot", style: `min-height: ${chart.rows.length ? heightOf(chart) : 0}px`, ...asPicture(label) });
    const figure = h("figure", { class: declared.size, "data-chart": declared.id }, h("h2", {}, heading), h("p", { class: "scope" }, [scope, ...cut(declared, chart), ...chart.notes ?? []].join(" · ")), place,
      chartTable(chart, `${name}-${declared.id}`, heading),
      links(figures.tables[declared.rows]?.file ?? `${name}.csv`, heading, chart.fields, () => chart.listed, () => fileName(name, declared.id), ...(chart.rows.length ? [h("button", {
        type: "button", "data-form": "png", "aria-label": say("label_png", { title: heading }), onclick: async () => keep(fileName(name, declared.id), figure, [[place, await drawings.get(place)?.() ?? null]]),
      }, say("shown_png"))] : [])));
    drawings.set(place, lazily(async () => {
      if (drawn.get(name) !== now) return null;
      const view = await drawChart(chart, declared, place, label);
      if (view && drawn.get(name) === now) now.parts.push(view);
      else view?.finalize(); // the tab was drawn anew meanwhile
      return view;
    }));
    placed.push({ chart, place, figure });
  }
  if (isOpening && await isLeft()) return;
  const { made, make } = listing(name, table);
  if (isOpening && await isLeft()) return;
  panel.replaceChildren(
    ...(medium.printing ? [sheet(name)] : []), h("h1", {}, word(title)), h("p", { class: "about" }, word(question)), ...answered(answer), ...older(), ...setAside(), facts(),
    h("ul", { class: "cards", "data-count": cards.length }, ...cards.map(card)),
    ...(name === "business_recommendations" ? [advice()] : []),
    h("div", { class: "charts" }, ...placed.map(({ figure }) => figure)),
    ...notes.map(word).concat(cards.includes("comments_per_100_units") && figures.comments_are_ratings ? say("comments_are_ratings") : [])
      .map((note) => h("p", { class: "note" }, note)), made,
  );
  for (const { chart, place } of placed) if (!chart.rows.length) drawings.get(place)?.(); // why it is empty is said at once
  // a print does not wait: it finds every chart, since no step of this waits for anything but itself
  const seen = medium.printing ? Promise.all([...drawings.values()].map((paint) => paint())) : inSight(drawings, now.parts);
  const list = lazily(() => now.parts.push(make()));
  if (medium.printing) list();
  await Promise.all([seen, library("DataTable")]);
  await breath();
  if (drawn.get(name) === now) list();
};
/** @param {string} name @param {HTMLElement} element @param {[Element, VegaView | null][]} views */
const keep = async (name, element, views) => download(`${name}.png`, await picture(element, views));
/** Keep a tab as a picture, with the charts that are not in sight. @param {string} name @param {HTMLElement} panel */
export const keepTab = async (name, panel) => {
  const found = [...drawn.get(name)?.drawings ?? []].map(async ([place, paint]) => /** @type {[Element, VegaView | null]} */ ([place, await paint()]));
  await keep(fileName(name, ""), panel, await Promise.all(found));
};
/** Let the browser show what is drawn, and answer whoever clicks; a page that nobody sees has no frames to wait for. */
const breath = () => (medium.printing ? null : new Promise((resolve) => (document.hidden ? setTimeout : requestAnimationFrame)(() => setTimeout(resolve))));

/**
 * Draw what is in sight, or nearly, one after another, and the rest once it is: each drawing takes a while on a slow machine. Wait for
 * those that are in sight at first.
 * @param {Drawings} drawings
 * @param {{finalize: () => void}[]} parts what is let go with the tab
 * @returns {Promise<unknown>}
 */
const inSight = (drawings, parts) => new Promise((resolve) => {
  const watcher = new IntersectionObserver(async (entries) => {
    for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) {
      watcher.unobserve(target);
      await drawings.get(target)?.();
      await breath();
    }
    resolve(null);
  }, { rootMargin: "10%" });
  for (const place of drawings.keys()) watcher.observe(place);
  parts.push({ finalize: () => watcher.disconnect() });
});

/** Say what a chart leaves out. @param {Declared} declared @param {Chart} chart */
const cut = ({ by, measures: [{ measure = "" }] }, { first }) => {
  const { count, whole } = pooled(by[0], measures[measure]?.grain === "stock" ? "stock" : /** @type {Grain} */ (by[0]));
  const parts = { count: write.count(count), whole: write.count(whole) };
  return [...(first ? [say("first_ones", { count: write.count(first) })] : []), ...(count > 0 ? [say("not_apart", parts)] : [])];
};

const facts = () => {
  const { received: when, data_to: last, sale_prices: reading, checks, rows, export: name } = figures;
  const said = [
    ...(last ? [say("data_to", { day: write.day(last) })] : []), say(reading),
    when ? say("export_changed", { name, when: write.time(when) }) : say("export", { name }),
    checks ? say("checks_known", { passed: write.count(checks.passed), warned: write.count(checks.warned) }) : say("checks_unknown"),
  ];
  const aside = say("quarantined", { count: write.count(rows.quarantined), rows: write.count(rows.read) });
  return h("p", { class: "facts" }, `${said.join(" · ")} (`, h("a", { href: sitePage("/checks") ?? addressOf("manifest.json") }, say("manifest")), `) · ${aside}`);
};

/** That a newer export could not be used, if so it was. */
const older = () => {
  const { in_place_of: newer, export: name } = figures;
  return newer ? [h("p", { class: "warning" }, say("in_place_of", { name, newer }))] : [];
};

/** What the rows in quarantine are worth, where they are, or may be, worth anything: no figure holds it. */
const setAside = () => {
  const { rows, set_aside: { units, revenue, rows_of_unknown_worth: unknown } } = figures;
  const count = write.count(rows.quarantined);
  const worth = units || revenue ? [say("set_aside", { count, units: write.count(units), revenue: write.euros(revenue) })] : [];
  const open = unknown ? [say(worth.length ? "set_aside_in_part" : "set_aside_unknown", { count, unknown: write.count(unknown) })] : [];
  return worth.length || open.length ? [h("p", { class: "warning" }, [...worth, ...open].join(" "))] : [];
};
