"""The measurements: each way's answers against the release's, real locks, real damage, and every cell counted a second time."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.access import copies, processes, writing
from bottleneck_assets.access import measuring as m
from bottleneck_assets.access.questions import QUESTIONS
from bottleneck_assets.access.scoring import judge
from bottleneck_assets.access.trials import agree
from bottleneck_assets.access.ways import ADBC, BY_CSV, DIRECT, DUCKDB, PANDAS, SQLITE3, WORKFLOW, answers, rows, select
from bottleneck_assets.errors import ExportError
from bottleneck_assets.render.report import data_access
from bottleneck_assets.source.exports import verify
from bottleneck_assets_tests.access.occasions import occasion_of
from bottleneck_assets_tests.small_export import COLUMNS, SPIRIT, built, minimal_rows, promo_row, write_export

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.access.conftest import Measured

READERS = (*DIRECT, *BY_CSV)


@pytest.mark.parametrize("way", READERS)
def test_every_way_gives_the_eight_answers_of_the_release(measured: Measured, way: str, tmp_path: Path) -> None:
    asked, known = data_access._known(measured.occasion)
    found = answers(way, measured.occasion.export, tmp_path, asked)
    assert {name: found.figures[name] for name in QUESTIONS} == pytest.approx({name: known.figures[name] for name in QUESTIONS}, rel=1e-6)
    assert found.segments == pytest.approx(known.segments, rel=1e-6)
    assert measured.value(way, m.AGREEING) == "8"


@pytest.mark.parametrize("way", READERS)
def test_every_way_agrees_on_the_real_export(real_export: Path, way: str, tmp_path: Path) -> None:
    asked, known = data_access._known(occasion_of(real_export, tmp_path))
    found = answers(way, real_export, tmp_path, asked)
    assert all(agree(found.figures[name], known.figures[name]) for name in QUESTIONS)


@pytest.mark.parametrize("way", [SQLITE3, PANDAS])
def test_the_units_of_promotions_are_read_as_the_setting_says(excluded_sample_export: Path, way: str, tmp_path: Path) -> None:
    asked, known = data_access._known(occasion_of(excluded_sample_export, tmp_path, "excluded"))
    found = answers(way, excluded_sample_export, tmp_path, asked)
    assert all(agree(found.figures[name], known.figures[name]) for name in QUESTIONS)


@pytest.mark.parametrize("way", [SQLITE3, PANDAS])
def test_prices_are_net_of_vat_where_the_setting_says_so(sample_export: Path, way: str, tmp_path: Path) -> None:
    asked, known = data_access._known(occasion_of(sample_export, tmp_path, sale_prices="excl_vat"))
    found = answers(way, sample_export, tmp_path, asked)
    assert set(asked.net_factors.values()) == {1.0}
    assert all(agree(found.figures[name], known.figures[name]) for name in QUESTIONS)


@pytest.mark.parametrize("way", [SQLITE3, PANDAS])
def test_a_segment_without_stock_has_none_however_it_is_spelled(sample_export: Path, way: str, tmp_path: Path) -> None:
    export = tmp_path / "renamed.db"
    shutil.copy(sample_export, export)
    with closing(sqlite3.connect(export)) as connection, connection:
        connection.execute("update Web set Segment = 'Offres  COMMERCIALES' where Segment = 'Offres commerciales'")
    asked, known = data_access._known(occasion_of(export, tmp_path))
    found = answers(way, export, tmp_path, asked)
    assert asked.unstocked == ["Offres  COMMERCIALES"]
    assert all(agree(found.figures[name], known.figures[name]) for name in QUESTIONS)


@pytest.mark.parametrize("way", READERS)
def test_a_figure_without_a_divisor_is_none_and_no_failure(way: str, tmp_path: Path) -> None:
    given = minimal_rows()
    given["Promo"] = [promo_row("2022-11", SPIRIT, Price_Offer="20")]
    given["Web"] = [{**row, "Average_rating": "", "Rating_count": 0} for row in given["Web"]]
    export = write_export(tmp_path / "export.db", given)
    asked, known = data_access._known(occasion_of(export, tmp_path))
    found = answers(way, export, tmp_path, asked)
    assert all(agree(found.figures[name], known.figures[name]) for name in QUESTIONS)
    assert str(found.figures["promo_margin_roi"]) == "nan"


def test_an_answer_that_differs_is_named(measured: Measured) -> None:
    _, known = data_access._known(measured.occasion)
    said = {"figures": {**known.figures, "units": 1.0}, "segments": {**known.segments, "Vin": 0.0}, "peak_bytes": 1}
    row = next(one for one in m._answers(SQLITE3, processes.Ended(said, 1.0), known) if one.measure == m.AGREEING)
    assert row.value == "6"
    assert row.method.endswith("Differing: revenue, units.")


def test_sqlite_drops_what_follows_an_overlooked_comma_and_says_nothing(measured: Measured) -> None:
    assert measured.value(SQLITE3, m.OVERLOOKED) == measured.value(ADBC, m.OVERLOOKED) == "6 of 8 wrong, without a word"
    assert -10 < float(measured.value(SQLITE3, m.OVERLOOKED_BY)) < 0
    assert measured.value(PANDAS, m.OVERLOOKED) == measured.value(DUCKDB, m.OVERLOOKED) == "an error"


def test_every_comma_that_is_lost_is_counted(measured: Measured) -> None:
    numeric = {"Finance": ("Price", "Purchase_Price"), "Promo": ("Price_Offer",), "Web": ("Average_rating",)}
    with closing(sqlite3.connect(measured.occasion.export)) as connection:
        commas = sum(
            connection.execute(f"select count(*) from {table} where {column} like '%,%'").fetchone()[0]
            for table, columns in numeric.items()
            for column in columns
        )
        cells = sum(
            len(COLUMNS[table]) * connection.execute(f"select count(*) from {table}").fetchone()[0] for table in (*numeric, "Sales")
        )
        empty = connection.execute("select count(*) from sales where orders = ''").fetchone()[0]
    lost = next(one for one in measured.found if (one.way, one.measure) == (SQLITE3, m.LOST))
    assert (lost.value, lost.unit) == (str(commas), f"of {cells:,}")
    assert int(measured.value(PANDAS, m.FATES["empty"])) >= empty
    assert {measured.value(way, m.FATES["comma"]) for way in READERS} == {str(commas)}


def test_the_workflow_loses_no_cell_and_puts_the_flag_that_is_none_into_quarantine_with_its_row(measured: Measured) -> None:
    assert measured.value(WORKFLOW, m.LOST) == "0"
    assert measured.value(WORKFLOW, m.QUARANTINED) == str(len(COLUMNS["Finance"]))


def test_a_commit_shuts_direct_readers_out_and_nobody_else(measured: Measured) -> None:
    for way in (*READERS, WORKFLOW):
        assert measured.value(way, m.LOCKS[writing.BEGUN]) == measured.value(way, m.LOCKS[writing.WAL]) == "figures"
        assert measured.value(way, m.LOCKS[writing.COMMITTING]) == ("refused" if way in DIRECT else "figures")
    assert measured.value(WORKFLOW, m.REFRESH_IN_LOCK) == "refused, the last release stays"


def test_the_locks_are_real(measured: Measured, tmp_path: Path) -> None:
    copied = copies.make(measured.occasion.export, tmp_path)
    query = ["select sum(sales) from sales"]
    with writing.held({state: copied[state] for state in writing.STATES}):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            select(SQLITE3, copied[writing.COMMITTING], query)
        assert select(SQLITE3, copied[writing.WAL], query) == select(SQLITE3, copied["whole"], query), "what is not committed is not read"
    assert select(SQLITE3, copied[writing.COMMITTING], query) == select(SQLITE3, copied["whole"], query), "the writer has let go"


def test_a_commit_between_two_tables_is_told_apart(measured: Measured) -> None:
    assert {way: measured.value(way, m.BETWEEN) for way in (*READERS, WORKFLOW)} == {
        SQLITE3: "tables of two states, without a word",
        PANDAS: "tables of two states, without a word",
        DUCKDB: "tables of two states, without a word",
        ADBC: "one state; the shop cannot write",
        WORKFLOW: "noticed, nothing published",
    }


@pytest.mark.parametrize("damage", ["page", "truncated"])
def test_damage_is_reported_as_it_shows(measured: Measured, damage: str, tmp_path: Path) -> None:
    copied = copies.make(measured.occasion.export, tmp_path)
    assert copied[damage].read_bytes() != copied["whole"].read_bytes()
    with pytest.raises(ExportError):
        verify(copied[damage], {})
    name = {"page": m.PAGE, "truncated": m.TRUNCATED}[damage]
    assert measured.value(WORKFLOW, name) == "an error"
    asked, _ = data_access._known(measured.occasion)
    for way in READERS:
        try:
            figures = answers(way, copied[damage], tmp_path, asked).figures
        except Exception:  # noqa: BLE001 - each library has its own
            expected = "an error"
        else:
            right = answers(way, copied["whole"], tmp_path, asked).figures
            wrong = sum(not agree(figures[question], right[question]) for question in QUESTIONS)
            expected = f"{wrong} of 8 wrong, without a word" if wrong else "right figures"
        assert measured.value(way, name) == expected


def test_the_export_is_not_touched_and_nothing_is_left_behind(measured: Measured) -> None:
    assert measured.after == measured.before
    assert measured.left_behind == []


def test_an_export_with_a_log_is_copied_with_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    built(folder, minimal_rows(), refs=[])
    export = folder / "export.db"
    with closing(sqlite3.connect(export)) as shop:
        shop.execute("pragma journal_mode = wal")
        with shop:
            shop.execute("update sales set sales = 77")
        before = {path.name: path.read_bytes() for path in folder.glob("export.db*")}
        copied = copies.make(export, tmp_path)
        assert {path.name: path.read_bytes() for path in folder.glob("export.db*")} == before
        assert select(SQLITE3, copied["whole"], ["select distinct sales from sales"]) == [[(77,)]]


def test_a_way_that_takes_too_long_or_fails_is_reported_as_that_and_scored(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, known = data_access._known(measured.occasion)
    monkeypatch.setattr(m, "run", partial(processes.run, limit=0.001))
    found = m.measure(measured.occasion.export, asked, known, run_started=measured.occasion.run_started, now=measured.occasion.now)
    assert {one.value for one in found if one.way in READERS and one.measure == m.SECONDS} == {m.LATE}
    assert {score.points for score in judge(found).scores if score.need.is_measured and score.way in READERS} == {0, 2}
    failed = [
        one._replace(value=m.FAILED) if one.value == m.LATE else one
        for one in [*found, *m._answers(SQLITE3, processes.Ended(None, 1), known)]
    ]
    assert {score.points for score in judge(failed).scores if score.need.is_measured and score.way in READERS} == {0}
    assert {one.value for one in m._trials(SQLITE3, processes.Ended(None, 1))} == {m.FAILED}


def test_a_child_process_is_ended_when_its_time_is_up_and_says_nothing_when_it_fails(tmp_path: Path) -> None:
    late = processes.run("answering", {}, limit=0.001)
    assert (late.late, late.printed) == (True, None)
    failed = processes.run("answering", {"way": SQLITE3, "export": str(tmp_path / "none.db"), "folder": "", "asked": {}})
    assert (failed.late, failed.printed) == (False, None)


def test_the_memory_of_a_way_is_its_own_and_not_that_of_the_run(measured: Measured, tmp_path: Path) -> None:
    held = bytearray(400 << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    assert processes.peak_bytes() > 400 << 20
    asked, _ = data_access._known(measured.occasion)
    given = {"way": SQLITE3, "export": str(measured.occasion.export), "folder": str(tmp_path), "asked": vars(asked)}
    said = processes.run("answering", given).printed
    assert said is not None
    assert 1 << 20 < said["peak_bytes"] < 200 << 20


def test_rows_arrive_in_the_order_of_the_table(measured: Measured, tmp_path: Path) -> None:
    export = measured.occasion.export
    keys = {way: [row[0] for row in _rows(way, export, tmp_path)] for way in READERS}
    with closing(sqlite3.connect(export)) as connection:
        expected = [key for (key,) in connection.execute("select key_promo from promo order by rowid")]
    assert all(found == expected for found in keys.values())
    assert SPIRIT not in expected


def _rows(way: str, export: Path, folder: Path) -> list[tuple[object, ...]]:
    asked_folder = folder / way
    asked_folder.mkdir()
    if way in BY_CSV:
        from bottleneck_assets.access.ways import extract

        extract(export, asked_folder)
    return [tuple(row) for row in rows(way, export, asked_folder, "promo")]


def test_an_export_that_forbids_to_change_it_is_tried_like_any_other(sample_export: Path, tmp_path: Path) -> None:
    export = tmp_path / "closed.db"
    shutil.copy(sample_export, export)
    with closing(sqlite3.connect(export)) as connection, connection:
        connection.execute("create trigger closed before update on Sales begin select raise(abort, 'closed month'); end")
    copied = copies.make(export, tmp_path)
    with (
        writing.held({state: copied[state] for state in writing.STATES}),
        closing(sqlite3.connect(copied[writing.COMMITTING], timeout=0)) as reader,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        reader.execute("select count(*) from sales")
    assert writing.commit(copied["whole"])


def test_an_export_too_large_to_copy_is_read_and_not_tried(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m, "LARGEST_BYTES", 1000)
    asked, known = data_access._known(measured.occasion)
    found = m.measure(measured.occasion.export, asked, known, run_started=None, now=measured.occasion.now)
    values = {(one.way, one.measure): one.value for one in found}
    assert values[SQLITE3, m.PAGE] == m.TOO_LARGE
    assert float(values[SQLITE3, m.SECONDS]) > 0
    assert values[WORKFLOW, m.SECONDS] == m.NOT_TIMED
    judge(found)
