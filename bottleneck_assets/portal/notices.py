"""What is wrong now, and what to do about it: the banner on every page.

Belongs here: what deserves a line of the banner. Never here: finding it out (application.py), and how it looks (pages/).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.portal.language import plain
from bottleneck_assets.portal.workflow import FAILED, SUCCEEDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bottleneck_assets.portal.drop_folder import Listed
    from bottleneck_assets.portal.language import Language
    from bottleneck_assets.portal.workflow import Run


@dataclass(frozen=True)
class Notice:
    """A line of the banner: the page on which to do something, and, in a language, what is wrong, and what to do.

    `address` is a function of the language where the page is another in each.
    """

    address: str | Callable[[Language], str]
    problem: Callable[[Language], str]
    remedy: Callable[[Language], str]

    def said(self, language: Language) -> dict[str, str]:
        """Return it in a language, as text."""
        address = self.address if isinstance(self.address, str) else self.address(language)
        return {"address": address, "problem": plain(self.problem(language)), "remedy": plain(self.remedy(language))}


def of_runs(runs: Sequence[Run]) -> list[Notice]:
    """Say that the last run that is over, of the newest first, has failed."""
    over = next((run for run in runs if run.status in {SUCCEEDED, *FAILED}), None)
    if over is None or over.status != "FAILURE":
        return []
    problem = _text("last_run_failed_on", export=over.export) if over.export else _text("last_run_failed")
    return [Notice(f"/refresh/{over.id}", problem, _text("see_why"))]


def of_exports(found: Sequence[Listed], runs: Sequence[Run]) -> list[Notice]:
    """Say which exports are newer than the one that can be read, and whether that one waits; `found` is in the order of trial."""
    bad = takewhile(lambda one: not one.is_usable, found)
    is_under_way = any(run.status not in {SUCCEEDED, *FAILED} for run in runs)
    waiting = [one for one in found if one.is_next and not one.is_published and not is_under_way]
    return [
        *(Notice("/exports", partial(_not_read, one), _text("remove_or_resend")) for one in bad),
        *(Notice("/exports", _text("export_waits", export=one.name), _text("refresh_from_it")) for one in waiting),
    ]


def of_quarantine(worth: Iterable[Mapping[str, str]], address: str | Callable[[Language], str]) -> list[Notice]:
    """Say what revenue is in quarantine, where there is any; `worth` are the rows of quality/quarantine_worth.csv."""
    revenue = sum((Decimal(row["revenue"] or 0) for row in worth), Decimal(0))
    return [Notice(address, partial(_worth, revenue), _text("see_what_to_mend"))] if revenue else []


def unheard(problem: str, remedy: str) -> Notice:
    """Say that the workflow cannot be asked."""
    return Notice("/status", lambda language: language.said(problem), lambda language: language.said(remedy))


def _text(key: str, **parts: object) -> Callable[[Language], str]:
    return lambda language: language.say(key, **parts)


def _not_read(one: Listed, language: Language) -> str:
    return language.say("export_not_read", export=one.name, why=language.said(one.state))


def _worth(revenue: Decimal, language: Language) -> str:
    return language.say("quarantine_worth", revenue=wording.euros(revenue, language.name))


NEWER = Notice("", _text("newer"), _text("show_newer"))
"""What a page says once there is a newer release than the one that it shows."""
