/* What the page was given: its texts, its declarations and its rows, each with the product and the month that it is of.

   Belongs here: reading the two blocks of JSON, and the lists that no filter changes. Never here: a figure that is computed. */
import { groups, rowsOf } from "./rows.js";

/**
 * A row of a product, or, with no SKU, of those of one kind that are not kept one by one. Null is what is not known.
 * @typedef {Record<string, any> & {sku: number | null, segment: string, product_type: string, title: string}} Product
 *
 * What a row of any grain is of. `at` is its place among its like; `month` is the place of its month among the months, null for the whole
 * period; `product` is the row itself where it is of no single product. Its columns are those that measures.py names.
 * @typedef {Record<string, any> & {at: number, month: number | null, product: Product}} Row
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
/** Say of each row which it is among its like, and what it is of. @param {any[]} rows @param {(row: any) => void} place @returns {Row[]} */
const placed = (rows, place) => {
  rows.forEach((row, at) => {
    row.at = at;
    place(row);
  });
  return rows;
};
/** @param {import("./rows.js").Columns} columns */
const dated = (columns) => placed(rowsOf(columns), (row) => {
  row.product = productOf.get(row.sku) ?? row;
  row.month = row.month ? (placeOf.get(row.month) ?? -1) : null; // a month without sales is none that can be chosen
});
const [sold, soldBefore] = [rowsOf(figures.facts), rowsOf(figures.facts_before)];
for (const row of soldBefore) row.month -= before.length;
/** Sales before the period stand behind those in it. @type {Row[]} */
const sales = placed(sold.concat(soldBefore), (row) => { row.product = products[row.product]; });

/** A product is a row too, of the whole period. */
const rowsOfProducts = placed(products, (product) => { Object.assign(product, { product, month: null }); });

/** All rows of each grain, with sales before the period among them. @type {Record<Grain, Row[]>} */
export const everyRow = {
  sale: sales,
  promotion: dated(figures.promotions),
  product: rowsOfProducts,
  stock: rowsOfProducts.filter((product) => product.is_stocked),
  price: dated(figures.baskets),
  finding: dated(figures.findings),
};
for (const row of everyRow.promotion) row.campaign = [row.starts_on, row.ends_on, row.product_type].join("|");
/** Whether promotions are kept that are not told apart. */
export const promotionsInGroups = everyRow.promotion.some(({ sku }) => sku === null);
/** The rows of each grain, but sales before the period. @type {Record<Grain, Row[]>} */
export const rowsOfGrain = { ...everyRow, sale: sold };

/** What each product that was sold in the period brought in. */
const earned = /** @type {Map<Product, number>} */ (new Map());
for (const { product, revenue } of rowsOfGrain.sale) earned.set(product, (earned.get(product) ?? 0) + (revenue ?? 0));

/**
 * Return the names that products have, those with the most revenue first, whatever is filtered.
 * @param {"segment" | "product_type"} kind
 */
const byRevenue = (kind) => {
  const revenue = new Map([...groups([...earned], ([product]) => product[kind])].map(([name, some]) => [name, some.reduce((all, [, one]) => all + one, 0)]));
  const worth = (name) => revenue.get(name) ?? -1;
  return [...new Set(products.map((product) => product[kind]))].sort().sort((one, other) => worth(other) - worth(one));
};
export const segments = byRevenue("segment");
export const types = byRevenue("product_type");
/** The product types that a segment has, or all. @param {string} segment */
export const typesOf = (segment) => types.filter((type) => !segment || products.some((product) => product.segment === segment && product.product_type === type));
