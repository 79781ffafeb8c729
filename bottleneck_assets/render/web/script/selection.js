/* What is chosen: tab, language, filters and focus, and the rows that they leave.

   Belongs here: the one state of the page, and scopes of rows. Never here: what is computed from a scope (measures.js), how it is drawn,
   or where it is remembered (address.js). */
import { everyRow, figures, months, productOf, promotionsInGroups, typesOf } from "./figures.js";
import { groups } from "./rows.js";

/** @import { Grain, Product, Row } from "./figures.js" */
/** @typedef {{kind: "sku" | "abc_class" | "cover_band" | "campaign" | "recommendation", value: any}} Focus what was clicked */
/** @typedef {"segment" | "type" | "focus"} Filter */
/** @typedef {"" | "before" | "year"} Comparison with nothing, with as many months just before, or with the same months a year ago */

/**
 * `segment` and `type` are empty where all are chosen; `from` and `to` are places among the months, and `compare` says which earlier
 * months stand beside them. `search` and `sort` are of the tab's table; `sort` is a column and a way, such as `revenue.desc`, and empty
 * where the table is sorted as declared.
 */
export const state = {
  tab: /** @type {string} */ (figures.tabs[0].name), language: /** @type {"en" | "fr"} */ ("en"),
  segment: "", type: "", from: 0, to: months.length - 1, compare: /** @type {Comparison} */ (""), focus: /** @type {Focus | null} */ (null), search: "", sort: "",
};

/** @typedef {{isStep?: boolean, isDrawn?: boolean}} How whether Back undoes a change, and whether the tab shows it already */
const scopes = /** @type {Map<string, Scope>} */ (new Map()); // those of the state as it is: many figures are of one
const listeners = /** @type {((how: How) => void)[]} */ ([]);
/** @param {(how: How) => void} listener called after every change */
export const whenChanged = (listener) => listeners.push(listener);
/** Take a choice without telling anybody. @param {Partial<typeof state>} given */
export const hold = (given) => {
  Object.assign(state, given);
  scopes.clear();
  if (!typesOf(state.segment).includes(state.type)) state.type = "";
};
/** @param {Partial<typeof state>} given @param {How} how */
export const change = (given, how = {}) => {
  hold(given);
  for (const listener of listeners) listener({ isStep: true, isDrawn: false, ...how });
};
/** Choose, or let go of what is chosen already. @param {Focus["kind"]} kind @param {any} value */
export const focusOn = (kind, value) => change({ focus: state.focus?.kind === kind && state.focus.value === value ? null : { kind, value } });

export const everyMonth = () => state.from === 0 && state.to === months.length - 1;
export const isFiltered = () => Boolean(state.segment || state.type || state.focus || !everyMonth());
const places = [...months.keys()];
export const chosenMonths = () => places.slice(state.from, state.to + 1);

/** Whether a focus chooses among the rows of a grain; of others it says nothing. @param {Focus} focus @param {Grain} grain */
const speaksOf = ({ kind, value }, grain) => {
  if (kind === "campaign") return grain === "promotion";
  if (kind === "sku" && !productOf.has(value)) return grain === "promotion" || grain === "finding"; // elsewhere it is kept in a group
  return kind === "recommendation" ? grain === "finding" : figures.measures.grains[grain].dimensions.includes("sku");
};

/** Whether a focus chooses among anything that a tab shows. @param {Focus | null} focus @param {string} tab */
export const appliesTo = (focus, tab) => {
  const { cards, charts, table } = figures.tabs.find(({ name }) => name === tab);
  const shown = [...cards, ...[...charts.flatMap(({ measures }) => measures), ...table.shows].flatMap(({ measure }) => measure ?? [])];
  return focus !== null && shown.some((name) => speaksOf(focus, figures.measures.measures[name].grain));
};

/** @typedef {(grain: Grain, months: number[]) => Row[] | null} Find null for a grain of which the scope says nothing */

/** Rows of every grain, of some months, found when they are asked for. */
export class Scope {
  #find;
  #found = /** @type {Map<Grain, Row[] | null>} */ (new Map());
  #during = /** @type {Map<string, Scope>} */ (new Map());
  #split = /** @type {Map<unknown, {value: any, scope: Scope}[]>} */ (new Map());
  /** What was computed of it, by what that is. @type {Map<unknown, number | null>} */
  figures = new Map();

  /** @param {number[]} months @param {Find} find */
  constructor(months, find) {
    this.months = months;
    this.#find = find;
  }

  /** @param {Grain} grain */
  rows(grain) {
    if (!this.#found.has(grain)) this.#found.set(grain, this.#find(grain, this.months));
    return this.#found.get(grain) ?? null;
  }

  /** Return the scope of other months under the same filters. @param {number[]} others */
  during(others) {
    const key = others.join();
    if (!this.#during.has(key)) this.#during.set(key, key === this.months.join() ? this : new Scope(others, this.#find));
    return /** @type {Scope} */ (this.#during.get(key));
  }

  /** Return the scope of the same months without any other filter. */
  get whole() { return kept(`whole ${this.months}`, () => new Scope(this.months, inMonths)); }

  /**
   * Return a scope for each value that the rows of a grain have; by what products have, all grains are split; by what other rows have,
   * theirs alone. They are the same whenever they are asked for: charts and table share what is computed.
   * @template Value
   * @param {(row: Row | Product) => Value} of
   * @param {Grain} [grain]
   * @returns {{value: Value, scope: Scope}[]}
   */
  by(of, grain = "product") {
    if (this.#split.has(of)) return this.#split.get(of) ?? [];
    const split = /** @type {Map<string, Map<Value, Row[]> | null>} */ (new Map());
    const part = (asked, during) => {
      const key = `${asked} ${during.join()}`;
      const found = split.has(key) || grain !== "product" && grain !== asked ? null : this.during(during).rows(asked);
      if (found) split.set(key, groups(found, (row) => of(grain === "product" ? row.product : row)));
      return split.get(key);
    };
    const find = (value) => /** @type {Find} */ ((asked, during) => {
      const parts = part(asked, during);
      return parts ? (parts.get(value) ?? []) : null;
    });
    const found = [...(part(grain, this.months)?.keys() ?? [])].map((value) => ({ value, scope: new Scope(this.months, find(value)) }));
    this.#split.set(of, found);
    return found;
  }
}

/** @type {Map<Grain, Map<number | null, Row[]>>} */
const byMonth = new Map(Object.entries(everyRow)
  .map(([grain, all]) => [/** @type {Grain} */ (grain), groups(all, (row) => row.month)]));
/** All rows of some months, and those of no month. @type {(grain: Grain, months: number[]) => Row[]} */
const inMonths = (grain, chosen) => [null, ...chosen].flatMap((place) => byMonth.get(grain)?.get(place) ?? []);

/** @param {string} key @param {() => Scope} find */
const kept = (key, find) => {
  const scope = scopes.get(key) ?? find();
  scopes.set(key, scope);
  return scope;
};
/**
 * Return what the filters leave in some months.
 * @param {number[]} chosen
 * @param {Filter | ""} except the one filter that a chart leaves out, so that what could be chosen instead stays in sight
 */
export const scopeOf = (chosen, except = "") => {
  const { segment, type, focus } = /** @type {typeof state} */ ({ ...state, ...(except && { [except]: null }) });
  return kept(JSON.stringify([chosen, segment, type, focus]), () => new Scope(chosen, (grain, months) => {
    if (focus && (!speaksOf(focus, grain) || focus.kind === "sku" && grain === "promotion" && promotionsInGroups)) return null; // which may have some of its own
    return inMonths(grain, months).filter((row) =>
      (!segment || row.product.segment === segment) && (!type || row.product.product_type === type) &&
      (!focus || (row[focus.kind] ?? row.product[focus.kind]) === focus.value));
  }));
};
/** Return what the filters leave in the chosen months. @param {Filter | ""} except */
export const chosen = (except = "") => scopeOf(chosenMonths(), except);
/** Return what the filters leave in each month of the period, chosen or not. */
export const monthByMonth = () => places.map((place) => scopeOf([place]));
