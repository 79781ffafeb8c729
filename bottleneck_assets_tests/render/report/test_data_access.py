"""The report on data access: its figures are its CSV's, its conclusions stay, and what the export is called is shown as text."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bottleneck_assets.access import measuring as m
from bottleneck_assets.access import trials, writing
from bottleneck_assets.access.documented import ADVICE, LABELS, SOURCES
from bottleneck_assets.access.measuring import Known, Measurement
from bottleneck_assets.access.processes import LIMIT_SECONDS, Ended
from bottleneck_assets.access.questions import QUESTIONS
from bottleneck_assets.access.scoring import judge
from bottleneck_assets.access.ways import SQLITE3, WORKFLOW
from bottleneck_assets.documents.catalog import ACCESS_REPORT
from bottleneck_assets.render.report import data_access
from bottleneck_assets.render.report.data_access import CSV, FILES, MARKDOWN, catalogue, plain, write
from bottleneck_assets.render.report.texts import Texts
from bottleneck_assets_tests.access.occasions import occasion_of
from bottleneck_assets_tests.render.report.in_french import figures, said

pytestmark = pytest.mark.full

HOSTILE = "x|<img src=x onerror=1>.db"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
CONCLUSIONS = ("weight:", "points:", "total", "lead", "first,")
ALIKE = {
    *(label.rstrip(")") for way, label in LABELS.items() if way != WORKFLOW),
    *(source.title for sources in SOURCES.values() for source in sources),
    *("Tableau", "SQLite", "Points", "Machine"),
}
"""What is the same in both languages: names of programs and of pages, and two words."""


@dataclass(frozen=True)
class Report:
    """A rendered report."""

    folder: Path

    @property
    def markdown(self) -> str:
        return (self.folder / MARKDOWN).read_text(encoding="utf-8")

    @property
    def page(self) -> str:
        return (self.folder / FILES["en"]).read_text(encoding="utf-8")

    @property
    def french(self) -> str:
        return (self.folder / FILES["fr"]).read_text(encoding="utf-8")

    @property
    def rows(self) -> list[Measurement]:
        with (self.folder / CSV).open(encoding="utf-8", newline="") as file:
            return [Measurement(*row) for row in list(csv.reader(file))[1:]]

    @property
    def conclusions(self) -> list[Measurement]:
        """The rows of the CSV that say what follows."""
        return [row for row in self.rows if row.measure.startswith(CONCLUSIONS)]

    @property
    def measured(self) -> list[Measurement]:
        """The rows of the CSV that were measured or counted."""
        return [row for row in self.rows if not row.measure.startswith(CONCLUSIONS)]

    @property
    def recommendation(self) -> str:
        return self.markdown.split("## ")[1]

    def text(self) -> str:
        """Return what a reader of the page sees."""
        body = re.sub(r"<(style|title)>.*?</\1>", " ", self.page, flags=re.DOTALL)
        return html.unescape(re.sub(r"<[^>]*>", " ", body))


@pytest.fixture(scope="module")
def reports(sample_export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Report]:
    """The report, rendered twice: from an export, and from a copy with a name that means harm."""
    folder = tmp_path_factory.mktemp("access")
    occasion = occasion_of(sample_export, folder)
    hostile = folder / (HOSTILE if sys.platform != "win32" else "&amp; `x`.db")
    shutil.copyfile(sample_export, hostile)
    rendered: list[Report] = []
    for name, export in (("first", sample_export), ("second", hostile)):
        (folder / name / "report").mkdir(parents=True)
        ACCESS_REPORT.render(replace(occasion, export=export), folder / name)
        rendered.append(Report(folder / name))
    return rendered[0], rendered[1]


def report_of(found: list[Measurement], folder: Path) -> Report:
    (folder / "report").mkdir(parents=True)
    write(found, judge(found), folder)
    return Report(folder)


def test_it_writes_the_files_that_it_promises_and_nothing_else(reports: tuple[Report, Report]) -> None:
    for report in reports:
        assert {path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*.*")} == set(ACCESS_REPORT.files)


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", text)))


def test_every_number_that_a_reader_sees_is_in_the_csv(reports: tuple[Report, Report]) -> None:
    for report in reports:
        known = numbers(" ".join(" ".join(row) for row in report.rows))
        assert numbers(re.sub(r"\]\([^)]*\)", "]", report.markdown).replace("\\", "")) <= known
        assert numbers(report.text()) <= known


def test_every_row_of_the_csv_states_its_method(reports: tuple[Report, Report]) -> None:
    assert all(row.measure and row.value and row.method for row in reports[0].rows)
    assert len({(row.way, row.measure) for row in reports[0].rows}) == len(reports[0].rows)


def test_measuring_again_changes_no_conclusion(reports: tuple[Report, Report]) -> None:
    first, second = reports
    assert first.conclusions == second.conclusions
    assert first.recommendation == second.recommendation
    assert "This workflow" in first.recommendation


def test_the_recommendation_is_the_way_with_the_most_points(reports: tuple[Report, Report]) -> None:
    totals = {row.way: int(row.value) for row in reports[0].rows if row.measure == "total"}
    assert max(totals, key=lambda way: totals[way]) == "workflow"


def test_the_name_of_an_export_is_shown_as_text(reports: tuple[Report, Report]) -> None:
    page, markdown = reports[1].page, reports[1].markdown
    assert "<img" not in page + reports[1].french
    assert html.escape(HOSTILE) in page
    assert html.escape(HOSTILE) in reports[1].french
    assert plain(HOSTILE) in markdown
    assert any(row.value == HOSTILE for row in reports[1].rows)


@pytest.mark.parametrize(
    "name", ["[a](javascript:alert(1)).db", "# a\n- b.db", "=cmd|'/c calc'!a.db", "a\udcff\x07.db", "![x](http://x).db", "&lt;b&gt;"]
)
def test_no_name_becomes_markup_or_a_formula(reports: tuple[Report, Report], name: str, tmp_path: Path) -> None:
    report = report_of([row._replace(value=name) if row.measure == "export" else row for row in reports[0].measured], tmp_path)
    assert "javascript:" not in re.findall(r'(?:href|src)="([^"]*)"', report.page)
    assert "<img" not in report.page
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)
    assert " ".join(shown.split()) in " ".join(report.text().split())
    assert not any(cell.startswith(("=", "+", "@")) for row in report.rows for cell in row)


def test_the_page_fetches_nothing_and_runs_nothing(reports: tuple[Report, Report]) -> None:
    for page in (reports[0].page, reports[0].french):
        assert "Content-Security-Policy" in page
        assert not re.search(r"<script|<link|<iframe|@import|url\(|\ssrc=", page)
        assert all(address.startswith(("https://", "http://")) for address in re.findall(r'href="([^"]*)"', page))
        assert page.count("<svg") == 1


def test_the_report_reads_what_it_declares(reports: tuple[Report, Report]) -> None:
    assert len(set(ACCESS_REPORT.reads)) == len(ACCESS_REPORT.reads)
    assert reports[0].rows


def test_importing_the_report_loads_no_heavy_library() -> None:
    heavy = ("pandas", "altair", "duckdb", "pyarrow", "vl_convert", "markdown_it", "adbc_driver_sqlite", "jinja2")
    code = f"import sys, bottleneck_assets.render.report.data_access; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# --- In French -----------------------------------------------------------------------------------------------------------------------


def results(outcome: str) -> Ended:
    """Return what the trials of a way would print if each of them ended so."""
    shown = {"outcome": outcome if outcome != trials.BLOCKED else trials.RIGHT, "wrong": 1, "revenue": -0.0544}
    lock = {"outcome": trials.READ if outcome == trials.RIGHT else trials.REFUSED, "seconds": 0.25}
    fates = {"arrived": 123_456, "rejected": 0 if outcome == trials.RIGHT else 7, "comma": 1_234}
    printed = {"fidelity": fates, "comma": shown, "between": outcome, "page": shown, "truncated": shown}
    return Ended({**printed, **dict.fromkeys(writing.STATES, lock)}, 1.0)


NOTHING = Known({}, {}, {}, {})
DIFFERENT = Ended({"figures": dict.fromkeys(QUESTIONS, 1.0), "segments": {}, "peak_bytes": 1 << 20}, 1.0)
FAILED, LATE = Ended(None, 1.0), Ended(None, LIMIT_SECONDS, late=True)
OUTCOMES = (trials.RIGHT, trials.WRONG, trials.NOTICED, trials.BLOCKED)
FOUND: dict[str, list[Measurement]] = {
    **{outcome: [row for way in m.MEASURED for row in m._trials(way, results(outcome))] for outcome in OUTCOMES},
    "failed": [row for way in m.READERS for row in (*m._trials(way, FAILED), *m._answers(way, FAILED, NOTHING))],
    "late": [row for way in m.READERS for row in (*m._trials(way, LATE), *m._answers(way, LATE, NOTHING))],
    "too large": [row for way in m.MEASURED for row in m._trials(way, None)],
    "the workflow failed": [*m._trials(WORKFLOW, FAILED)],
    "answers differ": m._answers(SQLITE3, DIFFERENT, Known(dict.fromkeys(QUESTIONS, 2.0), {}, {}, {})),
    "no tables": [Measurement(WORKFLOW, m.SECONDS, m.NOT_TIMED, "", "An earlier run made the tables that this report was made from.")],
}
"""What else may be found, beside what was measured here."""


@pytest.fixture(scope="module")
def imagined(reports: tuple[Report, Report], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """The report of what was measured, with something else in its place."""
    made: dict[str, Report] = {}
    for name, rows in FOUND.items():
        other = {(row.way, row.measure): row for row in rows}
        kept = {(row.way, row.measure): row for row in reports[0].measured if not (row.measure == m.OVERLOOKED_BY and len(rows) > 1)}
        made[name] = report_of([*{**kept, **other}.values()], tmp_path_factory.mktemp("imagined") / name)
    return made


@pytest.mark.parametrize("name", ["as measured", *FOUND])
def test_no_english_is_left_on_the_french_page_and_its_figures_are_the_same(
    name: str, reports: tuple[Report, Report], imagined: dict[str, Report]
) -> None:
    report = imagined.get(name, reports[0])
    assert said(report.page, "en") & said(report.french, "fr") - ALIKE == set()
    assert figures(report.french) == figures(report.page)


def test_the_french_page_writes_numbers_dates_and_shares_as_french_does(imagined: dict[str, Report]) -> None:
    page = imagined[trials.WRONG].french
    for written in (
        "1er mars 2024, 12:00 UTC",
        "1\u202f234\u00a0sur 124\u202f697",
        "\u22125,44\u202f%",
        "0,25\u00a0s",
        "\u00a0Mo",
        "8\u00a0sur 8",
    ):
        assert written in page
    assert re.search(r"\d,\d\d\u202f%", page)
    assert not re.search(r" [;?!%»]|« | :", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL))


def test_every_text_is_there_in_both_languages_with_the_same_parts_and_used(
    reports: tuple[Report, Report], imagined: dict[str, Report]
) -> None:
    texts, told = catalogue()["texts"], catalogue()["said"]
    for english, french in (*texts.values(), *told):
        assert english.strip()
        assert french.strip()
        assert set(re.findall(r"\{(\w*)\}", english)) == set(re.findall(r"\{(\w*)\}", french)), english
    module = Path(data_access.__file__)
    written = "".join(module.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".py", ".md", ".html"))
    assert [key for key in texts if f'"{key}"' not in written] == []
    pages = " ".join(" ".join(html.unescape(report.french).split()) for report in (reports[0], *imagined.values()))
    of_advice = " ".join(Texts({}, "fr", told).told(advice) for advice in ADVICE.values())
    seen = re.sub(r"\s", " ", pages + of_advice).casefold()
    for _, french in told:
        assert all(re.sub(r"\s", " ", part).casefold().strip() in seen for part in french.split("{}")), french


def test_what_has_no_french_is_an_error_and_not_left_in_english() -> None:
    with pytest.raises(LookupError, match=r"no French for 'unheard of'"):
        Texts({}, "fr", catalogue()["said"]).told("unheard of")
    assert Texts({}, "en").told("unheard of") == "unheard of"
