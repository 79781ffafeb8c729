// What the pages can do more with a script: follow a refresh, say what is wrong or new, take a file that is dropped, begin a graph at what was
// chosen, and follow the language of the dashboard. They work without it.
"use strict";

function follow(place) {
  const count = place.querySelector(".count"), bar = place.querySelector("progress"), steps = place.querySelector(".steps");
  async function look() {
    try {
      const answer = await fetch(`/refresh/${encodeURIComponent(place.dataset.run)}.json`);
      if (answer.ok) {
        const found = await answer.json();
        if (found.is_over) { location.reload(); return; }
        count.textContent = found.said;
        bar.max = found.steps.length || 1;
        bar.value = found.done;
        steps.replaceChildren(...found.steps.map(({ name, said, state }) => {
          const [step, how] = [document.createElement("li"), document.createElement("small")];
          step.className = state.toLowerCase();
          how.textContent = said;
          step.append(`${name} `, how);
          return step;
        }));
      }
    } catch { /* it is starting again, or the network is away: the next look tells */ }
    setTimeout(look, 1000);
  }
  look();
}

function line({ problem, remedy, address }, onclick, compare) {
  const [said, link] = [document.createElement("p"), document.createElement("a")];
  Object.assign(link, { href: address, textContent: remedy, onclick });
  said.append(`${problem} `, link);
  if (compare) {
    const other = document.createElement("a");
    Object.assign(other, { href: compare.address, textContent: compare.said });
    said.append(" · ", other);
  }
  return said;
}

async function tell(place) {
  let waiting = 0;
  const page = document.documentElement;
  async function look() {
    clearTimeout(waiting);
    try {
      const answer = await fetch("/notices.json");
      if (answer.ok) {
        const { release, newer, notices } = await answer.json();
        const isOld = place.dataset.release && release && release !== place.dataset.release;
        const show = (event) => { event.preventDefault(); location.reload(); };
        const compare = { address: `/changes?before=${encodeURIComponent(place.dataset.release)}`, said: newer[page.lang].compare };
        const lines = [...(isOld ? [line({ ...newer[page.lang], address: location.href }, show, compare)] : []), ...notices[page.lang].map((notice) => line(notice))];
        if (place.textContent !== lines.map((one) => one.textContent).join("")) place.replaceChildren(...lines);
        place.hidden = !lines.length;
      }
    } catch { /* it is starting again, or the network is away: the next look tells */ }
    waiting = setTimeout(look, 60_000);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  let said = page.lang; // what a link asked for is no choice, and the dashboard sets its language anew with every change of a filter
  new MutationObserver(() => { // the dashboard's switch: the other pages remember it
    if (page.lang === said) return;
    said = page.lang;
    const isSecure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `bottleneck_language=${page.lang}; path=/; max-age=31536000; samesite=lax${isSecure}`;
    look();
  }).observe(page, { attributeFilter: ["lang"] });
  await look();
}

function takeDropped(form) {
  const chosen = form.querySelector("input[type=file]"), told = form.querySelector(".told");
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) {
      chosen.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    const file = chosen.files[0];
    if (file && file.size + 4096 > Number(form.dataset.most)) {
      event.preventDefault();
      told.textContent = form.dataset.tooLarge.replace("{name}", file.name);
    } else {
      told.textContent = "";
    }
  });
}

function zoom(graph, buttons) {
  const drawing = graph.querySelector("svg"), whole = drawing.viewBox.baseVal, chosen = graph.querySelector(".chosen");
  const fitting = () => Math.min(1, graph.clientWidth / whole.width);
  let scale = 1;
  function show(wanted, at = chosen) {
    const middle = (graph.scrollLeft + graph.clientWidth / 2) / scale;
    scale = Math.min(2, Math.max(fitting(), wanted));
    drawing.setAttribute("width", whole.width * scale);
    drawing.setAttribute("height", whole.height * scale);
    graph.scrollLeft = middle * scale - graph.clientWidth / 2;
    if (at) graph.scrollLeft += at.getBoundingClientRect().left - graph.getBoundingClientRect().left - graph.clientWidth / 2;
  }
  const ways = { zoom_in: () => show(scale * 1.4, null), zoom_out: () => show(scale / 1.4, null), fit: () => show(fitting()) };
  for (const button of buttons.querySelectorAll("button")) button.addEventListener("click", ways[button.dataset.way]);
  buttons.hidden = false;
  show(chosen ? 1 : fitting()); // what was chosen or found is read; all of it is looked at
}

for (const graph of document.querySelectorAll(".graph")) zoom(graph, graph.previousElementSibling);
for (const place of document.querySelectorAll(".notices")) tell(place);
for (const place of document.querySelectorAll("#progress[data-under-way]")) follow(place);
for (const form of document.querySelectorAll("form.drop")) takeDropped(form);
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) setTimeout(() => { form.querySelector("button").disabled = true; });
  });
}
