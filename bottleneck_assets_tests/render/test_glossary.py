"""One thing has one name in French, in every sentence, label, title and note that readers see."""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bottleneck_assets import wording
from bottleneck_assets.wording import GLOSSARY

PACKAGE = Path(wording.__file__).parent
SHOWN = (
    *PACKAGE.glob("figures/*.py"),
    *PACKAGE.glob("render/report/*.py"),
    PACKAGE / "render/semantic_model.py",
    PACKAGE / "render/web/texts.json",
    PACKAGE / "wording.py",
)
NAMES = {"CA TTC", "marge brute HT", "taux d’écoulement", "seuil de commande", "rendement des promotions", "confiance élevée"}


def test_the_glossary_holds_the_words_that_stay_the_same() -> None:
    assert set(GLOSSARY) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_thing_is_called_by_its_name_and_never_otherwise(name: str) -> None:
    texts = {path.name: re.sub(r"\s+", " ", path.read_text(encoding="utf-8")).casefold() for path in SHOWN}
    texts["wording.py"] = texts["wording.py"].partition("# how to read the texts")[2]
    others = [other.casefold() for other in GLOSSARY[name]]

    assert any(name.casefold() in text for text in texts.values()), name
    assert [(file, other) for file, text in texts.items() for other in others if other in text] == []
