"""The tools of the newest release for assistants, by the Model Context Protocol (MCP) over stdin and stdout.

Belongs here: what each tool is called, what it takes, and what an assistant is told of it. Never here: an answer (answers.py,
products.py, advice.py).

Every question is answered from the release that is the newest at that moment, and every answer names it. The tools only read.
"""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (an extra, which may not be installed where types are checked)

from __future__ import annotations

from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field

from bottleneck_assets.assistant import advice, answers, common, forms, products
from bottleneck_assets.assistant.answers import Question
from bottleneck_assets.assistant.facts import ReleaseFacts
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.figures.measures import Dimension
from bottleneck_assets.release.manifest import GoneError
from bottleneck_assets.release.release import newest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mcp.server import MCPServer
    from mcp.server.mcpserver.tools import Tool

NO_SDK = "The package mcp is not installed."
INSTRUCTIONS = (
    "The figures of BottleNeck, a wine shop, from its newest release. Say of every figure its unit, its price basis (incl. or excl. VAT), "
    "its months or day, the release, and whether it is an estimate: each answer has them. Begin with list_measures. Never work out a "
    "figure of a group from figures of its members: ask for it, with group_by and filters. A question that a measure does not allow is "
    "refused with the reason: say so, and do not guess."
)

Name = Annotated[str, Field(description="A measure, by its name or its label in either language.")]
Names = Annotated[list[str], Field(min_length=1, description="Names of measures, as list_measures has them, such as gross_margin_rate.")]
Groups = Annotated[list[Dimension], Field(default_factory=list, description="What to group by; one row for all, if empty.")]
Segments = Annotated[list[str], Field(default_factory=list, description="Segments to keep; all, if empty.")]
Types = Annotated[list[str], Field(default_factory=list, description="Product types to keep; all, if empty.")]
Skus = Annotated[
    list[int], Field(default_factory=list, description="Products to keep by number, as find_products has them; all, if empty.")
]
Sku = Annotated[int, Field(description="The number of a product, as find_products has it.")]
Words = Annotated[str, Field(description="Words of a product's name, in any case and with or without accents; or its number.")]
Month = Annotated[str, Field(description="A month such as 2022-10; empty for no limit.")]
Descending = Annotated[bool, Field(description="Whether rows, of each month if by month, begin with the largest of the first measure.")]
Advice = Annotated[str, Field(description="One recommendation, such as free_cash; all, if empty.")]
First = Annotated[int, Field(ge=1, le=common.MOST_ROWS, description="How many rows at most.")]
Skip = Annotated[int, Field(ge=0, description="How many rows to pass over first, to read on where an answer was cut off.")]
Language = Annotated[common.Language, Field(description="The language of texts, and of figures as people write them.")]


class Tools:
    """What an assistant may ask, of the newest release. The name of a method is that of a tool, and its docstring what is said of it."""

    def __init__(self, extracts: Path) -> None:
        """Look for releases in a folder."""
        self._extracts = extracts
        self._held: ReleaseFacts | None = None

    def list_measures(self) -> forms.Catalogue:
        """List every measure with its unit, price basis and the dimensions it allows, and every month, segment and product type."""
        with _refusing():
            return answers.catalogue(self._facts())

    def explain_measure(self, measure: Name) -> forms.Explained:
        """Explain a measure: its formula, its parts, the columns of the shop's export and settings behind them, its limits, and caveats."""
        with _refusing():
            return answers.explained(self._facts(), measure)

    def query_measures(  # noqa: PLR0913, PLR0917 - what can be asked
        self,
        measures: Names,
        group_by: Groups,
        segments: Segments,
        product_types: Types,
        skus: Skus,
        month_from: Month = "",
        month_to: Month = "",
        largest_first: Descending = True,  # noqa: FBT002
        skip: Skip = 0,
        first: First = 20,
        language: Language = "en",
    ) -> forms.Answer:
        """Compute measures over the months and products kept, for each group; rows go by month, if asked for, then by the first measure."""
        kept: dict[Dimension, list[Any]] = {"segment": segments, "product_type": product_types, "sku": skus}
        question = Question(measures, group_by, kept, month_from, month_to, largest_first, skip, first, language)
        with _refusing():
            return answers.answered(self._facts(), question)

    def find_products(self, text: Words, skip: Skip = 0, first: First = 20) -> forms.FoundProducts:
        """Find products whose name holds every word of a text, with their numbers (SKU), segments and types."""
        with _refusing():
            return products.found_products(self._facts(), text, skip=skip, first=first)

    def describe_product(self, sku: Sku, language: Language = "en") -> forms.DescribedProduct:
        """Say what is known of one product: rank, class, sales, margin, rating, stock, thresholds, forecast, last prices of the period."""
        with _refusing():
            return products.described_product(self._facts(), sku, language)

    def list_recommendations(
        self, recommendation: Advice = "", skip: Skip = 0, first: First = 20, language: Language = "en"
    ) -> forms.Recommendations:
        """List what the data advises, supports and contradicts, the largest effect first, with evidence and how sure it is; what to try."""
        with _refusing():
            return advice.recommendations(self._facts(), recommendation, skip=skip, first=first, language=language)

    def _facts(self) -> ReleaseFacts:
        """Return the facts of the newest release, kept for as long as it is the newest. Raises BottleneckError if there is none."""
        try:
            release = newest(self._extracts)
        except GoneError as error:
            problem = f"There is no release in {self._extracts}."
            raise BottleneckError(problem, "bottleneck refresh makes one.") from error
        if self._held is None or self._held.release != release:
            self._held = ReleaseFacts(release)
        return self._held


def serve(extracts: Path) -> None:
    """Answer on stdin and stdout until whoever asks is gone. Raises BottleneckError if the package that speaks the protocol is missing."""
    server(extracts).run()


def server(extracts: Path) -> MCPServer[Any]:
    """Return the server of the releases in a folder. Raises BottleneckError as `serve` does."""
    if not find_spec("mcp"):
        raise BottleneckError(NO_SDK, "Install it: uv sync --extra mcp.")
    from mcp.server import MCPServer

    tools = Tools(extracts)
    asked = (
        tools.list_measures,
        tools.explain_measure,
        tools.query_measures,
        tools.find_products,
        tools.describe_product,
        tools.list_recommendations,
    )
    return MCPServer(
        "bottleneck",
        title="BottleNeck's figures",
        instructions=INSTRUCTIONS,
        version=version("bottleneck-assets"),
        tools=[_tool(ask) for ask in asked],
        log_level="WARNING",
    )


def _tool(ask: Any) -> Tool:  # noqa: ANN401 - a method of Tools
    """Return a method as a tool that takes what it names and nothing else: a filter that is misspelled must not be left out in silence."""
    from mcp.server.mcpserver.tools import Tool
    from mcp.types import ToolAnnotations

    only_reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    tool = Tool.from_function(ask, annotations=only_reads, structured_output=True)
    taken: Any = tool.fn_metadata.arg_model

    class Arguments(taken):  # without a docstring: it would be told to assistants
        model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    metadata = tool.fn_metadata.model_copy(update={"arg_model": Arguments})
    return tool.model_copy(update={"fn_metadata": metadata, "parameters": Arguments.model_json_schema(by_alias=True)})


@contextmanager
def _refusing() -> Generator[None]:
    """Tell an assistant what a question was refused for, in the two lines that a person would read."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        yield
    except BottleneckError as error:
        raise ToolError(str(error)) from error
