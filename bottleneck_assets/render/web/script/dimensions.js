/* What figures can be cut by: its members in what the filters leave, their names, their colours, and what a click on one chooses.

   Belongs here: one entry a dimension. Never here: a figure (measures.js), or a shape (marks/). */
import { figures, months, rowsOfGrain } from "./figures.js";
import { adviceSaid, campaignSaid, classSaid, coverSaid, cut, say, scopeOfFinding } from "./format.js";
import { colour } from "./html.js";
import { sum } from "./rows.js";
import { change, chosen, focusOn, state } from "./selection.js";

/** @import { Fields } from "./downloads.js" */
/** @import { Grain } from "./figures.js" */
/** @import { Filter, Focus, Scope } from "./selection.js" */
/**
 * @typedef {object} Dimension
 * @property {(row: any) => any} of
 * @property {Grain} [grain] whose rows have it, if it is not products
 * @property {Filter | ""} filter that chooses among its members
 * @property {Focus["kind"]} [kind] of the focus that does, if it is one
 * @property {(value: any) => string} name
 * @property {(value: any) => string} [shade] a colour of dashboard.css, where it means something
 * @property {any[]} [order] of its members, where they have one
 * @property {(value: any) => Record<string, any>} [keys] the columns of the release that tell a member apart, if not one of the same name
 * @property {(value: any) => boolean} [isOn] whether a member is chosen, or none
 * @property {(value: any) => boolean} [isChosen]
 * @property {(value: any) => void} [select]
 *
 * @typedef {{value: any, scope: Scope, label: string, on: boolean}} Member a value of a dimension, with the rows that have it
 */

/** @param {Focus["kind"]} kind @param {(value: any) => any} [chosenOf] */
const byFocus = (kind, chosenOf = (value) => value) => ({
  filter: /** @type {Filter} */ ("focus"), kind,
  isOn: (value) => state.focus?.kind !== kind || state.focus.value === chosenOf(value),
  isChosen: (value) => state.focus?.kind === kind && state.focus.value === chosenOf(value),
  select: (value) => focusOn(kind, chosenOf(value)),
});
/** @param {"segment" | "type"} kind */
const byFilter = (kind) => ({
  filter: kind,
  name: (value) => value,
  isOn: (value) => !state[kind] || state[kind] === value,
  isChosen: (value) => state[kind] === value,
  select: (value) => change({ [kind]: state[kind] === value ? "" : value }),
});

/** The colour of each segment, which it has in the workbook too. @type {Map<string, string>} */
const shades = new Map(figures.shades);

/** @type {Record<string, Dimension>} */
export const dimensions = {
  segment: { of: (product) => product.segment, shade: (name) => shades.get(name) ?? "c0", ...byFilter("segment") },
  product_type: { of: (product) => product.product_type, ...byFilter("type") },
  product: {
    of: (product) => (product.sku === null ? null : product), name: (product) => product.title,
    keys: (product) => ({ sku: product?.sku, title: product?.title }), ...byFocus("sku", (product) => product.sku),
  },
  abc_class: {
    of: (product) => product.abc_class, name: classSaid, order: ["A", "B", "C"],
    shade: (name) => (name === "A" ? "c0" : name === "B" ? "c1" : "mute"), ...byFocus("abc_class"),
  },
  cover_band: {
    of: (product) => product.cover_band, name: coverSaid, order: ["0-1", "1-3", "3-6", "6-12", "12-", "none"],
    shade: (band) => (["6-12", "12-", "none"].includes(band) ? "bad" : "c2"), ...byFocus("cover_band"),
  },
  vintage: { of: (product) => product.vintage, name: String, filter: "" },
  campaign: {
    of: (row) => row.campaign, grain: "promotion", name: campaignSaid,
    keys: (campaign = "") => {
      const [starts_on, ends_on, ...type] = campaign.split("|");
      return { starts_on, ends_on, product_type: type.join("|") };
    },
    ...byFocus("campaign"),
  },
  promotion: {
    of: (row) => (row.sku === null ? null : row), grain: "promotion", name: (row) => row.title,
    keys: (row) => ({ month: months[row?.month], sku: row?.sku, title: row?.title }), ...byFocus("sku", (row) => row.sku), filter: "",
  },
  finding: {
    of: (row) => row, grain: "finding", keys: (row) => ({ recommendation: row?.recommendation, scope: row?.scope }), name: (row) => `${cut(scopeOfFinding(row.scope), 34)} · ${adviceSaid(row.recommendation)}`,
    ...byFocus("recommendation", (row) => row.recommendation), filter: "",
  },
  recommendation: {
    of: (row) => row.recommendation, grain: "finding", name: adviceSaid,
    order: figures.advice.map((row) => row.recommendation), ...byFocus("recommendation"),
  },
  verdict: {
    of: (row) => row.verdict, grain: "finding", filter: "", name: (verdict) => say(`verdict_${verdict}`), order: ["supported", "contradicted", "inconclusive"],
    shade: (verdict) => (verdict === "supported" ? "good" : verdict === "contradicted" ? "bad" : "mute"),
  },
};

/**
 * Return what the filters leave, but for the one that chooses among the members of a dimension: a focus of another kind holds.
 * @param {string} name
 */
export const choice = (name) => {
  const { filter, kind } = dimensions[name];
  return chosen(filter === "focus" && state.focus?.kind !== kind ? "" : filter);
};

/**
 * Return the members of a dimension in a scope: by default in what the filters leave, but for the one that chooses among them.
 * @param {string} name
 * @param {Scope} [scope]
 * @returns {Member[]}
 */
export const members = (name, scope) => {
  const { of, grain, name: label, order, isOn } = dimensions[name];
  const found = (scope ?? choice(name)).by(of, grain).filter(({ value }) => value !== null);
  const rank = (value) => order?.indexOf(value) ?? (typeof value === "number" ? value : 0);
  return found.sort((one, other) => rank(one.value) - rank(other.value)).map((member) => ({ ...member, label: label(member.value), on: isOn?.(member.value) ?? true }));
};

/** Return the columns of the release that tell the members of a dimension apart. @param {string} name @param {(row: any) => any} of @returns {Fields} */
export const keysOf = (name, of) => {
  const { keys = (value) => ({ [name]: value }) } = dimensions[name];
  return Object.keys(keys(undefined)).map((key) => [key, (row) => keys(of(row))[key]]);
};
/** Return a member's value of another dimension, such as a product's segment. @param {Member} member @param {string} name */
export const valueOf = ({ value }, name) => (typeof value === "object" ? (value[name] ?? value.product?.[name]) : value);
/** Return the colour that a value of a dimension has wherever it is told apart by colour. @param {string} name @param {any} value */
export const shadeOf = (name, value) => colour(dimensions[name]?.shade?.(value) ?? "c0");

/**
 * Return how many of what a chart or a table is of are not told apart in what the filters leave, but kept as groups, and of how many.
 * @param {string} by
 * @param {Grain} grain
 */
export const pooled = (by, grain) => {
  if (by === "finding") return { count: figures.whole.findings - rowsOfGrain.finding.length, whole: figures.whole.findings };
  const isUntold = by === "promotion" && state.focus?.kind === "sku" && chosen().rows(grain) === null; // a group may have some of its promotions
  const rows = ["product", "promotion"].includes(by) ? (chosen(isUntold ? "focus" : "").rows(grain) ?? []) : [];
  const count = (some) => sum(some, `${by}s`);
  return { count: count(rows.filter(({ sku }) => sku === null)), whole: count(rows) };
};
