"""Folds labels (segments, product types): which spellings are one label, and how a spelling is shown.

Belongs here: the fold, as functions of one text; SELECTs call them. Never here: which spelling is the commonest, and any label by name.
"""

from __future__ import annotations

import html
import unicodedata

_INVISIBLE: dict[int, int | None] = dict.fromkeys((0x200B, 0x2060, 0xFEFF))


def label_shown(spelling: str | None) -> str | None:
    """Return a label as it is shown: entities decoded, NFC, every run of white space one space, and none outside."""
    if spelling is None:
        return None
    return " ".join(unicodedata.normalize("NFC", html.unescape(spelling)).translate(_INVISIBLE).split())


def label_key(spelling: str | None) -> str | None:
    """Return what all spellings of a label have in common: the label as it is shown, without regard to case."""
    shown = label_shown(spelling)
    return None if shown is None else unicodedata.normalize("NFC", shown.casefold())
