// What the pages can do more with a script: follow a refresh, say what is wrong or new, take a file that is dropped, and begin a graph at what
// was chosen. They work without it.
"use strict";

function follow(place) {
  const count = place.querySelector(".count"), bar = place.querySelector("progress"), steps = place.querySelector(".steps");
  async function look() {
    try {
      const answer = await fetch(`/refresh/${encodeURIComponent(place.dataset.run)}.json`);
      if (answer.ok) {
        const found = await answer.json();
        if (found.is_over) { location.reload(); return; }
        count.textContent = `${found.done} of ${found.steps.length} steps`;
        bar.max = found.steps.length || 1;
        bar.value = found.done;
        steps.replaceChildren(...found.steps.map(({ name, state }) => {
          const step = document.createElement("li");
          step.className = state.toLowerCase();
          step.textContent = name;
          return step;
        }));
      }
    } catch { /* it is starting again, or the network is away: the next look tells */ }
    setTimeout(look, 1000);
  }
  look();
}

function said(text, address, remedy, onclick) {
  const [line, link] = [document.createElement("p"), document.createElement("a")];
  Object.assign(link, { href: address, textContent: remedy, onclick });
  line.append(`${text} `, link);
  return line;
}

async function tell(bar, place) {
  let waiting = 0;
  async function look() {
    clearTimeout(waiting);
    try {
      const answer = await fetch("/notices.json");
      if (answer.ok) {
        const { release, notices } = await answer.json();
        const isOld = bar.dataset.release && release && release !== bar.dataset.release;
        const newer = isOld ? [said("There is newer data than this page shows.", location.href, "Show it", (event) => { event.preventDefault(); location.reload(); })] : [];
        const lines = [...newer, ...notices.map(({ problem, remedy, address }) => said(problem, address, remedy))];
        if (place.textContent !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
        place.hidden = !lines.length;
      }
    } catch { /* it is starting again, or the network is away: the next look tells */ }
    waiting = setTimeout(look, 60_000);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
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
      told.textContent = `${file.name} is larger than the portal takes.`;
    } else {
      told.textContent = "";
    }
  });
}

for (const chosen of document.querySelectorAll(".graph .chosen")) {
  const graph = chosen.closest(".graph");
  graph.scrollLeft = chosen.getBoundingClientRect().left - graph.getBoundingClientRect().left - graph.clientWidth / 2;
}
for (const bar of document.querySelectorAll(".bar")) tell(bar, bar.parentElement.querySelector(".notices"));
for (const place of document.querySelectorAll("#progress[data-under-way]")) follow(place);
for (const form of document.querySelectorAll("form.drop")) takeDropped(form);
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) setTimeout(() => { form.querySelector("button").disabled = true; });
  });
}
