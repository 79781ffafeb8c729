/* What happened in a month, to be marked above it: campaigns, and segments whose sale prices rose.

   Belongs here: finding that in what the filters leave. Never here: which charts mark it, or from which rise on (figures/tabs.py). */
import { members } from "./dimensions.js";
import { figures, months } from "./figures.js";
import { write } from "./format.js";
import { figure } from "./measures.js";
import { scopeOf } from "./selection.js";

/** @typedef {"campaigns" | "price_rises"} Kind */
/** @typedef {{kind: Kind, text: string}} Event */

/** @type {Record<Kind, (place: number) => string[]>} */
const FOUND = {
  campaigns: (place) => members("campaign", scopeOf([place])).map(({ label }) => label),
  price_rises: (place) => (place === 0 ? [] : members("segment", scopeOf([place])).flatMap(({ value, scope }) => {
    const [now, before] = [place, place - 1].map((month) => figure("price_index", scope.during([month])));
    const rise = now !== null && before ? now / before - 1 : 0;
    return rise >= figures.price_rise ? [`${value} ${write.change(rise)}`] : [];
  })),
};

/** Return what happened in each month of the period. @param {Kind[]} kinds @returns {Event[][]} */
export const eventsOf = (kinds) => months.map((_, place) => kinds.flatMap((kind) => FOUND[kind](place).map((text) => ({ kind, text }))));
