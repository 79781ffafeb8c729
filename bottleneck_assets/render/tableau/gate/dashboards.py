"""Finds what is wrong with dashboards: windows, zones, controls, actions and buttons that lead nowhere.

Belongs here: what stands on a dashboard, and what a click does. Never here: what a sheet shows (sheets.py).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.gate.opened import name_of, qualified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package

_FILTER_MODES = {
    "checklist", "checkdropdown", "radiolist", "dropdown", "slider", "pattern", "typeinlist", "compact", "range", "atleast", "atmost",
    "datetime", "relative", "custom-list",
}  # fmt: skip


_INTEGER = re.compile(r"-?\d+")


def windows_show_what_there_is(package: Package) -> Iterator[str]:
    """Each sheet and dashboard has its window, each sheet of a dashboard its viewpoint, and each window is of something."""
    root = package.root
    windows = {(window.get("class"), window.get("name")): window for window in root.iterfind("windows/window")}
    named = {"worksheet": {sheet.get("name") for sheet in package.sheets}, "dashboard": {one.get("name") for one in package.dashboards}}
    for kind, names in named.items():
        yield from (f"{kind} {name} has no window" for name in sorted(names, key=str) if (kind, name) not in windows)
    for kind, name in windows:
        if name is not None and kind in named and name not in named[kind]:
            yield f"there is a window of the {kind} {name}, which there is not"
    for dashboard in package.dashboards:
        window = windows.get(("dashboard", dashboard.get("name")))
        if window is None:
            continue
        seen = {viewpoint.get("name") for viewpoint in window.iterfind("viewpoints/viewpoint")}
        shown = {zone.get("name") for zone in _zones(dashboard) if _is_sheet(zone)}
        if dashboard.get("type") != "storyboard":
            yield from (
                f"{name} is on {name_of(dashboard)}, and its window has no viewpoint for it"
                for name in sorted(shown - seen, key=str)
                if name in named["worksheet"]
            )
        for name in sorted(shown - named["worksheet"] - named["dashboard"], key=str):
            yield f"{name_of(dashboard)} shows {name}, which is no worksheet"
        for name in sorted(seen - named["worksheet"] - named["dashboard"], key=str):
            yield f"the window of {name_of(dashboard)} has a viewpoint for {name}, which is no worksheet"
        active, numbers = window.find("active"), {"-1", *(zone.get("id", "") for zone in dashboard.iter("zone"))}
        if active is not None and active.get("id") not in numbers:
            yield f"the window of {name_of(dashboard)} has no active zone"


def _kind(zone: Element) -> str:
    return zone.get("type-v2") or zone.get("type") or ""


def _zones(dashboard: Element) -> list[Element]:
    zones = dashboard.find("zones")
    return list(zones.iter("zone")) if zones is not None else []


def _is_sheet(zone: Element) -> bool:
    return bool(zone.get("name")) and not _kind(zone)


def zones_are_in_place(package: Package) -> Iterator[str]:  # noqa: C901, PLR0912 - a line a rule
    """Zones have numbers of their own and a size, and each is of a kind."""
    for dashboard in package.dashboards:
        if dashboard.get("type") == "storyboard":
            continue
        zones = _zones(dashboard)
        for number, times in Counter(zone.get("id") for zone in zones).items():
            if times > 1:
                yield f"{name_of(dashboard)} has two zones {number}"
        for zone in zones:
            if zone.get("id") is None:
                yield f"a zone of {name_of(dashboard)} has no id"
            if not _kind(zone) and not zone.get("name"):
                yield f"zone {zone.get('id')} of {name_of(dashboard)} is of no kind"
            if zone.get("type") and zone.get("type-v2"):
                yield f"zone {zone.get('id')} of {name_of(dashboard)} is of two kinds"
            for side in "xywh":
                value = zone.get(side)
                if value is None:
                    yield f"zone {zone.get('id')} of {name_of(dashboard)} has no {side}"
                elif not _INTEGER.fullmatch(value) or (side in "wh" and int(value) < 0):
                    yield f"zone {zone.get('id')} of {name_of(dashboard)} has {side}={value}"
            if _kind(zone) == "layout-flow" and zone.get("param") not in {None, "horz", "vert"}:
                yield f"zone {zone.get('id')} of {name_of(dashboard)} flows {zone.get('param')}"
        size = dashboard.find("size")
        for side in ("width", "height"):
            told = [size.get(f"{end}{side}", "0") if size is not None else "0" for end in ("min", "max")]
            if not all(map(_INTEGER.fullmatch, told)):
                yield f"{name_of(dashboard)} is {' to '.join(told)} in {side}, which are no numbers"
            elif int(told[1]) and int(told[0]) > int(told[1]):
                yield f"{name_of(dashboard)} is at least {told[0]} and at most {told[1]} in {side}"
            elif size is not None and size.get("sizing-mode") == "fixed" and told[0] != told[1]:
                yield f"{name_of(dashboard)} is fixed in size, and yet from {told[0]} to {told[1]} in {side}"


def controls_have_what_they_control(package: Package) -> Iterator[str]:  # noqa: C901, PLR0912 - a line a rule
    """A filter, a legend or a control of a dashboard belongs to a sheet or a parameter that has it."""
    sheets = {sheet.get("name"): sheet for sheet in package.sheets}
    parameters = package.sources.get("[Parameters]")
    for dashboard in package.dashboards:
        for zone in _zones(dashboard):
            kind, param, sheet = _kind(zone), zone.get("param", ""), sheets.get(zone.get("name"))
            if kind == "paramctrl":
                if zone.get("mode") is None:
                    yield f"{name_of(dashboard)} offers {param} in no mode: Tableau refuses the control"
                elif zone.get("mode") not in {"type_in", "compact", "slider", "list", "datetime", "radiolist", "dropdown"}:
                    yield f"{name_of(dashboard)} offers {param} in the mode {zone.get('mode')}"
                if parameters is None or param.removeprefix("[Parameters].") not in parameters.columns:
                    yield f"{name_of(dashboard)} offers the parameter {param}, which there is not"
            if kind not in {"filter", "color", "size", "shape", "highlighter"} or (kind == "size" and not param):
                continue
            if sheet is None:
                yield f"{name_of(dashboard)} offers {param} of {zone.get('name')}, which is no sheet"
                continue
            if kind != "highlighter" and not qualified(param):
                yield f"{name_of(dashboard)} offers {param} without its data source"
                continue
            if kind == "filter" and zone.get("mode") not in {None, *_FILTER_MODES}:
                yield f"{name_of(dashboard)} offers the filter {param} in the mode {zone.get('mode')}"
            if kind in {"color", "size", "shape"} and zone.get("pane-specification-id") is None:
                yield f"{name_of(dashboard)} has a legend of {name_of(sheet)} that names no pane: it is not drawn"
            for source, _ in qualified(param):
                if source not in package.sources:
                    yield f"{name_of(dashboard)} offers {param}, whose data source there is not"


def actions_begin_and_end(package: Package) -> Iterator[str]:  # noqa: C901, PLR0912 - a line a rule
    """An action starts from what there is, does something, and reaches what there is."""
    shown = {dashboard.get("name", ""): {zone.get("name", "") for zone in _zones(dashboard)} for dashboard in package.dashboards}
    sheets = {sheet.get("name", "") for sheet in package.sheets}
    everything = {*sheets, *shown}
    parameters = package.sources.get("[Parameters]")
    for action in package.root.iterfind("actions/*[@name]"):
        source, command, link = action.find("source"), action.find("command"), action.find("link")
        what = f"action {action.get('caption', action.get('name'))}"
        if source is None:
            yield f"{what} has no source"
        else:
            dashboard, sheet = source.get("dashboard"), source.get("worksheet")
            if dashboard is not None and dashboard not in shown:
                yield f"{what} starts from {dashboard}, which is no dashboard"
            if sheet is not None and sheet not in sheets:
                yield f"{what} starts from {sheet}, which is no worksheet"
            elif dashboard in shown and sheet is not None and sheet not in shown[dashboard]:
                yield f"{what} starts from a sheet that its dashboard does not show"
            if source.get("type") == "datasource" and f"[{source.get('datasource')}]" not in package.sources:
                yield f"{what} starts from {source.get('datasource')}, which is no data source"
        if action.tag == "action" and command is None and link is None:
            yield f"{what} is neither a command nor a link"
        if command is not None:
            if command.get("command") not in {"tsc:tsl-filter", "tsc:brush"}:
                yield f"{what} has the command {command.get('command')}"
            told = {param.get("name"): param.get("value", "") for param in command.iterfind("param")}
            if told.get("target") not in everything:
                yield f"{what} has the target {told.get('target')}, which is no dashboard"
        if link is not None:
            expression = link.get("expression", "")
            yield from _linked(what, expression, has_command=command is not None)
            unknown = {source for source, _ in qualified(expression)} - package.sources.keys()
            yield from (f"{what} hands over a field of {source}, which is no data source" for source in sorted(unknown))
        for name in ("target-parameter", "source-field"):
            for param in action.iterfind(f"params/param[@name='{name}']"):
                for key, field in qualified(param.get("value", "")):
                    if key == "[Parameters]" and (parameters is None or field not in parameters.columns):
                        yield f"{what} sets {field}, which is no parameter"
                    elif key not in package.sources:
                        yield f"{what} reads {key}, which is no data source"


def _linked(what: str, expression: str, *, has_command: bool) -> Iterator[str]:
    if not expression:
        yield f"{what} leads nowhere"
    elif has_command != expression.startswith("tsl:"):
        yield f"{what} is neither a command nor a link"
    elif not has_command and not re.match(r"(?:https?|mailto|ftp|file)[:s]|<|[\w.-]+\.\w\w", expression):
        yield f"{what} leads to {expression!r}"
    if expression.count("<") != expression.count(">"):
        yield f"{what} hands over {expression!r}, in which a field has no end"
    if not has_command and re.search(r"<[A-Za-z_ ]+>", expression):
        yield f"{what} hands over {expression!r}, in which a field stands without its data source"


def buttons_lead_somewhere(package: Package) -> Iterator[str]:
    """A button that opens a sheet names the window of one."""
    windows = {identifier.get("uuid") for identifier in package.root.iterfind("windows/window/simple-id")}
    for button in package.root.iter("button"):
        action = button.get("action", "")
        if not action and button.find("toggle-action") is None:
            yield f"button {button.findtext('.//caption')} does nothing"
        elif action.startswith("tabdoc:goto-sheet"):
            found = re.search(r'window-id="(\{[^"]+\})"', action)
            if found is None or found[1] not in windows:
                yield f"button {button.findtext('.//caption')} leads to no window"
