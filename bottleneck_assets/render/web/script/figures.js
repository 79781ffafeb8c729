/* What the page was given: its texts, its declarations and its rows, each with the product and the month that it is of.

   Belongs here: reading the two blocks of JSON, and the lists that no filter changes. Never here: a figure that is computed. */
import { groups, rowsOf, sum } from "./rows.js";

/**
 * A row of a product, or, with no SKU, of those of one kind that are not kept one by one. Null is what is not known.
 * @typedef {Record<string, any> & {sku: number | null, segment: string, product_type: string, title: string}} Product
 *
 * What a row of any grain is of. `month` is the place of its month among the months, null for the whole period; `product` is the row
 * itself where it is of no single product. Its columns are those that measures.py names.
 * @typedef {Record<string, any> & {month: number | null, product: Product}} Row
 *
 * @typedef {"sale" | "promotion" | "product" | "stock" | "price" | "finding"} Grain
 * @typedef {{en: string, fr: string}} Words
 */

/** @param {string} id */
const block = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

/** @type {Record<string, Words>} */
export const texts = block("texts");
export const figures = block("figures");
/** The months of the period, as dates of their first days. @type {string[]} */
export const months = figures.months;
/** The months before it whose sales are known, to compare with: the last of them is at -1. @type {string[]} */
const before = figures.months_before;
/** Return the date of a month by its place: among the months, or before them. @param {number} place */
export const monthAt = (place) => (place < 0 ? before.at(place) : months[place]) ?? "";
/** Return the number of a month among all months there ever are. @param {string} iso */
export const ordinal = (iso) => 12 * Number(iso.slice(0, 4)) + Number(iso.slice(5, 7)) - 1;
/** The places of all months, by those numbers. */
export const placeOfOrdinal = new Map([...before, ...months].map((month, at) => [ordinal(month), at - before.length]));

/** @type {Product[]} */
const products = rowsOf(figures.products);
export const productOf = new Map(products.filter(({ sku }) => sku !== null).map((product) => [product.sku, product]));
const placeOf = new Map(months.map((month, place) => [month, place]));
/** @param {import("./rows.js").Columns} columns @returns {Row[]} */
const placed = (columns) => rowsOf(columns).map((row) => ({
  ...row, product: productOf.get(row.sku) ?? row,
  month: row.month ? (placeOf.get(row.month) ?? -1) : null, // a month without sales is none that can be chosen
}));

/** @param {import("./rows.js").Columns} columns @param {number} earlier by how many months @returns {Row[]} */
const sold = (columns, earlier = 0) => rowsOf(columns).map((row) => ({ ...row, month: row.month - earlier, product: products[row.product] }));

/** The rows of each grain, but sales before the period. @type {Record<Grain, Row[]>} */
export const rowsOfGrain = {
  sale: sold(figures.facts),
  promotion: placed(figures.promotions).map((row) => ({ ...row, campaign: [row.starts_on, row.ends_on, row.product_type].join("|") })),
  product: products.map((product) => ({ ...product, month: null, product })),
  stock: products.filter((product) => product.is_stocked).map((product) => ({ ...product, month: null, product })),
  price: placed(figures.baskets),
  finding: placed(figures.findings),
};
export const salesBefore = sold(figures.facts_before, before.length);

/**
 * Return the names that products have, those with the most revenue first, whatever is filtered.
 * @param {"segment" | "product_type"} kind
 */
const byRevenue = (kind) => {
  const revenue = new Map([...groups(rowsOfGrain.sale, ({ product }) => product[kind])].map(([name, sales]) => [name, sum(sales, "revenue")]));
  const worth = (name) => revenue.get(name) ?? -1;
  return [...new Set(products.map((product) => product[kind]))].sort().sort((one, other) => worth(other) - worth(one));
};
export const segments = byRevenue("segment");
export const types = byRevenue("product_type");
/** The product types that a segment has, or all. @param {string} segment */
export const typesOf = (segment) => types.filter((type) => !segment || products.some((product) => product.segment === segment && product.product_type === type));
