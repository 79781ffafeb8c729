/* The address holds all that is chosen, so that a view can be sent, loaded again, and left by the browser's Back.

   Belongs here: writing the state after the # of the address, and reading it. Never here: changing anything else. */
import { hasYearBefore } from "./compare.js";
import { figures, months, productOf, rowsOfGrain, segments, types } from "./figures.js";
import { appliesTo, everyMonth, hold, state } from "./selection.js";

/** @import { Grain } from "./figures.js" */
/** @import { Focus } from "./selection.js" */

/** The rows among which each kind of focus chooses. @type {Record<Exclude<Focus["kind"], "sku">, Grain>} */
const FOCUS = { abc_class: "product", cover_band: "product", campaign: "promotion", recommendation: "finding" };

const written = () => {
  const kept = new URLSearchParams();
  for (const name of /** @type {const} */ (["segment", "type"])) if (state[name]) kept.set(name, state[name]);
  if (!everyMonth()) for (const name of /** @type {const} */ (["from", "to"])) kept.set(name, months[state[name]].slice(0, 7));
  if (state.focus) kept.set(state.focus.kind, state.focus.value);
  for (const name of /** @type {const} */ (["compare", "search", "sort"])) if (state[name]) kept.set(name, state[name]);
  kept.set("lang", state.language);
  return `#${state.tab}?${kept}`;
};
/** Write what is chosen: as a step that Back undoes, or in place of what stands there. @param {boolean} isStep */
export const remember = (isStep) => {
  if (written() !== location.hash) history[isStep ? "pushState" : "replaceState"](null, "", written());
};

/** @param {URLSearchParams} kept @returns {Focus | null} */
const focusIn = (kept) => {
  const sku = Number(kept.get("sku"));
  const isKnown = productOf.has(sku) || [...rowsOfGrain.promotion, ...rowsOfGrain.finding].some((row) => row.sku === sku);
  if (kept.has("sku") && isKnown) return { kind: "sku", value: sku };
  for (const [kind, grain] of /** @type {[Focus["kind"], Grain][]} */ (Object.entries(FOCUS))) {
    const value = kept.get(kind);
    if (value !== null && rowsOfGrain[grain].some((row) => row[kind] === value)) return { kind, value };
  }
  return null;
};
/** Take what the address says; what it says wrongly, or not at all, is as at the beginning. */
export const recall = () => {
  const [named, query = ""] = location.hash.slice(1).split("?");
  const kept = new URLSearchParams(query);
  /** @template Choice @param {Choice} found @param {readonly Choice[]} choices @param {Choice} otherwise */
  const oneOf = (found, choices, otherwise) => (choices.includes(found) ? found : otherwise);
  const place = (name, otherwise) => {
    const found = months.findIndex((month) => month.slice(0, 7) === kept.get(name));
    return found < 0 ? otherwise : found;
  };
  const tab = oneOf(named, figures.tabs.map(({ name }) => name), state.tab);
  const [from, to, focus] = [place("from", 0), place("to", months.length - 1), focusIn(kept)];
  hold({
    tab, language: /** @type {"en" | "fr"} */ (oneOf(kept.get("lang"), ["en", "fr"], navigator.language?.startsWith("fr") ? "fr" : "en")),
    segment: oneOf(kept.get("segment"), segments, "") ?? "", type: oneOf(kept.get("type"), types, "") ?? "",
    from: Math.min(from, to), to: Math.max(from, to), compare: /** @type {const} */ (["before", "year"]).find((one) => one === kept.get("compare") && (one !== "year" || hasYearBefore)) ?? "", focus: appliesTo(focus, tab) ? focus : null,
    search: kept.get("search") ?? "", sort: kept.get("sort") ?? "",
  });
};
