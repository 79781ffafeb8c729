"""The dbt way: a dbt project made of the models' own SELECTs, run by dbt-core with dbt-duckdb, and a release's CSVs from what it built.

Belongs here: how a SELECT becomes a dbt model, and the run of the project. Never here: a figure, a test: dbt tests nothing here, so
what is timed is building alone. dbt-duckdb reads no SQLite without fetching an extension, so the raw tables go into the DuckDB file
first, as in the bare script, and that counts in its time. The SELECTs were written for DuckDB; nothing in them is changed but
the names that they read.

    python -m bottleneck_assets_tests.bench.dbt_project EXPORT OUT_DIR

The project stays in the folder `dbt_project` beside OUT_DIR, which must not be there before.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bottleneck_assets_tests.bench.bare import CONFIG, EXPORTED, LABELS, READS, WORDING, add_functions, read_export, selects, write_csvs

if TYPE_CHECKING:
    import re

THREADS = 2
RAW = (*EXPORTED, "ca_par_segment", "export_columns", "parameters", "vat_rates", "resampling_weights", "placebo_draws")
DATABASE = "bench.duckdb"
JINJA = ("{{", "{%", "{#")

# JSON is YAML
PROJECT = {
    "name": "bench",
    "version": "1.0.0",
    "config-version": 2,
    "profile": "bench",
    "models": {"bench": {"+materialized": "table"}},
    "flags": {"send_anonymous_usage_stats": False},
}
SOURCES = {"version": 2, "sources": [{"name": "raw", "schema": "raw", "tables": [{"name": name} for name in RAW]}]}
SCHEMA_AS_NAMED = "{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or target.schema }}{% endmacro %}\n"
PLUGIN = '''\
"""Gives the SELECTs the functions that DuckDB does not have."""

import html

from dbt.adapters.duckdb.plugins import BasePlugin
from labels import label_key, label_shown
from wording import sentence


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        conn.create_function("html_unescape", html.unescape, ["VARCHAR"], "VARCHAR")
        conn.create_function("sentence", sentence, ["VARCHAR"] * 5, "VARCHAR")
        conn.create_function("label_shown", label_shown, ["VARCHAR"], "VARCHAR")
        conn.create_function("label_key", label_key, ["VARCHAR"], "VARCHAR")
'''


def write_project(project: Path) -> list[str]:
    """Write the dbt project of every model with a SELECT; return what it builds, as `layer.name`."""
    profile = {
        "type": "duckdb",
        "path": str(project / DATABASE),
        "threads": THREADS,
        "module_paths": [str(project / "plugins")],
        "plugins": [{"module": "functions_plugin"}],
        "config_options": {"autoload_known_extensions": "false"},  # one has a function of the same name
    }
    written = selects()
    files = {
        "dbt_project.yml": json.dumps(PROJECT, indent=2),
        "profiles.yml": json.dumps({"bench": {"target": "bench", "outputs": {"bench": profile}}}, indent=2),
        "macros/generate_schema_name.sql": SCHEMA_AS_NAMED,
        "plugins/functions_plugin.py": PLUGIN,
        "plugins/labels.py": LABELS.read_text(encoding="utf-8"),
        "plugins/wording.py": WORDING.read_text(encoding="utf-8"),
        "models/raw.yml": json.dumps(SOURCES, indent=2),
        **{f"models/{ref.replace('.', '__')}.sql": as_model(ref, select) for ref, select in written.items()},
    }
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content, encoding="utf-8")
    return list(written)


def as_model(ref: str, select: str) -> str:
    """Turn a SELECT into a dbt model: what it reads by `ref` and `source`, its place by `config`. Raises ValueError for Jinja in it."""
    if any(mark in select for mark in JINJA):
        message = f"{ref} has Jinja in its SELECT, which dbt would run."
        raise ValueError(message)
    layer, name = ref.split(".")
    return f"{{{{ config(schema='{layer}', alias='{name}') }}}}\n" + READS.sub(_referenced, select)


def build(project: Path) -> None:
    """Run dbt on the project, in this process: a process of its own would start Python and DuckDB once more. Raises RuntimeError."""
    os.environ |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = str(project)
    run = dbtRunner().invoke(["run", "--project-dir", folder, "--profiles-dir", folder, "--threads", str(THREADS), "--no-use-colors"])
    if not run.success:
        message = f"dbt did not build everything: {run.exception or 'see above'}"
        raise RuntimeError(message)
    DuckDBConnectionManager.env().close()  # dbt leaves the file open


def main() -> None:
    """Make the CSVs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    project = given.out.resolve().with_name("dbt_project")
    project.mkdir(parents=True)
    with duckdb.connect(project / DATABASE, config=CONFIG) as engine:
        engine.execute("create schema raw")
        add_functions(engine)  # the database keeps the macros
        read_export(engine, given.export)
    built = write_project(project)
    build(project)
    with duckdb.connect(project / DATABASE, read_only=True, config=CONFIG) as engine:
        write_csvs(engine, built, given.out)


def _referenced(read: re.Match[str]) -> str:
    """Name a table as dbt does: `from clean.web` becomes `from {{ ref('clean__web') }}`."""
    verb, table = read[0].split()
    layer, name = table.split(".")
    return f"{verb} {{{{ source('raw', '{name}') }}}}" if layer == "raw" else f"{verb} {{{{ ref('{layer}__{name}') }}}}"


if __name__ == "__main__":
    main()
