"""Proves that what is kept between processes is given back only while what it was made of is the same, and whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.engine import remembered as module
from bottleneck_assets.engine.remembered import remembered
from bottleneck_assets.models import catalog, lineage
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.lineage import column_sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A memory of the test's own, with nothing in it."""
    monkeypatch.setattr(module, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "kept"


def never() -> dict[str, str]:
    return pytest.fail("made again")


def test_what_was_made_of_the_same_is_given_back() -> None:
    assert remembered("a", lambda: {"reads": ["é"]}, of=["select 1"], by="sqlglot") == {"reads": ["é"]}
    assert remembered("a", never, of=["select 1"], by="sqlglot") == {"reads": ["é"]}


def test_what_was_made_of_another_text_file_or_version_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "code.py"
    code.write_text("one", encoding="utf-8")
    remembered("a", lambda: "first", of=["select 1", code], by="sqlglot")
    assert remembered("a", lambda: "second", of=["select 2", code], by="sqlglot") == "second"
    code.write_text("two", encoding="utf-8")
    assert remembered("a", lambda: "third", of=["select 2", code], by="sqlglot") == "third"
    monkeypatch.setattr(module, "_version", lambda _package: "0")
    assert remembered("a", lambda: "fourth", of=["select 2", code], by="sqlglot") == "fourth"


def test_one_flipped_bit_anywhere_in_it_and_it_is_made_again(folder: Path) -> None:
    remembered("a", lambda: "whole", of=["x"], by="sqlglot")
    whole = (folder / "a.kept").read_bytes()
    for place in range(len(whole)):
        (folder / "a.kept").write_bytes(bytes([*whole[:place], whole[place] ^ 4, *whole[place + 1 :]]))
        assert remembered("a", lambda: "whole", of=["x"], by="sqlglot") == "whole"
        assert (folder / "a.kept").read_bytes() == whole


def test_where_nothing_may_be_kept_it_is_made_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write_text("a file where the folder would be", encoding="utf-8")
    assert [remembered("a", lambda: 1, of=["x"], by="sqlglot"), remembered("a", lambda: 2, of=["x"], by="sqlglot")] == [1, 2]
    folder.unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    remembered("a", lambda: 1, of=["x"], by="sqlglot")
    assert not folder.exists()


def test_what_is_kept_of_a_select_is_what_is_read_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_out() -> tuple[object, ...]:
        models.cache_clear()
        model = models()["kpi.promo_campaign"]
        return model.reads, model.select, model.code_version, column_sources.__wrapped__(model.ref)

    with monkeypatch.context() as patch:
        for reader in (catalog, lineage):
            patch.setattr(reader, "remembered", lambda _name, make, **_of: make())
        fresh = read_out()
    assert read_out() == fresh
    assert read_out() == fresh
