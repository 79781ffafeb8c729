"""Lays dashboards out and writes them as Tableau keeps them: zones, the windows that show them, and what a click does.

Belongs here: where everything stands, in pixels of one size for all eight and on a phone, and how it looks. Never here: which sheets
there are (sheets.py), or what is on them (worksheet.py).

Zones are measured in hundred-thousandths of the dashboard, from its own corner, however deep they lie. What lies side by side is in a
container, so that nothing overlaps and Tableau lays it out again when the window is another. Zones stand in the order in which people read
them, which is that of the key Tab. On a phone the same zones, by their numbers, stand one below the other; tabs lead to other dashboards.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import quote

from bottleneck_assets.figures.measures import Words
from bottleneck_assets.render.tableau.choices import CHOSEN, NO_MONTHS_HERE, name_of
from bottleneck_assets.render.tableau.declaration import NAMES, Listed
from bottleneck_assets.render.tableau.elements import Element, element, identifier
from bottleneck_assets.render.tableau.references import DataSource, datasource_refs, dependencies, parameter_dependencies
from bottleneck_assets.render.tableau.sheets import WIDTH, dashboards
from bottleneck_assets.render.tableau.theme import LINE, PAPER, SOFT, WASH, WINE
from bottleneck_assets.render.tableau.worksheet import IN_SHORT, Filter, formatted, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.declaration import Card, Dashboard, Parameter, Sheet

HEIGHT = 800
GRID = 100_000
AS_OF = Words("Data as of", "Données au")
REFRESH = Words("Refresh data", "Actualiser les données")
_FILTER = Words("Filter by {} ({})", "Filtrer par {} ({})")
_TITLE = Words("BottleNeck: {}", "BottleNeck\u00a0: {}")
_HEADER, _NAVIGATION, _CONTROLS, _ANSWER, _CARDS, _COURSE, _LEGEND = 44, 30, 58, 30, 74, 26, 130
_MARGIN, _LINE, _LETTERS = 10, 13, 170
"""What a note takes up: its margin and each line in pixels, and how many letters a line has room for."""
_CONTROLS_WIDE = 6
"""How many controls a row has room for; one place stays empty, so that none is stretched."""
_FIGURE, _ANSWER_LINE = 10, 20
"""How many letters a figure in an answer takes, about, and how high a line of it is on a phone, in pixels."""
_PHONE_TEXT, _PHONE_CHART, _PHONE_LIST, _PHONE_LEGEND, _PHONE_LETTERS = 48, 280, 420, 90, 48
"""How high what people read stands on a phone, in pixels, and how many letters a line of a note has room for there."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    def rows(self, heights: Sequence[float]) -> list[Box]:
        """Cut it into rows, one below the other, in these proportions."""
        boxes, y = list[Box](), self.y
        for height in heights:
            boxes.append(Box(self.x, y, self.width, self.height * height / sum(heights)))
            y += boxes[-1].height
        return boxes

    def columns(self, widths: Sequence[float]) -> list[Box]:
        """Cut it into columns, from left to right, in these proportions."""
        boxes, x = list[Box](), self.x
        for width in widths:
            boxes.append(Box(x, self.y, self.width * width / sum(widths), self.height))
            x += boxes[-1].width
        return boxes

    @property
    def attributes(self) -> dict[str, str]:
        """The rectangle on Tableau's grid. Edges are rounded, not sizes, so that neighbours touch and never overlap."""
        left, right = round(self.x / WIDTH * GRID), round((self.x + self.width) / WIDTH * GRID)
        top, bottom = round(self.y / HEIGHT * GRID), round((self.y + self.height) / HEIGHT * GRID)
        return {"x": str(left), "y": str(top), "w": str(right - left), "h": str(bottom - top)}


def card_name(dashboard: Dashboard, card: Card) -> str:
    """Return the name of a figure's sheet."""
    return f"{card.label} ({dashboard.name})"


def answer_name(dashboard: Dashboard) -> str:
    """Return the name of the sheet with a dashboard's answer."""
    return f"{IN_SHORT[dashboard.language]} ({dashboard.name})"


def sheets_of(dashboard: Dashboard) -> list[Sheet]:
    """Return the charts and tables of a dashboard, and the lines of its cards."""
    courses = [card.course for row in dashboard.cards for card in row if card.course]
    return [*courses, *(sheet for _, row in dashboard.charts for sheet in row)]


def names_of(dashboard: Dashboard) -> list[str]:
    """Return the names of all sheets that stand on a dashboard."""
    cards = [card_name(dashboard, card) for row in dashboard.cards for card in row]
    return [AS_OF[dashboard.language], answer_name(dashboard), *cards, *(sheet.name for sheet in sheets_of(dashboard))]


def filters_of(dashboard: Dashboard, source: DataSource) -> list[Filter]:
    """Return the filters of a sheet on a dashboard, by its source: what is chosen for the workbook, and what its own source shares."""
    is_own = source.source.name == dashboard.source
    columns = [field.name for field in source.fields if field.name in CHOSEN]
    chosen = [Filter(name_of(column), column == "month" or (is_own and column in dashboard.before)) for column in columns]
    others = dashboards(dashboard.language)
    first = 2 + sum(len(other.filters) for other in others[: others.index(dashboard)])
    shared = [Filter(pill, pill in dashboard.before, first + place) for place, pill in enumerate(dashboard.filters)]
    return [*chosen, *(shared if is_own else [])]


def dashboard_element(dashboard: Dashboard, sources: Mapping[str, DataSource], choices: Mapping[str, Sequence[Listed]]) -> Element:
    """Return a dashboard, with the parameters by which readers choose for the whole workbook, by their columns."""
    own = sources[dashboard.source]
    parameters = [*dashboard.parameters, *(parameter for column in dashboard.chosen for parameter in choices[column])]
    read = dict.fromkeys(
        [
            dashboard.source,
            *(card.source for row in dashboard.cards for card in row if card.source),
            *(sheet.source for sheet in sheets_of(dashboard) if sheet.source),
            "release",
        ]
    )
    shown = {dashboard.source: [own.instance(pill) for pill in dashboard.filters]}
    for sheet in sheets_of(dashboard):
        if sheet.legend and sheet.colour != NAMES:
            source = sheet.source or dashboard.source
            shown.setdefault(source, []).append(sources[source].instance(sheet.colour))
    background = element("style-rule", {"element": "table"}, element("format", {"attr": "background-color", "value": PAPER}))
    size = {"maxheight": HEIGHT, "maxwidth": WIDTH, "minheight": HEIGHT, "minwidth": WIDTH}
    zones = _Zones(dashboard, sources, parameters)
    return element(
        "dashboard",
        {"enable-sort-zone-taborder": "true", "name": dashboard.name},
        element("style", {}, background),
        element("size", {**{name: str(value) for name, value in size.items()}, "sizing-mode": "fixed"}),
        datasource_refs((sources[name] for name in read), parameters),
        *parameter_dependencies(parameters),
        *(dependencies(sources[source], used) for source, used in shown.items() if used),
        element("zones", {}, zones.root()),
        element("devicelayouts", {}, zones.phone()),
        element("simple-id", {"uuid": identifier("dashboard", dashboard.name)}),
    )


def windows(sheets: Iterable[str], language: str) -> list[Element]:
    """Return a window for each dashboard, of which the first is open, and a hidden one for each sheet."""
    return [*map(_dashboard_window, dashboards(language)), *map(_sheet_window, sheets)]


def actions(portal: str, language: str) -> Iterator[Element]:
    """Yield what clicks do: marks filter the rest of their dashboard, and the line on the data's age opens the portal, if there is one."""
    number = 0
    for dashboard in dashboards(language):
        for sheet in sheets_of(dashboard):
            if sheet.clicks:
                number += 1
                told = {"exclude": f"{sheet.name},{AS_OF[language]}", "special-fields": "all", "target": dashboard.name}
                params = [element("param", {"name": name, "value": value}) for name, value in told.items()]
                does = element("command", {"command": "tsc:tsl-filter"}, *params)
                yield _action(_FILTER[language].format(sheet.name, dashboard.name), number, dashboard, sheet.name, does)
    for dashboard in dashboards(language) if portal else ():
        number += 1
        link = {
            "caption": REFRESH[language],
            "delimiter": ",",
            "escape": "\\",
            "expression": quote(portal, safe=":/?#[]@!$&'()*+,;=%~"),
            "include-null": "true",
            "multi-select": "false",
            "url-escape": "true",
        }
        yield _action(f"{REFRESH[language]} ({dashboard.name})", number, dashboard, AS_OF[language], element("link", link))


def _action(caption: str, number: int, dashboard: Dashboard, sheet: str, does: Element) -> Element:
    return element(
        "action",
        {"caption": caption, "name": f"[Action{number}]"},
        element("activation", {"auto-clear": "true", "type": "on-select"}),
        element("source", {"dashboard": dashboard.name, "type": "sheet", "worksheet": sheet}),
        does,
    )


def _dashboard_window(dashboard: Dashboard) -> Element:
    viewpoints = [element("viewpoint", {"name": name}, element("zoom", {"type": _fit(dashboard, name)})) for name in names_of(dashboard)]
    return element(
        "window",
        {"class": "dashboard", "name": dashboard.name, **({"maximized": "true"} if dashboard is dashboards(dashboard.language)[0] else {})},
        element("viewpoints", {}, *viewpoints),
        element("active", {"id": "-1"}),
        element("simple-id", {"uuid": window_id(dashboard.name)}),
    )


def _fit(dashboard: Dashboard, name: str) -> str:
    """Return how a sheet fills its zone: what is long keeps the height of its rows, all else is seen whole."""
    return "fit-width" if name in {sheet.name for sheet in sheets_of(dashboard) if sheet.scrolls} else "entire-view"


def _sheet_window(name: str) -> Element:
    def strip(size: int, *kinds: str) -> Element:
        return element("strip", {"size": str(size)}, *(element("card", {"type": kind}) for kind in kinds))

    wide = 2147483647
    left = element("edge", {"name": "left"}, strip(160, "pages", "filters", "marks"))
    top = element("edge", {"name": "top"}, strip(wide, "columns"), strip(wide, "rows"), strip(31, "title"))
    return element(
        "window",
        {"class": "worksheet", "hidden": "true", "name": name},
        element("cards", {}, left, top),
        element("simple-id", {"uuid": window_id(name)}),
    )


def window_id(name: str) -> str:
    """Return the identifier of a window, by which buttons find it."""
    return identifier("window", name)


class _Zones:
    """The zones of one dashboard, numbered as they are made."""

    def __init__(self, dashboard: Dashboard, sources: Mapping[str, DataSource], parameters: Sequence[Parameter | Listed]) -> None:
        self._dashboard = dashboard
        self._sources = sources
        self._parameters = parameters
        self._own = sources[dashboard.source]
        self._made = 0
        self._on_phone = list[tuple[int, Element]]()

    def root(self) -> Element:
        """Return the zone that holds all others: bands of a fixed height, and the charts in what is left."""
        dashboard, whole = self._dashboard, Box(0, 0, WIDTH, HEIGHT)
        cards = [(row, high, draw) for row in dashboard.cards for high, draw in self._bands_of(row)]
        fixed = [_HEADER, _NAVIGATION, _CONTROLS, _ANSWER, *(high for _, high, _ in cards)]
        note = _MARGIN + _LINE * ceil(len(dashboard.note) / _LETTERS) if dashboard.note else 0
        left = HEIGHT - sum(fixed) - note
        charts = [left * height / sum(height for height, _ in dashboard.charts) for height, _ in dashboard.charts]
        header, navigation, controls, answer, *rest = whole.rows([*fixed, *charts, *([note] if note else [])])
        root = self._zone(whole, {"type-v2": "layout-basic"})
        bands = self._zone(whole, {"param": "vert", "type-v2": "layout-flow"})
        bands.append(self._band(header, self._header(header)))
        bands.append(self._band(navigation, self._navigation(navigation)))
        bands.append(self._band(controls, self._controls(controls)))
        bands.append(self._band(answer, [self._answer(answer)]))
        for box, (row, _, draw) in zip(rest, cards, strict=False):
            bands.append(self._band(box, [draw(cell, card) for cell, card in zip(box.columns([1] * len(row)), row, strict=True)]))
        for box, (_, row) in zip(rest[len(cards) :], dashboard.charts, strict=False):
            cells = box.columns([sheet.width for sheet in row])
            bands.append(
                self._band(box, [zone for cell, sheet in zip(cells, row, strict=True) for zone in self._chart(cell, sheet)], fixed=False)
            )
        if note:
            said = self._text(rest[-1], [run(dashboard.note, SOFT, 8)], background_color=PAPER, padding="4")
            high = _MARGIN + _LINE * ceil(len(dashboard.note) / _PHONE_LETTERS)
            bands.append(self._band(rest[-1], [self._also_on_phone(high, said)]))
        root.append(bands)
        return root

    def phone(self) -> Element:
        """Return how what `root` has made stands on a phone: one below the other, as wide as the screen, as high as each needs."""
        whole = sum(height for height, _ in self._on_phone)
        screen = Box(0, 0, WIDTH, HEIGHT)  # the grid is that of any screen
        root = self._zone(screen, {"type-v2": "layout-basic"})
        flow = self._zone(screen, {"param": "vert", "type-v2": "layout-flow"})
        for box, (height, zone) in zip(screen.rows([height for height, _ in self._on_phone]), self._on_phone, strict=True):
            there = deepcopy(zone)
            there.attrib.update({**box.attributes, "fixed-size": str(height), "is-fixed": "true"})
            flow.append(there)
        root.append(flow)
        size = element("size", {"maxheight": str(whole), "minheight": str(whole), "sizing-mode": "vscroll"})
        return element("devicelayout", {"auto-generated": "true", "name": "Phone"}, size, element("zones", {}, root))

    def _also_on_phone(self, height: int, zone: Element) -> Element:
        """Return a zone that stands on a phone too, where it is so high."""
        self._on_phone.append((height, zone))
        return zone

    def _zone(self, box: Box, attributes: Mapping[str, str], *children: Element, **style: str) -> Element:
        """Return a zone. What it holds comes before its style, or Tableau refuses the file."""
        self._made += 1
        look = [element("format", {"attr": name.replace("_", "-"), "value": value}) for name, value in style.items()]
        held = [*children, *([element("zone-style", {}, *look)] if look else [])]
        return element("zone", {**box.attributes, **attributes, "id": str(self._made)}, *held)

    def _band(self, box: Box, zones: Sequence[Element], *, fixed: bool = True) -> Element:
        kept = {"fixed-size": str(round(box.height)), "is-fixed": "true"} if fixed else {}
        return self._zone(box, {"param": "horz", "type-v2": "layout-flow", **kept}, *zones)

    def _text(self, box: Box, runs: Sequence[Element], **style: str) -> Element:
        return self._zone(box, {"type-v2": "text"}, formatted(runs), **style)

    def _header(self, box: Box) -> list[Element]:
        title, about, as_of = box.columns([460, 400, 340])
        language = self._dashboard.language
        named = _TITLE[language].format(self._dashboard.name)
        zones = [
            self._text(title, [run(named, PAPER, 15, bold=True)], background_color=WINE, padding="8"),
            self._text(about, [run(self._dashboard.about, PAPER, 9)], background_color=WINE, padding="6"),
            self._zone(as_of, {"name": AS_OF[language], "show-title": "false"}, background_color=WASH, padding="4"),
        ]
        return [self._also_on_phone(_PHONE_TEXT, zone) for zone in zones]

    def _navigation(self, box: Box) -> list[Element]:
        """Return a button for every dashboard, and the name alone of the one that is open."""
        # as wide as their names need: the last one is three times as long as the first
        everything = dashboards(self._dashboard.language)
        cells = box.columns([len(other.name) + 6 for other in everything])
        return [
            self._text(cell, [run(other.name, WINE, 9, bold=True)], background_color=WASH, padding="6")
            if other is self._dashboard
            else self._button(cell, other)
            for cell, other in zip(cells, everything, strict=True)
        ]

    def _button(self, box: Box, target: Dashboard) -> Element:
        state = element(
            "button-visual-state",
            {},
            element("caption", text=target.name),
            element("button-caption-font-style", {"fontcolor": SOFT, "fontsize": "9"}),
            element("format", {"attr": "background-color", "value": PAPER}),
        )
        button = element("button", {"action": f'tabdoc:goto-sheet window-id="{window_id(target.name)}"', "button-type": "text"}, state)
        return self._zone(box, {"type-v2": "dashboard-object"}, button)

    def _controls(self, box: Box) -> list[Element]:
        """Return what the reader can set, from the left: what holds for the whole workbook first, then what is the dashboard's own."""
        dashboard = self._dashboard
        owner = card_name(dashboard, next(card for row in dashboard.cards for card in row if not card.source))
        lists = [parameter for parameter in self._parameters if isinstance(parameter, Listed)]
        told = [
            *({"mode": "compact", "param": parameter.ref, "type-v2": "paramctrl"} for parameter in lists),
            *({"mode": "checkdropdown", "name": owner, "param": self._own.ref(pill), "type-v2": "filter"} for pill in dashboard.filters),
            *({"mode": "slider", "param": parameter.ref, "type-v2": "paramctrl"} for parameter in dashboard.parameters),
        ]
        *cells, rest = box.columns([*([1] * len(told)), _CONTROLS_WIDE - len(told)])
        controls = [self._also_on_phone(_CONTROLS, self._zone(cell, one, margin="4")) for cell, one in zip(cells, told, strict=True)]
        if "month" in dashboard.chosen:
            return [*controls, self._zone(rest, {"type-v2": "empty"})]
        said = self._text(rest, [run(NO_MONTHS_HERE[dashboard.language], SOFT, 9)], padding="6")
        return [*controls, self._also_on_phone(_CONTROLS, said)]

    def _bands_of(self, row: Sequence[Card]) -> list[tuple[int, Callable[[Box, Card], Element]]]:
        """Return the bands of a row of cards, each with its height and what draws a cell of it."""
        return [(_CARDS, self._card), *([(_COURSE, self._course)] if any(card.course for card in row) else [])]

    def _answer(self, box: Box) -> Element:
        letters = sum(len(text) + (_FIGURE if pill else 0) for text, pill in self._dashboard.answer.pieces)
        high = _MARGIN + _ANSWER_LINE * ceil(letters / _PHONE_LETTERS)
        return self._also_on_phone(high, self._zone(box, {"name": answer_name(self._dashboard), "show-title": "false"}, margin="3"))

    def _course(self, box: Box, card: Card) -> Element:
        if card.course is None:
            return self._zone(box, {"type-v2": "empty"})
        return self._also_on_phone(_COURSE, self._zone(box, {"name": card.course.name, "show-title": "false"}, margin="2"))

    def _card(self, box: Box, card: Card) -> Element:
        look = {"background_color": WASH, "border_color": LINE, "border_style": "solid", "border_width": "1", "margin": "3"}
        return self._also_on_phone(_CARDS, self._zone(box, {"name": card_name(self._dashboard, card), "show-title": "false"}, **look))

    def _chart(self, box: Box, sheet: Sheet) -> list[Element]:
        """Return a chart, and beside it what its colours mean."""
        high = _PHONE_LIST if sheet.scrolls else _PHONE_CHART
        chart, *legend = box.columns([box.width - _LEGEND, _LEGEND]) if sheet.legend else [box]
        zones = [self._also_on_phone(high, self._zone(chart, {"name": sheet.name}, margin="4"))]
        if not legend:
            return zones
        source = self._sources[sheet.source or self._dashboard.source]
        # of the first pane, whose colours are those of all but where others lie over them: a legend of none is not drawn
        pane = "1" if sheet.colour_over else "0"
        told = {"name": sheet.name, "pane-specification-id": pane, "param": source.ref(sheet.colour), "type-v2": "color"}
        return [*zones, self._also_on_phone(_PHONE_LEGEND, self._zone(legend[0], told, margin="4"))]
