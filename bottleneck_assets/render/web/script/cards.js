/* A measure as a card: its value, how it changed on the month before, and its course over the months.

   Belongs here: what stands on a card. Never here: what a measure is (measures.js). */
import { comparison } from "./compare.js";
import { figures } from "./figures.js";
import { say, word, write } from "./format.js";
import { h, svg } from "./html.js";
import { figure, grains, measures, remark, written } from "./measures.js";
import { chosen, chosenMonths, scopeOf, state } from "./selection.js";

/** @param {string} name */
export const card = (name) => {
  const { label, unit_label: unit, grain } = measures[name];
  const value = h("span", { class: "value" }, written(name, figure(name, chosen())), ...(unit ? [" ", h("small", {}, word(unit))] : []));
  const item = h("li", { "data-kpi": name }, h("span", { class: "label" }, word(label)), value);
  const hasMonths = grains[grain].dimensions.includes("month") && grain !== "finding";
  const isEvent = grain === "promotion"; // a month without one says nothing of the next
  if (state.compare) item.append(...besides(name));
  else if (hasMonths && !isEvent) item.append(...changed(name));
  const aside = remark(name, chosen());
  if (aside && !(state.compare && item.textContent?.includes(aside))) item.append(h("span", { class: "aside" }, aside));
  item.append(...notAdvised(name));
  if (hasMonths) item.append(...sparkline(chosenMonths().map((place) => figure(name, scopeOf([place]))), isEvent));
  return item;
};

/** Say how much of what is beyond reorder points and ceilings recommendations leave out: that of types whose thresholds failed their test. @param {string} name */
const notAdvised = (name) => {
  const failed = new Set(figures.bounds_failed.map(String));
  const among = measures[name].is_beyond_bounds ? chosen().by(({ segment, product_type: type }) => (failed.has(String([segment, type])) ? type : null)) : [];
  const parts = among.filter(({ value, scope }) => value !== null && figure(name, scope));
  if (!parts.length) return [];
  const part = parts.reduce((all, { scope }) => all + (figure(name, scope) ?? 0), 0);
  return [h("span", { class: "aside" }, say("not_advised", { part: written(name, part), types: parts.map(({ value }) => value).join(", ") }))];
};

const TASTES = { "-1": " bad", 0: "", 1: " good" };
/** @param {string} name */
const besides = (name) => {
  const { said, taste } = comparison(name);
  return said ? [h("span", { class: `change${TASTES[taste]}` }, said)] : [];
};

/** @param {string} name */
const changed = (name) => {
  const { change, good } = measures[name];
  const [now, before] = [state.to, state.to - 1].map((place) => (place < 0 ? null : figure(name, scopeOf([place]))));
  if (now === null || !before) return [];
  const by = change === "points" ? now - before : now / before - 1;
  const taste = Math.abs(by) < 0.0005 ? "" : TASTES[Math.sign(by) * good];
  const said = { month: write.bareMonth(state.to), before: write.bareMonth(state.to - 1), change: change === "points" ? write.points(by) : write.change(by) };
  return [h("span", { class: `change${taste}` }, say("change", said))];
};

/**
 * Draw a line of what is known, or bars from zero.
 * @param {(number | null)[]} values
 * @param {boolean} asBars
 */
const sparkline = (values, asBars) => {
  const known = values.filter((value) => value !== null);
  if (known.length < (asBars ? 1 : 3)) return [];
  const [low, high] = [Math.min(...known, ...(asBars ? [0] : [])), Math.max(...known, ...(asBars ? [0] : []))];
  const y = (value) => 22 - (20 * (value - low)) / (high - low || 1);
  const drawn = svg("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (asBars) {
    const [step, width] = [100 / values.length, Math.max(100 / values.length - 2, 1)];
    values.forEach((value, place) => {
      if (value) drawn.append(svg("rect", { x: step * place + 1, width, y: Math.min(y(0), y(value)), height: Math.abs(y(value) - y(0)) }));
    });
    drawn.append(svg("line", { x1: 0, x2: 100, y1: y(0), y2: y(0) }));
  } else {
    const x = (place) => (100 * place) / Math.max(values.length - 1, 1);
    const pen = (place) => ((values[place - 1] ?? null) === null ? "M" : "L");
    drawn.append(svg("path", { d: values.map((value, place) => (value === null ? "" : `${pen(place)}${x(place).toFixed(1)} ${y(value).toFixed(1)}`)).join("") }));
  }
  return [drawn];
};
