"""Measures every way on the export at hand, and writes each figure down with its unit and its method.

Belongs here: which measurements there are and how they are worded. Never here: what one does in its process, and what follows from it.

Nothing is written but into a temporary folder, and the export is only copied.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from bottleneck_assets.access import copies, fidelity, trials, writing
from bottleneck_assets.access.documented import FRESHNESS, LABELS, STEPS
from bottleneck_assets.access.processes import LIMIT_SECONDS, Ended, peak_bytes, run
from bottleneck_assets.access.questions import QUESTIONS, Asked
from bottleneck_assets.access.ways import BY_CSV, DIRECT, WORKFLOW

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

READERS = (*DIRECT, *BY_CSV)
MEASURED = (*READERS, WORKFLOW)
SECONDS, MEMORY, AGREEING = "seconds to the eight answers", "peak memory", "answers that agree with the release"
OVERLOOKED, OVERLOOKED_BY = "the decimal comma overlooked", "revenue off, the comma overlooked"
SHARE, LOST, QUARANTINED = "cells that arrive", "cells lost", "cells in quarantine"
FATES = {
    fidelity.COMMA: "decimals with a comma that arrive as text",
    fidelity.MIXED: "other numbers that arrive as text",
    fidelity.EMPTY: "empty texts that arrive as null",
    fidelity.OTHER: "other cells lost",
}
LOCKS = {
    writing.BEGUN: "reading while a write has begun",
    writing.COMMITTING: "reading while a write is committed",
    writing.WAL: "reading while a write is open in WAL mode",
}
REFRESH_IN_LOCK = "refreshing while a write is committed"
WAIT = "seconds until the lock is reported"
BETWEEN, PAGE, TRUNCATED = "a commit between two tables", "64 bytes of a page damaged", "the file cut off"
STEPS_TAKEN, FRESH, RIGHT, FAILED = "steps of a refresh", "freshness", "right figures", "failed"
NOT_MEASURED, NOT_TIMED = "not measured", "not measured: this run made no tables"
TOO_LARGE = "not tried: the export is too large"
LARGEST_BYTES = 256 << 20
"""Up to here the export is copied for the trials, six times; a larger one is only read."""
LATE = f"more than {LIMIT_SECONDS:.0f}"
MOMENT = "%Y-%m-%d %H:%M UTC"
"""How moments are written."""
_MIB = 1 << 20
_AT_A_TIME = 3
_COPY = "On a copy of the export"
_CONVERTED = "Comma decimals converted by hand."


class Measurement(NamedTuple):
    """One figure: whose it is, what it measures, the value as it is shown, its unit, and how it came about."""

    way: str
    measure: str
    value: str
    unit: str
    method: str


@dataclass(frozen=True)
class Known:
    """What the release says, and where: the eight figures, the revenue by segment, the stored tables, and the export's columns."""

    figures: Mapping[str, float]
    segments: Mapping[str, float]
    tables: Mapping[str, Mapping[str, Path]]
    columns: Mapping[str, Sequence[str]]


def measure(  # noqa: PLR0913 - what is measured, and when and where
    export: Path, asked: Asked, known: Known, *, run_started: dt.datetime | None, now: dt.datetime, within: Path | None = None
) -> list[Measurement]:
    """Measure all ways on copies of the export. The readers' times are taken one after the other, the trials side by side.

    The copies lie in a temporary folder, inside a folder that is given or the system's. Without the start of the run that made the tables,
    the workflow itself is not timed.
    """
    with tempfile.TemporaryDirectory(prefix="bottleneck-access-", dir=within, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        is_tried = export.stat().st_size <= LARGEST_BYTES
        copied = copies.make(export, folder) if is_tried else {"whole": export}
        for way in MEASURED:
            (folder / way).mkdir()
        own_peak = peak_bytes()
        answered = {
            way: run("answering", {"way": way, "export": str(copied["whole"]), "folder": str(folder / way), "asked": asdict(asked)})
            for way in READERS
        }
        given = {
            "copies": {name: str(path) for name, path in copied.items()},
            "asked": asdict(asked),
            "tables": {table: {kind: str(path) for kind, path in paths.items()} for table, paths in known.tables.items()},
            "expected": {table: list(columns) for table, columns in known.columns.items()},
        }
        tried = dict[str, Ended]()
        if is_tried:
            with writing.held({state: copied[state] for state in writing.STATES}), ThreadPoolExecutor(_AT_A_TIME) as at_a_time:
                ended = {way: at_a_time.submit(run, "trials", {**given, "way": way, "folder": str(folder / way)}) for way in MEASURED}
                tried = {way: one.result() for way, one in ended.items()}
    found = [*_circumstances(export, run_started, now)]
    for way in READERS:
        found += _answers(way, answered[way], known)
    found += [
        Measurement(
            WORKFLOW, SECONDS, f"{max((now - run_started).total_seconds(), 0):.2f}", "s", "This run, from its start to this report."
        )
        if run_started
        else Measurement(WORKFLOW, SECONDS, NOT_TIMED, "", "An earlier run made the tables that this report was made from."),
        Measurement(
            WORKFLOW, MEMORY, f"{own_peak / _MIB:.0f}", "MB", "Peak of the process of this run up to this report, Dagster included."
        ),
        Measurement(WORKFLOW, AGREEING, f"{len(QUESTIONS)}", f"of {len(QUESTIONS)}", "They are the release's."),
        Measurement(WORKFLOW, OVERLOOKED, RIGHT, "", "Decimals are typed once, in the cleaned tables; no question meets a comma."),
    ]
    for way in MEASURED:
        found += _trials(way, tried.get(way))
    for way in LABELS:
        steps = STEPS[way]
        found.append(Measurement(way, STEPS_TAKEN, str(len(steps)), "steps", f"Counted, not timed: {', '.join(steps)}."))
        found.append(Measurement(way, FRESH, FRESHNESS[way], "", "Stated: how old a figure is when somebody looks at it."))
    return found


def _circumstances(export: Path, run_started: dt.datetime | None, now: dt.datetime) -> list[Measurement]:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / (1 << 30):.0f} GB"
    software = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    rows = (
        ("measured at", f"{now:{MOMENT}}", "", "Clock of the machine."),
        ("run started", f"{run_started or now:{MOMENT}}", "", "Start of the run that made this report."),
        ("machine", machine, "", "As the operating system tells."),
        ("software", software, "", "As each tells."),
        ("export", export.name, "", "The file that was measured; only copies of it were written to."),
        ("size of the export", f"{export.stat().st_size / _MIB:.2f}", "MB", "Bytes of the file / 1,048,576."),
    )
    return [Measurement("", *row) for row in rows]


def _answers(way: str, ended: Ended, known: Known) -> list[Measurement]:
    timed = f"A new process, start included, one at a time. {_CONVERTED}"
    if way in BY_CSV:
        timed = f"A new process, start and extraction of four CSV files included, one at a time. {_CONVERTED}"
    if ended.printed is None:
        value, unit = (LATE, "s") if ended.late else (FAILED, "")
        return [Measurement(way, name, value, unit, timed) for name in (SECONDS, MEMORY, AGREEING)]
    figures, segments = ended.printed["figures"], ended.printed["segments"]
    agreeing = [name for name in QUESTIONS if trials.agree(figures[name], known.figures[name])]
    same_segments = segments.keys() == known.segments.keys() and all(
        trials.agree(segments[name], known.segments[name]) for name in segments
    )
    if not same_segments and "revenue" in agreeing:
        agreeing.remove("revenue")
    differing = ", ".join(name for name in QUESTIONS if name not in agreeing)
    compared = "Each figure against kpis/headline.csv, revenue by segment too, to one part in a million."
    return [
        Measurement(way, SECONDS, f"{ended.seconds:.2f}", "s", timed),
        Measurement(way, MEMORY, f"{ended.printed['peak_bytes'] / _MIB:.0f}", "MB", "Peak resident memory of that process."),
        Measurement(
            way, AGREEING, str(len(agreeing)), f"of {len(QUESTIONS)}", f"{compared} Differing: {differing}." if differing else compared
        ),
    ]


def _trials(way: str, ended: Ended | None) -> list[Measurement]:
    if ended is None or ended.printed is None:
        value = TOO_LARGE if ended is None else LATE if ended.late else FAILED
        names = (SHARE, LOST, *LOCKS.values(), BETWEEN, PAGE, TRUNCATED, *([] if way == WORKFLOW else [OVERLOOKED]))
        method = "The trials of this way did not end well." if ended else f"An export beyond {LARGEST_BYTES >> 20} MB is not copied."
        return [Measurement(way, name, value, "s" if ended and ended.late else "", method) for name in names]
    results = ended.printed
    found = _fidelity(way, results["fidelity"])
    if way != WORKFLOW:
        found += _comma(way, results["comma"])
    found += _locks(way, results)
    between = {
        trials.WRONG: "tables of two states, without a word",
        trials.RIGHT: "one state",
        trials.BLOCKED: "one state; the shop cannot write",
        trials.NOTICED: "noticed, nothing published",
    }
    say = partial(Measurement, way)
    found.append(
        say(BETWEEN, between[results["between"]], "", f"{_COPY}: Sales is read, another process commits to Sales and Promo, Promo is read.")
    )
    cut = f"{_COPY}, of which the first {copies.KEPT_SHARE:.0%} are left."
    flipped = f"{_COPY}, with {copies.DAMAGED_BYTES} bytes inverted from the middle row of Sales on."
    for name, key, method in ((PAGE, "page", flipped), (TRUNCATED, "truncated", cut)):
        found.append(say(name, _shown(results[key], "not noticed" if way == WORKFLOW else RIGHT), "", method))
    return found


def _fidelity(way: str, fates: Mapping[str, int]) -> list[Measurement]:
    total = sum(fates.values())
    kept = fates.get(fidelity.ARRIVED, 0) + fates.get(fidelity.REJECTED, 0)
    compared = f"{total:,} cells of four tables, each against what SQLite stores, as this way reads by default"
    if way == WORKFLOW:
        compared = f"{total:,} cells of four tables, each against what SQLite stores, in the tables of this run"
    # rounded down: all cells but one are not 100%
    share = f"{int(kept / total * 10_000) / 100:.2f}" if total else "0.00"
    found = [
        Measurement(way, SHARE, share, "%", f"{compared}; rows in quarantine, kept verbatim, count as arrived. Rounded down."),
        Measurement(way, LOST, str(total - kept), f"of {total:,}", f"{compared}."),
        *(Measurement(way, name, str(fates.get(fate, 0)), "cells", f"{compared}.") for fate, name in FATES.items()),
    ]
    if way == WORKFLOW:
        found.append(
            Measurement(way, QUARANTINED, str(fates.get(fidelity.REJECTED, 0)), "cells", f"{compared}; see quality/quarantine.csv.")
        )
    return found


def _comma(way: str, results: Mapping[str, Any]) -> list[Measurement]:
    method = "The same questions without converting the comma decimals, against the right figures of this way."
    found = [Measurement(way, OVERLOOKED, _shown(results, RIGHT), "", method)]
    if results["outcome"] == trials.WRONG:
        found.append(Measurement(way, OVERLOOKED_BY, f"{results['revenue'] * 100:.2f}", "%", method))
    return found


def _locks(way: str, results: Mapping[str, Mapping[str, Any]]) -> list[Measurement]:
    held = "Another process keeps a transaction open on a copy of the export"
    waits = f"{held}; a reader waits {writing.PATIENCE_SECONDS * 1000:.0f} ms."
    if way in BY_CSV:
        waits = f"{held}; the files of the last extraction are read."
    if way == WORKFLOW:
        found = [Measurement(way, name, "figures", "", "The last release is files: nobody locks them.") for name in LOCKS.values()]
        refused = results[writing.COMMITTING]["outcome"] == trials.REFUSED
        found.append(Measurement(way, REFRESH_IN_LOCK, "refused, the last release stays" if refused else "possible", "", waits))
    else:
        outcomes = {trials.READ: "figures", trials.REFUSED: "refused"}
        found = [Measurement(way, name, outcomes[results[state]["outcome"]], "", waits) for state, name in LOCKS.items()]
    if results[writing.COMMITTING]["outcome"] == trials.REFUSED:
        found.append(Measurement(way, WAIT, f"{results[writing.COMMITTING]['seconds']:.2f}", "s", waits))
    return found


def _shown(results: Mapping[str, Any], right: str) -> str:
    if results["outcome"] == trials.WRONG:
        return f"{results['wrong']} of {len(QUESTIONS)} wrong, without a word"
    return {trials.NOTICED: "an error", trials.RIGHT: right}[results["outcome"]]
