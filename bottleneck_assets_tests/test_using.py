"""The page on using the files, kept true: its examples run, and give what the CSVs say."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest

from bottleneck_assets.assistant.server import Tools
from bottleneck_assets.cli import main
from bottleneck_assets_tests.outside import node_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bottleneck_assets_tests.conftest import Refreshed

ROOT = Path(__file__).parents[1]
USING = (ROOT / "docs" / "using.md").read_text(encoding="utf-8")
LATEST = "data/extracts/latest"
POWER_QUERY = re.findall(r"```m\n(.*?)```", USING, re.DOTALL)
TYPES = {"varchar": "type text", "date": "type date", "bigint": "Int64.Type", "double": "type number", "decimal(18,4)": "Currency.Type"}
"""What Power Query calls the types of the dictionary."""


def example(language: str, heading: str) -> str:
    """Return the code under a heading."""
    section = USING.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def beside(refreshed_sample: Refreshed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The release, where the examples look for it."""
    (tmp_path / LATEST).parent.mkdir(parents=True)
    (tmp_path / LATEST).symlink_to(refreshed_sample.release)
    monkeypatch.chdir(tmp_path)
    return refreshed_sample.release


def expected(release: Path) -> list[tuple[str, float, float]]:
    """Return segment, revenue and margin rate, the largest revenue first, by pandas from the CSV."""
    sums = pd.read_csv(release / "overview.csv").groupby("segment")[["revenue", "revenue_excl_vat", "gross_margin"]].sum()
    sums = sums.sort_values("revenue", ascending=False)
    return [(str(name), row["revenue"], row["gross_margin"] / row["revenue_excl_vat"]) for name, row in sums.iterrows()]


def same(found: list[Any], wanted: list[tuple[str, float, float]]) -> None:
    assert len(found) == len(wanted) > 1
    for one, other in zip(found, wanted, strict=True):
        assert (one[0], float(one[1]), float(one[2])) == (other[0], pytest.approx(other[1]), pytest.approx(other[2], rel=1e-9))


@pytest.mark.usefixtures("posix")
def test_the_example_for_duckdb_gives_revenue_and_margin_rate_by_segment(beside: Path) -> None:
    same(duckdb.sql(example("sql", "DuckDB")).fetchall(), expected(beside))


@pytest.mark.usefixtures("posix")
def test_the_example_for_polars_gives_revenue_and_margin_rate_by_segment(beside: Path) -> None:
    names: dict[str, Any] = {}
    exec(example("python", "polars"), names)  # noqa: S102 - the page's own code
    same(names["margins"].select("segment", "revenue_incl_vat", "gross_margin_rate").rows(), expected(beside))


@pytest.mark.usefixtures("posix", "needs_spark")
def test_the_example_for_spark_gives_revenue_and_margin_rate_by_segment(beside: Path, tmp_path: Path) -> None:
    shown = "print('found', [[row[0], float(row[1]), float(row[2])] for row in margins.collect()])\nspark.stop()\n"
    (tmp_path / "example.py").write_text(f"{example('python', 'Spark')}\n{shown}", encoding="utf-8")
    done = subprocess.run([sys.executable, tmp_path / "example.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    same(json.loads(done.stdout.partition("found ")[2].replace("'", '"')), expected(beside))


def dictionary(release: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the types of columns by table, also by the Parquet file."""
    found: dict[str, dict[str, str]] = {}
    with (release / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for path in (row["table"], row["parquet"]):
                found.setdefault(path, {})[row["column"]] = row["type"]
    return found


@pytest.mark.parametrize("query", POWER_QUERY, ids=lambda query: re.findall(r"latest[/\\](\S+?)\"", query)[0])
def test_the_code_for_power_query_names_the_columns_of_its_file_with_their_types(query: str, refreshed_sample: Refreshed) -> None:
    path = re.findall(r"latest[/\\](\S+?)\"", query)[0].replace("\\", "/")
    columns = dictionary(refreshed_sample.release)[path]
    typed = dict(re.findall(r'\{"(\w+)", ([\w. ]+)\}', query))
    assert typed == {name: TYPES[columns[name]] for name in (columns if path.endswith(".csv") else typed)}
    if path.endswith(".csv"):
        assert query.count('"en-US"') == 1
    else:
        assert set(typed) == {name for name, kind in columns.items() if kind == "decimal(18,4)"}


PARSE = """
const { DefaultSettings, TaskUtils } = require("@microsoft/powerquery-parser");
const texts = JSON.parse(require("fs").readFileSync(0, "utf-8"));
Promise.all(texts.map((text) => TaskUtils.tryLexParse(DefaultSettings, text)))
  .then((tasks) => console.log(JSON.stringify(tasks.map((task) => TaskUtils.isParseStageOk(task)))));
"""


@pytest.fixture(scope="module")
def parsed(node: str, made_once: Callable[..., Path]) -> Callable[[list[str]], list[bool]]:
    """Return a function that says of texts whether Microsoft's parser takes them for Power Query."""
    folder = made_once("powerquery", lambda folder: node_modules(folder, "@microsoft/powerquery-parser@2.0.0"))

    def parse(texts: list[str]) -> list[bool]:
        done = subprocess.run(
            [node, "-e", PARSE], cwd=folder, input=json.dumps(texts), capture_output=True, text=True, encoding="utf-8", check=True
        )
        return json.loads(done.stdout)

    return parse


@pytest.mark.full
def test_microsofts_parser_reads_the_code_for_power_query(parsed: Callable[[list[str]], list[bool]]) -> None:
    assert len(POWER_QUERY) == 3
    broken = POWER_QUERY[0].replace("in\n", "inn\n")
    assert parsed([*POWER_QUERY, broken]) == [True, True, True, False]


def test_what_an_assistant_is_told_is_a_command_that_there_is() -> None:
    told = json.loads(example("json", "Assistants"))["mcpServers"]["bottleneck"]
    command = told["args"][told["args"].index("bottleneck") + 1 :]
    assert (told["command"], command[0]) == ("uv", "mcp")
    main.commands["mcp"].make_context("mcp", command[1:])
    assert set(re.findall(r"^\| `(\w+)` \|", USING, re.MULTILINE)) == {name for name in vars(Tools) if not name.startswith("_")}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http|#)([^)#]+)", USING))))
def test_every_link_of_the_page_is_there(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_version_of_datacontract_cli_is_the_one_that_is_tested() -> None:
    pinned = (ROOT / "bottleneck_assets_tests" / "release" / "datacontract.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"datacontract-cli\[duckdb\]==([\d.]+)", USING)) == set(
        re.findall(r"^datacontract-cli==([\d.]+)", pinned, re.MULTILINE)
    )
