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

/** @type {Product[]} */
const products = rowsOf(figures.products);
export const productOf = new Map(products.filter(({ sku }) => sku !== null).map((product) => [product.sku, product]));
const placeOf = new Map(months.map((month, place) => [month, place]));
/** @param {import("./rows.js").Columns} columns @returns {Row[]} */
const placed = (columns) => rowsOf(columns).map((row) => ({
  ...row, product: productOf.get(row.sku) ?? row,
  month: row.month ? (placeOf.get(row.month) ?? -1) : null, // a month without sales is none that can be chosen
}));

/** The rows of each grain. @type {Record<Grain, Row[]>} */
export const rowsOfGrain = {
  sale: rowsOf(figures.facts).map((row) => ({ ...row, product: products[row.product] })),
  promotion: placed(figures.promotions).map((row) => ({ ...row, campaign: [row.starts_on, row.ends_on, row.product_type].join("|") })),
  product: products.map((product) => ({ ...product, month: null, product })),
  stock: products.filter((product) => product.is_stocked).map((product) => ({ ...product, month: null, product })),
  price: placed(figures.baskets),
  finding: placed(figures.findings),
};

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
