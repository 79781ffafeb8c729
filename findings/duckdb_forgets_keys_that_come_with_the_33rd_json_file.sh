#!/usr/bin/env bash
# Surprise: DuckDB 2.0.1 takes the keys of JSON files from the first 32 of them; one that comes later is lost, without a word.
# Seen: of 36 months, a file each, the last two hold refunds: 'months/*.json' gives all 36 rows and has no such column. sample_size = -1, which
#       is to scan everything, changes nothing: it is maximum_sample_files, 32 in the list of parameters, that counts, and it does not count
#       under union_by_name = true. Of the last 33 files the key is there, since the thirty-second has it. pandas has the six refunds.
# Met: an export for each month, loaded as it came: in the third year the folder outgrows the sample, and new keys come with the newest files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 pandas==3.1.1
cd "$folder" && mkdir months
"$folder/venv/bin/python" - <<'PYTHON'
import json
from pathlib import Path

import duckdb
import pandas as pd

files = [f"months/{2021 + month // 12}-{month % 12 + 1:02}.json" for month in range(36)]
for file in files:
    Path(file).write_text(json.dumps([{"revenue": 10, "refund": 3}] if file in files[-2:] else [{"revenue": 10}]))


def seen(source):
    rows = duckdb.sql(f"from {source}")
    return len(rows.fetchall()), rows.columns


answers = {
    "'months/*.json'": seen("'months/*.json'"),
    "sample_size = -1": seen("read_json('months/*.json', sample_size = -1)"),
    "maximum_sample_files = -1": seen("read_json('months/*.json', maximum_sample_files = -1)"),
    "union_by_name": seen("read_json('months/*.json', union_by_name = true)"),
    "the last 33 files": seen(f"read_json({files[-33:]})"),
}
by_pandas = pd.concat([pd.read_json(file) for file in files])
print("duckdb", duckdb.__version__, "pandas", pd.__version__)
for source, (rows, columns) in answers.items():
    print(f"  {source}: {rows} rows of {', '.join(columns)}")
print(f"  pandas: {len(by_pandas)} rows of {', '.join(by_pandas)}, refunds of {by_pandas['refund'].sum():g}")
WHOLE = ["revenue", "refund"]
assert answers["'months/*.json'"] == answers["sample_size = -1"] == (36, ["revenue"]), "DuckDB has changed"
assert answers["maximum_sample_files = -1"] == answers["union_by_name"] == (36, WHOLE), "DuckDB has changed"
assert answers["the last 33 files"] == (33, WHOLE), "DuckDB has changed"
assert (len(by_pandas), list(by_pandas), by_pandas["refund"].sum()) == (36, WHOLE, 6), "pandas has changed"
PYTHON
