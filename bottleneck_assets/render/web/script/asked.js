/* The whole of a table of which the page holds a part: the portal that serves the page is asked for it, a page at a time.

   Belongs here: the address that is asked, and making of what comes rows like those that the page holds. Never here: what is said where
   nothing comes (table.js). */
import { sitePage } from "./downloads.js";
import { months } from "./figures.js";
import { measures } from "./measures.js";
import { Scope, chosenMonths, state } from "./selection.js";

/** @import { Named } from "./fields.js" */
/** @typedef {[search: string, column: {name: string}, way: "asc" | "desc"]} Asked */
/** @typedef {{recordsTotal: number, recordsFiltered: number, data: any[]}} Page as DataTables takes it */

const PATIENCE = 10_000; // milliseconds: a portal that takes longer is as good as none
export const MOST_SAVED = 50_000; // rows: more are a file of the release, not a table of a page

/** Return a row of the portal as one of the page: its figures are known already. @param {Named[]} shows @param {Record<string, any>} given */
const rowOf = (shows, given) => {
  const scope = new Scope(chosenMonths(), () => []);
  for (const { measure } of shows) if (measure) scope.figures.set(measures[measure].combination, given[measure]);
  return { value: { ...given, month: given.month ? months.indexOf(given.month) : null }, scope };
};

/**
 * Return what asks for the rows of a tab's table under the filters as they are now, none where no portal serves the page: `page` gives some
 * of them, unless it is told to stop, and `all` every one. Both fail where the portal does, with what is said then as the error's message.
 * @param {string} tab
 * @param {Named[]} shows
 */
export const portalFor = (tab, shows) => {
  const root = sitePage(`/api/rows/${tab}`);
  if (!root) return null;
  const { segment, type, from, to, focus, language } = state;
  const release = decodeURIComponent(document.documentElement.dataset.files?.split("/").at(-1) ?? "");
  const filters = { release, lang: language, from: months[from]?.slice(0, 7), to: months[to]?.slice(0, 7), segment, product_type: type, ...(focus && { [focus.kind]: focus.value }) };
  /** @param {Asked} asked @param {number} start @param {number} [length] as many as it gives, if none is said @param {AbortSignal} [stop] @returns {Promise<Page>} */
  const page = async ([search, { name }, way], start, length, stop) => {
    const said = Object.entries({ ...filters, q: search, order: name, dir: way, start, length }).filter(([, value]) => value !== "" && value !== undefined);
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(stop ? [stop] : [])]);
    const answer = await fetch(`${root}?${new URLSearchParams(said.map(([key, value]) => [key, String(value)]))}`, { signal }).catch(() => null);
    if (answer?.status === 404) throw new Error("release_gone");
    const given = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!given) throw new Error("portal_silent");
    const { data, ...counts } = given;
    return { ...counts, data: data.map((given) => rowOf(shows, given)) };
  };
  /** @param {Asked} asked */
  const all = async (asked) => {
    const rows = [];
    for (let left = true; left;) {
      const { data, recordsFiltered } = await page(asked, rows.length);
      if (recordsFiltered > MOST_SAVED) throw new Error("too_many");
      rows.push(...data);
      left = data.length > 0 && rows.length < recordsFiltered;
    }
    return rows;
  };
  return { page, all };
};
