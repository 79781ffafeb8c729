"""Says how a workbook names fields: columns, their instances, what formulas read, parameters.

Belongs here: everything that sheets and dashboards must declare of what they use. Never here: what stands on a sheet (worksheet.py).

Every reference goes through a column instance, `[<derivation>:<field>:<kind>]`, which the sheet must declare, or Tableau takes the field
off it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.declaration import NAMES, VALUES, Calculation, Listed, parsed
from bottleneck_assets.render.tableau.elements import Element, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bottleneck_assets.render.tableau.declaration import Parameter, Source
    from bottleneck_assets.render.tableau.fields import Field

MEASURE_NAMES = "[:Measure Names]"
_MULTIPLE_VALUES = "[Multiple Values]"
_DERIVATIONS = {
    "sum": "Sum",
    "avg": "Avg",
    "min": "Min",
    "max": "Max",
    "count": "Count",
    "countd": "CountD",
    "month": "Month-Trunc",
    "axis": "None",
}
_PREFIXES = {"count": "cnt", "countd": "ctd", "month": "tmn", "axis": "none"}
_NOMINAL = frozenset({"string", "boolean"})
"""Types of calculations that tell rows apart, where each row has its own."""
_KINDS = {"nominal": "nk", "ordinal": "ok", "quantitative": "qk"}


@dataclass(frozen=True)
class Instance:
    """One use of a field on a sheet."""

    column: str
    derivation: str
    name: str
    type: str
    caption: str
    over_table: bool = False


class DataSource:
    """A data source that sheets read: its name in the workbook, its fields and calculations, and the ways to refer to them."""

    def __init__(self, source: Source, fields: Sequence[Field], parameters: Sequence[Parameter | Listed] = ()) -> None:
        """Take a declared source, the fields of its table, and the parameters that its formulas may read."""
        self.source = source
        self.fields = tuple(fields)
        self.parameters = tuple(parameters)
        self.name = f"federated.{source.name}"
        self.language = source.language
        self._fields = {field.name: field for field in fields}
        self._calculations = {calculation.name: calculation for calculation in source.calculations}
        if both := self._fields.keys() & self._calculations.keys():
            message = f"{source.table} has columns that calculations hide: {', '.join(sorted(both))}"
            raise ValueError(message)

    def qualified(self, name: str) -> str:
        """Return a name in brackets with the data source before it."""
        return f"[{self.name}].{name}"

    def instance(self, pill: str) -> Instance:
        """Return what a pill stands for. Raises KeyError if the data source has no such field."""
        function, name = parsed(pill)
        calculation = self._calculations.get(name)
        caption = calculation.caption if calculation else self._fields[name].caption
        if calculation and calculation.over != "row":
            kind = "nominal" if calculation.datatype == "string" else "quantitative"
            return Instance(f"[{name}]", "User", f"[usr:{name}:{_KINDS[kind]}]", kind, caption, calculation.over == "table")
        if not function:
            kind = "nominal" if calculation else self._fields[name].type
            if kind == "quantitative":
                message = f"{pill} of {self.source.table} is a measure: say how it is summed up"
                raise ValueError(message)
            return Instance(f"[{name}]", "None", f"[none:{name}:{_KINDS[kind]}]", kind, caption)
        return Instance(f"[{name}]", _DERIVATIONS[function], f"[{_PREFIXES.get(function, function)}:{name}:qk]", "quantitative", caption)

    def ref(self, pill: str) -> str:
        """Return a pill as shelves, filters and encodings name it."""
        fixed = {NAMES: MEASURE_NAMES, VALUES: _MULTIPLE_VALUES}
        return self.qualified(fixed.get(pill) or self.instance(pill).name)

    def column(self, name: str) -> Element:
        """Return the definition of a field with what stands for its values, as data source and sheets repeat it."""
        if (calculation := self._calculations.get(name)) is not None:
            return calculated(calculation)
        field, said = self._fields[name], self.source.aliases.get(name, {})
        aliases = [element("aliases", {}, *(element("alias", {"key": f'"{key}"', "value": said[key]}) for key in said))] if said else []
        return field_column(
            field, *aliases, aggregation=field.aggregation if field.role == "measure" and field.aggregation != "Sum" else ""
        )

    def described(self, name: str) -> Element:
        """Return the definition of a field with what it means, which Tableau shows where the mouse rests on it."""
        column = self.column(name)
        if said := self._calculations[name].description if name in self._calculations else self._fields[name].description:
            column.append(meaning(said))
        return column

    def closure(self, names: Iterable[str]) -> list[str]:
        """Return fields and all that their formulas read, in the order of the alphabet."""
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(fields_of(self._calculations[name].formula) if name in self._calculations else ())
        return sorted(found)

    def formulas(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the formulas among fields."""
        yield from (self._calculations[name].formula for name in names if name in self._calculations)

    def order(self, name: str) -> tuple[str, ...]:
        """Return the order of a field's values, if it has one of its own."""
        return self._calculations[name].order if name in self._calculations else ()


def fields_of(formula: str) -> list[str]:
    """Return the fields that a formula reads, parameters left out."""
    return re.findall(r"(?<!\.)\[(\w+)\](?!\.)", formula)


def field_column(field: Field, *children: Element, aggregation: str = "") -> Element:
    """Return the definition of a column of the data, with its aggregation where that must be said."""
    attributes = {
        "caption": field.caption,
        "datatype": field.datatype,
        "name": f"[{field.name}]",
        "role": field.role,
        "type": field.type,
        **({"default-format": field.format} if field.format else {}),
        **({"aggregation": aggregation} if aggregation else {}),
        **({"hidden": "true"} if field.is_hidden else {}),
    }
    return element("column", attributes, *children)


def meaning(said: str) -> Element:
    """Return what a field means, as its definition holds it."""
    return element("desc", {}, element("formatted-text", {}, element("run", text=said)))


def folders(described: Iterable[Field | Calculation]) -> Element:
    """Return the folders of the data pane, in the order of their first fields; what has none is left out."""
    items: dict[str, list[Element]] = {}
    for field in described:
        if field.folder:
            items.setdefault(field.folder, []).append(element("folder-item", {"name": f"[{field.name}]", "type": "field"}))
    return element("folders-common", {}, *(element("folder", {"name": folder}, *held) for folder, held in items.items()))


def calculated(calculation: Calculation, *children: Element) -> Element:
    """Return the definition of a calculation."""
    measure = calculation.datatype not in _NOMINAL or calculation.over != "row"
    attributes = {
        "caption": calculation.caption,
        "datatype": calculation.datatype,
        "name": f"[{calculation.name}]",
        "role": "measure" if measure else "dimension",
        "type": "nominal" if calculation.datatype in _NOMINAL else "quantitative",
        **({"default-format": calculation.format} if calculation.format else {}),
    }
    along = [element("table-calc", {"ordering-type": "Rows"})] if calculation.over == "table" else []
    return element("column", attributes, element("calculation", {"class": "tableau", "formula": calculation.formula}, *along), *children)


def instance_element(instance: Instance) -> Element:
    """Return a column instance, as sheets and dashboards declare what they use."""
    told = {"column": instance.column, "derivation": instance.derivation, "name": instance.name, "type": instance.type}
    along = [element("table-calc", {"ordering-type": "Rows"})] if instance.over_table else []
    return element("column-instance", {**told, "pivot": "key"}, *along)


def parameter_column(parameter: Parameter | Listed, *, on_sheet: bool = False) -> Element:
    """Return the definition of a parameter, which on a sheet goes without its list, as Tableau writes it."""
    if isinstance(parameter, Listed):
        return _listed(parameter, on_sheet=on_sheet)
    return element(
        "column",
        {
            "caption": parameter.caption,
            "datatype": "integer",
            "name": f"[{parameter.name}]",
            "param-domain-type": "range",
            "role": "measure",
            "type": "quantitative",
            "value": str(parameter.default),
        },
        element("calculation", {"class": "tableau", "formula": str(parameter.default)}),
        element("range", {"granularity": str(parameter.step), "max": str(parameter.most), "min": str(parameter.least)}),
    )


def _listed(parameter: Listed, *, on_sheet: bool) -> Element:
    called = {_literal(value): alias for value, alias in parameter.values if alias}
    default = _literal(parameter.default)
    is_text = isinstance(parameter.default, str)
    members = (
        element("member", {"value": literal, **({"alias": called[literal]} if literal in called else {})})
        for literal in (_literal(value) for value, _ in parameter.values)
    )
    return element(
        "column",
        {
            "alias": called[default],
            "caption": parameter.caption,
            "datatype": "string" if is_text else "integer",
            "name": f"[{parameter.name}]",
            "param-domain-type": "list",
            "role": "measure",
            "type": "nominal" if is_text else "quantitative",
            "value": default,
        },
        element("calculation", {"class": "tableau", "formula": default}),
        element("aliases", {}, *(element("alias", {"key": literal, "value": alias}) for literal, alias in called.items())),
        *([] if on_sheet else [element("members", {}, *members)]),
    )


def _literal(value: str | int) -> str:
    """Return a value as lists and aliases hold it: a text in quotes, in which Tableau puts a backslash before quotes."""
    return str(value) if isinstance(value, int) else f'"{quoted(value)}"'


def quoted(value: str) -> str:
    """Return a text as it stands between quotes: with a backslash before quotes, backslashes and signs of percent."""
    return re.sub(r'(["\\%])', r"\\\1", value)


def dependencies(source: DataSource, used: Iterable[Instance], read: Iterable[str] = ()) -> Element:
    """Return what is used of a data source: its columns, all that their formulas read, and then their instances."""
    instances = sorted(set(used), key=lambda instance: instance.name)
    columns = source.closure([*(instance.column.strip("[]") for instance in instances), *read])
    return element(
        "datasource-dependencies",
        {"datasource": source.name},
        *map(source.column, columns),
        *map(instance_element, instances),
    )


def parameter_dependencies(parameters: Sequence[Parameter | Listed], *, on_sheet: bool = False) -> list[Element]:
    """Return the parameters that are used, if any."""
    if not parameters:
        return []
    columns = [parameter_column(parameter, on_sheet=on_sheet) for parameter in parameters]
    return [element("datasource-dependencies", {"datasource": "Parameters"}, *columns)]


def datasource_refs(sources: Iterable[DataSource], parameters: Sequence[Parameter | Listed], *, on_sheet: bool = False) -> Element:
    """Return the list of data sources that a sheet or a dashboard reads: a sheet's own is the first, the parameters a dashboard's first."""
    given = [element("datasource", {"name": "Parameters"})] if parameters else []
    named = [element("datasource", {"caption": source.source.caption, "name": source.name}) for source in sources]
    return element("datasources", {}, *(named + given if on_sheet else given + named))
