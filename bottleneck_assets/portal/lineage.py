"""Draws where tables and columns come from, as the SELECTs of the models say.

Belongs here: which tables or columns to show, and where each lies in the drawing. Never here: reading SQL (models/lineage.py), HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.lineage import ColumnRef, column_sources, origins
from bottleneck_assets.portal.language import holds
from bottleneck_assets.release.manifest import GoneError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from bottleneck_assets.models.promise import Column
    from bottleneck_assets.portal.language import Language

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 190, 34, 236, 44, 8
SWEEPS = 8
_networkx: Any = import_module("networkx")  # has no types


@dataclass(frozen=True)
class Node:
    """One table or column in a drawing: its upper left corner, two lines of text, its layer, its page, whether it is the chosen one."""

    x: int
    y: int
    title: str
    above: str
    layer: str
    address: str
    is_chosen: bool

    @property
    def middle(self) -> int:
        """Half way down."""
        return self.y + HEIGHT // 2


@dataclass(frozen=True)
class Drawing:
    """Boxes, and lines from box to box."""

    width: int
    height: int
    nodes: Sequence[Node]
    lines: Sequence[str]


@dataclass(frozen=True)
class ColumnPage:
    """A column: what it is, the columns that it is made from, the columns of the export that it comes from, and the drawing of all that."""

    column: Column
    made_from: Sequence[ColumnRef]
    origins: Sequence[ColumnRef]
    drawing: Drawing


@cache
def all_tables() -> Drawing:
    """Draw every table."""
    return _draw_tables(set(models()), None)


@cache
def of_table(ref: str) -> Drawing:
    """Draw a table with all that it is made from, and all that is made from it. Raises GoneError if there is none of that name."""
    _check(ref)
    graph = _tables()
    return _draw_tables({ref, *_networkx.ancestors(graph, ref), *_networkx.descendants(graph, ref)}, ref)


@cache
def columns(ref: str) -> Sequence[tuple[Column, Sequence[ColumnRef]]]:
    """Return the columns of a table, each with those of the raw layer that it comes from. Raises GoneError if there is no such table."""
    _check(ref)
    return [(column, origins(ref, column.name)) for column in models()[ref].promise.columns]


def matching(sought: str, language: Language) -> list[tuple[str, str, str]]:
    """Return the tables, then the columns, in whose names every word stands: the page of each, its name, and what it is called."""
    tables = [(f"/lineage/{ref}", ref, language.title(ref)) for ref in models()]
    all_columns = [(ref, column.name) for ref, model in models().items() for column in model.promise.columns]
    named = [(f"/lineage/{ref}/{name}", f"{ref}.{name}", language.column(name)) for ref, name in all_columns]
    return [one for one in (*tables, *named) if holds(sought, *one[1:])]


@cache
def of_column(ref: str, name: str) -> ColumnPage:
    """Return a column, and its way back to the export. Raises GoneError if there is none of that name."""
    found = next((column for column, _ in columns(ref) if column.name == name), None)
    if found is None:
        raise GoneError(name)
    chosen, edges, seen = ColumnRef(ref, name), list[tuple[ColumnRef, ColumnRef]](), set[ColumnRef]()
    waiting = [chosen]
    while waiting:
        if (column := waiting.pop()) in seen:
            continue
        seen.add(column)
        for source in column_sources(column.table).get(column.column, ()):
            edges.append((source, column))
            waiting.append(source)
    nodes = {
        column: (column.column, column.table, column.table.split(".")[0], f"/lineage/{column.table}/{column.column}") for column in seen
    }
    return ColumnPage(found, column_sources(ref).get(name, ()), origins(ref, name), _draw(nodes, edges, chosen))


def _check(ref: str) -> None:
    if ref not in models():
        raise GoneError(ref)


@cache
def _tables() -> Any:  # noqa: ANN401 - networkx has no types
    graph = _networkx.DiGraph()
    graph.add_nodes_from(models())
    graph.add_edges_from((read, ref) for ref, model in models().items() for read in model.reads)
    return graph


def _draw_tables(shown: set[str], chosen: str | None) -> Drawing:
    nodes = {ref: (model.name, model.layer, model.layer, f"/lineage/{ref}") for ref, model in models().items() if ref in shown}
    edges = [(read, ref) for ref in nodes for read in models()[ref].reads if read in shown]
    return _draw(nodes, edges, chosen)


def _draw(nodes: Mapping[Any, tuple[str, str, str, str]], edges: Iterable[tuple[Any, Any]], chosen: Hashable) -> Drawing:
    """Lay boxes out from left to right, each to the right of all that it is made from, with few lines that cross."""
    graph = _networkx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    graph.add_edges_from(sorted(set(edges)))
    ranks: list[list[Any]] = _ordered([sorted(rank) for rank in _networkx.topological_generations(graph)], graph)
    tallest = max(len(rank) for rank in ranks)
    placed: dict[Any, Node] = {}
    for across, rank in enumerate(ranks):
        top = (tallest - len(rank)) * DOWN // 2
        for down, key in enumerate(rank):
            title, above, layer, address = nodes[key]
            placed[key] = Node(MARGIN + across * ACROSS, MARGIN + top + down * DOWN, title, above, layer, address, key == chosen)
    lines = [_line(placed[source], placed[target]) for source, target in graph.edges]
    return Drawing(len(ranks) * ACROSS - (ACROSS - WIDTH) + 2 * MARGIN, tallest * DOWN + 2 * MARGIN, list(placed.values()), lines)


def _ordered(ranks: list[list[Any]], graph: Any) -> list[list[Any]]:  # noqa: ANN401 - networkx has no types
    """Put each box beside the middle of its neighbours, a few times from left to right and back."""
    for sweep in range(SWEEPS):
        place = {key: index - len(rank) / 2 for rank in ranks for index, key in enumerate(rank)}
        neighbours = graph.predecessors if sweep % 2 == 0 else graph.successors

        def middle(key: Any, place: Mapping[Any, float] = place, neighbours: Any = neighbours) -> float:  # noqa: ANN401
            beside = [place[neighbour] for neighbour in neighbours(key)]
            return sum(beside) / len(beside) if beside else place[key]

        ranks = [sorted(rank, key=middle) for rank in ranks]
    return ranks


def _line(source: Node, target: Node) -> str:
    begin, end = source.x + WIDTH, target.x
    bend = max(24, (end - begin) // 2)
    return f"M{begin} {source.middle}C{begin + bend} {source.middle} {end - bend} {target.middle} {end} {target.middle}"
