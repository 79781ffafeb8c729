"""What lies in the packages, under which names, and that nothing unsound takes its place."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from bottleneck_assets.documents.catalog import TABLEAU_WORKBOOK
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.render.colours import colours
from bottleneck_assets.render.tableau import workbook
from bottleneck_assets.render.tableau.package import FILE, FRENCH_FILE, LIVE_FILE, RELEASE_FILE, pack
from bottleneck_assets.render.tableau.soundness import findings
from bottleneck_assets.render.tableau.sources import sources
from bottleneck_assets_tests.render.tableau.conftest import AS_OF

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.render.tableau.conftest import Packaged

TABLES = sorted([*(source.name for source in sources("en")), "release"])
IN_RELEASE = {name: f"kpis/{name}.csv" for name in ("headline", "segment_band", "stock_turnover_by_segment")}
"""The CSVs that do not lie at the top of a release."""


def test_it_holds_the_workbook_at_its_root_and_the_data_under_names_that_people_give(packaged: Packaged) -> None:
    with ZipFile(packaged.file) as packed:
        csvs, extracts = [f"Data/BottleNeck/{name}.csv" for name in TABLES], [f"Data/Extracts/{name}.hyper" for name in TABLES]
        assert packed.namelist() == ["BottleNeck.twb", *csvs, *extracts]
    with ZipFile(packaged.french) as packed:
        assert packed.namelist() == ["BottleNeck.twb", *csvs, *extracts]
    with ZipFile(packaged.live) as packed:
        assert packed.namelist() == ["BottleNeck.twb", *extracts]


def test_its_csvs_are_those_of_the_release(packaged: Packaged) -> None:
    with ZipFile(packaged.file) as packed:
        for name in TABLES:
            if name != "release":
                path = packaged.release / IN_RELEASE.get(name, f"{name}.csv")
                assert packed.read(f"Data/BottleNeck/{name}.csv") == path.read_bytes()
        assert packed.read("Data/BottleNeck/release.csv") == (packaged.folder / RELEASE_FILE).read_bytes()


def test_our_own_packages_have_no_finding(packaged: Packaged) -> None:
    read: dict[int, Any] = {}
    for package, live in ((packaged.file, False), (packaged.french, False), (packaged.live, True)):
        assert findings(package, live=live) == findings(package, live=live, read=read) == []
    assert len(read) == len(TABLES), "an extract was read for each package"


def test_made_again_it_differs_in_what_hyper_wrote_alone(packaged: Packaged, tmp_path: Path) -> None:
    (tmp_path / "tableau").mkdir()
    TABLEAU_WORKBOOK.render(packaged.occasion(), tmp_path)
    for file in (FILE, FRENCH_FILE, LIVE_FILE):
        with ZipFile(packaged.folder / file) as before, ZipFile(tmp_path / file) as after:
            assert [(entry.filename, entry.date_time, entry.external_attr) for entry in before.infolist()] == [
                (entry.filename, entry.date_time, entry.external_attr) for entry in after.infolist()
            ]
            for name in before.namelist():
                if not name.endswith(".hyper"):
                    assert before.read(name) == after.read(name)


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n")
    (tmp_path / "b.csv").write_text("b\n")
    files = {f"Data/{name}.csv": tmp_path / f"{name}.csv" for name in ("a", "b")}
    pack(tmp_path / "one.twbx", b"<workbook/>", files)
    pack(tmp_path / "two.twbx", b"<workbook/>", dict(reversed(files.items())))
    assert (tmp_path / "one.twbx").read_bytes() == (tmp_path / "two.twbx").read_bytes()


def test_it_renders_exactly_the_files_that_the_document_lists(packaged: Packaged) -> None:
    found = {path.relative_to(packaged.folder).as_posix() for path in (packaged.folder / "tableau").rglob("*")}
    assert found == set(TABLEAU_WORKBOOK.files)
    assert not list(packaged.folder.glob(".data-*")), "what it was packed from is left behind"


def test_an_unsound_workbook_is_refused(packaged: Packaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = workbook.workbook
    monkeypatch.setattr(workbook, "workbook", lambda *given, **options: made(*given, **options).replace(b"<SortTagCleanup/>", b""))
    (tmp_path / "tableau").mkdir()
    with pytest.raises(ReleaseError, match=r"BottleNeck\.twbx is not sound: computed-sort is used, and the manifest lacks SortTagCleanup"):
        TABLEAU_WORKBOOK.render(packaged.occasion(), tmp_path)


def test_no_text_of_the_data_but_its_months_and_the_names_of_segments_is_in_the_workbook(packaged: Packaged) -> None:
    text = packaged.workbook(packaged.file)
    with (packaged.release / "overview.csv").open(encoding="utf-8", newline="") as file:
        months = sorted({dt.date.fromisoformat(row["month"]) for row in csv.DictReader(file)})
    assert text == workbook.workbook("", "incl_vat", AS_OF, colours(packaged.occasion().warehouse), months)
    for line in (packaged.release / "top_products.csv").read_text(encoding="utf-8").splitlines()[1:50]:
        assert line.split(",")[2].strip('"').encode() not in text


@pytest.mark.parametrize(("as_of", "expected"), [("", "\u2013"), ("2026-11-24T09:30:00+01:00", "2026-11-24 08:30 UTC")])
def test_the_age_of_the_data_is_said_as_people_read_it(as_of: str, expected: str) -> None:
    from bottleneck_assets.render.tableau.release_table import release_row

    day, start, end = dt.date(2023, 10, 31), dt.date(2022, 10, 1), dt.date(2023, 9, 1)
    row = release_row(day, as_of, start, end)
    assert row == {"data_as_of": day, "received": expected, "period_start": start, "period_end": end}
