"""The report on data access: its figures are its CSV's, its conclusions stay, and what the export is called is shown as text."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.access.measuring import Measurement
from bottleneck_assets.access.scoring import judge
from bottleneck_assets.documents.catalog import ACCESS_REPORT
from bottleneck_assets.render.report.data_access import CSV, HTML, MARKDOWN, plain, write
from bottleneck_assets_tests.access.occasions import occasion_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.full

HOSTILE = "x|<img src=x onerror=1>.db"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Report:
    """A rendered report."""

    folder: Path

    @property
    def markdown(self) -> str:
        return (self.folder / MARKDOWN).read_text(encoding="utf-8")

    @property
    def page(self) -> str:
        return (self.folder / HTML).read_text(encoding="utf-8")

    @property
    def rows(self) -> list[Measurement]:
        with (self.folder / CSV).open(encoding="utf-8", newline="") as file:
            return [Measurement(*row) for row in list(csv.reader(file))[1:]]

    @property
    def conclusions(self) -> list[Measurement]:
        """The rows of the CSV that say what follows."""
        return [row for row in self.rows if row.measure.startswith(("weight:", "points:", "total", "lead", "first,"))]

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


def test_it_writes_the_files_that_it_promises_and_nothing_else(reports: tuple[Report, Report]) -> None:
    for report in reports:
        assert {path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*.*")} == set(ACCESS_REPORT.files)


def test_every_number_that_a_reader_sees_is_in_the_csv(reports: tuple[Report, Report]) -> None:
    for report in reports:
        known = set(NUMBER.findall(" ".join(" ".join(row) for row in report.rows)))
        markdown = re.sub(r"\]\([^)]*\)", "]", report.markdown).replace("\\", "")
        assert set(NUMBER.findall(markdown)) <= known
        assert set(NUMBER.findall(report.text())) <= known


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
    assert "<img" not in page
    assert html.escape(HOSTILE) in page
    assert plain(HOSTILE) in markdown
    assert any(row.value == HOSTILE for row in reports[1].rows)


@pytest.mark.parametrize(
    "name", ["[a](javascript:alert(1)).db", "# a\n- b.db", "=cmd|'/c calc'!a.db", "a\udcff\x07.db", "![x](http://x).db", "&lt;b&gt;"]
)
def test_no_name_becomes_markup_or_a_formula(reports: tuple[Report, Report], name: str, tmp_path: Path) -> None:
    found = [row._replace(value=name) if row.measure == "export" else row for row in reports[0].rows]
    measured = [row for row in found if not row.measure.startswith(("weight:", "points:", "total", "lead", "first,"))]
    (tmp_path / "report").mkdir()
    write(measured, judge(measured), tmp_path)
    report = Report(tmp_path)
    assert "javascript:" not in re.findall(r'(?:href|src)="([^"]*)"', report.page)
    assert "<img" not in report.page
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)
    assert " ".join(shown.split()) in " ".join(report.text().split())
    assert not any(cell.startswith(("=", "+", "@")) for row in report.rows for cell in row)


def test_the_page_fetches_nothing_and_runs_nothing(reports: tuple[Report, Report]) -> None:
    page = reports[0].page
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
