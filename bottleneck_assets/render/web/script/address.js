/* The address holds what is chosen, so that a view can be sent.

   Belongs here: writing the state after the # of the address, and reading it. Never here: changing anything else. */
import { figures, months, productOf, segments, types } from "./figures.js";
import { everyMonth, state } from "./selection.js";

export const remember = () => {
  const kept = new URLSearchParams();
  for (const name of /** @type {const} */ (["segment", "type"])) if (state[name]) kept.set(name, state[name]);
  if (!everyMonth()) for (const name of /** @type {const} */ (["from", "to"])) kept.set(name, months[state[name]].slice(0, 7));
  if (state.focus?.kind === "sku") kept.set("sku", state.focus.value);
  kept.set("lang", state.language);
  history.replaceState(null, "", `#${state.tab}?${kept}`);
};

/** Take what the address says; what it says wrongly, or not at all, is as at the beginning. */
export const recall = () => {
  const [tab, query = ""] = location.hash.slice(1).split("?");
  const kept = new URLSearchParams(query);
  /** @template Choice @param {Choice} found @param {readonly Choice[]} choices @param {Choice} otherwise */
  const oneOf = (found, choices, otherwise) => (choices.includes(found) ? found : otherwise);
  const place = (name, otherwise) => {
    const found = months.findIndex((month) => month.slice(0, 7) === kept.get(name));
    return found < 0 ? otherwise : found;
  };
  const sku = Number(kept.get("sku"));
  const [from, to] = [place("from", 0), place("to", months.length - 1)];
  Object.assign(state, {
    tab: oneOf(tab, figures.tabs.map(({ name }) => name), state.tab),
    language: oneOf(kept.get("lang"), ["en", "fr"], navigator.language?.startsWith("fr") ? "fr" : "en"),
    segment: oneOf(kept.get("segment"), segments, ""), type: oneOf(kept.get("type"), types, ""),
    from: Math.min(from, to), to: Math.max(from, to), focus: productOf.has(sku) ? { kind: "sku", value: sku } : null,
  });
};
