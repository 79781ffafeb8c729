"""Puts the dashboard together: one file with its styles, texts, figures, charts and script, and nothing to fetch.

Belongs here: what goes into the file, and what the browser may run of it. Never here: which rows there are (tables.py), what a figure is
or a tab shows or a value is called (figures/), what else is said (texts.json), how it is drawn (script/, dashboard.css).

Whatever comes from a table stands in a block of JSON, in which no character can end the block; the page writes it as text. The browser
runs nothing but the scripts whose hashes the policy names: no text of the export could run even if it came to stand as markup.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.engine.remembered import remembered
from bottleneck_assets.figures.plain import labels_as_read, measures_json, tabs_json
from bottleneck_assets.figures.tabs import MARKS, VALUES
from bottleneck_assets.render.web import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.render.occasion import Occasion

FILE = "dashboard/index.html"
_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import (\{[^}]+\}) from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|class) (\w+))", re.MULTILINE)
_OPENING = re.compile(
    rb'(.*?<html lang="en" data-files=")[^"]*(">.*?)<meta http-equiv="Content-Security-Policy" content="([^"]*)">(.*?<header>)', re.DOTALL
)
_OF_A_SITE = {"script-src", "style-src-elem", "style-src", "img-src"}
_AT_ONCE = "//# allFunctionsCalledOnLoad\n"
"""What tells Chromium to compile a script in one go, where most of it runs at once: each function would else be read twice."""
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render(occasion: Occasion, folder: Path) -> None:
    """Write the dashboard under a folder."""
    figures = tables.figures(occasion.warehouse)
    texts = {name: {"en": english, "fr": french} for name, (english, french) in _texts().items()}
    read = labels_as_read({"texts": texts, "declared": {"measures": measures_json(), **tabs_json()}}, figures["sale_prices"])
    said = json.loads(json.dumps(read), object_hook=_typeset)
    facts = {
        "export": occasion.export.name,
        "received": occasion.received,
        "in_place_of": occasion.in_place_of,
        "checks": _checks(occasion),
    }
    page = _page(said["texts"], {**facts, **said["declared"], **figures})
    (folder / FILE).write_text(page, encoding="utf-8", newline="\n")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _typeset(said: dict[str, Any]) -> dict[str, Any]:
    """Return a text that stands in both languages with the unbreakable spaces that French wants; whatever else there is as it is."""
    return {**said, "fr": wording.typeset(said["fr"], "fr")} if said.keys() == {"en", "fr"} else said


def _checks(occasion: Occasion) -> dict[str, int] | None:
    """Return how many checks said what, if the occasion knows; a release that is there has passed all that could refuse it."""
    if occasion.checks is None:
        return None
    passed = [result.passed for result in occasion.checks]
    return {"passed": sum(passed), "warned": len(passed) - sum(passed)}


def _page(texts: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    charts, widget = _libraries()
    scripts = [f"{_AT_ONCE}{script()}", charts, f"{_AT_ONCE}{widget}"]  # cards stand before charts can be drawn
    style = f"\n{_text('dashboard.css')}"
    # attributes of style place the charts' marks; a browser that knows no rule of its own for them takes the last one
    styles = f"style-src-elem {_hashes(style)}; style-src-attr 'unsafe-inline'; style-src 'unsafe-inline'"
    parts = {
        "POLICY": f"default-src 'none'; script-src {_hashes(*scripts)}; {styles}; img-src data: blob:; base-uri 'none'",
        "STYLE": style,
        "TEXTS": embedded(texts),
        "FIGURES": embedded(figures),
        "SCRIPTS": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    # taken apart first: nothing that is put in is searched for places to put something in
    pieces = _text("dashboard.html").split("%%")
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def _texts() -> dict[str, Sequence[str]]:
    """Return every text of the page in each language, what values and forms are called among them."""
    called = {**VALUES, "mark": MARKS}
    named = {f"{name}_{value}": (said.en, said.fr) for name, values in called.items() for value, said in values.items()}
    return {**json.loads(_text("texts.json")), **named}


def _hashes(*texts: str) -> str:
    """Return what a policy calls scripts or styles that may run."""
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


def hosted(opening: bytes, files: str, zone: str, head: str, header: str) -> tuple[bytes, str] | None:
    """Return the first bytes of a dashboard as a page of a site, and the policy that the site sends with it; None if it is no such page.

    The site says where the release's files lie, in which zone it tells times, and what it adds to the page's head and at the beginning of
    its header: so the dashboard knows that pages of the site are there to lead to. Beside the dashboard's own scripts and styles, which
    the policy names by their hashes, its files may run, and it may be asked.
    """
    if (found := _OPENING.match(opening)) is None:
        return None
    start, to_policy, policy, to_header = found.groups()
    rules = [rule.partition(" ") for rule in policy.decode().split("; ")]
    allowed = "; ".join(f"{name} 'self' {sources}" if name in _OF_A_SITE else f"{name} {sources}" for name, _, sources in rules)
    place = f'{files}" data-zone="{escape(zone)}'
    page = b"".join((start, place.encode(), to_policy, head.encode(), to_header, header.encode(), opening[found.end() :]))
    return page, f"{allowed}; connect-src 'self'; form-action 'self'; frame-ancestors 'none'"


def embedded(value: Any) -> str:  # noqa: ANN401 - whatever JSON can say
    """Return a value as JSON that may stand in a page: nothing in it can end the block, or start a comment or a tag."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


def script() -> str:
    """Return the modules under script/ as one script, since a page that is opened from disk has no modules.

    Each becomes a function, called once, that returns what it exports, in an order in which every module finds those that it imports.
    Raises graphlib.CycleError if modules import one another in a circle.
    """
    modules = {path.resolve(): path.read_text(encoding="utf-8") for path in sorted((_FOLDER / "script").rglob("*.js"))}
    place = {path: number for number, path in enumerate(modules)}
    # lists, since the order of a set is another in every process: the same modules give the same bytes
    needs = {path: [(path.parent / name).resolve() for _, name in _IMPORT.findall(text)] for path, text in modules.items()}

    def called(path: Path) -> str:
        text = _IMPORT.sub(lambda found: f"const {found[1]} = module{place[(path.parent / found[2]).resolve()]};", modules[path])
        return f"const module{place[path]} = (() => {{\n{_EXPORT.sub('', text)}return {{ {', '.join(_EXPORT.findall(text))} }};\n}})();"

    return "\n".join(["(() => {", '"use strict";', *map(called, TopologicalSorter(needs).static_order()), "})();"])


@cache
def _libraries() -> tuple[str, ...]:
    """Return what the page's own script draws with: Vega-Embed, with Vega-Lite and Vega in it, and the table widget.

    Each says when it is there, since the page's own script runs before them.
    """
    charts = remembered("vega-embed", _vega_embed, by="vl-convert-python")
    widget = _text("vendor/dataTables-3.1.5.min.js")
    # a page that is opened from disk has no modules: the bundle, which is one, gets a scope of its own
    libraries = {"vegaEmbed": f"(() => {{\n{charts}\n}})();", "DataTable": widget}
    return tuple(f'{text}\ndispatchEvent(new Event("{name}"));'.replace("</script", "<\\/script") for name, text in libraries.items())


def _vega_embed() -> str:
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
