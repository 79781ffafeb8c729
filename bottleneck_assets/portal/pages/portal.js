// What the pages can do more with a script: follow a refresh, take a file that is dropped, and begin a graph at what was chosen. They work without it.
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
for (const place of document.querySelectorAll("#progress[data-under-way]")) follow(place);
for (const form of document.querySelectorAll("form.drop")) takeDropped(form);
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) setTimeout(() => { form.querySelector("button").disabled = true; });
  });
}
