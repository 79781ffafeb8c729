/* The sentence that answers a tab's question, with what its measures come to.

   Belongs here: putting figures into the sentence. Never here: its words (figures/tabs.py). */
import { word } from "./format.js";
import { h } from "./html.js";
import { figure, written } from "./measures.js";
import { chosen } from "./selection.js";

/**
 * Return the sentence for what is chosen; nothing where one of its measures has no figure.
 * @param {import("./figures.js").Words} answer
 */
export const answered = (answer) => {
  const pieces = word(answer).split(/\{(\w+)\}/); // a text, a measure, a text...
  const values = pieces.map((name, place) => (place % 2 ? figure(name, chosen()) : undefined));
  const said = pieces.map((piece, place) => (values[place] === undefined ? piece : h("strong", { "data-measure": piece }, written(piece, values[place]))));
  return values.includes(null) ? [] : [h("p", { class: "answer" }, ...said)];
};
