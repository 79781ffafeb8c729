"""Proves that the trials of exports would notice a loss, and that what they draw can be drawn again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bottleneck_assets.source import reading
from bottleneck_assets_tests.small_export import built, minimal_rows
from bottleneck_assets_tests.torture.accounts import Told, lost_rows, told_by_warehouse
from bottleneck_assets_tests.torture.exports import drawn, flipped, lost_in_reading
from bottleneck_assets_tests.torture.extremes import EXTREMES, failure
from bottleneck_assets_tests.torture.spellings import lost, spelled
from bottleneck_assets_tests.torture.sqlite_features import FEATURES

pytestmark = pytest.mark.usefixtures("posix")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    folder, rows = tmp_path_factory.mktemp("told"), minimal_rows()
    rows["Sales"][0]["Stock"] = "=many"
    rows["Sales"].append(dict(rows["Sales"][3]))
    return folder / "export.db", told_by_warehouse(built(folder, rows))


def test_nothing_is_lost_of_an_export_that_is_accounted_for(told: tuple[Path, Told]) -> None:
    assert lost_rows(*told) == []


LOSSES: dict[str, tuple[Callable[[Told], Told], str]] = {
    "a row not read": (lambda told: replace(told, accounting={**told.accounting, "sales": (9, 8, 1, 0, 0)}), "sales holds 10 rows, and 9"),
    "a row that went": (
        lambda told: replace(told, accounting={**told.accounting, "sales": (10, 7, 1, 1, 0)}),
        "7 kept + 1 quarantined + 1 dropped",
    ),
    "a copy too many": (
        lambda told: replace(told, accounting={**told.accounting, "sales": (10, 7, 1, 2, 0)}),
        "2 rows are said to be dropped, and 1 are",
    ),
    "an empty quarantine": (lambda told: replace(told, quarantine=[]), "1 rows are said to be in quarantine, and 0 are"),
    "a product left out": (
        lambda told: replace(told, accounting={**told.accounting, "web": (3, 2, 0, 0, 1)}),
        "1 rows are said to be left out, and 0 are",
    ),
    "a cell cut short": (
        lambda told: replace(
            told, quarantine=[{**row, "exported_row": row["exported_row"].replace("many", "man")} for row in told.quarantine]
        ),
        "stock is b'=many', and '=man' in quarantine",
    ),
    "another row in the place of one": (
        lambda told: replace(told, kept={**told.kept, "web": told.kept["finance"]}),
        "web: kept are rows that should not be",
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_noticed(told: tuple[Path, Told], name: str) -> None:
    lose, said = LOSSES[name]
    export, whole = told

    assert any(said in loss for loss in lost_rows(export, lose(whole)))


def test_cells_read_from_a_wrong_index_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (feature,) = (feature for feature in FEATURES if "disagrees with its table" in feature.name)
    path, select = feature.write(tmp_path / "export.db"), reading._select
    assert lost_in_reading(path) == (True, [])

    monkeypatch.setattr(reading, "_select", lambda *given: select(*given).removesuffix(" not indexed"))
    was_read, lost = lost_in_reading(path)
    assert was_read
    assert "sales.key_sales, row 1 holds" in lost[0]


def test_a_seed_draws_the_same_again() -> None:
    assert repr(drawn(7, 5)) == repr(drawn(7, 5))
    assert flipped(bytes(10_000), 3) == flipped(bytes(10_000), 3) != bytes(10_000)


# --- Extremes and spellings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extreme", [0, -1])
def test_the_extremes_of_all_columns_at_once_lead_to_every_table(extreme: int, tmp_path: Path) -> None:
    rows = minimal_rows()
    for (table, name), values in EXTREMES.items():
        rows[table][-1][name] = values[extreme]
    assert failure(rows, tmp_path / "built") == ""


def test_an_error_while_tables_are_built_is_a_loss(tmp_path: Path) -> None:
    rows = minimal_rows()
    without_a_price = {**rows, "Finance": [{**row, "Price": ""} for row in rows["Finance"]]}
    assert failure(without_a_price, tmp_path / "built").startswith("BrokenContractError: Table kpi.headline")


def test_another_value_than_is_meant_is_a_loss(tmp_path: Path) -> None:
    rows, column = minimal_rows(), ("Finance", "Price")
    (tmp_path / "same").mkdir()
    (tmp_path / "other").mkdir()
    assert lost(rows, column, spelled(rows, column, "{}.00 €".format, "\t"), tmp_path / "same") == []
    assert any("and not" in loss for loss in lost(rows, column, spelled(rows, column, "1{}".format, ""), tmp_path / "other"))
