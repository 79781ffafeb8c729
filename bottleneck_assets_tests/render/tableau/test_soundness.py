"""A sound workbook has no finding; each known trap, set in a copy of it, has one that names it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from lxml import etree

from bottleneck_assets.render.tableau.soundness import CHECKS, Package, faults, findings
from bottleneck_assets.render.tableau.workbook import workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

    Injection = Callable[[Element], object]

FIRST_SHEET = "worksheets/worksheet[2]"
BY_SEGMENT = "worksheets/worksheet[@name='Revenue (incl. VAT) by segment']"
BY_MONTH = "worksheets/worksheet[@name='Revenue (incl. VAT) and gross margin (excl. VAT) by month']"
RATE = "worksheets/worksheet[@name='Gross margin rate (Overview)']"
WATERFALL = "worksheets/worksheet[@name='Margin beyond the baseline']"
FIRST_DASHBOARD = "dashboards/dashboard[1]"
FIRST_SOURCE = "datasources/datasource[@name='federated.overview']"
SALES = "datasources/datasource[@name='federated.top_products']"


@cache
def sound(*, live: bool = False) -> Package:
    """A package of which the workbook is ours, and every file that it names is there."""
    content = workbook("https://portal.example", live=live)
    root = etree.fromstring(content)
    names, headers = ["BottleNeck.twb"], dict[str, list[str]]()
    for connection in root.iter("connection"):
        if connection.get("class") == "textscan":
            path = f"{connection.get('directory')}/{connection.get('filename')}"
            relation = next(found for found in root.iter("relation") if found.get("name") == connection.get("filename"))
            headers[path] = [str(column.get("name")) for column in relation.iter("column")]
            names.append(path)
        elif connection.get("class") == "hyper":
            names.append(str(connection.get("dbname")))
    return Package(content, names, headers, live)


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
    sheet = at(root, BY_SEGMENT)
    next(column for column in sheet.iter("column") if column.get("name") == "[segment]").set("datatype", "boolean")
    level = next(sheet.iterfind(".//groupfilter[@level='[none:segment:nk]']"))
    level.set("function", "member")
    level.set("member", '"true"')


def a_button_to_a_dashboard(root: Element) -> None:
    identifier = at(root, "dashboards/dashboard[2]/simple-id").get("uuid")
    next(root.iter("button")).set("action", f'tabdoc:goto-sheet window-id="{identifier}"')


def overlapping_zones(root: Element) -> None:
    one, other = list(at(root, FIRST_DASHBOARD).iterfind(".//zone[@show-title='false']"))[1:3]
    for name in "xywh":
        other.set(name, str(one.get(name)))


def without_namespace(package: Package) -> Package:
    return replace(package, workbook=re.sub(rb' (?:user:[a-z-]+|xmlns:user)="[^"]*"', b"", package.workbook))


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
    "a column follows its instance": (last(f"{FIRST_SHEET}//datasource-dependencies/column"), "datasource-dependencies"),
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
    "a parameter's domain is all": (put("datasources/datasource/column", param_domain_type="all"), "domain all"),
    "a mark is in lower case": (put(f"{BY_SEGMENT}//mark", class_="bar"), "mark bar"),
    "a colour is a name": (put(f"{FIRST_SHEET}//run[@fontcolor]", fontcolor="red"), "'red'"),
    "a colour of the palette is short": (say("preferences/color-palette/color", "#abc"), "'#abc'"),
    "the build is not whole": (put(".", source_build="2025.2"), "not a whole build"),
    "the version is one of 2026": (put(".", version="26.1"), "shuts older Desktops out"),
    "there are layouts for devices": (add(FIRST_DASHBOARD, "<devicelayouts/>"), "devicelayouts"),
    "there is a data graph": (add(".", "<datagraph/>"), "datagraph"),
    "two sheets have one name": (
        put("worksheets/worksheet[3]", name="Revenue (incl. VAT) (Overview)"),
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
        put(f"{BY_SEGMENT}//groupfilter[@level='[none:segment:nk]']", level="[federated.overview].[none:segment:nk]"),
        "it is dropped",
    ),
    "a text member is not quoted": (
        put(f"{BY_MONTH}//groupfilter[@function='member']", member="[federated.overview].[sum:revenue:qk]"),
        "quotes do not fit",
    ),
    "a flag is quoted": (a_quoted_flag, "quotes do not fit"),
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
    "a zone is of an unknown kind": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='color']", type_v2="legend"), "of no kind"),
    "a filter belongs to no sheet": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='filter']", name="Sales"), "no sheet"),
    "a filter's sheet does not filter": (put(f"{FIRST_DASHBOARD}//zone[@type-v2='filter']", name="Data as of"), "has not"),
    "a filter is not declared": (
        drop(f"{FIRST_DASHBOARD}/datasource-dependencies/column-instance[@column='[month]']"),
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
    "one namespace is for all": (
        lambda package: replace(package, workbook=package.workbook.replace(b"<workbook ", b'<workbook xmlns="http://example.com" ', 1)),
        "declares one for all",
    ),
}
"""What is done to the package around it."""


def injected(inject: Injection) -> Package:
    root = etree.fromstring(sound().workbook)
    inject(root)
    return replace(sound(), workbook=etree.tostring(root))


@pytest.mark.parametrize("live", [False, True])
def test_our_own_workbook_has_no_finding(live: bool) -> None:
    assert faults(sound(live=live)) == []


@pytest.mark.parametrize("fault", INJECTED)
def test_a_fault_in_the_workbook_is_named(fault: str) -> None:
    inject, expected = INJECTED[fault]
    found = faults(injected(inject))
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize("fault", PACKED)
def test_a_fault_of_the_package_is_named(fault: str) -> None:
    inject, expected = PACKED[fault]
    found = faults(inject(sound()))
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
    assert any("Public refuses it" in finding for finding in faults(replace(sound(live=True), live=False)))


def test_the_catch_rate(capsys: pytest.CaptureFixture[str]) -> None:
    packages = [*(injected(inject) for inject, _ in INJECTED.values()), *(inject(sound()) for inject, _ in PACKED.values())]
    found = [{check.__name__ for check in CHECKS if any(check(package))} for package in packages]
    caught = sum(map(bool, found))
    with capsys.disabled():
        print(f"\n{caught} of {len(packages)} injected faults caught")  # noqa: T201 - what the test is for
    assert caught == len(packages) >= 30
    assert set().union(*found) == {check.__name__ for check in CHECKS}, "a check that finds nothing"


@pytest.mark.parametrize(
    ("file", "said"), [("README.md", "free of {} further faults"), ("docs/tableau.md", "({} faults are set, all are found)")]
)
def test_the_documentation_says_how_many_faults_are_known(file: str, said: str) -> None:
    text = " ".join((Path(__file__).parents[3] / file).read_text(encoding="utf-8").split())
    assert said.format(len(INJECTED) + len(PACKED)) in text
