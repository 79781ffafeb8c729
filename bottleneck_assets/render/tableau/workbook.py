"""Puts the workbook together: data sources, actions, sheets, dashboards and windows, in the order that Tableau reads them in.

Belongs here: the workbook as a whole, in its two forms. Never here: what a sheet shows (sheets.py), what a click does (dashboard.py), or
its package (package.py).

The form for everyone reads CSVs, each with an active extract: Tableau Public takes nothing else. The live form reads the extracts alone.
Of an export the workbook holds when it was received, its months, and the names of its segments, which have their colours by them; all
else depends on two settings. The same of these make the same bytes, which are held to be sound before they are used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import Words, as_read
from bottleneck_assets.models.catalog import models
from bottleneck_assets.render.colours import PALETTE
from bottleneck_assets.render.tableau import choices
from bottleneck_assets.render.tableau.calculations import computed, rows_with, shown
from bottleneck_assets.render.tableau.connection import (
    csv_connection,
    csv_relation,
    extract_of_csv,
    extract_relation,
    hyper_connection,
    object_column,
    object_graph,
)
from bottleneck_assets.render.tableau.dashboard import (
    AS_OF,
    actions,
    answer_name,
    card_name,
    dashboard_element,
    filters_of,
    sheets_of,
    windows,
)
from bottleneck_assets.render.tableau.declaration import NAMES, Source, parsed, pills
from bottleneck_assets.render.tableau.elements import VERSION, Element, element, layout, written
from bottleneck_assets.render.tableau.fields import fields
from bottleneck_assets.render.tableau.references import MEASURE_NAMES, DataSource, folders, instance_element, parameter_column, quoted
from bottleneck_assets.render.tableau.release_table import release_fields
from bottleneck_assets.render.tableau.sheets import dashboards
from bottleneck_assets.render.tableau.sources import sources, top_n
from bottleneck_assets.render.tableau.theme import LOCALES, PALETTE_NAME
from bottleneck_assets.render.tableau.worksheet import answer, as_of, card, worksheet

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.render.tableau.declaration import Dashboard, Listed, Parameter, Sheet

DATA_FOLDER = "Data/BottleNeck"
EXTRACT_FOLDER = "Data/Extracts"
_BUILD = "2025.2.0 (20252.25.0707.1658)"
"""In full: Tableau reads the file of a shorter one as an older format."""
_RELEASE = Words("Release", "Publication")
_FEATURES = (
    "AccessibleZoneTabOrder",
    "AnimationOnByDefault",
    "AutoCreateAndUpdateDSDPhoneLayouts",
    "BasicButtonObject",
    "BasicButtonObjectTextSupport",
    "MarkAnimation",
    "ObjectModelEncapsulateLegacy",
    "ObjectModelTableType",
    "SchemaViewerObjectModel",
    "SetMembershipControl",
    "SheetIdentifierTracking",
    "SortTagCleanup",
    "WindowsPersistSimpleIdentifiers",
)
"""What the file makes use of. An element whose feature is not named here is refused."""


def workbook(  # noqa: PLR0913 - what one workbook differs in from another
    portal: str = "",
    sale_prices: str = "incl_vat",
    received: str = "",
    segments: Mapping[str, str] | None = None,
    months: Sequence[dt.date] = (),
    *,
    live: bool = False,
    language: str = "en",
) -> bytes:
    """Return the workbook, over CSVs with extracts, or over extracts alone, in a language, with labels as sale prices are read.

    `portal` is where a click on the data's age leads, `received` when the export behind the extracts was last changed (ISO 8601); each may
    be empty. `segments` are the colours of the segments, #rrggbb; what is not named takes one of the palette. Readers choose
    among these, and among `months`.
    """
    chosen = choices.parameters(language, segments or {}, months)
    parameters = [top_n(language), *(parameter for listed in chosen.values() for parameter in listed)]
    read = data_sources(language, parameters)
    sheets = list(_worksheets(read, portal, language))
    root = element(
        "workbook",
        {"locale": LOCALES[language], "original-version": VERSION, "source-build": _BUILD, "source-platform": "win", "version": VERSION},
        element("document-format-change-manifest", {}, *(element(feature) for feature in _FEATURES)),
        element("preferences", {}, _palette()),
        element(
            "datasources", {}, _parameters(parameters), *(_data_source(one, received, segments or {}, live=live) for one in read.values())
        ),
        element("actions", {}, *actions(portal, language)),
        element("worksheets", {}, *sheets),
        element("dashboards", {}, *(dashboard_element(dashboard, read, chosen) for dashboard in dashboards(language))),
        element("windows", {}, *windows([sheet.get("name", "") for sheet in sheets], language)),
    )
    return as_read(written(root).decode(), sale_prices).encode()


def data_sources(language: str, parameters: Sequence[Parameter | Listed]) -> dict[str, DataSource]:
    """Return the data sources by name, that of the release among them, in a language, with the parameters that they read."""
    read = {source.name: _computed(source, models()[source.table], parameters) for source in sources(language)}
    release = Source("publication.release", _RELEASE[language], language=language)
    return {**read, "release": DataSource(release, release_fields(language))}


def _computed(source: Source, model: Model, parameters: Sequence[Parameter | Listed]) -> DataSource:
    """Return a data source with the calculations that its sheets show, and the columns hidden that these replace."""
    language, rows, everything = source.language, rows_with(source, model), computed(source, model)
    columns = fields(model, language)
    used = [pill for dashboard in dashboards(language) for pill in _pills(dashboard, source.name)]
    read = DataSource(everything, columns).closure(parsed(pill)[1] for pill in used)
    kept = (*(one for one in everything.calculations if one.name in read), *choices.calculations(columns, language))
    without_null = frozenset(sheet.without_null for dashboard in dashboards(language) for sheet in sheets_of(dashboard))
    return DataSource(replace(everything, calculations=kept), shown(columns, rows, kept, language, used=without_null), parameters)


def _pills(dashboard: Dashboard, source: str) -> Iterator[str]:
    """Yield what a dashboard shows of a data source."""
    read = [card for row in dashboard.cards for card in row if (card.source or dashboard.source) == source]
    yield from (pill for card in read for pill in (card.value, card.change) if pill)
    yield from (dashboard.answer.pills if dashboard.source == source else ())
    yield from (pill for sheet in sheets_of(dashboard) if (sheet.source or dashboard.source) == source for pill in pills(sheet))


def _worksheets(sources: dict[str, DataSource], portal: str, language: str) -> Iterator[Element]:
    yield as_of(AS_OF[language], sources["release"], portal)
    for dashboard in dashboards(language):
        own = sources[dashboard.source]
        yield answer(answer_name(dashboard), dashboard.answer, own, filters_of(dashboard, own))
        for declared in (figure for row in dashboard.cards for figure in row):
            source = sources[declared.source or dashboard.source]
            yield card(card_name(dashboard, declared), declared, source, filters_of(dashboard, source))
        for sheet in sheets_of(dashboard):
            source = sources[sheet.source or dashboard.source]
            yield worksheet(sheet, source, filters_of(dashboard, source))


def _palette() -> Element:
    colours = [element("color", text=colour) for colour in PALETTE]
    return element("color-palette", {"custom": "true", "name": PALETTE_NAME, "type": "regular"}, *colours)


def _parameters(parameters: Iterable[Parameter | Listed]) -> Element:
    given = {"hasconnection": "false", "inline": "true", "name": "Parameters", "version": VERSION}
    return element("datasource", given, element("aliases", {"enabled": "yes"}), *map(parameter_column, parameters))


def _data_source(source: DataSource, received: str, segments: Mapping[str, str], *, live: bool) -> Element:
    name, fields = source.source.name, source.fields
    path = f"{EXTRACT_FOLDER}/{name}.hyper"
    relation = extract_relation(f"hyper.{name}") if live else csv_relation(name, fields)
    names = [field.name for field in fields] + [calculation.name for calculation in source.source.calculations]
    coloured = dict(_coloured(source, segments))
    encodings = [*coloured.values(), *_coloured_measures(source)]
    return element(
        "datasource",
        {"caption": source.source.caption, "inline": "true", "name": source.name, "version": VERSION},
        hyper_connection(name, path, fields) if live else csv_connection(name, DATA_FOLDER, fields),
        element("aliases", {"enabled": "yes"}),
        *_headings(source),
        *map(source.described, names),
        object_column(name, source.source.caption),
        *(instance_element(source.instance(pill)) for pill in coloured),
        folders([*fields, *source.source.calculations]),
        *([] if live else [extract_of_csv(name, path, fields, received)]),
        layout(),
        *([element("style", {}, element("style-rule", {"element": "mark"}, *encodings))] if encodings else []),
        object_graph(name, relation, None if live else extract_relation()),
    )


def _headings(source: DataSource) -> Iterator[Element]:
    """Yield what measures are called side by side where Tableau would say how they are summed up: 'Max. Reorder Point'."""
    shown = sorted({pill for sheet in _sheets(source) for pill in sheet.values if parsed(pill)[0] not in {"", "sum"}})
    if shown:
        aliases = [element("alias", {"key": f'"{source.ref(pill)}"', "value": source.instance(pill).caption}) for pill in shown]
        given = {"datatype": "string", "name": MEASURE_NAMES, "role": "dimension", "type": "nominal"}
        yield element("column", given, element("aliases", {}, *aliases))


def _sheets(source: DataSource) -> Iterator[Sheet]:
    """Yield the sheets over a data source."""
    for dashboard in dashboards(source.language):
        yield from (sheet for sheet in sheets_of(dashboard) if (sheet.source or dashboard.source) == source.source.name)


def _coloured(source: DataSource, segments: Mapping[str, str]) -> Iterator[tuple[str, Element]]:
    """Yield the colours of fields by their pill: each value's own where they are known, else those of the palette."""
    fixed = {
        "segment": tuple(segments.items()),
        **source.source.colours,
        **{one.name: one.colours for one in source.source.calculations if one.colours},
    }
    for pill in sorted(_colouring(source)):
        name = parsed(pill)[1]
        maps = [_map(value, colour) for value, colour in fixed.get(name, ())]
        given = {"attr": "color", "field": source.instance(pill).name, "type": "palette", **({} if maps else {"palette": PALETTE_NAME})}
        yield pill, element("encoding", given, *maps)


def _coloured_measures(source: DataSource) -> Iterator[Element]:
    """Yield the colours of measures side by side: each has the colour of its place, as on the page, wherever it is shown."""
    found = dict[str, str]()
    for sheet in _sheets(source):
        if sheet.colour == NAMES:
            found = {**dict(zip(map(source.ref, sheet.values), PALETTE, strict=False)), **found}
    if found:
        maps = [_map(ref, colour) for ref, colour in found.items()]
        yield element("encoding", {"attr": "color", "field": MEASURE_NAMES, "type": "palette"}, *maps)


def _map(value: str, colour: str) -> Element:
    """Return the colour of a value."""
    return element("map", {"to": colour}, element("bucket", text=f'"{quoted(value)}"'))


def _colouring(source: DataSource) -> Iterable[str]:
    return {colour for sheet in _sheets(source) for colour in (sheet.colour, sheet.colour_over)} - {"", NAMES}
