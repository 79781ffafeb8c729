/* What stands on the page as a picture: a chart, or a whole tab, in the colours and at the width of the screen.

   Belongs here: painting onto a canvas what the browser has laid out: boxes, words, small lines, and the charts, which Vega paints.
   Never here: what stands there. */
import { colour, h } from "./html.js";

const SCALE = 2; // sharp on paper and on most screens
const MARGIN = 16;

/** @param {CanvasRenderingContext2D} pen @param {Element} element */
const paintBox = (pen, element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const { backgroundColor, borderTopWidth, borderBottomWidth, borderBottomColor, borderTopLeftRadius } = getComputedStyle(element);
  pen.fillStyle = backgroundColor;
  pen.strokeStyle = borderBottomColor;
  pen.lineWidth = parseFloat(borderBottomWidth);
  pen.beginPath();
  pen.roundRect(left, top, width, height, parseFloat(borderTopLeftRadius) || 0);
  pen.fill();
  if (!pen.lineWidth || borderBottomWidth === "0px") return;
  if (borderTopWidth === "0px") {
    pen.beginPath();
    pen.moveTo(left, top + height);
    pen.lineTo(left + width, top + height);
  }
  pen.stroke();
};

/** @param {CanvasRenderingContext2D} pen @param {Text} text */
const paintWords = (pen, text) => {
  const parent = /** @type {Element} */ (text.parentElement);
  const { fontStyle, fontWeight, fontSize, fontFamily, color } = getComputedStyle(parent);
  const scroller = parent.closest(".dt-layout-table")?.getBoundingClientRect(); // what is scrolled out of it is not seen
  pen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  pen.fillStyle = color;
  const range = document.createRange();
  for (const { 0: word, index } of text.data.matchAll(/[^ \n]+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const [place] = range.getClientRects();
    if (!place || scroller && place.right > scroller.right + 1) continue;
    pen.fillText(word, place.left, place.top + pen.measureText(word).fontBoundingBoxAscent);
  }
};

/** @param {CanvasRenderingContext2D} pen @param {SVGGraphicsElement} shape of a card's small chart */
const paintShape = (pen, shape) => {
  const { fill, stroke, strokeWidth } = getComputedStyle(shape);
  const path = new Path2D();
  const { left, top, width, height } = shape.getBoundingClientRect();
  if (shape instanceof SVGPathElement) path.addPath(new Path2D(shape.getAttribute("d") ?? ""), shape.getScreenCTM() ?? undefined);
  else path.rect(left, top, width, height);
  pen.lineWidth = parseFloat(strokeWidth);
  if (fill !== "none") {
    pen.fillStyle = fill;
    pen.fill(path);
  }
  if (stroke !== "none") {
    pen.strokeStyle = stroke;
    pen.stroke(path);
  }
};

/**
 * Return an element as PNG, without its buttons and links.
 * @param {HTMLElement} root
 * @param {Iterable<[place: Element, view: VegaView | null]>} views the charts in it
 * @returns {Promise<Blob>}
 */
export const picture = async (root, views) => {
  root.classList.add("pictured"); // until all that stands in it is measured, of which nobody sees anything
  const { left, top, width, height } = root.getBoundingClientRect();
  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { width: Math.ceil(SCALE * (width + 2 * MARGIN)), height: Math.ceil(SCALE * (height + 2 * MARGIN)) }));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(SCALE, 0, 0, SCALE, SCALE * (MARGIN - left), SCALE * (MARGIN - top));
  const isSeen = (element) => !element.closest(".plot svg") && element.checkVisibility() && !element.closest(".unseen");
  for (const element of [root, ...root.querySelectorAll("*")].filter(isSeen)) {
    if (element instanceof SVGGraphicsElement) {
      if (element instanceof SVGGeometryElement) paintShape(pen, element);
      continue;
    }
    paintBox(pen, element);
    for (const node of element.childNodes) if (node instanceof Text) paintWords(pen, node);
  }
  const places = [...views].flatMap(([place, view]) => (view ? [{ view, box: /** @type {Element} */ (place.querySelector("svg")).getBoundingClientRect() }] : []));
  root.classList.remove("pictured");
  for (const { view, box } of places) pen.drawImage(await view.toCanvas(SCALE), box.left, box.top, box.width, box.height);
  return new Promise((resolve, reject) => { canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"); });
};
