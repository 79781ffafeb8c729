#!/usr/bin/env bash
# Surprise: left to find the type of a column, duckdb 2.0.1 and polars 2.1.0 both take 25/12/22 for a date, and neither for Christmas 2022.
# Seen: duckdb's sniffer tries the year first: a column of 25/12/22 and 24/11/22 is 22 December 2025 and 22 November 2024; with one row of 99
#       in it, the whole column is read by the day first. polars with try_parse_dates reads 25 December of the year 22. With months first,
#       12/25/22, duckdb is right and polars leaves text. pyarrow leaves text in all cases.
# Met: a till's or a supplier's CSV with the date format of French spreadsheets: every sale lands in another year, with no null and no error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from pyarrow import csv

COLUMNS = {
    "day first": ["25/12/22", "24/11/22"],
    "day first, and a year of 99": ["25/12/22", "31/01/99"],
    "month first": ["12/25/22", "11/24/22"],
}
print("duckdb", duckdb.__version__, "polars", pl.__version__, "pyarrow", pa.__version__)
path = Path(sys.argv[1]) / "sales.csv"
seen = {}
for name, dates in COLUMNS.items():
    path.write_text("day,units\n" + "".join(f"{date},3\n" for date in dates))
    by_duckdb = [str(day) for (day,) in duckdb.sql(f"select day from read_csv('{path}')").fetchall()]
    by_polars = [str(day) for day in pl.read_csv(path, try_parse_dates=True)["day"]]
    by_arrow = csv.read_csv(path)["day"].to_pylist()
    seen[name] = (by_duckdb, by_polars, by_arrow == dates)
    print(f"  {name}, {dates}: duckdb {by_duckdb}, polars {by_polars}, pyarrow {by_arrow}")
assert seen == {
    "day first": (["2025-12-22", "2024-11-22"], ["0022-12-25", "0022-11-24"], True),
    "day first, and a year of 99": (["2022-12-25", "1999-01-31"], ["0022-12-25", "0099-01-31"], True),
    "month first": (["2022-12-25", "2022-11-24"], ["12/25/22", "11/24/22"], True),
}, "what is read has changed"
PYTHON
