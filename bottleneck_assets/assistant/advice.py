"""What the data advises, in the language asked: each recommendation, its findings, and what to try.

Belongs here: the recommendations of a release, with their evidence. Never here: a sentence (wording.py), or a rule of a recommendation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.assistant.common import basis, cut, known_name
from bottleneck_assets.assistant.forms import Evidence, Finding, Recommendations, Recommended, ToTry
from bottleneck_assets.models.catalog import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.assistant.common import Language
    from bottleneck_assets.assistant.facts import ReleaseFacts
    from bottleneck_assets.models.promise import Column

    Row = Mapping[str, Any]

_SUMMARY, _FIGURES, _TEST = "recommendation.summary", "recommendation.summary_figures", "recommendation.test_campaign"
_TESTED = "promote_low_season"
"""The recommendation on which a campaign to try sheds light."""
_AS_SUMMED = {"protect_best_sellers": "best_seller_{}", "promote_low_season": "high_season_{}", "monitor_segments": "{}_outside"}
"""How the figures of all recommendations call what the summary of one calls more briefly."""


def recommendations(held: ReleaseFacts, name: str = "", *, skip: int = 0, first: int = 20, language: Language = "en") -> Recommendations:
    """Return the recommendations, or one, with their findings. Raises RefusedError if there is none of that name."""
    summary = held.table(_SUMMARY)
    meant = known_name(name, [row["recommendation"] for row in summary], "recommendation")
    findings = [row for row in held.table("extract.business_recommendations") if meant in {"", row["recommendation"]}]
    shown, left_out = cut(findings, skip, first)
    return Recommendations(
        [_recommended(row, findings, language) for row in summary if meant in {"", row["recommendation"]}],
        [_finding(row, language) for row in shown],
        left_out,
        [_to_try(row, language) for row in held.table(_TEST) if meant in {"", _TESTED}],
        basis(held),
    )


def _recommended(row: Row, findings: Sequence[Row], language: Language) -> Recommended:
    name = row["recommendation"]
    its_own = [finding for finding in findings if finding["recommendation"] == name]
    claims = any(finding["yearly_effect"] is not None for finding in its_own)
    brief, columns = _AS_SUMMED.get(name, "{}"), _columns(f"recommendation.{name}")
    told, summed = _columns(_SUMMARY), _columns(_FIGURES)
    given = dict.fromkeys(one for finding in its_own for one in _figures(finding))
    return Recommended(
        name,
        wording.sentence(language, name, "advice", "", ""),
        wording.sentence(language, name, f"summary_{row['finding']}", "", row["evidence"]),
        row["supported"],
        row["contradicted"],
        row["inconclusive"],
        _euros(row["yearly_effect"]) if claims else None,
        {
            one: _evidence(value, summed.get(one) or summed[brief.format(one)])
            for one, value in _figures(row).items()
            if one not in told  # they stand above
        },
        {one: ": ".join(filter(None, (columns[one].unit, columns[one].description))) for one in given},
    )


def _finding(row: Row, language: Language) -> Finding:
    return Finding(
        row["recommendation"],
        row["audience"],
        row["scope"],
        row["verdict"],
        row["confidence"] or "",
        _euros(row["yearly_effect"]),
        wording.sentence(language, row["recommendation"], "method", "", ""),
        _figures(row),
        row[f"sentence_{language}"],
    )


def _to_try(row: Row, language: Language) -> ToTry:
    columns = _columns(_TEST)
    said = " ".join(wording.sentence(language, "test_campaign", finding, row["scope"], row["evidence"]) for finding in ("try", "read"))
    return ToTry(row["scope"], said, {one: _evidence(value, columns[one]) for one, value in _figures(row).items()})


def _figures(row: Row) -> dict[str, str]:
    """Return the evidence of a row by name."""
    return dict(figure.partition("=")[::2] for figure in row["evidence"].split("; ") if "=" in figure)


def _evidence(value: str, column: Column) -> Evidence:
    return Evidence(value, column.unit, column.description)


def _columns(ref: str) -> dict[str, Column]:
    return {column.name: column for column in models()[ref].promise.columns}


def _euros(value: object) -> float | None:
    return None if value is None else float(str(value))
