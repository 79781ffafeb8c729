/* The page around the tabs: its frame in the reader's language, and what happens when something is chosen, resized or printed.

   Belongs here: what is there once on the page, and every listener to it. Never here: what stands in a tab (tab.js). */
import { recall, remember } from "./address.js";
import { firstSaid, hasYearBefore } from "./compare.js";
import { figures, months, segments, typesOf } from "./figures.js";
import { focusSaid, range, say, scopeSaid, word, write } from "./format.js";
import { byId, h, medium, rest } from "./html.js";
import { productPage, showPicked } from "./picker.js";
import { appliesTo, change, everyMonth, isFiltered, state, whenChanged } from "./selection.js";
import { draw, keepTab, stands } from "./tab.js";
import { hideTip } from "./tooltip.js";

/** @type {{name: string, title: import("./figures.js").Words}[]} */
const tabs = figures.tabs;
const [tablist, chips, form] = [byId("tabs"), byId("chips"), /** @type {HTMLFormElement} */ (byId("filters"))];
const languages = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-language]"));
const buttonOf = (name) => byId(`tab-${name}`);
const panelOf = (name) => byId(`panel-${name}`);

/** @param {string} tab */
const goTo = (tab) => {
  change({ tab, focus: appliesTo(state.focus, tab) ? state.focus : null, search: "", sort: "" });
  if (scrollY > tablist.offsetTop) scrollTo({ top: tablist.offsetTop, behavior: "instant" });
};
for (const { name } of tabs) {
  tablist.append(h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => goTo(name) }));
  byId("panel").append(h("section", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: "0", hidden: true }));
}

const redraw = async () => {
  for (const tab of tabs) if (tab.name === state.tab) await draw(tab, panelOf(tab.name));
};
const show = () => {
  for (const { name, title } of tabs) {
    const isShown = name === state.tab;
    panelOf(name).hidden = !isShown;
    buttonOf(name).setAttribute("aria-selected", String(isShown));
    buttonOf(name).tabIndex = isShown ? 0 : -1;
    if (isShown) document.title = say("title", { tab: word(title) });
  }
  buttonOf(state.tab).scrollIntoView({ block: "nearest", inline: "nearest" });
  return redraw();
};

/** @param {string} name @param {[value: string | number, label: string, isNone?: boolean][]} entries */
const offer = (name, entries) => {
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
  select.replaceChildren(...entries.map(([value, label, isNone]) => h("option", { value, disabled: isNone }, label)));
  select.value = String(state[/** @type {"segment"} */ (name)]);
};
const frame = () => {
  document.documentElement.lang = state.language;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text]"))) element.textContent = say(element.dataset.text ?? "");
  for (const id of ["tabs", "languages", "filters"]) byId(id).setAttribute("aria-label", say(id));
  for (const button of languages) button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  byId("period").textContent = months.length ? say("range", { from: write.month(0), to: write.month(months.length - 1) }) : "";
  for (const { name, title } of tabs) buttonOf(name).textContent = word(title);
  offer("segment", [["", say("all_segments")], ...segments.map((name) => /** @type {[string, string]} */ ([name, name]))]);
  offer("type", [["", say("all_types")], ...typesOf(state.segment).map((name) => /** @type {[string, string]} */ ([name, name]))]);
  for (const name of ["from", "to"]) offer(name, months.map((_, place) => [place, write.month(place)]));
  const year = hasYearBefore ? say("compare_year") : say("compare_year_not", { year: say("compare_year"), month: firstSaid() });
  offer("compare", [["", say("compare_none")], ["before", say("compare_before")], ["year", year, !hasYearBefore]]);
  byId("beyond").textContent = months.length && figures.data_to > figures.moments.period_end ? say("data_beyond", { end: write.shortMonth(figures.moments.period_end), last: write.shortMonth(figures.data_to) }) : "";
  showPicked();
  const letGo = { segment: { segment: "" }, type: { type: "" }, months: { from: 0, to: months.length - 1 }, focus: { focus: null } };
  const said = { segment: state.segment, type: state.type, months: everyMonth() ? "" : range(state.from, state.to), focus: focusSaid() };
  const chip = ([of, what]) => h("button", { type: "button", class: "chip", "data-chip": of, "aria-label": say("remove", { what }), onclick: () => change(letGo[of]) }, `${what} ✕`);
  const reset = h("button", { type: "button", onclick: () => change(Object.assign({}, ...Object.values(letGo))) }, say("reset"));
  chips.replaceChildren(...Object.entries(said).filter(([, what]) => what).map(chip), ...(isFiltered() ? [reset] : []), ...productPage());
  byId("said").textContent = isFiltered() ? say("filtered", { what: scopeSaid() }) : say("unfiltered");
};

whenChanged(({ isStep = true, isDrawn }) => {
  remember(isStep);
  if (isDrawn) stands(state.tab);
  else {
    frame();
    show();
  }
});
tablist.addEventListener("keydown", (event) => {
  const at = tabs.findIndex(({ name }) => name === state.tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const { name } = tabs[(to + tabs.length) % tabs.length];
  goTo(name);
  buttonOf(name).focus();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", ({ target }) => {
  const { name, value } = /** @type {HTMLSelectElement} */ (target);
  if (name === "from") change({ from: Number(value), to: Math.max(state.to, Number(value)) });
  else if (name === "to") change({ to: Number(value), from: Math.min(state.from, Number(value)) });
  else change({ [name]: value });
});
for (const button of languages) {
  button.addEventListener("click", () => change({ language: button.dataset.language === "fr" ? "fr" : "en" }));
}
byId("link").addEventListener("click", async () => {
  if (!navigator.clipboard) { // browsers have none where the connection is not secure
    prompt(say("link"), location.href);
    return;
  }
  await navigator.clipboard.writeText(location.href);
  byId("said").textContent = byId("link").textContent = say("link_copied");
  setTimeout(() => { byId("link").textContent = say("link"); }, 2000);
});
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault(); // the address is for what is chosen
  panelOf(state.tab).focus();
});
byId("picture").addEventListener("click", () => keepTab(state.tab, panelOf(state.tab)));
byId("print").addEventListener("click", () => print());
addEventListener("hashchange", () => {
  recall();
  remember(false);
  frame();
  show();
});
let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  if (!medium.printing) waiting = setTimeout(() => medium.printing || redraw(), 150);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("scroll", hideTip, { passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
// paper gets every tab, drawn for its own width and in light colours, whatever is on the screen
addEventListener("beforeprint", () => {
  medium.printing = true;
  document.body.classList.add("printing");
  for (const tab of tabs) {
    panelOf(tab.name).hidden = false;
    draw(tab, panelOf(tab.name));
  }
});
addEventListener("afterprint", () => {
  medium.printing = false;
  document.body.classList.remove("printing");
  show();
});

recall();
remember(false);
frame();
rest().then(show).then(() => { document.documentElement.dataset.ready = "yes"; }); // for whoever waits for the first picture
