/* The table of a tab: its rows and columns, to be searched and sorted.

   Belongs here: what stands in the table, and handing it to the table widget, which takes markup: all of it goes through `escaped`.
   Never here: which columns a table has (figures/tabs.py declares them). */
import { MOST_SAVED, portalFor } from "./asked.js";
import { months, productOf } from "./figures.js";
import { keysOf, members, pooled } from "./dimensions.js";
import { fileName, links, sitePage, wholeTable } from "./downloads.js";
import { field } from "./fields.js";
import { say, scopeSaid, word, write } from "./format.js";
import { byId, escaped, h, medium } from "./html.js";
import { finder } from "./listed.js";
import { fieldsOf } from "./marks/mark.js";
import { measures } from "./measures.js";
import { fit } from "./paper.js";
import { change, chosen, chosenMonths, focusOn, scopeOf, state } from "./selection.js";

/** @import { Fields } from "./downloads.js" */
/** @import { Grain, Words } from "./figures.js" */
/** @import { Named } from "./fields.js" */
/** @typedef {{id: string, title: Words, by: string[], shows: Named[], sorted_by: string, ascending: boolean}} Declared */

/** @param {Declared} table */
const rowsOf = ({ by, shows }) => {
  if (by[0] === "month") return chosenMonths().flatMap((month) => members(by[1], scopeOf([month])).map((member) => ({ ...member, month, [by[1]]: member.value }))).filter(isThere(shows));
  const isWhole = ["product", "promotion"].includes(by[0]); // its columns are the row's own
  return members(by[0], chosen()).map((member) => ({ ...member, ...(isWhole ? {} : { [by[0]]: member.value }) })).filter(isThere(shows));
};
/** Whether a row has what the table is of: rows of the first measure that there are any of. @param {Named[]} shows */
const isThere = (shows) => {
  const grains = shows.flatMap(({ measure }) => (measure ? [measures[measure].grain] : []));
  return ({ scope }) => scope.rows(grains.find((grain) => scope.rows(grain)))?.length > 0;
};

/** @param {Declared} table */
const columnsOf = ({ by, shows }) => {
  const keys = { promotion: ["month", "sku", "product"], product: ["sku", "product"], finding: [] }[by[0]] ?? by;
  const isNarrow = medium.printing && shows.some(({ column }) => column === "product_type"); // which says the segment too
  return [...keys.map((column) => ({ column })), ...shows.filter(({ column }) => !(isNarrow && column === "segment"))].map(field).map((column) => {
    const { name, format } = column;
    const kind = name === "product" ? "name" : name === "sentence" ? name : format === "month" ? "when" : format === "text" ? "" : "number";
    return { ...column, kind, isText: format === "text", isSought: ["text", "month", "year"].includes(format), ...(format === "month" && { written: (row) => write.shortMonth(column.of(row)) }) };
  });
};

/**
 * Return the table of a tab, and what fills it once it stands in the page.
 * @param {string} tab
 * @param {Declared} table
 */
export const listing = (tab, table) => {
  const [title, place, columns, rows] = [word(table.title), h("table"), columnsOf(table), rowsOf(table)];
  const { search, sort } = state.tab === tab ? state : { search: "", sort: "" };
  const [by, way] = columns.some(({ name }) => name === sort.split(".")[0]) ? sort.split(".") : [table.sorted_by, table.ascending ? "asc" : "desc"];
  const order = [[columns.findIndex(({ name }) => name === by), way === "asc" ? way : "desc"]];
  const find = finder(rows, columns);
  let asked = /** @type {Parameters<typeof find>} */ ([search, columns[order[0][0]], order[0][1]]);
  const cut = leftOut(tab, table.by[0]);
  const portal = cut.length && !medium.printing ? portalFor(tab, table.shows) : null; // paper does not wait
  const note = h("p", { class: "note", role: "status" });
  const tell = (...parts) => {
    note.replaceChildren(...parts);
    note.hidden = !parts.length;
  };
  tell(...(portal ? [] : cut));
  let isWhole = portal !== null; // until it does not answer
  let asking = new AbortController();
  const make = () => {
    const widget = new DataTable(place, {
      serverSide: true, searchDelay: portal ? 300 : 1, processing: portal !== null, // it asks for a page at a time: what is on no page is never written
      ajax: async ({ draw, start, length, search: { value }, order: [{ column, dir }] }, give) => {
        const now = /** @type {typeof asked} */ (asked = [value, columns[column], dir]);
        const held = () => {
          const found = find(...now);
          return { recordsTotal: rows.length, recordsFiltered: found.length, data: found.slice(start, start + length) };
        };
        if (!portal) {
          give({ draw, ...held() });
          return;
        }
        asking.abort(); // nobody waits any more for what was asked before
        const { signal } = asking = new AbortController();
        let silence = ""; // why the portal gives nothing
        const page = await portal.page(now, start, length, signal).catch(({ message }) => {
          silence = message;
          return held();
        });
        if (signal.aborted) return;
        isWhole = !silence;
        tell(...(silence ? [`${say(silence)} `, ...cut] : []));
        if (start && start >= page.recordsFiltered) widget.page("first").draw("page"); // there are fewer of them now
        else give({ draw, ...page });
      },
      order: structuredClone(order), orderMulti: false, search: { search }, pageLength: medium.printing ? 30 : 10, lengthMenu: [10, 25, 50, 100], autoWidth: false,
      columns: columns.map((column) => ({
        title: escaped(column.short), className: column.kind, data: null, orderSequence: ["asc", "desc"], type: column.isText ? "string" : "num",
        render: (_data, _purpose, row) => {
          const shown = column.written(row);
          if (column.kind !== "name") return escaped(shown);
          const page = productOf.has(row.value.sku) ? null : sitePage(`/product/${Number(row.value.sku)}`); // what the page does not know, the portal does
          if (page) return `<a href="${page}">${escaped(shown)}</a>`;
          return `<button type="button" class="name" data-sku="${Number(row.value.sku)}" title="${escaped(say("focus_on", { what: shown }))}">${escaped(shown)}</button>`;
        },
      })),
      layout: { topStart: "pageLength", topEnd: "search", bottomStart: "info", bottomEnd: "paging" },
      language: {
        search: say("search"), lengthMenu: `_MENU_ ${say("rows_a_page")}`, info: say("info"), infoEmpty: say("info_empty"), infoFiltered: say("info_filtered"), emptyTable: say("nothing"), zeroRecords: say("nothing"), loadingRecords: say("loading"), processing: say("loading"),
        thousands: state.language === "fr" ? "\u202f" : ",", aria: { orderable: say("sort"), orderableReverse: say("sort_reverse"), paginate: { first: say("first"), previous: say("previous"), next: say("next"), last: say("last") } },
      },
    });
    widget.on("draw", () => {
      const [[column, way]] = widget.order();
      const asked = { search: widget.search(), sort: column === order[0][0] && way === order[0][1] ? sort : `${columns[column].name}.${way}` };
      if (state.tab !== tab || asked.search === state.search && asked.sort === state.sort) return;
      change(asked, { isDrawn: true, isStep: !(asked.search && state.search && asked.sort === state.sort) }); // a word is typed in one step
    });
    const scroller = place.closest(".dt-layout-table");
    for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": title })) scroller?.setAttribute(name, value);
    for (const [name, value] of Object.entries({ maxlength: "200", "aria-label": say("search_in", { title }) })) made.querySelector("input[type=search]")?.setAttribute(name, value);
    if (medium.printing) fit(made, (rows) => widget.page.len(rows).draw());
    const finalize = () => {
      asking.abort();
      widget.destroy();
    };
    return { finalize };
  };
  place.addEventListener("click", ({ target }) => {
    const sku = target instanceof Element && target.closest("button")?.dataset.sku;
    if (!sku) return;
    focusOn("sku", Number(sku));
    /** @type {HTMLElement | null} */ (byId("chips").querySelector("[data-chip=focus]"))?.focus();
  });
  const fields = fieldsOf(table.by.flatMap((name) => (name === "month" ? /** @type {Fields} */ ([["month", ({ month }) => months[month]]]) : keysOf(name, ({ value }) => value))), table.shows.map(field));
  const saved = async () => (portal && isWhole ? portal.all(asked).catch(({ message }) => {
    tell(`${say(message === "too_many" ? message : "not_saved", { count: write.count(MOST_SAVED) })} `, wholeTable(`${tab}.csv`), ".");
    return null;
  }) : find(...asked));
  const made = h("div", { class: "listing" }, h("h2", {}, title), h("p", { class: "scope" }, scopeSaid()), place, cut.length ? note : null,
    links(`${tab}.csv`, title, fields, saved, () => fileName(tab, `${table.id}_table`, asked[0])));
  return { made, make };
};

/** Say how many are not shown one by one, and where they are; nothing if all are. @param {string} tab @param {string} by @returns {(Node | string)[]} */
const leftOut = (tab, by) => {
  const { count, whole } = pooled(by, tab === "stock_turnover" ? "stock" : /** @type {Grain} */ (by));
  const text = say(by === "finding" ? "left_out_findings" : "left_out", { count: write.count(count), whole: write.count(whole) });
  return count > 0 ? [`${text} `, wholeTable(`${tab}.csv`), sitePage("/") ? "." : say("left_out_on_portal")] : [];
};
