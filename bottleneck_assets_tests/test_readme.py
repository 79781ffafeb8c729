"""The README, kept true: its commands, tables, settings and pictures."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.defs.server import PROCESSES
from bottleneck_assets.documents.catalog import DOCUMENTS, ON_REQUEST
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import key_of
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
GRAINS = {
    "month, segment": {"month", "segment"},
    "month": {"month"},
    "month, product": {"month", "sku"},
    "month, segment, product type": {"month", "segment", "product_type"},
    "promotion": {"month", "sku"},
    "product": {"sku"},
    "segment": {"segment"},
    "KPI": {"kpi"},
    "campaign, segment": {"starts_on", "ends_on", "segment"},
    "row of the export": {"source_table", "row_number"},
    "table of the export": {"source_table"},
    "month, product, contradiction": {"source_table", "month", "sku", "contradiction"},
    "column, treatment": {"source_table", "column_name", "treatment"},
    "column of the export": {"table_name", "column_name"},
    "contradiction": {"source_table", "month", "sku", "contradiction"},
    "recommendation": {"recommendation"},
    "recommendation, scope": {"recommendation", "scope"},
    "scope": {"scope"},
    "campaign, product type, scope": {"scope", "segment", "product_type", "starts_on", "ends_on"},
    "month, product type": {"month", "segment", "product_type"},
    "date, product": {"as_of", "sku"},
    "date, product type, month of the year": {"as_of", "segment", "product_type", "calendar_month"},
    "test, product type, month": {"test", "segment", "product_type", "month"},
}


def table_under(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its header."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_table_of_files_is_the_release_with_the_grain_of_each() -> None:
    listed = {name.strip("`"): grain for name, grain, _ in table_under("What a release holds")}
    assert set(listed) == set(published_models()) | {
        "parquet/",
        "data_dictionary.csv",
        "data_contract.odcs.yaml",
        "lineage.json",
        "manifest.json",
        *(document.files[0] for document in (*DOCUMENTS, *ON_REQUEST)),
    }
    for path, model in published_models().items():
        assert GRAINS[listed[path]] == set(key_of(model.contract)), path


def test_the_table_of_settings_is_settings_py() -> None:
    listed = {name.strip("`"): (default.strip("`"), text) for name, default, text in table_under("Settings")}
    declared = {name: (written(field.default), field.description) for name, field in Settings.model_fields.items()}
    assert listed == declared


def written(default: object) -> str:
    """Return a default as one would set it."""
    if isinstance(default, dict):
        return json.dumps(default, default=float)
    return "" if default is None else str(default)


def test_the_table_of_folders_is_the_package() -> None:
    listed = {name.strip("`") for name, _ in table_under("How it is built")}
    found = {f"{path.name}/" for path in (ROOT / "bottleneck_assets").iterdir() if (path / "__init__.py").exists()}
    assert listed == found | {"cli.py", "wording.py"}


def test_every_make_target_named_exists_and_help_lists_them_all() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README + CONTRIBUTING)) <= targets
    console = "\n".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
    assert set(re.findall(r"^make (\w+)$", console, re.MULTILINE)) == {"refresh", "test"}
    helped = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    promised = {"help", "setup", "refresh", "up", "test", "test-all", "nightly", "coverage", "check", "bench", "pictures", "findings"}
    assert {line.split()[1] for line in helped.splitlines()} == targets == promised


def test_every_bottleneck_command_and_option_named_exists() -> None:
    commands = set(re.findall(r"bottleneck (\w+)[ `\n]", README))
    assert commands == set(main.commands) == {"refresh", "explain", "report", "mcp", "up", "portal", "serve", "sample", "tableau"}
    for command, options in re.findall(r"`bottleneck (\w+)((?: --[a-z-]+ [\w.]+)*)`", README):
        helped = CliRunner().invoke(main, [command, "--help"]).output
        assert all(option in helped for option in re.findall(r"--[a-z-]+", options))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"""(?:\]\(|src=")(?!http)([^)"#]+)[)"]""", README + CONTRIBUTING))))
def test_every_link_and_picture_is_there(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", DEPLOYMENT))))
def test_every_link_of_the_page_on_deployment_is_there(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_table_of_processes_is_those_that_can_be_served() -> None:
    assert set(re.findall(r"`bottleneck serve (\w+)` \|", DEPLOYMENT)) == set(PROCESSES)
    (argument,) = [parameter for parameter in main.commands["serve"].params if parameter.name == "process"]
    assert tuple(argument.type.choices) == PROCESSES  # type: ignore[attr-defined]


def test_the_top_level_is_the_one_that_was_promised() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    promised = {"pyproject.toml", "bottleneck_assets", "bottleneck_assets_tests", "workspace.yaml", "data", "README.md"}
    beside = {"uv.lock", "Makefile", "CONTRIBUTING.md", "LICENSE", "docs", "findings"}
    assert {path.split("/")[0] for path in tracked if not path.startswith(".")} == promised | beside
    assert [path for path in tracked if path.startswith("data/")] == ["data/README.md"]


def test_the_promised_packages_are_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {
        re.split(r"[\[<>=~ ]", line, maxsplit=1)[0] for line in project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    }
    assert {"dagster", "dagster-webserver", "pandas", "duckdb", "pandera", "pyarrow", "pytest"} <= named


def test_a_kpi_is_one_sql_file_and_one_class() -> None:
    folder = ROOT / "bottleneck_assets" / "models" / "kpi"
    names = {model.name for model in models().values() if model.layer == "kpi"}
    assert {path.name for path in folder.iterdir() if not path.name.startswith("__")} == {
        f"{name}.{end}" for name in names for end in ("sql", "py")
    }
