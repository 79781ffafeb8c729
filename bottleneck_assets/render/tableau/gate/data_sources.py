"""Finds what is wrong with data sources: connections, tables, objects, columns, instances, colours, extracts and parameters.

Belongs here: what a data source says of itself. Never here: formulas (calculations.py), or whether the files hold it (files.py).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.gate.opened import BUILT_IN, OBJECT_ID, PART, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package, Source

_DERIVATIONS = {
    "None": "none", "Sum": "sum", "Avg": "avg", "Min": "min", "Max": "max", "Count": "cnt", "CountD": "ctd", "User": "usr",
    "Attribute": "attr", "Median": "med", "InOut": "io", "Year": "yr", "Quarter": "qr", "Month": "mn", "Week": "wk", "Day": "dy",
    "Weekday": "wd", "Hour": "hr", "Minute": "mi", "Second": "sc", "Year-Trunc": "tyr", "Quarter-Trunc": "tqr", "Month-Trunc": "tmn",
    "Week-Trunc": "twk", "Day-Trunc": "tdy", "Hour-Trunc": "thr", "Minute-Trunc": "tmi", "Second-Trunc": "tsc", "MDY": "md", "MY": "my",
    "Stdev": "std", "StdevP": "stp", "Var": "var", "VarP": "vrp", "Percentile": "prc\\d+",
}  # fmt: skip


_ALONG = "(?:(?:pcto|pcdf|cum|rank|diff|win|pctr|pctd|fVal|rpct):)*"


_SUFFIX = {"nominal": "[no]k", "ordinal": "[no]k", "quantitative": "qk"}


_NUMERIC = {"Sum", "Avg", "Median", "Stdev", "StdevP", "Var", "VarP"}


_OF_DATES = {
    name for name in _DERIVATIONS if name.endswith("-Trunc") or name in {"Year", "Quarter", "Month", "Week", "Day", "Weekday", "MDY", "MY"}
}


_OF_TIMES = {"Hour", "Minute", "Second"}


_ENDS = 2


_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d*\.?\d+(?:[eE][+-]?\d+)?")


def relations_reach_their_connections(package: Package) -> Iterator[str]:
    """A relation goes through a connection that there is, and is repeated by its object."""
    for source in package.sources.values():
        named = {one.get("name") for one in source.element.iter("named-connection")}
        if not named:
            continue
        for relation in source.element.iterfind(".//relation[@connection]"):
            if relation.get("connection") not in named:
                yield f"a relation of {source.name} goes through {relation.get('connection')}, which there is not"
        if source.records and source.element.find("connection/relation") is None:
            yield f"{source.name} has no relation"
        top = source.element.find("connection/relation[@type='table']")
        repeated = [properties.find("relation") for properties in source.element.iterfind("object-graph//properties[@context='']")]
        if top is not None and len(repeated) == 1 and repeated[0] is not None and repeated[0].get("type") == "table":
            for name in ("connection", "name", "table"):
                if top.get(name) != repeated[0].get(name):
                    yield f"the object-graph of {source.name} does not repeat its relation"


def objects_hold_the_columns(package: Package) -> Iterator[str]:  # noqa: C901 - a line a rule
    """Metadata, the column of an object and relationships name objects that there are."""
    for source in package.sources.values():
        objects = {one.get("id", "") for one in source.element.iterfind("object-graph/objects/object")}
        graph = source.element.find("object-graph")
        if graph is None:
            continue
        for one in sorted(objects):
            if f"{OBJECT_ID}.[{one}]" not in source.columns:
                yield f"{source.name} has no column for its object {one}"
        for record in source.element.iterfind("connection/metadata-records/metadata-record[@class='column']"):
            relations = {relation.get("name", "") for relation in source.element.iter("relation")}
            if record.findtext("local-name") and (parent := record.findtext("parent-name", "").strip("[]")) not in relations:
                yield f"{record.findtext('local-name')} of {source.name} is said to be of {parent}, which is none of its tables"
            identifier = record.findtext("object-id")
            if identifier is None and record.findtext("local-name"):
                yield f"{record.findtext('local-name')} of {source.name} has no object-id"
            elif identifier is not None and identifier.strip("[]") not in objects:
                yield f"{record.findtext('local-name')} of {source.name} belongs to another object than its object-graph's: {identifier}"
        for name in source.columns:
            if name.startswith(OBJECT_ID) and name.removeprefix(f"{OBJECT_ID}.").strip("[]") not in objects:
                yield f"{source.name} has the column {name}, and no such object"
        for end in graph.iterfind("relationships/relationship/*[@object-id]"):
            if end.get("object-id") not in objects:
                yield f"a relationship of {source.name} ends at {end.get('object-id')}, which there is not"
        yield from _relationships(source, graph)


def _relationships(source: Source, graph: Element) -> Iterator[str]:
    """Each pair of fields is of the two ends, of one type, and no way leads back to where it began."""
    owners = {name: record.findtext("object-id", "").strip("[]") for name, record in source.records.items()}
    joined = dict[str, str]()  # each object, and the one that stands for all that hang together with it
    for relationship in graph.iterfind("relationships/relationship"):
        ends = [str(end.get("object-id")) for end in relationship.iterfind("*[@object-id]")]
        for pair in relationship.iterfind(".//expression[@op='=']"):
            fields = [str(one.get("op")) for one in pair]
            plain = [field for field in fields if re.fullmatch(PART, field)]
            for field in plain:
                if field not in source.records:
                    yield f"a relationship of {source.name} is by {field}, which it has not"
                elif owners[field] and owners[field] not in ends:
                    yield f"a relationship of {source.name} is by {field}, which is of neither end"
            if len(plain) > 1 and owners.get(plain[0]) and owners.get(plain[0]) == owners.get(plain[1]):
                yield f"a relationship of {source.name} is by {' and '.join(plain)}, which are of one table"
            types = {source.records[field].findtext("local-type") for field in plain if field in source.records}
            if len(types) > 1:
                yield f"a relationship of {source.name} is by {' and '.join(plain)}, which are of different types"
        first, second = (_root(joined, end) for end in ends) if len(ends) == _ENDS else ("", "-")
        if first == second:
            yield f"the relationships of {source.name} go in a circle"
        joined[first] = second


def _root(joined: Mapping[str, str], name: str) -> str:
    while name in joined:
        name = joined[name]
    return name


def columns_are_mapped(package: Package) -> Iterator[str]:
    """Of several tables, each field is said once to be of a table and a column, as its metadata say."""
    for source in package.sources.values():
        cols = source.element.find("connection/cols")
        if cols is None or source.element.find("connection/relation[@type='collection']") is None or not source.is_whole:
            continue
        mapped = {one.get("key", ""): one.get("value", "") for one in cols}
        if len(mapped) != len(cols):
            yield f"a field of {source.name} is mapped twice"
        for name, record in source.records.items():
            expected = f"{record.findtext('parent-name')}.[{record.findtext('remote-name')}]"
            if name and not name.startswith(OBJECT_ID) and mapped.get(name) != expected:
                yield f"{name} of {source.name} is mapped to {mapped.get(name)}, and its metadata say {expected}"


def columns_are_what_their_metadata_say(package: Package) -> Iterator[str]:  # noqa: C901 - a line a rule
    """A column of the data is of the type that it is read as, and the names of columns do not part references."""
    for source in package.sources.values():
        if source.is_parameters:
            continue
        for name, record in source.records.items():
            local, remote = record.findtext("local-type", ""), record.findtext("remote-type", "")
            if not name or name.startswith(OBJECT_ID):
                continue
            if local and remote and not _INTEGER.fullmatch(remote):
                yield f"{name} of {source.name} is of remote type {remote}"
            if local == "string" and remote in {"3", "5", "11", "20", "131"}:
                yield f"{name} of {source.name} is {local} of remote type {remote}"
            if local in {"integer", "real", "date", "boolean"} and remote in {"129", "130"}:
                yield f"{name} of {source.name} is {local} of remote type {remote}"
            if not re.fullmatch(PART, name):
                yield f"{name} of {source.name} has a character in its name that references part by"
        for name, column in source.columns.items():
            if not name.startswith(OBJECT_ID) and not re.fullmatch(PART, name):
                yield f"field {name} of {source.name} has a character in its name that references part by"
            datatype, type_ = column.get("datatype"), column.get("type")
            if type_ == "quantitative" and datatype in {"string", "boolean"}:
                yield f"{name} of {source.name} is a quantity of type {datatype}"
            is_read = (
                column.find("calculation") is None and not name.startswith(OBJECT_ID) and name not in BUILT_IN and not _is_made(column)
            )
            if source.is_whole and is_read and name not in source.records:
                yield f"{name} of {source.name} is in none of its tables"


def _is_made(column: Element) -> bool:
    """Whether Tableau makes a column itself: places on a map, sets, counts."""
    name = column.get("name", "")
    return name in {"[Number of Records]", "[Geometry]"} or "generated" in name.lower() or name.endswith("(clusters)]")


def instances_are_named_for_what_they_are(package: Package) -> Iterator[str]:
    """The name of an instance says its derivation, its field and its kind, and its field can be derived so."""
    for place, instances, columns in _instances(package):
        for instance in instances:
            name, column, derivation = instance.get("name", ""), instance.get("column", ""), instance.get("derivation", "")
            prefix = _DERIVATIONS.get(derivation)
            if prefix is None:
                yield f"instance {name} in {place} has the derivation {derivation}, which is none of Tableau's"
                continue
            field = column.removeprefix(f"{OBJECT_ID}.")[1:-1]
            # the number at the end tells instances along tables apart
            expected = rf"{_ALONG}{prefix}:{re.escape(field)}(?::vt\w+)?:{_SUFFIX.get(instance.get('type', ''), '..')}(?::\d+)?"
            if not re.fullmatch(rf"\[{expected}\]", name.removeprefix(f"{OBJECT_ID}.")):
                suffix = _SUFFIX.get(instance.get("type", ""), "")
                yield f"instance {name} of {column} in {place} should be called [{prefix}:{field}:{suffix}]"
            if column in columns and (datatype := columns[column].get("datatype")) is not None:
                if derivation in _NUMERIC and datatype in {"string", "date", "datetime"} and derivation != "Avg":
                    yield f"instance {name} in {place} is the {derivation} of a {datatype}"
                if derivation in _OF_DATES | _OF_TIMES and datatype not in {"date", "datetime", "unknown"}:
                    yield f"instance {name} in {place} is the {derivation} of a {datatype}"


def _instances(package: Package) -> Iterator[tuple[str, list[Element], dict[str, Element]]]:
    for source in package.sources.values():
        yield source.name, list(source.instances.values()), source.columns
    for sheet in (*package.sheets, *package.dashboards):
        for depends in sheet.iter("datasource-dependencies"):
            yield name_of(sheet), depends.findall("column-instance"), {one.get("name", ""): one for one in depends.iterfind("column")}


def values_have_one_colour(package: Package) -> Iterator[str]:
    """Each value of a field has one colour in its data source."""
    for source in package.sources.values():
        for encoding in source.element.iterfind("style/style-rule/encoding[@field]"):
            buckets = Counter(tuple(bucket.text for bucket in one.iterfind("bucket")) for one in encoding.iterfind("map"))
            if "\n" not in encoding.get("field", "") and buckets and max(buckets.values()) > 1:
                yield f"a value of {encoding.get('field')} in {source.name} has two colours"


def extracts_are_connected(package: Package) -> Iterator[str]:
    """An extract is a file of its own, which the object-graph knows."""
    files = Counter[tuple[str, str]]()
    for source in package.sources.values():
        for extract in source.element.iterfind("extract[@enabled='true']"):
            connection = extract.find("connection")
            if connection is None:
                continue
            files[connection.get("dbname", ""), connection.get("tablename", "")] += 1
            if connection.get("class") not in {"hyper", "dataengine"}:
                yield f"the extract of {source.name} is of class {connection.get('class')}"
            graph = source.element.find("object-graph")
            if graph is not None and graph.find(".//properties[@context='extract']") is None and graph.find(".//properties") is not None:
                yield f"the object-graph of {source.name} does not know its extract"
    yield from (f"two data sources read the extract {file}" for (file, _), times in files.items() if times > 1 and file)


def parameters_hold_their_values(package: Package) -> Iterator[str]:
    """A parameter has a value of its type, within what it allows."""
    parameters = package.sources.get("[Parameters]")
    for name, column in parameters.columns.items() if parameters is not None else ():
        kind, value, datatype = column.get("param-domain-type"), column.get("value"), column.get("datatype", "")
        what = f"parameter {column.get('caption', name)}"
        if kind is None:
            yield f"{what} has no param-domain-type"
        if value is None:
            yield f"{what} has no value"
            continue
        if not _is_written_as(value, datatype):
            yield f"{what} is {datatype}, and its value is {value}"
        members = [member.get("value") for member in column.iterfind("members/member")]
        if kind == "list" and members and value not in members and column.get("source-field") is None:
            yield f"{what} has the value {value}, which is none of its list"
        limits = column.find("range")
        if kind == "range" and limits is not None and datatype in {"integer", "real"}:
            yield from (f"{what} {said}" for said in _beyond(value, limits))


def _beyond(value: str, limits: Element) -> Iterator[str]:
    told = {name: limits.get(name) for name in ("min", "max", "granularity")}
    if unread := [said for said in told.values() if said is not None and not _NUMBER.fullmatch(said)]:
        yield f"is limited by {unread[0]}, which is no number"
        return
    least, most, step = (float(said) if said is not None else None for said in told.values())
    if step is not None and step <= 0:
        yield f"goes in steps of {told['granularity']}"
    if least is not None and most is not None and least > most:
        yield f"allows from {told['min']} to {told['max']}"
    elif _NUMBER.fullmatch(value) and ((least is not None and float(value) < least) or (most is not None and float(value) > most)):
        yield f"has the value {value}, which is not within {told['min']} and {told['max']}"


def _is_written_as(value: str, datatype: str) -> bool:
    match datatype:
        case "integer":
            return bool(_INTEGER.fullmatch(value))
        case "real":
            return bool(_NUMBER.fullmatch(value))
        case "string":
            return value.startswith('"') and value.endswith('"')
        case "boolean":
            return value in {"true", "false"}
        case "date" | "datetime":
            return value.startswith("#") and value.endswith("#")
        case _:
            return True
