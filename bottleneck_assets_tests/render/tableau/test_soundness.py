"""A sound workbook has no finding; each trap, set in a copy of it, has one that names it; what Tableau itself writes is no fault."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from lxml import etree

from bottleneck_assets.render.tableau.extract import Table
from bottleneck_assets.render.tableau.gate.opened import Package, around
from bottleneck_assets.render.tableau.gate.vocabulary import shapes
from bottleneck_assets.render.tableau.soundness import FAULTS, HOUSE_STYLE, faults, findings, judged, unreadable
from bottleneck_assets.render.tableau.star import data_source
from bottleneck_assets.render.tableau.workbook import workbook
from bottleneck_assets.wording import LANGUAGES
from bottleneck_assets_tests.render.tableau.shapes import shapes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.etree import _Element as Element

    Injection = Callable[[Element], object]

FIRST_SHEET = "worksheets/worksheet[2]"
BY_SEGMENT = "worksheets/worksheet[@name='Revenue (incl. VAT) by segment']"
BY_MONTH = "worksheets/worksheet[@name='Revenue (incl. VAT) and gross margin (excl. VAT) by month']"
RATE = "worksheets/worksheet[@name='Gross margin rate (Overview)']"
WATERFALL = "worksheets/worksheet[@name='Margin beyond the baseline']"
FIRST_DASHBOARD = "dashboards/dashboard[1]"
TOP_PRODUCTS = "dashboards/dashboard[4]"
FIRST_SOURCE = "datasources/datasource[@name='federated.overview']"
SALES = "datasources/datasource[@name='federated.top_products']"


@cache
def sound(*, live: bool = False) -> Package:
    """A package of which the workbook is ours, and every file that it names is there."""
    content = workbook("https://portal.example", live=live)
    root = etree.fromstring(content)
    names, headers, extracts = ["BottleNeck.twb"], dict[str, list[str]](), dict[str, dict[str, Table] | None]()
    for connection in root.iter("connection"):
        if connection.get("class") == "textscan":
            path = f"{connection.get('directory')}/{connection.get('filename')}"
            relation = next(found for found in root.iter("relation") if found.get("name") == connection.get("filename"))
            headers[path] = [str(column.get("name")) for column in relation.iter("column")]
            names.append(path)
        elif connection.get("class") == "hyper":
            names.append(str(connection.get("dbname")))
            holds = next(connection.iterancestors("datasource")) if live else connection
            records = holds.iterfind(".//metadata-record")
            columns = {str(record.findtext("remote-name")): str(record.findtext("local-type")) for record in records}
            extracts[names[-1]] = {"[Extract].[Extract]": Table(columns, 7)}
    return Package(content, names, headers, live, extracts, dict.fromkeys(headers, 7))


def at(root: Element, path: str) -> Element:
    found = root.find(path)
    assert found is not None, path
    return found


def drop(path: str) -> Injection:
    def inject(root: Element) -> None:
        node = at(root, path)
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)

    return inject


def put(path: str, **attributes: str | None) -> Injection:
    def inject(root: Element) -> None:
        for name, value in attributes.items():
            key = name.rstrip("_").replace("_", "-")
            if value is None:
                del at(root, path).attrib[key]
            else:
                at(root, path).set(key, value)

    return inject


def say(path: str, text: str) -> Injection:
    def inject(root: Element) -> None:
        at(root, path).text = text

    return inject


def add(path: str, xml: str) -> Injection:
    return lambda root: at(root, path).append(etree.fromstring(xml))


def last(path: str) -> Injection:
    """Move an element behind all others of its parent."""

    def inject(root: Element) -> None:
        node = at(root, path)
        parent = node.getparent()
        assert parent is not None
        parent.append(node)

    return inject


def first(path: str) -> Injection:
    """Move an element before all others of its parent."""

    def inject(root: Element) -> None:
        node = at(root, path)
        parent = node.getparent()
        assert parent is not None
        parent.insert(0, node)

    return inject


def both(*injections: Injection) -> Injection:
    return lambda root: [inject(root) for inject in injections]


def a_quoted_flag(root: Element) -> None:
    at(root, f"{BY_SEGMENT}//groupfilter[@level='[none:in_segment:nk]']").set("member", '"true"')


def a_button_to_a_dashboard(root: Element) -> None:
    identifier = at(root, "dashboards/dashboard[2]/simple-id").get("uuid")
    next(root.iter("button")).set("action", f'tabdoc:goto-sheet window-id="{identifier}"')


def measured_axes(root: Element) -> tuple[Element, list[Element]]:
    """Return the axis that lies over another, and the panes of both."""
    axis = at(root, "worksheets//encoding[@fold]")
    return axis, next(axis.iterancestors("table")).findall("panes/pane[@y-axis-name]")


def an_axis_over_another_without_marks(root: Element) -> None:
    _, (under, over) = measured_axes(root)
    over.set("y-axis-name", str(under.get("y-axis-name")))


def an_axis_over_the_second(root: Element) -> None:
    axis, (under, _) = measured_axes(root)
    axis.set("field", str(under.get("y-axis-name")))


def overlapping_zones(root: Element) -> None:
    one, other = list(at(root, FIRST_DASHBOARD).iterfind(".//zone[@show-title='false']"))[1:3]
    for name in "xywh":
        other.set(name, str(one.get(name)))


def without_namespace(package: Package) -> Package:
    return replace(package, workbook=re.sub(rb' (?:user:[a-z-]+|xmlns:user)="[^"]*"', b"", package.workbook))


def named(name: str) -> Injection:
    """Call the second sheet so, wherever it is named."""

    def inject(root: Element) -> None:
        before = at(root, FIRST_SHEET).get("name")
        for node in root.iter():
            for attribute, value in node.attrib.items():
                if value == before and attribute in {"name", "worksheet"}:
                    node.set(attribute, name)

    return inject


def without_brackets(root: Element) -> None:
    """Leave the fields of a label as they are named."""
    label = at(root, "worksheets/worksheet//customized-label/formatted-text")
    for run in label.findall("run"):
        run.text = (run.text or "").strip("<>")


def formula(text: str, measure: str = "gross_margin_rate", **attributes: str) -> Injection:
    """Compute a measure otherwise, in the data source and on every sheet that repeats it."""

    def inject(root: Element) -> None:
        for column in root.iter("column"):
            if column.get("name") == f"[measure_{measure}]" and column.find("calculation") is not None:
                at(column, "calculation").set("formula", text)
                column.attrib.update(attributes)

    return inject


def without_prefix(root: Element) -> None:
    style = at(root, f"{FIRST_DASHBOARD}//zone-style")
    style.append(etree.fromstring("<format attr='corner-radius' value='8'/>"))


def with_prefix(root: Element) -> None:
    style = at(root, f"{FIRST_DASHBOARD}//zone-style")
    style.append(etree.fromstring("<_.fcp.DashboardRoundedCorners.true...format attr='corner-radius' value='8'/>"))


def twice(path: str) -> Injection:
    def inject(root: Element) -> None:
        node = at(root, path)
        node.addnext(deepcopy(node))

    return inject


def a_circle(root: Element) -> None:
    source = at(root, FIRST_SOURCE)
    at(source, "column[@name='[measure_gross_margin_rate]']/calculation").set("formula", "[measure_promo_share] / 2")
    at(source, "column[@name='[measure_promo_share]']/calculation").set("formula", "[measure_gross_margin_rate] * 2")


def another_tabs_extract(root: Element) -> None:
    other = at(root, "datasources/datasource[@name='federated.top_products']/extract/connection").get("dbname", "")
    at(root, f"{FIRST_SOURCE}/extract/connection").set("dbname", other)


def holding(package: Package, tables: Mapping[str, Table] | None) -> Package:
    """Let the extract of the overview hold other tables."""
    return replace(package, extracts={**package.extracts, "Data/Extracts/overview.hyper": tables})


def columns_of(package: Package) -> Mapping[str, str]:
    tables = package.extracts["Data/Extracts/overview.hyper"]
    assert tables is not None
    return tables["[Extract].[Extract]"].columns


MANIFEST = "document-format-change-manifest"
WINDOW = "windows/window[@name='Overview']"
CALCULATION = "column[@name='[measure_gross_margin_rate]']/calculation"

INJECTED: dict[str, tuple[Injection, str]] = {
    # what Tableau refuses to load
    "the object model is not declared": (drop(f"{MANIFEST}/ObjectModelEncapsulateLegacy"), "lacks ObjectModelEncapsulateLegacy"),
    "the table type is not declared": (drop(f"{MANIFEST}/ObjectModelTableType"), "lacks ObjectModelTableType"),
    "the schema viewer is not declared": (drop(f"{MANIFEST}/SchemaViewerObjectModel"), "lacks SchemaViewerObjectModel"),
    "sorts are not declared": (drop(f"{MANIFEST}/SortTagCleanup"), "lacks SortTagCleanup"),
    "buttons are not declared": (drop(f"{MANIFEST}/BasicButtonObject"), "lacks BasicButtonObject"),
    "text buttons are not declared": (drop(f"{MANIFEST}/BasicButtonObjectTextSupport"), "lacks BasicButtonObjectTextSupport"),
    "a friendly name is not declared": (put(f"{FIRST_DASHBOARD}//zone", friendly_name="x"), "lacks ZoneFriendlyName"),
    "a parameter action is not declared": (add("actions", "<edit-parameter-action/>"), "lacks ParameterAction"),
    "the manifest goes by version": (add(MANIFEST, "<ManifestByVersion/>"), "goes by version"),
    "slices come last": (last(f"{FIRST_SHEET}//slices"), "view"),
    "a column follows its instance": (
        last(f"{FIRST_SHEET}//datasource-dependencies[@datasource='federated.overview']/column"),
        "datasource-dependencies",
    ),
    "a zone's style comes first": (
        both(add(f"{FIRST_DASHBOARD}//zone[@type-v2='text']", "<button/>"), first(f"{FIRST_DASHBOARD}//zone[@type-v2='text']/zone-style")),
        "zone",
    ),
    "a zone's text comes last": (last(f"{FIRST_DASHBOARD}//zone[@type-v2='text']/formatted-text"), "zone"),
    "actions follow the worksheets": (last("actions"), "workbook"),
    "a connection comes last": (last(f"{FIRST_SOURCE}/connection"), "datasource"),
    "a pane's mark comes last": (last(f"{FIRST_SHEET}//pane/mark"), "pane"),
    "a sheet has no identifier": (drop(f"{FIRST_SHEET}/simple-id"), "no simple-id"),
    "a dashboard has no identifier": (drop(f"{FIRST_DASHBOARD}/simple-id"), "no simple-id"),
    "a window has no identifier": (drop(f"{WINDOW}/simple-id"), "no simple-id"),
    "an identifier is in lower case": (put(f"{FIRST_SHEET}/simple-id", uuid="{3f2504e0-4f89-41d3-9a0c-0305e82c3301}"), "no simple-id"),
    "an identifier has no braces": (put(f"{FIRST_SHEET}/simple-id", uuid="3F2504E0-4F89-41D3-9A0C-0305E82C3301"), "no simple-id"),
    "two things share an identifier": (
        lambda root: at(root, f"{FIRST_SHEET}/simple-id").set("uuid", str(at(root, f"{WINDOW}/simple-id").get("uuid"))),
        "another's simple-id",
    ),
    "a parameter's domain is all": (put("datasources/datasource/column", param_domain_type="all"), "param-domain-type all"),
    "a mark is in lower case": (put(f"{BY_SEGMENT}//mark", class_="bar"), "the class bar"),
    "a colour of a format has a shade": (
        put(f"{FIRST_DASHBOARD}//zone-style/format[@attr='background-color']", value="#ffffff00"),
        "'#ffffff00'",
    ),
    "an instance is called as another kind": (
        put(f"{BY_SEGMENT}//column-instance[@column='[segment]']", name="[none:segment:ok]"),
        "should be called as a nominal one",
    ),
    "a colour is a name": (put(f"{FIRST_SHEET}//run[@fontcolor]", fontcolor="red"), "'red'"),
    "a colour of the palette is short": (say("preferences/color-palette/color", "#abc"), "'#abc'"),
    "the build is not whole": (put(".", source_build="2025.2"), "not a whole build"),
    "the version is one of 2026": (put(".", version="26.1"), "shuts older Desktops out"),
    "a phone shows what the dashboard has not": (
        put(f"{FIRST_DASHBOARD}/devicelayouts//zone[@show-title]", id="999"),
        "zone 999 of Overview is another on phones",
    ),
    "there is a data graph": (add(".", "<datagraph/>"), "datagraph"),
    "two sheets have one name": (
        put("worksheets/worksheet[4]", name="Revenue (incl. VAT) (Overview)"),
        "are called Revenue (incl. VAT) (Overview)",
    ),
    # what makes it crash
    "there is no object graph": (drop(f"{FIRST_SOURCE}/object-graph"), "no object-graph"),
    "the object graph has another relation": (put(f"{FIRST_SOURCE}/object-graph//relation", name="other.csv"), "does not repeat"),
    "the metadata belong to another object": (say(f"{FIRST_SOURCE}//object-id", "[other_0]"), "another object"),
    "a sheet on a dashboard has no viewpoint": (drop(f"{WINDOW}/viewpoints/viewpoint"), "no viewpoint"),
    "a sheet has no window": (drop("windows/window[@name='Revenue (incl. VAT) by segment']"), "has no window"),
    "a dashboard has no window": (drop(WINDOW), "dashboard Overview has no window"),
    "a dashboard shows what is not there": (
        put(f"{FIRST_DASHBOARD}//zone[@name='Revenue (incl. VAT) by segment']", name="Nothing"),
        "no worksheet",
    ),
    # what it drops or computes otherwise without a word
    "an instance is not declared": (drop(f"{BY_SEGMENT}//column-instance[@derivation='Sum']"), "without declaring it"),
    "a column is not declared": (drop(f"{BY_SEGMENT}//column[@name='[revenue]']"), "without its column"),
    "what a formula reads is not declared": (drop(f"{RATE}//column[@name='[revenue_excl_vat]']"), "without declaring it"),
    "a parameter is not declared": (
        put(f"{RATE}//column/calculation", formula="SUM([gross_margin]) / [Parameters].[Parameter 1]"),
        "without declaring it",
    ),
    "a source of a sheet is not listed": (drop(f"{BY_SEGMENT}//view/datasources/datasource"), "not among its data sources"),
    "a formula names a bare parameter": (
        put(f"{FIRST_SOURCE}/{CALCULATION}", formula="SUM([revenue]) / [Parameter 1]"),
        "without [Parameters]",
    ),
    "a formula reads an unknown field": (put(f"{FIRST_SOURCE}/{CALCULATION}", formula="SUM([turnover])"), "reads [turnover], which"),
    "a formula reads an unknown parameter": (
        put(f"{FIRST_SOURCE}/{CALCULATION}", formula="SUM([revenue]) / [Parameters].[Parameter 9]"),
        "which there is not",
    ),
    "a sum is summed again": (put(f"{RATE}//column-instance[@derivation='User']", derivation="Sum"), "summed up again"),
    "an instance is misnamed": (put(f"{BY_SEGMENT}//column-instance[@derivation='Sum']", derivation="Avg"), "should be called"),
    "a running sum does not say along what": (drop(f"{WATERFALL}//column-instance/table-calc"), "along what"),
    "a level is qualified": (
        put(f"{BY_SEGMENT}//groupfilter[@level='[none:in_segment:nk]']", level="[federated.overview].[none:in_segment:nk]"),
        "it is dropped",
    ),
    "a text member is not quoted": (
        put(f"{BY_MONTH}//groupfilter[@function='member']", member="[federated.overview].[sum:revenue:qk]"),
        "quotes do not fit",
    ),
    "a flag is quoted": (a_quoted_flag, "quotes do not fit"),
    "a list lacks what is chosen of it": (
        put("datasources/datasource[@name='Parameters']/column[@param-domain-type='list']", value='"Absinthe"'),
        "none of its list",
    ),
    "a sheet names the parameters before its data source": (
        first(f"{BY_SEGMENT}/table/view/datasources/datasource[@name='Parameters']"),
        "names the parameters before its data sources",
    ),
    "a measure is not qualified": (
        put(f"{BY_MONTH}//groupfilter[@function='member']", member='"[sum:revenue:qk]"'),
        "without its data source",
    ),
    "a filter is not among the slices": (drop(f"{BY_SEGMENT}//slices/column"), "not among its slices"),
    "a sort is not qualified": (put(f"{BY_SEGMENT}//computed-sort", using="[sum:revenue:qk]"), "without its data source"),
    "colours have no instance": (drop(f"{SALES}/column-instance[@column='[abc_class]']"), "are ignored"),
    "colours have no aliases": (drop(f"{SALES}/aliases"), "are ignored"),
    "colours have no metadata": (drop(f"{SALES}/connection/metadata-records"), "are ignored"),
    "a remote type is another": (say(f"{FIRST_SOURCE}//metadata-record/remote-type", "20"), "of remote type 20"),
    "a column is of another type than its metadata": (
        put(f"{FIRST_SOURCE}/column[@name='[units]']", datatype="real"),
        "another thing as a column",
    ),
    "a name holds a full stop": (
        put(f"{FIRST_SOURCE}/column[@name='[measure_gross_margin_rate]']", name="[margin.rate]"),
        "has a character",
    ),
    "an axis over another has another scale": (put("worksheets//encoding[@fold]", synchronized=None), "has a scale of its own"),
    "an axis over another has no marks": (an_axis_over_another_without_marks, "has no marks of its own"),
    "an axis lies over the one behind it": (an_axis_over_the_second, "is not the last on its shelf"),
    # actions, dashboards, navigation
    "a command is unknown": (put("actions/action/command", command="tsc:select"), "has the command"),
    "a link has a command": (add("actions/action[link]", "<command command='tsc:brush'/>"), "neither a command nor a link"),
    "an action does nothing": (drop("actions/action/command"), "neither a command nor a link"),
    "a link hands over a bare field": (
        put("actions/action/link", expression="http://127.0.0.1/?s=<segment>"),
        "no field as links write it",
    ),
    "a link leads nowhere": (put("actions/action/link", expression="refresh"), "leads to 'refresh'"),
    "an action starts elsewhere": (put("actions/action/source", worksheet="Revenue by ABC class"), "does not show"),
    "an action has no target": (put("actions/action/command/param[@name='target']", value="Sales"), "no dashboard"),
    "an action leaves out what is not there": (put("actions/action/command/param[@name='exclude']", value="Sales"), "leaves out Sales"),
    "a button leads to a dashboard, not its window": (a_button_to_a_dashboard, "leads to no window"),
    "a title is said twice": (
        put(f"{FIRST_DASHBOARD}//zone[@name='Revenue (incl. VAT) (Overview)'][@show-title]", show_title=None),
        "say it twice",
    ),
    "two zones overlap": (overlapping_zones, "overlap"),
    "a zone leaves the grid": (put(f"{FIRST_DASHBOARD}//zone[@name='Revenue (incl. VAT) by segment']", w="90000"), "does not lie in"),
    "a zone has no width": (put(f"{FIRST_DASHBOARD}//zone[@name='Revenue (incl. VAT) by segment']", w="0"), "does not lie in"),
    "two zones have one number": (put(f"{FIRST_DASHBOARD}//zone[@name='Revenue (incl. VAT) by segment']", id="1"), "two zones 1"),
    "a zone has the old kind of type": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='text']", type="text", type_v2=None), "of no kind"),
    "a zone is of an unknown kind": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='color']", type_v2="legend"), "the type-v2 legend"),
    "a filter belongs to no sheet": (put(f"{TOP_PRODUCTS}//zone[@type-v2='filter']", name="Sales"), "no sheet"),
    "a filter's sheet does not filter": (put(f"{TOP_PRODUCTS}//zone[@type-v2='filter']", name="Data as of"), "has not"),
    "a filter is not declared": (
        drop(f"{TOP_PRODUCTS}/datasource-dependencies/column-instance[@column='[product_type]']"),
        "without declaring it",
    ),
    "a legend's sheet has no colours": (
        put(f"{FIRST_DASHBOARD}//zone[@type-v2='color']", name="Stock value at each month\u2019s end"),
        "has not",
    ),
    "a control has no parameter": (
        put("dashboards/dashboard[4]//zone[@type-v2='paramctrl']", param="[Parameters].[Parameter 9]"),
        "which there is not",
    ),
    # what reports of others say, and this workbook never had
    "a sheet is called as a dashboard": (named("Overview"), "two sheets or dashboards are called Overview"),
    "a parameter's control has no mode": (put("dashboards/dashboard[4]//zone[@type-v2='paramctrl']", mode=None), "in no mode"),
    "a parameter's control has another mode": (
        put("dashboards/dashboard[4]//zone[@type-v2='paramctrl']", mode="wheel"),
        "in the mode wheel",
    ),
    "identifiers of sheets are not declared": (drop(f"{MANIFEST}/SheetIdentifierTracking"), "lacks SheetIdentifierTracking"),
    "identifiers of windows are not declared": (drop(f"{MANIFEST}/WindowsPersistSimpleIdentifiers"), "lacks WindowsPersistSimple"),
    "the newer kind of zone is not declared": (drop(f"{MANIFEST}/SetMembershipControl"), "lacks SetMembershipControl"),
    "tab order is not declared": (drop(f"{MANIFEST}/AccessibleZoneTabOrder"), "lacks AccessibleZoneTabOrder"),
    "round corners have no prefix": (without_prefix, "corner-radius stands in a plain format"),
    "round corners are not declared": (with_prefix, "lacks it"),
    "a window has no cards": (drop("windows/window[@class='worksheet']/cards"), "has no cards"),
    "a window's cards are empty": (both(*[drop("windows/window[@class='worksheet']/cards/edge")] * 2), "has no edge"),
    "a window has no active zone": (drop(f"{WINDOW}/active"), "has no active"),
    "the active zone is not there": (put(f"{WINDOW}/active", id="7777"), "has no active zone"),
    "a formula does not close its brackets": (formula("SUM([gross_margin]"), "cannot be read"),
    "a formula's IF does not end": (formula("IF SUM([units]) > 0 THEN 1"), "IF has no END"),
    "a formula's function is unknown": (formula("SUMME([gross_margin])"), "no function SUMME"),
    "a formula takes too many arguments": (formula("SUM([gross_margin], [revenue])"), "takes 1 arguments"),
    "a formula mixes levels": (formula("SUM([gross_margin]) / [revenue]"), "stands beside what is of a row"),
    "a measure among others sums nothing up": (formula("[units] - [units_promo]", "units_regular"), "its formula sums nothing up"),
    "a formula sums up twice": (formula("SUM(SUM([gross_margin]))"), "sums up what is summed up already"),
    "a formula adds a text to a number": (formula("SUM([gross_margin]) + 'x'"), "stands between"),
    "a formula knows no such part of a date": (formula("MAX(DATEPART('years', [month]))"), "knows no 'years'"),
    "a level of detail is not closed": (formula("MIN({FIXED : SUM([units])"), "cannot be read"),
    "a level of detail sums nothing up": (formula("MIN({FIXED : [units]})"), "holds what is not summed up"),
    "a formula is empty": (formula(""), "by no formula"),
    "a formula reads another data source that is not there": (formula("SUM([federated.sales].[units])"), "which there is not"),
    "a formula gives a text where a number is said": (formula("MIN([segment])"), "computes a string"),
    "what sums up is a dimension": (formula("SUM([units])", role="dimension"), "the field is a dimension"),
    "formulas read each other": (a_circle, "in a circle"),
    "a sheet computes a field otherwise": (
        put(f"{RATE}//column[@name='[measure_gross_margin_rate]']/calculation", formula="SUM([units])"),
        "computes [measure_gross_margin_rate] otherwise",
    ),
    "a shelf names its values without their source": (say(f"{BY_MONTH}/table/rows", "[Multiple Values]"), "without its data source"),
    "a shelf does not close its brackets": (say(f"{BY_MONTH}/table/rows", "([federated.overview].[Multiple Values]"), "close its brackets"),
    "a shelf holds a word": (say(f"{BY_MONTH}/table/rows", "Revenue"), "which is no field"),
    "a shelf names a source that is not there": (
        say(f"{BY_MONTH}/table/rows", "[federated.x].[Multiple Values]"),
        "whose data source there is not",
    ),
    "a sheet reads a source that is not there": (put(f"{BY_SEGMENT}//view/datasources/datasource", name="federated.x"), "no data source"),
    "a sheet has a field of another type": (put(f"{BY_SEGMENT}//column[@name='[segment]']", datatype="integer"), "as integer"),
    "an encoding has no field": (put(f"{BY_SEGMENT}//encodings/color", column=None), "has no column"),
    "a derivation is unknown": (put(f"{BY_SEGMENT}//column-instance[@derivation='Sum']", derivation="Total"), "has the derivation Total"),
    "a text is summed up": (
        put(f"{BY_SEGMENT}//column-instance[@column='[segment]']", derivation="Sum", name="[sum:segment:nk]"),
        "the Sum of a string",
    ),
    "a number is cut by the month": (
        put(f"{BY_SEGMENT}//column-instance[@column='[revenue]']", derivation="Month-Trunc", name="[tmn:revenue:qk]"),
        "the Month-Trunc of a real",
    ),
    "a filter keeps nothing": (drop(f"{BY_SEGMENT}//view/filter/groupfilter"), "keeps nothing that it names"),
    "a filter goes by what is not declared": (
        put(f"{BY_SEGMENT}//groupfilter[@function='member']", level="[none:x:nk]"),
        "not declared",
    ),
    "a filter counts by an unknown parameter": (
        put("worksheets//groupfilter[@function='end']", count="[Parameters].[Parameter 9]"),
        "which there is not",
    ),
    "a filter is ordered by a row": (put("worksheets//groupfilter[@function='order']", expression="[revenue]"), "is not summed up"),
    "a filter's order is no formula": (put("worksheets//groupfilter[@function='order']", expression="SUM([revenue]"), "cannot be read"),
    "two fields share a filter": (
        lambda root: [part.set("filter-group", "2") for part in root.iterfind("worksheets/worksheet/table/view/filter[@filter-group]")],
        "share the group 2",
    ),
    "a sort has a direction of its own": (put(f"{BY_SEGMENT}//computed-sort", direction="DOWN"), "the direction DOWN"),
    "a sort names an unknown field": (put(f"{BY_SEGMENT}//computed-sort", using="[federated.overview].[sum:x:qk]"), "without declaring it"),
    "an object has no column": (drop(f"{FIRST_SOURCE}/column[@datatype='table']"), "has no column for its object"),
    "a column of metadata has no object": (drop(f"{FIRST_SOURCE}//metadata-record/object-id"), "has no object-id"),
    "a column of metadata is of another table": (say(f"{FIRST_SOURCE}//metadata-record/parent-name", "[x]"), "none of its tables"),
    "a column of metadata is there twice": (twice(f"{FIRST_SOURCE}/connection/metadata-records/metadata-record"), "two records of"),
    "a relation goes through an unknown connection": (
        put(f"{FIRST_SOURCE}/connection/relation", connection="textscan.x"),
        "which there is not",
    ),
    "a connection has no name": (put(f"{FIRST_SOURCE}//named-connection", name=None), "has no name"),
    "a column is there twice": (twice(f"{FIRST_SOURCE}/column"), "two columns of federated.overview"),
    "a column is in no table": (
        add(FIRST_SOURCE, "<column datatype='real' name='[x]' role='measure' type='quantitative'/>"),
        "in none of its tables",
    ),
    "two fields share a caption": (put(f"{FIRST_SOURCE}/column[@name='[units]']", caption="Segment"), "two captions of federated.overview"),
    "two data sources share a caption": (put(FIRST_SOURCE, caption="Top Products"), "two captions of data sources"),
    "a text is a quantity": (put(f"{FIRST_SOURCE}/column[@name='[segment]']", type="quantitative"), "a quantity of type string"),
    "a role is unknown": (put(f"{FIRST_SOURCE}/column[@name='[segment]']", role="attribute"), "the role attribute"),
    "a value has two colours": (twice(f"{SALES}//encoding[@field='[none:abc_class:nk]']/map"), "has two colours"),
    "a palette is not there": (put("preferences/color-palette", name="Wine"), "which there is not"),
    "two data sources read one extract": (another_tabs_extract, "two data sources read the extract"),
    "a parameter's value is out of its range": (put("datasources/datasource/column", value="99"), "which is not within"),
    "a parameter's value is a text": (put("datasources/datasource/column", value="ten"), "its value is ten"),
    "a parameter's range is upside down": (put("datasources/datasource/column/range", min="60"), "allows from 60 to 50"),
    "a parameter goes in no steps": (put("datasources/datasource/column/range", granularity="0"), "goes in steps of 0"),
    "a window is of nothing": (put("windows/window[@class='worksheet']", name="Nothing"), "which there is not"),
    "a window is there twice": (twice(WINDOW), "two windows are called"),
    "a viewpoint is of nothing": (put(f"{WINDOW}/viewpoints/viewpoint", name="Nothing"), "has a viewpoint for Nothing"),
    "a viewpoint fits nothing": (put(f"{WINDOW}//zoom", type="fit-all"), "the type fit-all"),
    "a zone has no number": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='paramctrl']", id=None), "has no id"),
    "a zone's width is no number": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='paramctrl']", w="wide"), "w=wide"),
    "a zone has no height": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='paramctrl']", h=None), "has no h"),
    "a band flows nowhere": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='layout-flow']", param="across"), "flows across"),
    "a dashboard is smaller than it must be": (put(f"{FIRST_DASHBOARD}/size", maxwidth="900"), "at least 1200 and at most 900"),
    "a dashboard of one size has two": (
        put(f"{FIRST_DASHBOARD}/size", sizing_mode="fixed", minheight="600"),
        "is fixed in size, and yet from 600 to",
    ),
    "a label names a field without angle brackets": (without_brackets, "which stands in no angle brackets"),
    "a dashboard has no zones": (drop(f"{FIRST_DASHBOARD}/zones"), "has no zones"),
    "a legend names no pane": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='color']", pane_specification_id=None), "is not drawn"),
    "a filter is offered without its source": (
        put(f"{TOP_PRODUCTS}//zone[@type-v2='filter']", param="[none:product_type:nk]"),
        "without its data source",
    ),
    "an action starts from nothing": (put("actions/action/source", worksheet="Nothing"), "no worksheet"),
    "an action starts from no dashboard": (put("actions/action/source", dashboard="Nothing"), "no dashboard"),
    "an action has another's name": (put("actions/action[2]", name="[Action1]"), "two actions are called"),
    "an action is set off by a wink": (put("actions/action/activation", type="on-wink"), "the type on-wink"),
    "a link hands over a field of an unknown source": (
        put("actions/action/link", expression="https://portal.example/?s=<[federated.x].[none:segment:nk]~na>"),
        "no data source",
    ),
    "a link does not end its field": (
        put("actions/action/link", expression="https://portal.example/?s=<[federated.overview].[none:segment:nk]~na"),
        "has no end",
    ),
    "a sheet has no name": (put(FIRST_SHEET, name=""), "has no name"),
    "a sheet has no marks": (drop(f"{FIRST_SHEET}//panes/pane/mark"), "has no mark"),
    "a sheet has no table": (drop(f"{FIRST_SHEET}/table"), "has no table"),
    "an extract says another table": (put(f"{FIRST_SOURCE}/extract/connection", tablename="Sales"), "and says another table"),
    "an alias names no measure": (
        put("datasources//column[@name='[:Measure Names]']/aliases/alias", key="x"),
        "x is named as a measure, and is none",
    ),
    "an attribute holds a word that ours never does": (
        put(f"{FIRST_SOURCE}/extract/connection", authentication="oauth"),
        "which ours never has",
    ),
    "an attribute is misspelt": (both(put(f"{BY_SEGMENT}//filter", colum="x"), put(f"{BY_SEGMENT}//filter")), "has the attribute colum"),
    "an attribute is left out": (put(f"{FIRST_SOURCE}//named-connection", caption=None), "lacks the attribute caption"),
    "an element is misspelt": (add(f"{BY_SEGMENT}//encodings", "<colour column='x'/>"), "has the element colour"),
    "an element is left out": (drop(f"{FIRST_SOURCE}//metadata-record/remote-alias"), "lacks the element remote-alias"),
    "an element is empty": (say(f"{FIRST_SOURCE}//metadata-record/remote-name", ""), "holds no text"),
    "a flag is neither true nor false": (put("actions/action/activation", auto_clear="yes"), "which is no flag"),
    # the package
    "the extract is not active": (put(f"{FIRST_SOURCE}/extract", enabled="false"), "Public refuses it"),
    "there is no extract": (drop(f"{FIRST_SOURCE}/extract"), "Public refuses it"),
    "the object graph does not know the extract": (
        drop(f"{FIRST_SOURCE}/object-graph//properties[@context='extract']"),
        "does not know its extract",
    ),
    "the extract is elsewhere": (put(f"{FIRST_SOURCE}/extract/connection", dbname="Data/Extracts/other.hyper"), "not in the package"),
    "the extract's path is absolute": (put(f"{FIRST_SOURCE}/extract/connection", dbname="C:/Data/overview.hyper"), "not in the package"),
    "the folder of a CSV is elsewhere": (put(f"{FIRST_SOURCE}//connection[@class='textscan']", directory="Data"), "not in the package"),
    "a CSV's table keeps its full stop": (
        both(
            put(f"{FIRST_SOURCE}/connection/relation", table="[overview.csv]"),
            put(f"{FIRST_SOURCE}/object-graph//relation", table="[overview.csv]"),
        ),
        "is called [overview.csv]",
    ),
}
"""What is done to a sound workbook, and a part of the finding that must name it."""

PACKED: dict[str, tuple[Callable[[Package], Package], str]] = {
    "a path has backslashes": (lambda package: replace(package, names=[*package.names, "Data\\other.csv"]), "forward slashes"),
    "a path leads out": (lambda package: replace(package, names=[*package.names, "../other.csv"]), "forward slashes"),
    "a path has a drive": (lambda package: replace(package, names=[*package.names, "C:/other.csv"]), "forward slashes"),
    "a CSV has other columns": (
        lambda package: replace(package, headers={**package.headers, "Data/BottleNeck/overview.csv": ["month"]}),
        "other columns",
    ),
    "a CSV is missing": (
        lambda package: replace(package, names=[name for name in package.names if not name.endswith("overview.csv")]),
        "not in the package",
    ),
    "the namespace is not declared": (without_namespace, "namespace user"),
    "a file is there twice": (lambda package: replace(package, names=[*package.names, package.names[1]]), "twice"),
    "the workbook does not say that it is XML": (
        lambda package: replace(package, workbook=re.sub(rb"^<\?xml[^>]*>", b"", package.workbook)),
        "no XML declaration",
    ),
    "the workbook is UTF-16": (lambda package: replace(package, workbook=package.workbook.decode().encode("utf-16")), "UTF-16"),
    "the workbook says that it is Latin": (
        lambda package: replace(package, workbook=re.sub(rb"encoding='[^']*'", b"encoding='iso-8859-1'", package.workbook, count=1)),
        "iso-8859-1",
    ),
    "the workbook has a DOCTYPE": (
        lambda package: replace(package, workbook=package.workbook.replace(b"<workbook ", b"<!DOCTYPE workbook>\n<workbook ", 1)),
        "DOCTYPE",
    ),
    "the workbook breaks off": (lambda package: replace(package, workbook=package.workbook[:-400]), "is no XML"),
    "the workbook is a data source": (lambda package: replace(package, workbook=b"<datasource/>"), "no workbook"),
    "an extract is empty": (lambda package: holding(package, None), "no extract that can be read"),
    "an extract has another table": (lambda package: holding(package, {"[public].[Extract]": Table({}, 7)}), "has no table"),
    "an extract is another tab's": (
        lambda package: holding(package, package.extracts["Data/Extracts/top_products.hyper"]),
        "overview.hyper has no column units_promo",
    ),
    "an extract's column is of another type": (
        lambda package: holding(package, {"[Extract].[Extract]": Table({**columns_of(package), "units": "string"}, 7)}),
        "reads it as integer",
    ),
    "an extract has no rows": (lambda package: holding(package, {"[Extract].[Extract]": Table(columns_of(package), 0)}), "holds 0 rows"),
    "one namespace is for all": (
        lambda package: replace(package, workbook=package.workbook.replace(b"<workbook ", b'<workbook xmlns="http://example.com" ', 1)),
        "no workbook",
    ),
}
"""What is done to the package around it."""


def injected(inject: Injection) -> Package:
    root = etree.fromstring(sound().workbook)
    inject(root)
    return replace(sound(), workbook=etree.tostring(root, xml_declaration=True, encoding="utf-8"))


@pytest.mark.parametrize("live", [False, True])
def test_our_own_workbook_has_no_finding(live: bool) -> None:
    assert judged(sound(live=live)) == []


@pytest.mark.parametrize("fault", INJECTED)
def test_a_fault_in_the_workbook_is_named(fault: str) -> None:
    inject, expected = INJECTED[fault]
    package = injected(inject)
    found = (finding for check in (*FAULTS, *HOUSE_STYLE) for finding in check(package))
    assert any(expected in finding for finding in found), judged(package)


@pytest.mark.parametrize("fault", PACKED)
def test_a_fault_of_the_package_is_named(fault: str) -> None:
    inject, expected = PACKED[fault]
    found = judged(inject(sound()))
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], "none"), (["one.twb", "two.twb"], "one.twb, two.twb"), (["Workbook/BottleNeck.twb"], "Workbook/BottleNeck.twb")],
)
def test_a_package_without_its_one_workbook_at_the_root_is_named(names: list[str], expected: str, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.twbx", "w") as packed:
        for name in names:
            packed.writestr(name, sound().workbook)
    assert findings(tmp_path / "x.twbx", live=False) == [f"there is not one workbook at the root, but {expected}"]


def test_the_live_form_needs_no_extract_beside_a_csv() -> None:
    assert any("Public refuses it" in finding for finding in judged(replace(sound(live=True), live=False)))


def test_the_vocabulary_is_what_the_workbook_uses() -> None:
    told = (("", "", {}, []), ("https://portal.example", "2026-11-24T09:30:00+01:00", {"Vin": "#7b1e3b"}, [dt.date(2022, 10, 1)]))
    made = [
        workbook(portal, received=received, segments=segments, months=months, live=live, language=language)
        for language in LANGUAGES
        for live in (False, True)
        for portal, received, segments, months in told
    ]
    assert shapes_of(map(etree.fromstring, made)) == shapes()


def test_what_tableau_itself_saves_is_no_fault_though_it_is_not_our_style() -> None:
    saved = Package((Path(__file__).parent / "saved.twb.xml").read_bytes(), [], {}, live=False)
    assert faults(saved) == []
    assert len(judged(saved)) > 30


def of_several_tables() -> Package:
    """A data source of several tables, one of whose columns is mapped to another table."""
    source = etree.fromstring(data_source())
    at(source, "connection/cols/map").set("value", "[stock].[units]")
    return around(source, {})


@pytest.mark.full
def test_every_check_finds_something() -> None:
    idle = [*FAULTS, *HOUSE_STYLE]
    changed = (change(sound()) for change, _ in PACKED.values())
    packages = chain([of_several_tables()], changed, (injected(inject) for inject, _ in INJECTED.values()))
    for package in packages:
        if not unreadable(package):
            idle = [check for check in idle if not any(check(package))]
        if not idle:
            break
    assert [check.__name__ for check in idle] == []


@pytest.mark.parametrize(
    ("file", "said"), [("README.md", "finds every one of {} faults that we set"), ("docs/tableau.md", "{} faults were set, by us")]
)
def test_the_documentation_says_how_many_faults_are_known(file: str, said: str) -> None:
    text = " ".join((Path(__file__).parents[3] / file).read_text(encoding="utf-8").split())
    assert said.format(len(INJECTED) + len(PACKED)) in text
