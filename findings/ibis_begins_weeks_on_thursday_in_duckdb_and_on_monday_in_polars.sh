#!/usr/bin/env bash
# Surprise: `at.bucket(weeks=1)` of ibis 12.0.0 makes weeks from Thursday to Wednesday in DuckDB, and from Monday to Sunday in polars.
# Seen: two weeks of one bottle a day from Monday, 2 January 2023: polars has 7 and 7, DuckDB 3, 7 and 4, for one expression over one table.
#       The help has buckets start from the first day of 1970, a Thursday, which ibis tells DuckDB and not polars; DuckDB's time_bucket of its
#       own takes a Monday. truncate("W"), to which the help calls bucket similar, begins on Monday in both.
# Met: sales by week or fortnight, of which the weekend is the larger part: the totals agree, each week's figures and their dates do not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ibis-framework[duckdb,polars]==12.0.0" duckdb==2.0.1 polars==2.1.0 sqlglot==30.30.0 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta
from importlib.metadata import version

import duckdb
import ibis
import pyarrow as pa

days = [datetime(2023, 1, 2, 10) + timedelta(days=day) for day in range(14)]
assert days[0].strftime("%A") == "Monday"
sales = ibis.memtable(pa.table({"at": days, "units": [1] * 14}))
weeks = {"bucket(weeks=1)": sales.at.bucket(weeks=1), 'truncate("W")': sales.at.truncate("W")}
print(*(f"{package} {version(package)}" for package in ("ibis-framework", "duckdb", "polars", "sqlglot")))
seen = {}
for engine, connection in {"duckdb": ibis.duckdb.connect(), "polars": ibis.polars.connect()}.items():
    for way, week in weeks.items():
        by_week = sales.group_by(week=week).agg(units=sales.units.sum()).order_by("week")
        rows = connection.to_pyarrow(by_week).to_pylist()
        seen[engine, way] = {row["week"].strftime("%A") for row in rows}, [int(row["units"]) for row in rows]
        print(f"  {way} in {engine}: weeks from {', '.join(seen[engine, way][0])}, units {seen[engine, way][1]}")
own = duckdb.sql("select time_bucket(interval 1 week, timestamp '2023-01-05 10:00')").fetchall()[0][0].strftime("%A")
print(f"  DuckDB's own time_bucket: weeks from {own}")
assert seen.pop(("duckdb", "bucket(weeks=1)")) == ({"Thursday"}, [3, 7, 4]), "bucket in DuckDB has changed"
assert all(answer == ({"Monday"}, [7, 7]) for answer in seen.values()) and own == "Monday", "the others have changed"
PYTHON
