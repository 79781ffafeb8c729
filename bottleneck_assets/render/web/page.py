"""Puts the dashboard together: one file with its styles, texts, figures, charts and script, and nothing to fetch.

Belongs here: what goes into the file, and what the browser may run of it. Never here: which figures there are (tables.py), what is said
(texts.json), how it is drawn (dashboard.js, dashboard.css).

Whatever comes from a table stands in a block of JSON, in which no character can end the block; the page writes it as text. The browser
runs nothing but the scripts whose hashes the policy names: no text of the export could run even if it came to stand as markup.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets.render.web import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.render.occasion import Occasion


FILE = "dashboard/index.html"
TABS = (
    "overview",
    "inflation_margin",
    "promotions_roi",
    "top_products",
    "customer_preferences",
    "segments",
    "stock_turnover",
    "business_recommendations",
)
_FOLDER = Path(__file__).parent
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render(occasion: Occasion, folder: Path) -> None:
    """Write the dashboard under a folder."""
    figures = tables.figures(occasion.warehouse)
    facts = {"export": occasion.export.name, "as_of": occasion.data_as_of, "checks": _checks(occasion), "tabs": TABS}
    (folder / FILE).write_text(_page({**facts, **figures}), encoding="utf-8", newline="\n")


def _checks(occasion: Occasion) -> dict[str, int] | None:
    """Return how many checks said what, if the occasion knows; a release that is there has passed all that could refuse it."""
    if occasion.checks is None:
        return None
    passed = [result.passed for result in occasion.checks]
    return {"passed": sum(passed), "warned": len(passed) - sum(passed)}


def _page(figures: Mapping[str, Any]) -> str:
    scripts = [*_libraries(), (_FOLDER / "dashboard.js").read_text(encoding="utf-8")]
    allowed = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    policy = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"
    parts = {
        "POLICY": policy,
        "STYLE": (_FOLDER / "dashboard.css").read_text(encoding="utf-8"),
        "TEXTS": embedded(json.loads((_FOLDER / "texts.json").read_text(encoding="utf-8"))),
        "FIGURES": embedded(figures),
        "SCRIPTS": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    # taken apart first: nothing that is put in is searched for places to put something in
    pieces = (_FOLDER / "dashboard.html").read_text(encoding="utf-8").split("%%")
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def embedded(value: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    """Return a value as JSON that may stand in a page: nothing in it can end the block, or start a comment or a tag."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


@cache
def _libraries() -> tuple[str, ...]:
    """Return what the page's own script stands on: Vega-Embed, with Vega-Lite and Vega in it, and the table widget."""
    import vl_convert

    charts = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    widget = (_FOLDER / "vendor" / "dataTables-3.1.5.min.js").read_text(encoding="utf-8")
    # a page that is opened from disk has no modules: the bundle, which is one, gets a scope of its own
    return tuple(script.replace("</script", "<\\/script") for script in (f"(() => {{\n{charts}\n}})();", widget))
