"""Finds every model (a SELECT and a contract), and says what it reads, what it promises and which version of its code it is.

A SELECT may call the macros of `macros.sql`. What is run and analysed is the SELECT with its macros expanded.

Belongs here: the way from the files `models/<layer>/<name>.{sql,py}` to one description of each table. Never here: running
them, Dagster. It reads source text alone; a contract, with pandas and pandera, is imported only where one is asked for.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from bottleneck_assets import wording
from bottleneck_assets.engine.macros import DIALECT, Macros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.models.contract import Contract

LAYERS = ("raw", "clean", "kpi", "recommendation", "extract")
UNPUBLISHED = frozenset({"kpi.promo_comparison", "kpi.promo_placebo", "kpi.promo_resample", "recommendation.summary_figures"})
"""Tables that only others are made of: no release shows them."""
_PACKAGE = "bottleneck_assets.models"
_FOLDER = Path(__file__).parent
_GIVEN_FUNCTIONS = ("html_unescape", "sentence")
"""The functions in Python that each engine is given."""


@dataclass(frozen=True)
class Model:
    """One table: its layer and name, its catalogue text, and its SELECT as written (the raw layer has none: it is read from the export)."""

    layer: str
    name: str
    description: str
    sql: str | None

    @property
    def ref(self) -> str:
        """The name under which SQL reads it: `layer.name`."""
        return f"{self.layer}.{self.name}"

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The tables that its SELECT reads, sorted."""
        if self.sql is None:
            return ()
        return tuple(sorted({table for scope in traverse_scope(self.parsed) for table in _tables(scope.sources)}))

    @cached_property
    def written(self) -> exp.Expr:
        """The SELECT as it is written, as a syntax tree."""
        return sqlglot.parse_one(self.sql or "", dialect=DIALECT)

    @cached_property
    def parsed(self) -> exp.Expr:
        """The SELECT as a syntax tree, its macros expanded. Raises MacroError if it calls one that is not there, or wrongly."""
        return macros().expanded(self.ref, self.written)

    @cached_property
    def select(self) -> str:
        """The SELECT that is run: its macros expanded, its comments gone."""
        return self.parsed.sql(dialect=DIALECT, comments=False)

    @cached_property
    def code_version(self) -> str:
        """A hash that changes when its SELECT, a macro in it, its contract, what that is made of, or the sentences that it says change."""
        said = [Path(wording.__file__)] if self.sql and "sentence(" in self.sql else []
        called = macros().called_by(self.written) if self.sql else []
        sources = [
            self.sql or "",
            *called,
            *(path.read_text(encoding="utf-8") for path in (*_contract_sources(self.layer, self.name), *said)),
        ]
        return sha256("\n".join(sources).encode()).hexdigest()[:16]

    @cached_property
    def contract(self) -> type[Contract]:
        """Its contract: the class named as the table, in camel case."""
        module = import_module(f"{_PACKAGE}.{self.layer}.{self.name}")
        return getattr(module, "".join(word.capitalize() for word in self.name.split("_")))


@cache
def models() -> Mapping[str, Model]:
    """Return every model by its reference, in the order of layers and names."""
    found = [_model(layer, path) for layer in LAYERS for path in sorted((_FOLDER / layer).glob("[!_]*.py"))]
    return {model.ref: model for model in found}


@cache
def macros() -> Macros:
    """Return the macros that every SELECT may call."""
    return Macros(_FOLDER / "macros.sql", _GIVEN_FUNCTIONS)


def of_layer(layer: str) -> list[Model]:
    """Return the models of one layer, by name."""
    return [model for model in models().values() if model.layer == layer]


def published(layer: str) -> list[Model]:
    """Return the models of one layer that a release shows, by name."""
    return [model for model in of_layer(layer) if model.ref not in UNPUBLISHED]


def _model(layer: str, path: Path) -> Model:
    description = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    sql = path.with_suffix(".sql")
    return Model(layer, path.stem, description, sql.read_text(encoding="utf-8") if sql.exists() else None)


def _tables(sources: Mapping[str, object]) -> list[str]:
    return [f"{source.db}.{source.name}" for source in sources.values() if isinstance(source, exp.Table)]


@cache
def _contract_sources(layer: str, name: str) -> tuple[Path, ...]:
    """Return the file of a contract and those of the models package that it imports, its parents first in depth."""
    path = _FOLDER / layer / f"{name}.py"
    imported = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    sources = [path]
    for module in (f"{node.module}.{alias.name}" for node in imported for alias in node.names):
        for parent in (module, module.rpartition(".")[0]):
            inside = parent.removeprefix(f"{_PACKAGE}.").split(".")
            if parent.startswith(f"{_PACKAGE}.") and (_FOLDER.joinpath(*inside[:-1]) / f"{inside[-1]}.py").exists():
                sources.extend(_contract_sources("/".join(inside[:-1]), inside[-1]))
    return tuple(dict.fromkeys(sources))
