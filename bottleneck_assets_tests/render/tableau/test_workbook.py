"""The workbook by itself: valid to Tableau's schemas, the same every time, laid out on one screen, and readable to others' readers."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import subprocess
import sys
import warnings
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.render import colours
from bottleneck_assets.render.report.charts import shorten
from bottleneck_assets.render.tableau import theme
from bottleneck_assets.render.tableau.dashboard import HEIGHT, WIDTH, card_name, names_of, sheets_of
from bottleneck_assets.render.tableau.declaration import parsed
from bottleneck_assets.render.tableau.elements import USER_NAMESPACE, element, written
from bottleneck_assets.render.tableau.sheets import dashboards
from bottleneck_assets.render.tableau.workbook import workbook
from bottleneck_assets.render.web.preview import draw
from bottleneck_assets.render.web.tables import figures
from bottleneck_assets.wording import LANGUAGES
from bottleneck_assets_tests.render.tableau.schemas import FOLDER, VERSIONS, tableau_schema
from bottleneck_assets_tests.small_export import present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from bottleneck_assets_tests.render.tableau.conftest import Packaged

ROOT = Path(__file__).parents[3]
DASHBOARDS = dashboards("en")
NOTES = FOLDER.parent / "README.md"


@pytest.fixture(params=[False, True], ids=["file", "live"])
def content(request: pytest.FixtureRequest) -> bytes:
    return workbook(live=request.param)


@pytest.fixture
def root(content: bytes) -> Element:
    return etree.fromstring(content)


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_valid_to_tableaus_schema(version: str, content: bytes, tmp_path: Path) -> None:
    schema = tableau_schema(version, tmp_path)
    schema.validate(etree.fromstring(content))
    assert [f"{error.line}: {error.message}" for error in schema.error_log] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_workbook_of_an_export_is_valid_to_tableaus_schema(version: str, packaged: Packaged, tmp_path: Path) -> None:
    schema = tableau_schema(version, tmp_path)
    for package in (packaged.file, packaged.live):
        schema.validate(etree.fromstring(packaged.workbook(package)))
        assert [f"{error.line}: {error.message}" for error in schema.error_log] == []


def test_every_process_writes_the_same_bytes(content: bytes, request: pytest.FixtureRequest) -> None:
    live = "live" in request.node.name
    code = f"import sys; from bottleneck_assets.render.tableau.workbook import workbook; sys.stdout.buffer.write(workbook(live={live}))"
    for seed in ("1", "2"):
        done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        assert sha256(done.stdout).hexdigest() == sha256(content).hexdigest()


def test_its_dashboards_are_the_tabs_of_the_page_in_the_same_order(root: Element) -> None:
    tabs = [tab.title.en for tab in TABS]
    assert [dashboard.get("name") for dashboard in root.iterfind("dashboards/dashboard")] == tabs
    shown = [window.get("name") for window in root.iterfind("windows/window") if window.get("hidden") is None]
    assert shown == tabs
    assert [dashboard.source for dashboard in DASHBOARDS] == [tab.name for tab in TABS]


def test_every_dashboard_says_how_old_its_data_is_and_leads_to_all_others(root: Element) -> None:
    windows = {window.find("simple-id").get("uuid"): window.get("name") for window in root.iterfind("windows/window")}
    everything = [dashboard.name for dashboard in DASHBOARDS]
    for dashboard in root.iterfind("dashboards/dashboard"):
        name = dashboard.get("name")
        assert dashboard.find(".//zone[@name='Data as of']") is not None
        led_to = [windows[re.search(r"\{.*\}", str(button.get("action")))[0]] for button in dashboard.iter("button")]
        assert led_to == [other for other in everything if other != name]


def test_no_dashboard_leads_to_a_portal_that_nobody_has_set(content: bytes) -> None:
    text = content.decode()
    assert "<link" not in text
    assert "Click to refresh" not in text
    assert "portal" not in text.lower()
    assert "127.0.0.1" not in text


def test_every_dashboard_leads_to_the_portal_that_is_set_and_its_address_cannot_break_the_link() -> None:
    root = etree.fromstring(workbook("https://portal.example/a path/<x>?a=1&b=é"))
    assert "Click to refresh" in "".join(root.itertext())
    for dashboard in root.iterfind("dashboards/dashboard"):
        (link,) = root.iterfind(f"actions/action[@caption='Refresh data ({dashboard.get('name')})']/link")
        assert link.get("expression") == "https://portal.example/a%20path/%3Cx%3E?a=1&b=%C3%A9"


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2026-11-24T09:30:00+01:00", "11/24/2026 08:30:00 AM"), ("2026-11-24T13:05:09Z", "11/24/2026 01:05:09 PM"), ("", None)],
)
def test_an_extract_is_as_old_as_the_export_behind_it(received: str, expected: str | None) -> None:
    extracts = etree.fromstring(workbook(received=received)).findall(".//extract/connection")
    assert len(extracts) == 12
    assert {extract.get("update-time") for extract in extracts} == {expected}


def test_no_heading_says_how_a_column_is_summed_up(root: Element) -> None:
    headed = dict[str, str]()
    for source in root.iterfind("datasources/datasource"):
        headed |= {
            str(alias.get("key")): str(alias.get("value")) for alias in source.iterfind("column[@name='[:Measure Names]']/aliases/alias")
        }
    shown = {str(member.get("member")) for member in root.iterfind(".//groupfilter[@level='[:Measure Names]']")}
    assert headed.keys() == {member for member in shown if not re.search(r"\[(sum|usr):", member)}
    assert headed['"[federated.stock_turnover].[max:reorder_point:qk]"'] == "Reorder Point (units)"


def test_every_dashboard_says_the_notes_of_its_tab_below_its_charts_and_goes_by_tab_from_zone_to_zone(root: Element) -> None:
    for tab, dashboard in zip(TABS, root.iterfind("dashboards/dashboard"), strict=True):
        assert dashboard.get("enable-sort-zone-taborder") == "true"
        *_, last = leaves(dashboard)
        said = "".join(str(run.text) for run in last.iterfind("formatted-text/run"))
        if tab.name in {"customer_preferences", "stock_turnover"}:  # their notes on the page speak of months that these rows have not
            assert "whole period" in said
            assert ("types whose thresholds failed their test are counted here, and in no recommendation" in said) is (
                tab.name == "stock_turnover"
            )
        else:
            assert said == " ".join(note.en for note in tab.notes)
        assert rectangle(last)[3] == 100_000


def test_a_chart_with_a_base_has_a_line_there_on_the_axis_of_its_measure(root: Element) -> None:
    based = {chart.title.en.split(",")[0]: chart.base for tab in TABS for chart in tab.charts if chart.base is not None}
    drawn = {
        str(sheet.get("name")): sheet.find(".//reference-line")
        for sheet in root.iterfind("worksheets/worksheet")
        if sheet.find(".//reference-line[@formula='constant']") is not None
    }
    assert {name: float(str(line.get("value"))) for name, line in drawn.items() if line is not None} == based
    for name, line in drawn.items():
        assert line is not None
        assert root.findtext(f"worksheets/worksheet[@name='{name}']/table/rows") == line.get("axis-column")
        assert str(line.get("value-column")).endswith(".[usr:measure_purchase_price_index:qk]")


def test_a_line_across_a_chart_is_the_mean_of_amounts_or_a_ratio_of_all_that_is_drawn(root: Element) -> None:
    found = {
        str(sheet.get("name")).replace("\u2019", "'"): (
            str(line.get("label")),
            *(re.sub(r".*\[\w+:(\w+):qk\]", r"\1", str(line.get(name))) for name in ("axis-column", "value-column")),
        )
        for sheet in root.iterfind("worksheets/worksheet")
        for line in sheet.iterfind(".//reference-line[@formula='average']")
    }
    mean, period, whole = "Mean of the months: <Value>", "All months shown: <Value>", "Whole shop: <Value>"
    assert found == {
        "Stock value at each month's end": (mean, "measure_stock_value", "measure_stock_value"),
        "Gross margin rate (excl. VAT) by month": (period, "measure_gross_margin_rate", "period_gross_margin_rate"),
        "Stock value by month": (mean, "measure_stock_value", "measure_stock_value"),
        "Average rating by product type": (whole, "measure_average_rating", "whole_average_rating"),
        "Gross margin rate (excl. VAT) by segment": (whole, "measure_gross_margin_rate", "whole_gross_margin_rate"),
    }


def test_a_margin_rate_is_a_line_over_the_band_to_expect_on_one_scale_for_each_segment(root: Element) -> None:
    (sheet,) = root.xpath("worksheets/worksheet[table/view/datasources/datasource/@name='federated.segment_band']")
    of = "[federated.segment_band]."
    low, rate = f"{of}[max:margin_rate_low:qk]", f"{of}[usr:measure_gross_margin_rate:qk]"
    assert sheet.findtext("table/rows") == f"({low} + {rate})"
    assert sheet.findtext("table/cols") == f"({of}[none:segment:nk] * {of}[tmn:month:qk])"
    (over,) = sheet.iterfind("table/style/style-rule[@element='axis']/encoding")
    assert (over.get("field"), over.get("fold"), over.get("synchronized")) == (rate, "true", "true")
    hidden = [part.get("field") for part in sheet.iterfind("table/style/style-rule[@element='axis']/format[@attr='display']")]
    assert hidden == [low]

    def drawn(pane: Element) -> tuple[str, list[str], list[str]]:
        colours, sizes = ([str(one.get("column")) for one in pane.iterfind(f"encodings/{kind}")] for kind in ("color", "size"))
        return str(pane.find("mark").get("class")), colours, sizes

    panes = {pane.get("y-axis-name"): drawn(pane) for pane in sheet.iterfind("table/panes/pane")}
    assert panes == {
        None: ("Automatic", [], []),
        low: ("GanttBar", [f"{of}[usr:of_one_row_margin_state:nk]"], [f"{of}[usr:band_width:qk]"]),
        rate: ("Line", [f"{of}[none:segment:nk]"], []),
    }
    (legend,) = root.iterfind(f"dashboards/dashboard/zones//zone[@type-v2='color'][@name='{sheet.get('name')}']")
    assert legend.get("param") == f"{of}[usr:of_one_row_margin_state:nk]"
    assert sheet.find(f"table/panes/pane[@id='{legend.get('pane-specification-id')}']").get("y-axis-name") == low


def test_what_stands_beside_a_month_of_the_band_is_the_same_on_its_bar_and_on_the_line(root: Element) -> None:
    (sheet,) = root.xpath("worksheets/worksheet[table/view/datasources/datasource/@name='federated.segment_band']")
    told = [[str(run.text) for run in pane.iterfind("customized-tooltip//run")] for pane in sheet.iter("pane")]
    assert told == [told[0]] * 3
    assert [text.removesuffix(": ") for text in told[0] if text.endswith(": ")] == [
        "Segment",
        "Month",
        "Gross margin rate (excl. VAT)",
        "Expected Margin Rate (%)",
        "Margin Rate Low (%)",
        "Margin Rate High (%)",
        "Against the band",
        "Campaign in the month",
        "Step of the level",
    ]
    for pane in sheet.iterfind("table/panes/pane[@id]"):  # a tooltip shows nothing of what is not on its marks
        on_marks = {str(one.get("column")) for one in pane.iterfind("encodings/*")}
        assert {text[1:-1] for text in told[0] if text.startswith("<")} - on_marks == {
            "[federated.segment_band].[none:segment:nk]",
            "[federated.segment_band].[tmn:month:qk]",
        } - on_marks


def columns_of(root: Element, sheet: Element) -> set[str]:
    """Return the columns of the data source of a sheet."""
    (name,) = (str(one.get("name")) for one in sheet.iterfind("table/view/datasources/datasource") if one.get("name") != "Parameters")
    return {str(column.get("name")) for column in root.iterfind(f"datasources/datasource[@name='{name}']/column")}


def test_every_dashboard_offers_the_same_segment_and_months_where_a_sheet_of_it_has_them(root: Element) -> None:
    called = {f"[Parameters].{one.get('name')}": one.get("caption") for one in root.iterfind("datasources/datasource[1]/column")}
    sheets = {str(sheet.get("name")): sheet for sheet in root.iterfind("worksheets/worksheet")}
    for declared, dashboard in zip(DASHBOARDS, root.iterfind("dashboards/dashboard"), strict=True):
        for screen in (dashboard.find("zones"), dashboard.find("devicelayouts/devicelayout/zones")):
            offered = [called[str(zone.get("param"))] for zone in screen.iter("zone") if zone.get("type-v2") == "paramctrl"]
            columns = {column for name in names_of(declared) for column in columns_of(root, sheets[name])}
            months = ["From month", "To month"] if "[month]" in columns else []
            assert [name for name in offered if name != "Top N"] == ["Segment", *months], declared.name
        said = "".join(str(run.text) for run in dashboard.iterfind("zones//zone/formatted-text/run"))
        assert ("the months chosen on other tabs do not act here" in said) == ("[month]" not in columns), declared.name
        assert any(sheet.clicks for sheet in sheets_of(declared))


def test_a_sheet_follows_what_is_chosen_or_says_that_it_does_not(root: Element) -> None:
    for sheet in root.iterfind("worksheets/worksheet"):
        if sheet.get("name") == "Data as of":
            continue
        columns, caption = columns_of(root, sheet), str(sheet.findtext("layout-options/caption/formatted-text/run"))
        kept = {str(one.get("level")): str(one.getparent().get("context")) for one in sheet.iterfind(".//groupfilter[@member='true']")}
        assert kept.keys() == {f"[none:in_{name}:nk]" for name in ("segment", "month") if f"[{name}]" in columns}, sheet.get("name")
        assert kept.get("[none:in_month:nk]", "true") == "true", "the last month chosen is taken among all"
        assert ("months chosen" in caption) == ("[month]" not in columns)
        assert ("either the segment" in caption) == ("[segment]" not in columns)


def test_a_title_says_that_months_do_not_act_where_their_control_is_beside_it(root: Element) -> None:
    (stock,) = (dashboard for dashboard in DASHBOARDS if dashboard.name == "Stock Turnover")
    titles = {
        str(sheet.get("name")): "".join(str(run.text) for run in sheet.iterfind("layout-options/title//run"))
        for sheet in root.iterfind("worksheets/worksheet")
    }
    said = {name for name, title in titles.items() if title.endswith(" · whatever the months")}
    assert said == {sheet.name for sheet in sheets_of(stock)} - {"Stock value by month"}


def test_readers_choose_among_the_segments_and_months_of_the_export_and_of_any_later_one() -> None:
    given = {'Vin "nature" à 12 %': "#7b1e3b", "Huile": "#b8651b"}
    root = etree.fromstring(workbook(segments=given, months=[dt.date(2022, 12, 1), dt.date(2023, 1, 1)], language="fr"))
    lists = {
        str(column.get("caption")): [(str(one.get("value")), str(one.get("alias"))) for one in column.iterfind("members/member")]
        for column in root.iterfind("datasources/datasource[@name='Parameters']/column[@param-domain-type='list']")
    }
    months = [("202212", "décembre 2022"), ("202301", "janvier 2023")]
    assert lists == {
        "Segment": [('"*"', "Tous les segments"), (r'"Vin \"nature\" à 12 \%"', "None"), ('"Huile"', "None")],
        "Du mois": [("0", "Premier mois"), *months],
        "Au mois": [*months, ("999999", "Dernier mois")],
    }
    first = {str(column.get("caption")): column.get("alias") for column in root.iterfind("datasources/datasource[1]/column[members]")}
    assert first == {"Segment": "Tous les segments", "Du mois": "Premier mois", "Au mois": "Dernier mois"}


def test_a_filter_of_a_dashboard_acts_on_all_its_sheets_over_the_same_table(root: Element) -> None:
    sheets = {sheet.get("name"): sheet for sheet in root.iterfind("worksheets/worksheet")}
    groups = dict[str, set[str]]()
    for declared in DASHBOARDS:
        source = f"federated.{declared.source}"
        over = [
            sheets[name] for name in names_of(declared) if sheets[name].find(f".//datasources/datasource[@name='{source}']") is not None
        ]
        for pill in declared.filters:
            found = {
                part.get("filter-group")
                for sheet in over
                for part in sheet.iterfind("table/view/filter[@filter-group]")
                if f":{parsed(pill)[1]}:" in str(part.get("column"))
            }
            assert len(found) == 1
            groups.setdefault(str(found.pop()), set()).add(f"{declared.name} {pill}")
    assert all(len(filters) == 1 for filters in groups.values()), "two filters share a group"


def test_every_sheet_stands_on_a_dashboard_and_has_a_tooltip(root: Element) -> None:
    shown = {name for dashboard in DASHBOARDS for name in names_of(dashboard)}
    assert {sheet.get("name") for sheet in root.iterfind("worksheets/worksheet")} == shown
    assert all(pane.find("customized-tooltip//run") is not None for pane in root.iter("pane"))


# --- The layout ---------------------------------------------------------------------------------------------------------------


def rectangle(zone: Element) -> tuple[int, int, int, int]:
    x, y, w, h = (int(str(zone.get(name))) for name in "xywh")
    return x, y, x + w, y + h


def leaves(dashboard: Element) -> list[Element]:
    return [zone for zone in dashboard.iterfind("zones//zone") if zone.find("zone") is None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_zones_fill_the_dashboard_and_do_not_overlap(language: str) -> None:
    for dashboard in etree.fromstring(workbook(language=language)).iterfind("dashboards/dashboard"):
        boxes = [rectangle(zone) for zone in leaves(dashboard)]
        assert all(0 <= x < right <= 100_000 and 0 <= y < bottom <= 100_000 for x, y, right, bottom in boxes)
        for place, (x, y, right, bottom) in enumerate(boxes):
            for ox, oy, oright, obottom in boxes[place + 1 :]:
                assert right <= ox or oright <= x or bottom <= oy or obottom <= y, dashboard.get("name")
        assert sum((right - x) * (bottom - y) for x, y, right, bottom in boxes) == 100_000**2, "a gap"


def lines(text: str, size: int, width: float) -> int:
    """Count the lines of a text of a size in points, in letters of the usual width: 0.6 of the size, in pixels."""
    longest, used = width / (size * 4 / 3 * 0.6), 1
    taken = 0
    for word in text.split():
        if taken and taken + 1 + len(word) > longest:
            used, taken = used + 1, 0
        taken += len(word) + (1 if taken else 0)
        assert len(word) <= longest, text
    return used


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_crammed(language: str) -> None:
    for dashboard in etree.fromstring(workbook(language=language)).iterfind("dashboards/dashboard"):
        for zone in leaves(dashboard):
            x, y, right, bottom = rectangle(zone)
            width, height = (right - x) / 100_000 * WIDTH - 12, (bottom - y) / 100_000 * HEIGHT - 8
            if (caption := zone.findtext(".//caption")) is not None:
                assert lines(caption, 9, width) == 1, caption
            for run in zone.iterfind("formatted-text/run"):
                size = int(str(run.get("fontsize")))
                assert lines(str(run.text), size, width) * size * 4 / 3 * 1.2 <= height, run.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_card_is_crammed(language: str) -> None:
    root = etree.fromstring(workbook(language=language))
    for declared, dashboard in zip(dashboards(language), root.iterfind("dashboards/dashboard"), strict=True):
        for card in (card for row in declared.cards for card in row):
            (zone,) = (zone for zone in leaves(dashboard) if zone.get("name") == card_name(declared, card) and zone.get("show-title"))
            x, y, right, bottom = rectangle(zone)
            width = (right - x) / 100_000 * WIDTH - 12
            assert lines(card.label, 9, width) == lines(card.note, 8, width) == 1, card
            assert (bottom - y) / 100_000 * HEIGHT - 10 >= (9 + 18 + 8) * 4 / 3 * 1.2


# --- For everyone --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_shows_what_a_dashboard_does_one_below_the_other_and_crams_no_text(language: str) -> None:
    root = etree.fromstring(workbook(language=language))
    for declared, dashboard in zip(dashboards(language), root.iterfind("dashboards/dashboard"), strict=True):
        (layout,) = dashboard.iterfind("devicelayouts/devicelayout[@name='Phone']")
        own = {zone.get("id"): zone for zone in leaves(dashboard)}
        shown = [zone for zone in layout.iterfind("zones//zone") if zone.find("zone") is None]
        assert {zone.get("name") for zone in shown if zone.get("type-v2") is None} == set(names_of(declared))
        for zone in shown:
            on_desktop = own[zone.get("id")]
            assert all(zone.get(name) == on_desktop.get(name) for name in ("name", "param", "type-v2", "mode"))
            for run in zone.iterfind("formatted-text/run"):
                size = int(str(run.get("fontsize")))
                assert lines(str(run.text), size, 375 - 16) * size * 4 / 3 * 1.2 <= int(str(zone.get("fixed-size"))), run.text
        boxes = [rectangle(zone) for zone in shown]
        assert all((x, right) == (0, 100_000) for x, _, right, _ in boxes)
        assert [y for _, y, _, _ in boxes] == [0, *(bottom for *_, bottom in boxes[:-1])]
        assert boxes[-1][3] == 100_000
        assert int(str(layout.find("size").get("minheight"))) == sum(int(str(zone.get("fixed-size"))) for zone in shown)


def test_the_key_tab_goes_through_a_dashboard_as_people_read_it(root: Element) -> None:
    for dashboard in root.iterfind("dashboards/dashboard"):
        assert dashboard.get("enable-sort-zone-taborder") == "true"
        places = [(y, x) for x, y, _, _ in map(rectangle, leaves(dashboard))]
        assert places == sorted(places)


def test_every_sheet_says_what_it_shows_to_who_hears_it(root: Element) -> None:
    captions = {
        sheet.get("name"): sheet.findtext("layout-options/caption/formatted-text/run") for sheet in root.iterfind("worksheets/worksheet")
    }
    assert all(captions.values())
    assert captions["Rating against revenue"] == (
        "Dots: Average customer rating, Revenue (incl. VAT), Ratings, by product, segment. The months chosen do not act on it."
    )


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour, as the Web Content Accessibility Guidelines define it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted(map(brightness, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_text_stands_out_from_what_it_stands_on(root: Element) -> None:
    def background(zone: Element) -> str:
        found = zone.find("zone-style/format[@attr='background-color']")
        return theme.PAPER if found is None else str(found.get("value"))

    pairs = set[tuple[str, str]]()
    for zone in root.iterfind("dashboards/dashboard/zones//zone"):
        sheet = root.find(f".//worksheet[@name='{zone.get('name')}']") if zone.get("name") and not zone.get("type-v2") else None
        texts = [*zone.iterfind("formatted-text/run"), *([] if sheet is None else sheet.iterfind(".//customized-label//run"))]
        pairs |= {(str(run.get("fontcolor")), background(zone)) for run in texts}
        for button in zone.iterfind("button/button-visual-state"):
            on = button.find("format[@attr='background-color']")
            pairs.add((str(button.find("button-caption-font-style").get("fontcolor")), str(on.get("value"))))
    pairs |= {(str(run.get("fontcolor")), theme.PAPER) for run in root.iterfind(".//customized-tooltip//run[@fontcolor]")}
    pairs |= {(str(run.get("fontcolor")), theme.PAPER) for run in root.iterfind(".//layout-options/title//run")}
    assert len(pairs) > 5
    assert {pair: found for pair in pairs if pair[0] != "None" and (found := contrast(*pair)) < 4.5} == {}
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


# --- The words of the file ------------------------------------------------------------------------------------------------------


def pairs(root: Element) -> set[tuple[str, str]]:
    """Return every tag, and every attribute of a tag."""
    found = set[tuple[str, str]]()
    for node in root.iter():
        found.add((str(node.tag), ""))
        found.update((str(node.tag), str(name).replace(f"{{{USER_NAMESPACE}}}", "user:")) for name in node.attrib)
    return found


def noted() -> set[tuple[str, str]]:
    """Return the tags and attributes of the notes: their skeleton, and its variants."""
    if not NOTES.exists():
        pytest.skip(f"the notes are not at {NOTES}")
    found = set[tuple[str, str]]()
    for tag, attributes in re.findall(r"<([A-Za-z][\w-]*)((?:\s+[\w:-]+=(?:'[^']*'|\"[^\"]*\"))*)", NOTES.read_text(encoding="utf-8")):
        found.add((tag, ""))
        found.update((tag, name) for name in re.findall(r"([\w:-]+)=(?:'[^']*'|\"[^\"]*\")", attributes))
    return found


def documented() -> set[tuple[str, str]]:
    """Return what docs/tableau.md lists as beyond the notes."""
    text = (ROOT / "docs" / "tableau.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \|([^|]*)\|", text.split("## Words of the file")[1], flags=re.MULTILINE)
    return {(tag, name) for tag, names in rows for name in ["", *re.findall(r"`([\w:-]+)`", names)]}


def test_every_tag_and_attribute_is_in_the_notes_or_in_the_list_of_the_documentation() -> None:
    used = pairs(etree.fromstring(workbook())) | pairs(etree.fromstring(workbook(live=True)))
    beyond = used - noted()
    listed = documented()
    assert beyond <= listed, f"not listed: {sorted(beyond - listed)}"
    assert {pair for pair in listed - beyond if pair[1] or pair not in used} == set(), "listed, and not used or in the notes"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_tag_and_attribute_beyond_the_notes_is_in_the_schema(version: str) -> None:
    file = FOLDER / f"twb_{version}.xsd"
    if not file.exists():
        pytest.skip(f"Tableau's schemas are not at {FOLDER}")
    names = set(re.findall(r'<xs:(?:element|attribute)\b[^>]*\bname="([^"]+)"', file.read_text(encoding="utf-8")))
    # attributes of the namespace user are Tableau's own notes to itself, and features are many: the schema lets both pass
    features = {str(feature.tag) for feature in etree.fromstring(workbook())[0]}
    assert {name for pair in documented() for name in pair if name and not name.startswith("user:")} - features <= names


# --- Others' readers ------------------------------------------------------------------------------------------------------------


def test_tableaus_own_library_reads_it(packaged: Packaged) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of a reader that is not ours
        from tableaudocumentapi import Workbook

    for package, kind in ((packaged.file, "textscan"), (packaged.live, "hyper")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = Workbook(str(package))
        assert read.dashboards == [dashboard.name for dashboard in DASHBOARDS]
        assert {connection.dbclass for source in read.datasources for connection in source.connections} == {kind}
        overview = next(source for source in read.datasources if source.caption == "Overview")
        assert overview.fields["[revenue]"].caption == "Revenue (EUR incl VAT)"
        assert overview.fields["[measure_gross_margin_rate]"].calculation == "SUM([gross_margin]) / SUM([revenue_excl_vat])"


def test_tableau_inspector_reads_it_and_warns_of_nothing_but_menus_and_the_order_of_measures(packaged: Packaged) -> None:
    for package in (packaged.file, packaged.live):
        done = subprocess.run(
            [Path(sys.executable).with_name("tableau-inspector"), "analyze", package],
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
            text=True,
        )
        assert "Dashboards: 8" in done.stdout
        said = [line for line in done.stdout.splitlines() if line.startswith(("⚠", "✖", "✗"))]
        # it compares the order of measures between sheets, each of which has its own
        assert [line for line in said if "toggles a Filter menu" not in line and 'sorts ":Measure Names"' not in line] == []


def test_py_tbparse_reads_it_and_finds_nothing(packaged: Packaged) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of a reader that is not ours
        import py_tbparse

        for package in (packaged.file, packaged.live):
            assert py_tbparse.validate_workbook(str(package)).to_dict("records") == []
            assert py_tbparse.audit(str(package)).to_dict("records") == []
            read = py_tbparse.TwbParser(str(package))
            assert set(read.get_dashboards()["name"]) == {dashboard.name for dashboard in DASHBOARDS}
            assert read.get_missing_references().empty


# --- Text that XML cannot hold ---------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_written_and_read_again(text: str) -> None:
    read = etree.fromstring(written(element("run", {"name": text}, text=text)))
    lost = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
    assert read.get("name") == lost.sub("\ufffd", text)
    assert (read.text or "") == lost.sub("\ufffd", text)


def test_half_a_character_is_written_as_one_that_cannot_be_shown() -> None:
    assert etree.fromstring(written(element("run", text="Ch\ud83dteau"))).text == "Ch\ufffdteau"


def test_its_colours_are_those_of_the_page() -> None:
    css = (ROOT / "bottleneck_assets/render/web/dashboard.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(\w+): (#[0-9a-f]+)", css.split("@media")[0]))
    assert [light[f"c{place}"] for place in range(6)] == list(colours.PALETTE)
    for name in ("wine", "ink", "soft", "wash", "line", "good", "bad", "mute"):
        assert light[name] == getattr(theme, name.upper())


def maps(root: Element, field: str) -> list[dict[str, str]]:
    """Return the colours of a field in each data source that gives it some."""
    encodings = root.iterfind(f"datasources/datasource/style/style-rule/encoding[@field='{field}']")
    return [{str(one.findtext("bucket")): str(one.get("to")) for one in encoding.iterfind("map")} for encoding in encodings]


def test_a_segment_has_one_colour_in_all_sheets_on_the_dashboard_and_in_its_picture(packaged: Packaged) -> None:
    with (packaged.release / "tables" / "ca_par_segment.csv").open(encoding="utf-8", newline="") as file:
        names = [row["segment"] for row in csv.DictReader(file)]  # the largest first
    css = (ROOT / "bottleneck_assets/render/web/dashboard.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(\w+): (#[0-9a-f]+)", css.split("@media")[0]))
    expected = {name: light[f"c{place % 6}"] for place, name in enumerate(names)}
    root, warehouse = etree.fromstring(packaged.workbook(packaged.file)), Warehouse(packaged.warehouse, functions=FUNCTIONS)
    present(warehouse, {})
    found = maps(root, "[none:segment:nk]")
    assert len(found) == 9, "a data source leaves the choice to Tableau"
    assert {frozenset(one.items()) for one in found} == {frozenset((f'"{name}"', colour) for name, colour in expected.items())}
    assert {segment: light[shade] for segment, shade in figures(warehouse)["shades"]} == expected
    drawn = re.findall(r'aria-label="[^"]*segment: ([^";]+)"[^>]* fill="(#\w+)"', draw(warehouse))
    assert set(drawn) == {(unescape(shorten(name)), colour) for name, colour in expected.items()}


def test_measures_side_by_side_have_the_colours_of_their_places_as_on_the_page(root: Element) -> None:
    shown = dict[str, str]()
    for sheet in root.iterfind("worksheets/worksheet"):
        if sheet.find(".//encodings/color[@column]") is not None and ":Measure Names" in str(
            sheet.find(".//encodings/color").get("column")
        ):
            members = sheet.iterfind(".//groupfilter[@level='[:Measure Names]']")
            shown |= {str(member.get("member")): colour for member, colour in zip(members, colours.PALETTE, strict=False)}
    assert {key: to for one in maps(root, "[:Measure Names]") for key, to in one.items()} == shown
    assert len(shown) == 8


def test_a_segment_whose_name_has_quotes_is_written_as_tableau_writes_it() -> None:
    given = {'Vin "nature" à 12 %': "#7b1e3b"}
    assert maps(etree.fromstring(workbook(segments=given)), "[none:segment:nk]")[0] == {r'"Vin \"nature\" à 12 \%"': "#7b1e3b"}


def test_segments_without_revenue_come_last_and_more_than_the_palette_has_take_its_colours_again() -> None:
    class Tables:
        def rows(self, ref: str, *, columns: Sequence[str]) -> list[dict[str, str]]:
            assert [*columns] == ["segment"]
            found = {"clean.ca_par_segment": "dcbae", "extract.customer_preferences": "gfedcba"}[ref]
            return [{"segment": letter} for letter in found]

    assert colours.shades(Tables()) == {"d": 0, "c": 1, "b": 2, "a": 3, "e": 4, "f": 5, "g": 0}  # type: ignore[arg-type]


@pytest.mark.parametrize("pill", ["sum(", "revenue)", "total(revenue)", "sum(revenue) ", "", "sum()"])
def test_what_is_no_pill_is_refused(pill: str) -> None:
    with pytest.raises(ValueError, match="is no pill"):
        parsed(pill)
