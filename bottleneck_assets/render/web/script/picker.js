/* The field in which a product is looked up, by a part of its name or by its number: it comes into focus on every tab.

   Belongs here: what is offered, which product is meant, and the way to its page. Never here: what is shown of a product. */
import { sitePage } from "./downloads.js";
import { productOf } from "./figures.js";
import { say, unaccented, write } from "./format.js";
import { byId, h } from "./html.js";
import { change, state } from "./selection.js";

const field = /** @type {HTMLInputElement} */ (byId("product"));
const offered = byId("products");
/** @param {import("./figures.js").Product} product */
const labelOf = ({ title, sku }) => `${title} · ${sku}`;
const matches = byId("matches");
const close = () => { matches.hidden = true; };
/** @param {import("./figures.js").Product} product */
const pick = ({ sku }) => {
  close();
  change({ focus: { kind: "sku", value: sku } });
};
/** Say how many products match, and let one of them be chosen. @param {import("./figures.js").Product[]} found */
const offer = (found) => {
  const said = found.length ? say("many_products", { count: write.count(found.length) }) : say("no_product");
  byId("said").textContent = said;
  matches.replaceChildren(h("p", {}, said), ...found.map((product) => h("button", { type: "button", onclick: () => pick(product) }, labelOf(product))));
  matches.hidden = false;
};
/** @param {string} text */
const plain = (text) => unaccented(text).toLowerCase().trim();

/**
 * Return the products that may be meant, those with the most revenue first: the one that is typed as its label or number, those of the
 * name that is typed, else all that have every word of it.
 * @param {string} typed
 */
const meant = (typed) => {
  const products = [...productOf.values()];
  const exact = products.filter((product) => labelOf(product) === typed || String(product.sku) === typed.trim());
  const named = exact.length ? exact : products.filter(({ title }) => plain(title) === plain(typed));
  return named.length ? named : products.filter((product) => plain(typed).split(/\s+/).every((part) => plain(labelOf(product)).includes(part)));
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
  close();
  if (!field.value.trim()) {
    if (state.focus?.kind === "sku") change({ focus: null });
    return;
  }
  const found = meant(field.value);
  if (found.length === 1) pick(found[0]);
  else offer(found);
});
field.addEventListener("input", close);
addEventListener("keydown", ({ key }) => key === "Escape" && close());
addEventListener("pointerdown", ({ target }) => target instanceof Node && matches.contains(target) || close());
