/* The box beside the pointer.

   Belongs here: filling it with text, placing it, hiding it. Never here: what it says (each kind of chart does). */
import { byId, h } from "./html.js";

const box = byId("tooltip");
export const hideTip = () => { box.hidden = true; };
/**
 * @param {MouseEvent} event
 * @param {string} head
 * @param {[name: string, value: string][]} rows
 */
export const showTip = (event, head, rows) => {
  box.replaceChildren(h("strong", {}, head), h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
  box.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = box;
  box.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
  box.style.top = `${event.clientY + 18 + height > innerHeight ? Math.max(4, event.clientY - height - 12) : event.clientY + 18}px`;
};
