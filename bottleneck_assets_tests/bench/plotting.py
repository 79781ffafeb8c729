"""Draws the measurements: seconds and peak memory over rows, both axes logarithmic, a line a way.

Belongs here: how the plot looks. Never here: a figure that the table does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets_tests.bench.ways import BEFORE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bottleneck_assets_tests.bench.measuring import Cost
    from bottleneck_assets_tests.bench.reporting import Result
    from bottleneck_assets_tests.bench.ways import Way

LOOKS = {
    "bare": ("#555555", "o", "--"),
    "refresh": ("#8c1d40", "o", "-"),
    "documents": ("#8c1d40", "D", ""),
    "warm": ("#8c1d40", "*", ""),
    "notebook": ("#1f77b4", "s", "-"),
    "dbt": ("#d9831f", "^", "-"),
    f"refresh{BEFORE}": ("#c99", "o", "-"),
    f"documents{BEFORE}": ("#c99", "D", ""),
    f"warm{BEFORE}": ("#c99", "*", ""),
}
PANELS: dict[str, Callable[[Cost], float]] = {
    "Seconds, whole process": lambda cost: cost.seconds,
    "Peak memory, MB": lambda cost: cost.peak_bytes / 1e6,
}


def plot(results: Sequence[Result], ways: Sequence[Way], target: Path) -> None:
    """Write the plot as an SVG; the same measurements give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "bench", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, len(PANELS), figsize=(10, 4.2), layout="constrained")
    for axes, (title, measure) in zip(panels, PANELS.items(), strict=True):
        for way in ways:
            points = [(result.sales_rows, measure(result.costs[way.name])) for result in results if way.name in result.costs]
            if points:
                colour, marker, line = LOOKS[way.name]
                rows, values = zip(*points, strict=True)
                axes.loglog(rows, values, color=colour, marker=marker, linestyle=line, label=way.title, markersize=5, linewidth=1.6)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlabel("rows of the export's Sales table")
        axes.grid(visible=True, which="major", alpha=0.25)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
            axis.set_minor_formatter(mpl.ticker.NullFormatter())
        axes.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=5, frameon=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None, "Creator": None})
    plt.close(figure)
