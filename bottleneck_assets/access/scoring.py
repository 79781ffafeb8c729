"""Scores the ways against what BottleNeck needs, and tells what follows and what would change it.

Belongs here: needs, weights, the rule of every score, sensitivity. Never here: measuring, and how a page shows it.

A score follows from measurements by thresholds so coarse that measuring again does not flip it; what was not measured is scored by what
documentation says, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from bottleneck_assets.access import measuring as m
from bottleneck_assets.access.documented import KNIME, LABELS, NOT_MEASURED, POWER_QUERY
from bottleneck_assets.access.ways import ADBC, BY_CSV, DIRECT, DUCKDB, PANDAS, SQLITE3, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.access.measuring import Measurement

BEST = 3
HEAVIEST = 10
_GOOD_SHARES = ((99.9, 3), (95.0, 2), (75.0, 1))
_GOOD_SECONDS = ((60.0, 3), (600.0, 2), (3600.0, 1))
SILENT = "without a word"


class Need(NamedTuple):
    """Something that BottleNeck needs: its name, its weight, the rule of its scores, and whether they follow from measurements."""

    name: str
    weight: int
    rule: str
    is_measured: bool


TABLEAU = Need(
    "Tableau Public opens it", 5, "3 a file a view, typed; 2 a file to arrange by hand; 1 after an export by hand", is_measured=False
)
PEOPLE = Need("Refreshed without a technician", 4, "3 by itself; 2 by clicks; 1 by running a script", is_measured=False)
SILENCE = Need("No wrong figure without a word", 4, "3 in none of four trials; 2 in one; 1 in two", is_measured=True)
TYPES = Need("Exact types", 4, "3 from 99.9% of the cells; 2 from 95%; 1 from 75%", is_measured=True)
TRACE = Need(
    "Traceable figures", 4, "3 rows left out are counted, runs kept; 2 each step shows its rows; 1 there is a script", is_measured=False
)
SYSTEMS = Need("macOS and Windows", 3, "3 both; 1 one of them", is_measured=False)
LOCKED = Need("Figures while the shop writes", 2, "3 in all three states of a lock; 2 in two; 1 in one", is_measured=True)
FRESH = Need("Fresh figures", 2, "3 at each look; 2 when an export arrives; 1 after steps by hand", is_measured=False)
SETUP = Need("Little to set up", 2, "3 Python only; 2 one more thing; 1 several, or a service", is_measured=False)
SPEED = Need("Speed", 1, "3 under 60 s; 2 under 600 s; 1 under 3,600 s", is_measured=True)
NEEDS = (TABLEAU, PEOPLE, SILENCE, TYPES, TRACE, SYSTEMS, LOCKED, FRESH, SETUP, SPEED)

_STATED: Mapping[Need, Mapping[str, tuple[int, str]]] = {
    TABLEAU: {
        SQLITE3: (1, "Tableau Public takes files; the result has to be saved as one"),
        ADBC: (1, "Tableau Public takes files; the result has to be saved as one"),
        PANDAS: (2, "the extracted tables open; prices are text, and the KPIs are still to be made"),
        DUCKDB: (2, "the extracted tables open; prices are text, and the KPIs are still to be made"),
        KNIME: (2, "it can write CSV; the views are to be built"),
        POWER_QUERY: (2, "Tableau Public opens the workbook; the views are to be built"),
        WORKFLOW: (3, "one typed CSV a view, with a dictionary"),
    },
    PEOPLE: {
        **dict.fromkeys((SQLITE3, ADBC, PANDAS, DUCKDB), (1, "somebody runs, and understands, a script")),
        KNIME: (2, "open, execute all"),
        POWER_QUERY: (2, "open, refresh all"),
        WORKFLOW: (3, "a copied file starts it"),
    },
    TRACE: {
        **dict.fromkeys((SQLITE3, ADBC, PANDAS, DUCKDB), (1, "the script, if it is kept")),
        KNIME: (2, "every node shows its rows"),
        POWER_QUERY: (2, "every applied step shows its rows"),
        WORKFLOW: (3, "row accounting, quarantine, manifest, runs"),
    },
    SYSTEMS: {
        **dict.fromkeys((SQLITE3, ADBC, PANDAS, DUCKDB, WORKFLOW), (3, "Python and its packages are published for both")),
        KNIME: (3, "published for both"),
        POWER_QUERY: (1, "the way to SQLite is the Windows ODBC administrator"),
    },
    FRESH: {
        **dict.fromkeys(DIRECT, (3, "reads the export itself")),
        **dict.fromkeys((*BY_CSV, KNIME, POWER_QUERY), (1, "as old as the last time somebody did it")),
        WORKFLOW: (2, "as old as the last export that arrived"),
    },
    SETUP: {
        SQLITE3: (3, "nothing but Python"),
        **dict.fromkeys((ADBC, PANDAS, DUCKDB), (2, "one package")),
        KNIME: (2, "one application"),
        POWER_QUERY: (1, "a driver and a data source on each machine"),
        WORKFLOW: (1, "a package, and a process that stays"),
    },
}
_ARGUED: Mapping[Need, tuple[int | None, str]] = {
    TYPES: (1, "argued, not measured: prices arrive as text until somebody converts them"),
    SILENCE: (None, "argued, not measured: as sqlite3, for the same SQLite library reads"),
    LOCKED: (None, "argued, not measured: as sqlite3, for the same SQLite library reads"),
    SPEED: (2, "argued, not measured: an application is opened by hand"),
}


@dataclass(frozen=True)
class Score:
    """What a way gets for a need, and why."""

    need: Need
    way: str
    points: int
    why: str


@dataclass(frozen=True)
class Verdict:
    """What follows: all scores, the totals, the ways from best to worst, and what would change the first."""

    scores: Sequence[Score]
    totals: Mapping[str, int]
    ranking: Sequence[str]
    weight_changes: Sequence[tuple[Need, int, str]]
    ignoring: Sequence[tuple[Sequence[Need], str]]
    winner_of_equal_weights: str
    beaten_on: Sequence[tuple[Need, str]]

    @property
    def winner(self) -> str:
        """The way with the most points."""
        return self.ranking[0]

    @property
    def runner_up(self) -> str:
        """The way with the next most points."""
        return self.ranking[1]


def judge(found: Sequence[Measurement]) -> Verdict:
    """Score every way from its measurements, and work out what follows."""
    values = {(one.way, one.measure): one.value for one in found}
    scores = [_score(need, way, values) for need in NEEDS for way in LABELS]
    points = {(score.need, score.way): score.points for score in scores}
    weights = {need: need.weight for need in NEEDS}
    totals = _totals(points, weights)
    winner = _ranking(totals)[0]
    best = {need: max(points[need, way] for way in LABELS) for need in NEEDS}
    return Verdict(
        scores=scores,
        totals=totals,
        ranking=_ranking(totals),
        weight_changes=_weight_changes(points, weights, winner),
        ignoring=_ignoring(points, weights, winner),
        winner_of_equal_weights=_ranking(_totals(points, dict.fromkeys(NEEDS, 1)))[0],
        beaten_on=[
            (need, next(way for way in LABELS if points[need, way] == best[need])) for need in NEEDS if points[need, winner] < best[need]
        ],
    )


def _weight_changes(points: Mapping[tuple[Need, str], int], weights: Mapping[Need, int], winner: str) -> list[tuple[Need, int, str]]:
    """Return, for each need, the weight nearest to its own that would put another way first, if there is one from 0 to 10."""
    changes: list[tuple[Need, int, str]] = []
    for need in NEEDS:
        for weight in sorted(range(HEAVIEST + 1), key=lambda tried: abs(tried - need.weight)):
            first = _ranking(_totals(points, {**weights, need: weight}))[0]
            if first != winner:
                changes.append((need, weight, first))
                break
    return changes


def _ignoring(points: Mapping[tuple[Need, str], int], weights: Mapping[Need, int], winner: str) -> list[tuple[Sequence[Need], str]]:
    """Return the fewest needs that would have to count for nothing for another way to come first, and that way; nothing, if none would."""
    for size in range(1, len(NEEDS)):
        for ignored in combinations(NEEDS, size):
            totals = _totals(points, {**weights, **dict.fromkeys(ignored, 0)})
            first = max(totals, key=totals.__getitem__)
            if totals[first] > totals[winner]:
                return [(ignored, first)]
    return []


def _totals(points: Mapping[tuple[Need, str], int], weights: Mapping[Need, int]) -> dict[str, int]:
    return {way: sum(weight * points[need, way] for need, weight in weights.items()) for way in LABELS}


def _ranking(totals: Mapping[str, int]) -> list[str]:
    """Order the ways by their points; of equal ones, the one that is named first goes first, so that a tie is the same every time."""
    return sorted(LABELS, key=lambda way: (-totals[way], list(LABELS).index(way)))


def _score(need: Need, way: str, values: Mapping[tuple[str, str], str]) -> Score:
    if need in _STATED:
        return Score(need, way, *_STATED[need][way])
    if way in NOT_MEASURED:
        points, why = _ARGUED[need]
        return Score(need, way, _measured(need, SQLITE3, values) if points is None else points, why)
    return Score(need, way, _measured(need, way, values), "measured")


def _measured(need: Need, way: str, values: Mapping[tuple[str, str], str]) -> int:
    if need == TYPES:
        return _at_least(values[way, m.SHARE], _GOOD_SHARES)
    if need == SPEED:
        return _at_most(values[way, m.SECONDS], _GOOD_SECONDS)
    if need == LOCKED:
        return sum(values[way, name] == "figures" for name in m.LOCKS.values())
    outcomes = [values[way, name] for name in (m.OVERLOOKED, m.BETWEEN, m.PAGE, m.TRUNCATED)]
    unsure = sum(SILENT in outcome or outcome in {m.FAILED, m.LATE, m.TOO_LARGE, "not noticed"} for outcome in outcomes)
    return max(BEST - unsure, 0)


def _at_least(value: str, steps: Sequence[tuple[float, int]]) -> int:
    try:
        share = float(value)
    except ValueError:  # failed, or late
        return 0
    return next((points for limit, points in steps if share >= limit), 0)


def _at_most(value: str, steps: Sequence[tuple[float, int]]) -> int:
    if value == m.LATE:
        return _at_most(str(m.LIMIT_SECONDS), steps) - 1
    try:
        seconds = float(value)
    except ValueError:  # failed, or not timed
        return 0
    return next((points for limit, points in steps if seconds < limit), 0)
