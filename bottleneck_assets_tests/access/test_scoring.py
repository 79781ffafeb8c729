"""The scores: they follow from the measurements, noise does not flip them, and what would change the advice is true."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from bottleneck_assets.access import measuring as m
from bottleneck_assets.access.documented import ADVICE, FRESHNESS, LABELS, NOT_MEASURED, SOURCES, STEPS
from bottleneck_assets.access.scoring import HEAVIEST, NEEDS, SILENCE, SPEED, TYPES, Need, judge
from bottleneck_assets.access.ways import SQLITE3, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.access.measuring import Measurement
    from bottleneck_assets.access.scoring import Verdict
    from bottleneck_assets_tests.access.conftest import Measured


def points(verdict: Verdict) -> dict[tuple[Need, str], int]:
    return {(score.need, score.way): score.points for score in verdict.scores}


def totals(verdict: Verdict, weights: Mapping[Need, int]) -> dict[str, int]:
    found = points(verdict)
    return {way: sum(weights[need] * found[need, way] for need in NEEDS) for way in LABELS}


def with_value(found: list[Measurement], way: str, measure: str, value: str) -> list[Measurement]:
    return [one._replace(value=value) if (one.way, one.measure) == (way, measure) else one for one in found]


def test_every_way_has_a_score_for_every_need_its_steps_and_its_advice(measured: Measured) -> None:
    assert len(points(judge(measured.found))) == len(NEEDS) * len(LABELS)
    assert STEPS.keys() == FRESHNESS.keys() == ADVICE.keys() == LABELS.keys()
    assert all(source.address.startswith(("https://", "http://")) for sources in SOURCES.values() for source in sources)


def test_the_totals_are_the_weighted_points_and_the_first_has_the_most(measured: Measured) -> None:
    verdict = judge(measured.found)
    assert dict(verdict.totals) == totals(verdict, {need: need.weight for need in NEEDS})
    assert verdict.totals[verdict.winner] == max(verdict.totals.values())
    assert sorted(verdict.totals.values(), reverse=True) == [verdict.totals[way] for way in verdict.ranking]


def test_times_that_are_four_times_as_long_flip_no_score(measured: Measured) -> None:
    slower = [one._replace(value=f"{float(one.value) * 4:.2f}") if one.unit == "s" else one for one in measured.found]
    assert points(judge(slower)) == points(judge(measured.found))


def test_a_measurement_of_another_size_does_flip_its_score(measured: Measured) -> None:
    worse = with_value(measured.found, WORKFLOW, m.SHARE, "96.00")
    worse = with_value(worse, WORKFLOW, m.SECONDS, "4000.00")
    worse = with_value(worse, WORKFLOW, m.PAGE, "not noticed")
    found = points(judge(worse))
    assert (found[TYPES, WORKFLOW], found[SPEED, WORKFLOW], found[SILENCE, WORKFLOW]) == (2, 0, 2)


def test_what_was_not_measured_says_so(measured: Measured) -> None:
    for score in judge(measured.found).scores:
        if score.way in NOT_MEASURED and score.need.is_measured:
            assert score.why.startswith("argued, not measured")
        elif score.need.is_measured:
            assert score.why == "measured"
    assert not [one for one in measured.found if one.way in NOT_MEASURED and one.measure not in {m.STEPS_TAKEN, m.FRESH}]


def test_the_weights_that_would_change_the_advice_are_all_that_would(measured: Measured) -> None:
    verdict = judge(measured.found)
    weights = {need: need.weight for need in NEEDS}
    changing = {
        need
        for need in NEEDS
        for weight in range(HEAVIEST + 1)
        if max(changed := totals(verdict, {**weights, need: weight}), key=lambda way: changed[way]) != verdict.winner
    }
    assert {need for need, _, _ in verdict.weight_changes} == changing


def test_the_needs_that_would_have_to_be_ignored_are_the_fewest(measured: Measured) -> None:
    verdict = judge(measured.found)
    weights = {need: need.weight for need in NEEDS}
    ((ignored, first),) = verdict.ignoring
    changed = totals(verdict, {**weights, **dict.fromkeys(ignored, 0)})
    assert changed[first] > changed[verdict.winner]
    for fewer in combinations(NEEDS, len(ignored) - 1):
        changed = totals(verdict, {**weights, **dict.fromkeys(fewer, 0)})
        assert max(changed.values()) == changed[verdict.winner]


def test_a_winner_that_loses_its_lead_is_no_longer_advised(measured: Measured) -> None:
    worse = measured.found
    for measure in (m.SHARE, m.SECONDS, *m.LOCKS.values(), m.BETWEEN, m.PAGE, m.TRUNCATED, m.OVERLOOKED):
        worse = with_value(worse, WORKFLOW, measure, m.FAILED)
    better = with_value(worse, SQLITE3, m.SHARE, "100.00")
    verdict = judge(better)
    assert verdict.totals[WORKFLOW] < judge(measured.found).totals[WORKFLOW]
    assert verdict.weight_changes, "the lead is small now, and a weight can turn it"
