"""Draws where tables and columns come from, as a release says.

Belongs here: which tables or columns to show, and where each lies in the drawing. Never here: what comes from what (release/lineage.py),
and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bottleneck_assets.models.lineage import ColumnRef
from bottleneck_assets.portal.language import holds
from bottleneck_assets.release.manifest import GoneError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from bottleneck_assets.portal.language import Language
    from bottleneck_assets.release.lineage import TracedColumn, TracedTable

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 190, 34, 236, 44, 8
SWEEPS = 8
ROOT = "/lineage"
"""The address of the newest release's tables."""
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

    column: TracedColumn
    made_from: Sequence[ColumnRef]
    origins: Sequence[ColumnRef]
    drawing: Drawing


class Lineage:
    """Where the tables of a release come from; each drawing is made once."""

    def __init__(self, tables: Mapping[str, TracedTable], root: str = ROOT) -> None:
        """Take the tables by name, and the address below which the pages of tables and columns lie."""
        self.tables, self.root = tables, root
        self._sources = {ColumnRef(ref, one.name): one.sources for ref, table in tables.items() for one in table.columns}
        self._graph: Any = _networkx.DiGraph()
        self._graph.add_nodes_from(tables)
        self._graph.add_edges_from((read, ref) for ref, table in tables.items() for read in table.reads if read in tables)
        self._drawn: dict[Hashable, Drawing] = {}

    def all_tables(self) -> Drawing:
        """Draw every table."""
        return self._draw_tables(set(self.tables), None)

    def of_table(self, ref: str) -> Drawing:
        """Draw a table with all that it is made from, and all that is made from it. Raises GoneError if there is none of that name."""
        self.table(ref)
        return self._draw_tables({ref, *_networkx.ancestors(self._graph, ref), *_networkx.descendants(self._graph, ref)}, ref)

    def table(self, ref: str) -> TracedTable:
        """Return a table. Raises GoneError if there is none of that name."""
        if ref not in self.tables:
            raise GoneError(ref)
        return self.tables[ref]

    def columns(self, ref: str) -> Sequence[tuple[TracedColumn, Sequence[ColumnRef]]]:
        """Return the columns of a table, each with those of the raw layer that it comes from. Raises GoneError if there is none."""
        return [(column, self._origins(ColumnRef(ref, column.name))) for column in self.table(ref).columns]

    def matching(self, sought: str, language: Language) -> list[tuple[str, str, str]]:
        """Return the tables, then the columns, in whose names every word stands: the page of each, its name, and what it is called."""
        tables = [(f"{self.root}/{ref}", ref, language.title(ref)) for ref in self.tables]
        columns = [(f"{self.root}/{ref}/{name}", f"{ref}.{name}", language.column(name)) for ref, name in self._sources]
        return [one for one in (*tables, *columns) if holds(sought, *one[1:])]

    def of_column(self, ref: str, name: str) -> ColumnPage:
        """Return a column, and its way back to the export. Raises GoneError if there is none of that name."""
        found = next((column for column in self.table(ref).columns if column.name == name), None)
        if found is None:
            raise GoneError(name)
        chosen, edges = ColumnRef(ref, name), list[tuple[ColumnRef, ColumnRef]]()
        seen = self._way(chosen)
        for column in seen:
            edges += [(source, column) for source in self._sources.get(column, ())]
        nodes = {
            column: (column.column, column.table, column.table.split(".")[0], f"{self.root}/{column.table}/{column.column}")
            for column in seen
        }
        return ColumnPage(found, found.sources, self._origins(chosen), self._drawing(chosen, nodes, edges, chosen))

    def _origins(self, chosen: ColumnRef) -> Sequence[ColumnRef]:
        return sorted(column for column in self._way(chosen) if column.table.startswith("raw.") and not self._sources.get(column))

    def _way(self, chosen: ColumnRef) -> set[ColumnRef]:
        """Return a column and all that it comes from, however many steps away."""
        seen, waiting = set[ColumnRef](), [chosen]
        while waiting:
            if (column := waiting.pop()) not in seen:
                seen.add(column)
                waiting.extend(self._sources.get(column, ()))
        return seen

    def _draw_tables(self, shown: set[str], chosen: str | None) -> Drawing:
        nodes = {ref: (table.name, table.layer, table.layer, f"{self.root}/{ref}") for ref, table in self.tables.items() if ref in shown}
        edges = [(read, ref) for ref in nodes for read in self.tables[ref].reads if read in shown]
        return self._drawing(chosen, nodes, edges, chosen)

    def _drawing(
        self, key: Hashable, nodes: Mapping[Any, tuple[str, str, str, str]], edges: Iterable[tuple[Any, Any]], chosen: Hashable
    ) -> Drawing:
        if key not in self._drawn:
            self._drawn[key] = _draw(nodes, edges, chosen)
        return self._drawn[key]


def _draw(nodes: Mapping[Any, tuple[str, str, str, str]], edges: Iterable[tuple[Any, Any]], chosen: Hashable) -> Drawing:
    """Lay boxes out from left to right, each to the right of all that it is made from, with few lines that cross."""
    graph = _networkx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    graph.add_edges_from(sorted(set(edges)))
    ranks: list[list[Any]] = _ordered([sorted(rank) for rank in _networkx.topological_generations(graph)], graph)
    tallest = max((len(rank) for rank in ranks), default=0)
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
