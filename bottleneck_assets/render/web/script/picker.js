/* The field in which a product is looked up, by a part of its name or by its number: it comes into focus on every tab.

   Belongs here: what is offered, which product is meant, and the way to its page. Never here: what is shown of a product. */
import { sitePage } from "./downloads.js";
import { productOf } from "./figures.js";
import { say, unaccented } from "./format.js";
import { byId, h } from "./html.js";
import { change, state } from "./selection.js";

const field = /** @type {HTMLInputElement} */ (byId("product"));
const offered = byId("products");
/** @param {import("./figures.js").Product} product */
const labelOf = ({ title, sku }) => `${title} · ${sku}`;
/** @param {string} text */
const plain = (text) => unaccented(text).toLowerCase().trim();

/** Return the product that is meant: by its label or number, else the first that has every word that was typed. @param {string} typed */
const meant = (typed) => {
  const products = [...productOf.values()]; // those with the most revenue first
  const exact = products.find((product) => labelOf(product) === typed || String(product.sku) === typed.trim());
  return exact ?? products.find((product) => plain(typed).split(/\s+/).every((part) => plain(labelOf(product)).includes(part)));
};

/** Show which product is in focus, if one is. */
export const showPicked = () => {
  const product = state.focus?.kind === "sku" ? productOf.get(state.focus.value) : undefined;
  field.value = product ? labelOf(product) : "";
};

/** Return a link to the page of the product in focus, where the site has one. */
export const productPage = () => {
  const page = state.focus?.kind === "sku" && sitePage(`/product/${state.focus.value}`);
  return page ? [h("a", { href: page }, say("product_page"))] : [];
};

// hundreds of names, which nobody waits for who does not look one up
field.addEventListener("focus", () => offered.append(...[...productOf.values()].map((product) => h("option", { value: labelOf(product) }))), { once: true });
field.addEventListener("change", (event) => {
  event.stopPropagation(); // the form's other fields are filters by their own names
  const product = field.value.trim() ? meant(field.value) : null;
  if (product === undefined) byId("said").textContent = field.title = say("no_product");
  else if (product || state.focus?.kind === "sku") change({ focus: product && { kind: "sku", value: product.sku } });
});
