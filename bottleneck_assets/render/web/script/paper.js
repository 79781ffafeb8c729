/* What stands on paper alone.

   Belongs here: the head of a printed page, and how much of a table its sheet has room for. Never here: what is printed as it is shown. */
import { figures } from "./figures.js";
import { say, scopeSaid, write } from "./format.js";
import { h } from "./html.js";

/** Say at the head of a printed page whose it is, when it was printed, and which of them it is. @param {string} name */
export const sheet = (name) => {
  const page = figures.tabs.findIndex((tab) => tab.name === name) + 1;
  const parts = { day: write.day(new Date().toLocaleDateString("sv")), page: write.count(page), pages: write.count(figures.tabs.length) }; // sv: an ISO date
  return h("p", { class: "sheet" }, h("strong", {}, "BottleNeck"), h("span", {}, scopeSaid()), h("span", {}, say("printed", parts)));
};

const SHEET = 1040; // pixels of A4 within its margins (dashboard.css)
/** Leave as many rows as there is room for on the sheet, or no table. @param {HTMLElement} made @param {(rows: number) => void} keep */
export const fit = (made, keep) => {
  const [top, bottom] = [/** @type {HTMLElement} */ (made.parentElement).getBoundingClientRect().top, made.getBoundingClientRect().bottom];
  const ends = [...made.querySelectorAll("tbody tr")].map((row) => row.getBoundingClientRect().bottom);
  const below = bottom - (ends.at(-1) ?? bottom);
  const rows = ends.filter((end) => end + below <= top + SHEET).length;
  if (rows) keep(rows);
  else made.hidden = true;
};
