"""Where sale prices are read as excl. VAT, all amounts are, and nothing that a release or a command shows says incl. VAT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from bottleneck_assets.figures.measures import MEASURES, as_read
from bottleneck_assets_tests.commands import bottleneck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAYS_INCLUDING = re.compile(r".{0,60}(?:\bincl\.? VAT|\bTTC\b|toutes taxes comprises).{0,20}")
TEXT = {".csv", ".html", ".json", ".md", ".tds", ".yaml"}


def texts_of(release: Path) -> Iterator[tuple[str, str]]:
    """Every text of a release by its path, a workbook's among them."""
    for path in sorted(release.rglob("*")):
        name = path.relative_to(release).as_posix()
        if path.suffix in TEXT:
            yield name, path.read_text(encoding="utf-8")
        elif path.suffix == ".twbx":
            with ZipFile(path) as package:
                yield from ((f"{name}/{one}", package.read(one).decode()) for one in package.namelist() if one.endswith(".twb"))


@pytest.mark.full
def test_no_label_of_a_release_or_a_command_says_incl_vat_where_prices_are_read_as_excl_vat(sample_export: Path, tmp_path: Path) -> None:
    settings = {"BOTTLENECK_DATA_DIR": str(tmp_path), "BOTTLENECK_REPORTS": "true"}
    refreshed = bottleneck("refresh", "--export", sample_export, BOTTLENECK_SALE_PRICES="excl_vat", **settings)
    explained = bottleneck("explain", "revenue", **settings)
    texts = {**dict(texts_of(tmp_path / "extracts" / "latest")), "refresh": refreshed.stdout, "explain": explained.stdout}
    assert {"overview.tds", "dashboard/index.html", "kpis/headline.csv", "semantic_model.ossie.yaml"} <= {*texts}
    assert {name: found for name, text in texts.items() if (found := SAYS_INCLUDING.findall(text))} == {}
    assert "Revenue (excl. VAT)" in texts["refresh"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_labels_stay_as_they_are_where_prices_are_read_as_incl_vat(language: str) -> None:
    label = MEASURES["revenue"].label[language]
    assert as_read(label, "incl_vat") == label
    assert as_read(label, "excl_vat") == {"en": "Revenue", "fr": "CA"}[language]
