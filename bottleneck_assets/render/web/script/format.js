/* How things are said: in the reader's language, with the reader's signs.

   Belongs here: words, numbers, dates and names of what is chosen, as text. Never here: a word itself (texts.json), or markup. */
import { figures, monthAt, productOf, texts } from "./figures.js";
import { lazily } from "./rows.js";
import { chosenMonths, state } from "./selection.js";

/** @import { Words } from "./figures.js" */
/** @import { Focus } from "./selection.js" */
/** @typedef {keyof typeof write} Way */

/**
 * Return a text in the reader's language, with its parts put in.
 * @param {string} key
 * @param {Record<string, string>} parts
 */
export const say = (key, parts = {}) =>
  (texts[key]?.[state.language] ?? key).replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");

/** Return what is said in French, whatever the reader's language is. @template Said @param {() => Said} saying @returns {Said} */
export const inFrench = (saying) => {
  const { language } = state;
  state.language = "fr";
  try {
    return saying();
  } finally {
    state.language = language;
  }
};

/** Return a declaration's text in the reader's language. @param {Words | null | undefined} words */
export const word = (words) => words?.[state.language] ?? "";

const writers = new Map(); // to make one takes longer than to use it a hundred times
/**
 * @template Writer
 * @param {new (locale: string, options: any) => Writer} kind
 * @param {object} options
 * @returns {Writer}
 */
const writer = (kind, options) => {
  const key = `${state.language} ${kind.name} ${JSON.stringify(options)}`;
  if (!writers.has(key)) writers.set(key, new kind(state.language === "fr" ? "fr-FR" : "en-GB", options));
  return writers.get(key);
};
/** @typedef {number | null | undefined} Value */
/** @param {Value} value @param {Intl.NumberFormatOptions} options */
const written = (value, options) =>
  value === null || value === undefined || Number.isNaN(value)
    ? "–"
    : writer(Intl.NumberFormat, options).format(value).replace("-", "−").replace("\u00a0%", "\u202f%");
/** @param {number} least @param {number} most @param {Intl.NumberFormatOptions} options */
const digits = (least, most = least, options = {}) => ({ minimumFractionDigits: least, maximumFractionDigits: most, ...options });
/** @type {Intl.NumberFormatOptions} */
const EUROS = { style: "currency", currency: "EUR" };
/** @param {Value} value @param {Intl.NumberFormatOptions} options */
const percentage = (value, options = {}) => written(value, { style: "percent", maximumFractionDigits: Math.abs(value ?? 0) < 0.0995 ? 1 : 0, ...options });
/** @param {Intl.DateTimeFormatOptions} options */
const dates = (options) => writer(Intl.DateTimeFormat, { timeZone: "UTC", ...options });
/** @param {string} iso */
const day = (iso) => new Date(`${iso}T00:00:00Z`);
/** The zone in which times are told: that of the site that shows the page, else the reader's own. */
const zone = lazily(() => document.documentElement.dataset.zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone);
/** As the reports write it. @param {string} text */
const september = (text) => text.replace(/Sept\b/g, "Sep");

/** Each way to write a value. Months are places among the months. */
export const write = {
  text: (value) => value ?? "–",
  count: (value) => written(value, digits(0)),
  one: (value) => written(value, digits(1)),
  two: (value) => written(value, digits(2)),
  euros: (value) => written(value, digits(value && Math.abs(value) < 9.5 && !Number.isInteger(value) ? 2 : 0, undefined, EUROS)),
  price: (value) => written(value, digits(2, 2, EUROS)),
  short: (value) => written(value, { ...EUROS, notation: "compact", maximumFractionDigits: 1 }),
  shortCount: (value) => written(value, { notation: "compact", maximumFractionDigits: 1 }),
  rate: (value) => written(value, digits(1, 1, { style: "percent" })),
  share: (value) => percentage(value),
  change: (value) => percentage(value, { signDisplay: "exceptZero" }),
  points: (value) => say("points", { value: written(100 * value, digits(1, 1, { signDisplay: "exceptZero" })) }),
  year: (value) => (value === null ? "–" : String(value)),
  month: (place) => write.monthOf(monthAt(place)),
  day: (iso) => dates({ dateStyle: "long" }).format(day(iso)),
  monthOf: (iso) => (iso ? dates({ month: "long", year: "numeric" }).format(day(iso)) : "–"),
  shortMonth: (iso) => (iso ? september(dates({ month: "short", year: "numeric" }).format(day(iso))) : "–"),
  bareMonth: (place) => september(dates({ month: "short" }).format(day(monthAt(place)))),
  shortDay: (iso) => september(dates({ day: "numeric", month: "short", year: "numeric" }).format(day(iso))),
  days: (start, end) =>
    september(dates({ day: "numeric", month: "short", year: "numeric" }).formatRange(day(start), day(end))),
  time: (iso) => say("at", {
    time: writer(Intl.DateTimeFormat, { dateStyle: "long", timeStyle: "short", timeZone: zone() }).format(new Date(iso)),
    zone: zone().slice(zone().lastIndexOf("/") + 1).replaceAll("_", " "),
  }),
};

/** Return a value written as a declaration says. @param {string} format @param {any} value @returns {string} */
export const writeAs = (format, value) => /** @type {any} */ (write)[format](value);
/** Return a difference of two such values, with its sign. @param {string} format @param {number} value */
export const difference = (format, value) => (value > 0 ? "+" : "") + writeAs(format, value);
/** Return a month as an axis says it: the year under the first and under every January. @param {number} place */
export const tick = (place) => [write.bareMonth(place), ...(place === 0 || monthAt(place).slice(5, 7) === "01" ? [monthAt(place).slice(0, 4)] : [])];

/** Return words one after another. @param {string[]} words */
export const list = (words) => writer(Intl.ListFormat, { type: "conjunction" }).format(words);
/** @param {number} from @param {number} to */
export const range = (from, to) => (from === to ? write.month(from) : say("range", { from: write.month(from), to: write.month(to) }));
/** @param {string} campaign */
export const campaignSaid = (campaign) => {
  const [start, end, ...type] = campaign.split("|");
  return `${type.join("|")}, ${write.days(start, end)}`;
};
/** Return what a finding is of, with its days and its one name that is a word as people say them. @param {string} scope */
export const scopeOfFinding = (scope) => (scope === "other products" ? say("other_products")
  : scope.replace(/(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)/, (_, start, end) => write.days(start, end)));
/** @param {string} band */
export const coverSaid = (band) => {
  const [low, high] = band.split("-");
  return band === "none" ? say("no_sales") : high ? say("cover_band", { low, high }) : say("cover_over", { low });
};
/** @param {string} name */
export const classSaid = (name) => say("abc_label", { class: name });
/** @param {string} name */
export const adviceSaid = (name) => figures.advice.find((row) => row.recommendation === name)?.[`advice_${state.language}`] ?? name;
/** @type {Record<Focus["kind"], (value: any) => string>} */
const FOCUS = {
  sku: (sku) => productOf.get(sku)?.title ?? String(sku), abc_class: classSaid, cover_band: coverSaid, campaign: campaignSaid, recommendation: adviceSaid,
};
export const focusSaid = () => (state.focus ? FOCUS[state.focus.kind](state.focus.value) : "");
/** Return all that is chosen, in one line; of a figure that months do not move, the day that it is of. @param {string} when */
export const scopeSaid = (when = chosenMonths().length ? range(state.from, state.to) : "") =>
  [state.segment || (state.type || ["sku", "campaign"].includes(state.focus?.kind ?? "") ? "" : say("whole_shop")), state.type, focusSaid(), when].filter(Boolean).join(" · ");

/** Return a text cut in its middle: names that begin alike are told apart by their ends. @param {string} text @param {number} longest */
export const cut = (text, longest) => {
  const end = Math.floor(longest * 0.4);
  return text.length > longest ? `${text.slice(0, longest - 1 - end).trimEnd()}…${text.slice(-end).trimStart()}` : text;
};
/** Return a text without its accents, to be found without them. @param {string} text */
export const unaccented = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "");
