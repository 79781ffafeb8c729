/* What is chosen beside what came before it: as many months just before, or the same months a year ago.

   Belongs here: which earlier months those are, for each kind of figure, and why there are none. Never here: how they are drawn. */
import { months, monthAt, ordinal, placeOfOrdinal } from "./figures.js";
import { difference, range, say, word, write } from "./format.js";
import { figure, grains, measures, whenOf, whyNot } from "./measures.js";
import { chosen, chosenMonths, scopeOf, state } from "./selection.js";

/** @import { Grain } from "./figures.js" */
/** @import { Scope } from "./selection.js" */

/** How many months lie between what is chosen and what it is compared with. */
const back = () => (state.compare === "year" ? 12 : ordinal(monthAt(state.to)) - ordinal(monthAt(state.from)) + 1);
/** Of sales, months before the period are known; of prices and promotions none are. @param {Grain} grain */
const first = (grain) => (grain === "sale" ? Math.min(...placeOfOrdinal.values()) : 0);
/** Say in which month the figures of a grain begin. @param {Grain} grain */
export const firstSaid = (grain = "sale") => write.month(first(grain));
/** Whether any month of the period has one a year before it that is known: else there is nothing of which to offer the comparison. */
export const hasYearBefore = months.some((month) => placeOfOrdinal.has(ordinal(month) - 12));
/** Return the place of the month that a month is compared with, null if nothing of a grain is known of it. @param {Grain} grain @param {number} place */
export const earlier = (grain, place) => {
  const found = placeOfOrdinal.get(ordinal(monthAt(place)) - back()) ?? -Infinity;
  return found < first(grain) ? null : found;
};

/**
 * Return the scope of the earlier months for a measure, or why there is none.
 * @param {string} name
 * @returns {{scope: Scope, said: string, why: ""} | {scope: null, said: "", why: string}}
 */
export const compared = (name) => {
  const { grain } = measures[name];
  const none = (why) => /** @type {const} */ ({ scope: null, said: "", why });
  if (grain === "finding") return none(say("compared_finding"));
  if (whenOf(name)) return none(say("compared_on_day", { when: whenOf(name) }));
  if (!grains[grain].dimensions.includes("month")) return none(word(grains[grain].unmoved.month));
  const places = chosenMonths().map((place) => earlier(grain, place));
  if (!months.length || places.includes(null)) return none(say("compared_from", { month: firstSaid(grain) }));
  const [from, to] = [places[0], places.at(-1)].map(Number);
  return { scope: scopeOf(places.map(Number)), said: range(from, to), why: "" };
};

/**
 * Return how a measure differs from that of the earlier months, in words, and whether that is good (1), bad (-1) or neither; no words
 * where it has no figure itself.
 * @param {string} name
 */
export const comparison = (name) => {
  const { scope, said, why } = compared(name);
  const { change, format, good } = measures[name];
  const [now, then] = [figure(name, chosen()), scope && figure(name, scope)];
  if (whyNot(name, chosen())) return { said: "", taste: 0 };
  if (now === null || then === null) return { said: say("compared_not", { why: why || say("compared_unknown", { range: now === null ? range(state.from, state.to) : said }) }), taste: 0 };
  const by = now - then;
  const relative = change === "relative" && then > 0 ? by / then : null;
  const shown = change === "points" ? write.points(by) : difference(format, by) + (relative === null ? "" : ` (${write.change(relative)})`);
  return { said: say("compared", { change: shown, range: said }), taste: Math.abs(relative ?? by) < 0.0005 ? 0 : Math.sign(by) * good };
};
