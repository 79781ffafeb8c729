"""Finds what is wrong with formulas: grammar, types, levels, circles, fields that are not there, and sheets that repeat them otherwise.

Belongs here: whatever is computed, wherever it stands. Never here: the language itself (formulas.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.formulas import DATATYPES, FormulaError, Kind, Name, kind_of, names_in, parsed
from bottleneck_assets.render.tableau.gate.opened import BUILT_IN, formula_of, formulas_of, name_of, qualified
from bottleneck_assets.render.tableau.gate.sheets import MAY_LAG, shelves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bottleneck_assets.render.tableau.formulas import Formula, Level
    from bottleneck_assets.render.tableau.gate.opened import Package, Source


class _Fields:
    """The types and levels of all fields, found through the formulas that compute them."""

    def __init__(self, package: Package) -> None:
        self.sources = package.sources
        self._kinds = dict[tuple[str, str], Kind]()
        self._under_way = list[tuple[str, str]]()
        self.circles = set[str]()

    def kind(self, source: str, name: str) -> Kind:
        """Return what a field is; anything, where it cannot be said. Raises FormulaError where its formula does not hold."""
        key = source, name
        if key in self._kinds:
            return self._kinds[key]
        if key in self._under_way:
            self.circles.add(" -> ".join(one for _, one in self._under_way[self._under_way.index(key) :]))
            return Kind("any", "constant")
        found = self.sources.get(source)
        if found is None:
            return Kind("any", "row")
        type_ = DATATYPES.get(found.datatype(name), "any")
        formula = found.formulas.get(name)
        if found.is_parameters:
            kind = Kind(type_, "constant")
        elif formula is None or isinstance(formula, FormulaError):
            kind = Kind("boolean" if name in found.groups else type_, "row")
        else:
            self._under_way.append(key)
            try:
                kind = Kind(type_, self.level(source, formula))
            except FormulaError:
                kind = Kind(type_, "row")  # said where it is checked
            finally:
                self._under_way.pop()
        self._kinds[key] = kind
        return kind

    def of(self, source: str, formula: Formula) -> Kind:
        """Return what a formula is over the fields of a data source. Raises FormulaError where it does not hold."""
        return kind_of(formula, lambda one: self.kind(one.source or source, one.name))

    def level(self, source: str, formula: Formula) -> Level:
        """Return the level of a formula over the fields of a data source. Raises FormulaError where it does not hold."""
        return self.of(source, formula).level


def calculations_have_a_formula(package: Package) -> Iterator[str]:
    """A calculated field has a formula, an encoding a field, a colour its values."""
    for calculation in package.root.iterfind(".//column/calculation[@class='tableau']"):
        if not calculation.get("formula"):
            column = calculation.getparent()
            yield f"{name_of(column) if column is not None else 'a field'} is calculated by no formula"
    for encoding in package.root.iterfind("worksheets/worksheet//encodings/*"):
        if not encoding.get("column"):
            yield f"the encoding {encoding.tag} has no column"


def formulas_hold(package: Package) -> Iterator[str]:
    """A formula can be parsed, computes what its field says, and reads fields that there are."""
    fields = _Fields(package)
    for key, source in package.sources.items():
        for name, formula in source.formulas.items():
            column = source.columns[name]
            what = f"the formula of {column.get('caption', name)} in {source.name}"
            if isinstance(formula, FormulaError):
                yield f"{what} cannot be read: {formula}"
                continue
            yield from (f"{what} {said}" for said in _unread(package, source, formula))
            if source.is_parameters:
                continue
            try:
                kind = fields.of(key, formula)
            except FormulaError as error:
                yield f"{what} does not hold: {error}"
                continue
            fields.kind(key, name)
            declared = DATATYPES.get(column.get("datatype", ""), "any")
            if "any" not in {kind.type, declared} and kind.type != declared:
                yield f"{what} computes a {kind.type}, and the field is a {column.get('datatype')}"
            if kind.level in {"aggregate", "table"} and column.get("role") == "dimension":
                yield f"{what} sums up, and the field is a dimension"
    yield from (f"formulas read each other in a circle: {circle}" for circle in sorted(fields.circles))


def _unread(package: Package, source: Source, formula: Formula) -> Iterator[str]:
    parameters = package.sources.get("[Parameters]")
    for one in names_in(formula):
        other = package.sources.get(one.source) if one.source else source
        if one.source == "[Parameters]" and (parameters is None or one.name not in parameters.columns):
            yield f"reads parameter {one.name}, which there is not"
        elif other is None:
            yield f"reads the data source {one.source}, which there is not"
        elif other.is_whole and one.name not in other.known:
            if parameters is not None and one.name in parameters.columns:
                yield f"names {one.name} without [Parameters]: an error"
            else:
                yield f"reads {one.name}, which {other.name} has not"


def copies_agree(package: Package) -> Iterator[str]:
    """What a sheet repeats of a field is what the data source says of it."""
    for sheet in (*package.sheets, *package.dashboards):
        for depends in sheet.iter("datasource-dependencies"):
            source = package.sources.get(f"[{depends.get('datasource')}]")
            if source is None:
                yield f"{name_of(sheet)} depends on {depends.get('datasource')}, which is no data source"
                continue
            for column in depends.iterfind("column"):
                name, original = column.get("name", ""), source.columns.get(column.get("name", ""))
                if original is None:
                    continue
                if column.get("datatype") != original.get("datatype"):
                    yield f"{name_of(sheet)} has {name} as {column.get('datatype')}, and {source.name} as {original.get('datatype')}"
                if formula_of(column) != formula_of(original):
                    yield f"{name_of(sheet)} computes {name} otherwise than {source.name}"


def what_formulas_read_is_declared(package: Package) -> Iterator[str]:
    """A sheet declares what the formulas of its fields read."""
    for sheet in package.sheets:
        dependencies = {f"[{one.get('datasource')}]": one for one in sheet.iterfind("table/view/datasource-dependencies")}
        columns = {source: {column.get("name", "") for column in one.iterfind("column")} for source, one in dependencies.items()}
        for key, depends in dependencies.items():
            for name, formula in formulas_of(depends.iterfind("column")):
                for read in () if isinstance(formula, FormulaError) else names_in(formula):
                    other = read.source or key
                    source = package.sources.get(other)
                    if (
                        source is not None
                        and source.is_whole | source.is_parameters
                        and not _is_at_hand(columns.get(other, ()), source, read)
                    ):
                        yield f"{name_of(sheet)} computes {name} from {read.name} without declaring it in {other}"


def _is_at_hand(declared: Collection[str], source: Source, read: Name) -> bool:
    return read.name in declared or read.name in source.groups or read.name in BUILT_IN


def expressions_hold(package: Package) -> Iterator[str]:
    """What orders the members of a filter is a formula over the fields of its data source."""
    fields = _Fields(package)
    for sheet in package.sheets:
        for part in sheet.iterfind("table/view/filter"):
            source = next((source for source, _ in qualified(part.get("column", ""))), "")
            for ordered in part.iterfind(".//groupfilter[@expression]"):
                what = f"the order of a filter of {name_of(sheet)}"
                try:
                    formula = parsed(ordered.get("expression", ""))
                    level = fields.level(source, formula)
                except FormulaError as error:
                    yield f"{what} cannot be read: {error}"
                    continue
                if source in package.sources:
                    yield from (f"{what} {said}" for said in _unread(package, package.sources[source], formula))
                if ordered.get("function") == "order" and level == "row":
                    yield f"{what} is not summed up"


def aggregates_are_used_as_such(package: Package) -> Iterator[str]:  # noqa: C901 - a line a rule
    """What a formula sums up is not summed up again, and what it does not is not taken as it is."""
    fields = _Fields(package)
    for sheet in package.sheets:
        named = [(what, reference) for what, text in shelves(sheet) for reference in qualified(text)]
        shown = {reference for what, reference in named if what not in MAY_LAG}
        measured = {reference for what, reference in named if what == "a measure"}
        for depends in sheet.iterfind("table/view/datasource-dependencies"):
            key = f"[{depends.get('datasource')}]"
            source = package.sources.get(key)
            if source is None or source.is_parameters:
                continue
            for instance in depends.iterfind("column-instance"):
                reference = key, instance.get("name", "")
                if reference not in shown | measured:
                    continue
                name, derivation = instance.get("column", ""), instance.get("derivation")
                formula = source.formulas.get(name)
                if formula is None or isinstance(formula, FormulaError):
                    if derivation == "User" and name in source.columns and source.columns[name].find("calculation") is None:
                        yield f"{name_of(sheet)} takes {name} as it is, which no formula computes"
                    continue
                level = fields.kind(key, name).level
                if level in {"aggregate", "table"} and derivation != "User" and reference in shown:
                    said = "what its formula sums up is summed up again, or not at all"
                    yield f"{name_of(sheet)} has {name} with the derivation {derivation}: {said}"
                if level == "row" and derivation == "User":
                    yield f"{name_of(sheet)} has {name} with the derivation User, and its formula sums nothing up"
                if level == "table" and instance.find("table-calc") is None:
                    yield f"instance {instance.get('name')} of {name_of(sheet)} does not say along what its table calculation runs"
