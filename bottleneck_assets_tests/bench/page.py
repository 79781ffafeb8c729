"""Benches the dashboard in Chromium, beside that of another checkout: `python -m bottleneck_assets_tests.bench.page --before ../checkout`.

Belongs here: what a reader waits for, and how it is told from a trace. Never here: a limit on a time; machines differ.

A wait is the CPU seconds that the page's thread needs for it, times `SLOWED`, as on a slow laptop: on a shared machine they are far
steadier than the clock of a browser that is slowed, whose own waits for a core are slowed too.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.web.page import FILE
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.bench.measuring import measure
from bottleneck_assets_tests.bench.reporting import machine, table, write_between_markers
from bottleneck_assets_tests.bench.ways import WAYS, before
from bottleneck_assets_tests.running import PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.sync_api import Browser

SLOWED = 4
LONG_TASK_SECONDS = 0.05
"""What is longer than this blocks: a click waits for it."""
SEED = 2022
START, END = "<!-- page:start -->", "<!-- page:end -->"
TRACED = ["-*", "blink.user_timing", "toplevel"]
TASK = "ThreadControllerImpl::RunTask"
WATCH = """(() => {
  const isDrawn = (panel) => {
    const seen = [...panel.querySelectorAll(".plot")].map((plot) => ({ plot, box: plot.getBoundingClientRect() }))
      .filter(({ box }) => box.top < innerHeight && box.bottom > 0);
    return panel.querySelector("h1") !== null && (!seen.length || seen.some(({ plot }) => plot.querySelector("svg")));
  };
  // once it is painted: when the frame that shows it has been made
  window.told = (name) => new Promise((resolve) => {
    const look = () => {
      const panel = document.querySelector("section[role=tabpanel]:not([hidden])");
      if (panel && isDrawn(panel)) setTimeout(() => resolve(performance.mark(name)));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  window.first = window.told("first");
})()"""
SWITCH = """(tab) => new Promise((resolve) => setTimeout(() => {
  performance.mark(`from-${tab}`);
  document.getElementById(`tab-${tab}`).click();
  window.told(`to-${tab}`).then(resolve);
}))"""
QUIET_MILLISECONDS = 500

err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Waits:
    """What a reader of a page waits for, in CPU seconds of its thread, times `SLOWED`.

    `first_chart` from opening the page on, `blocked` in tasks that are too long, beyond what is long, until the page has settled,
    `switch` from a click on a tab to its first chart in sight: the median of the tabs, and `longest_switch` the longest.
    """

    first_chart: float
    blocked: float
    switch: float
    longest_switch: float


def waits(opening: Sequence[Mapping[str, Any]], switching: Sequence[Mapping[str, Any]]) -> Waits:
    """Return the waits that two traces tell of: of opening a page, and of switching between its tabs."""
    tasks, marks = _tasks(opening)
    first = sum(cpu for start, _, cpu in tasks if start < marks["first"])
    blocked = sum(max(0.0, cpu - LONG_TASK_SECONDS) for _, _, cpu in tasks)
    tasks, marks = _tasks(switching)
    tabs = [name.removeprefix("to-") for name in marks if name.startswith("to-")]
    switches = [sum(cpu for start, end, cpu in tasks if end > marks[f"from-{tab}"] and start < marks[f"to-{tab}"]) for tab in tabs]
    return Waits(first, blocked, median(switches), max(switches))


def _tasks(events: Sequence[Mapping[str, Any]]) -> tuple[list[tuple[int, int, float]], dict[str, int]]:
    """Return the start, end (microseconds) and slowed CPU seconds of each task of the page's thread, and when the page set which mark."""
    told = [event for event in events if event["name"] == "first" or event["name"].startswith(("from-", "to-"))]
    thread = {(event["pid"], event["tid"]) for event in told}
    tasks = [event for event in events if event["name"] == TASK and event["ph"] == "X" and (event["pid"], event["tid"]) in thread]
    costs = [(task["ts"], task["ts"] + task["dur"], SLOWED * task.get("tdur", 0) / 1e6) for task in tasks]
    return costs, {event["name"]: event["ts"] for event in told}


def opened(browser: Browser, page: Path, folder: Path) -> Waits:
    """Open a page in a new context, wait until it has settled, switch to each of its tabs, and return the waits."""
    context = browser.new_context(viewport={"width": 1280, "height": 850}, locale="en-GB")
    shown = context.new_page()
    shown.set_default_timeout(PATIENCE * 1000)
    shown.add_init_script(WATCH)
    traces = []
    for place in (folder / "opening.json", folder / "switching.json"):
        browser.start_tracing(page=shown, path=place, categories=TRACED)
        if traces:
            for tab in (*TABS[1:], TABS[0]):
                shown.evaluate(SWITCH, tab.name)
                shown.wait_for_timeout(QUIET_MILLISECONDS)
        else:
            shown.goto(page.as_uri())
            shown.wait_for_selector("html[data-ready]")
            shown.evaluate("window.first")
            shown.wait_for_timeout(QUIET_MILLISECONDS)
        browser.stop_tracing()
        traces.append(json.loads(place.read_text(encoding="utf-8"))["traceEvents"])
    context.close()
    return waits(*traces)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--scale", "scales", multiple=True, default=(1, 20), show_default=True, type=click.IntRange(min=1), help="Times the products."
)
@click.option("--repeat", default=5, show_default=True, type=click.IntRange(min=1), help="How often each page is opened.")
@click.option("--export", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The export of scale 1.")
@click.option(
    "--before",
    "checkout",
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    help="The yardstick's checkout.",
)
@click.option("--docs", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Put the table between this file's markers.")
def main(scales: tuple[int, ...], repeat: int, export: Path | None, checkout: Path | None, docs: Path | None) -> None:
    """Open the dashboards of this checkout and of another by turns, and print what a reader of each waits for."""
    ways = [*(before(checkout, [WAYS["documents"]]) if checkout else []), WAYS["documents"]]
    rows: list[list[str]] = []
    with TemporaryDirectory(prefix="bottleneck-page-") as made:
        folder = Path(made)
        for scale in sorted(set(scales)):
            source = export.resolve() if export and scale == 1 else folder / f"sample_{scale}.db"
            if not source.exists():
                write_sample_export(source, scale=scale, seed=SEED)
            pages = {}
            for way in ways:
                err.print(f"scale {scale}: {way.title}")
                out = folder / f"{way.name}_{scale}"
                out.mkdir()
                measure(way.command(source, out / "out", scale), out, way.environment())
                pages[way.title] = out / "out" / way.written / FILE
            found: dict[str, list[Waits]] = {title: [] for title in pages}
            with chromium() as browser:
                for run in range(repeat):
                    for title, page in pages.items():  # by turns, so that a busy minute of the machine falls on all of them
                        err.print(f"scale {scale}, run {run + 1} of {repeat}: {title}")
                        found[title].append(opened(browser, page, folder))
            rows += _rows(scale, found)
    head = ["Page of", "Scale", *(one.name.replace("_", " ").capitalize() for one in fields(Waits))]
    kind = "The shop's export at scale 1, synthetic ones above it" if export else "Synthetic exports"
    said = f"{kind}; medians of {repeat} by turns, and over those of the first page. {dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}."
    text = "\n".join([*table(head, rows, left=1), "", said])
    click.echo(text)
    if docs:
        write_between_markers(docs, text, START, END)


def _rows(scale: int, found: Mapping[str, Sequence[Waits]]) -> list[list[str]]:
    middles = {title: [median(values) for values in zip(*(astuple(one) for one in runs), strict=True)] for title, runs in found.items()}
    yardstick = next(iter(middles.values()))
    return [
        [title, f"{scale:,}", *(f"{value:.2f} ({value / first:.2f})" for value, first in zip(values, yardstick, strict=True))]
        for title, values in middles.items()
    ]


if __name__ == "__main__":
    main()
