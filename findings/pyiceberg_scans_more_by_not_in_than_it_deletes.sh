#!/usr/bin/env bash
# Surprise: one filter of pyiceberg 0.12.0 stands for other rows in scan than in delete and overwrite, if it says NOT IN.
# Seen: of 'Vin', NULL and 'Bio', "segment not in ('Vin', 'Bière')" scans NULL and 'Bio' and deletes 'Bio' alone: overwriting the filter's rows
#       with themselves makes two of the row without a segment. With one value in the list, which is read as !=, both take 'Bio' alone; so
#       a second value to leave out adds a row.
# Met: rows corrected in place, scan, change, overwrite by the same filter: those without a category double, and revenue with them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyiceberg[sql-sqlite]==0.12.0" pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog

catalog = SqlCatalog("shop", uri=f"sqlite:///{sys.argv[1]}/catalog.db", warehouse=f"file://{sys.argv[1]}/lake")
catalog.create_namespace("shop")
sales = pa.table({"segment": ["Vin", None, "Bio"], "revenue": [10, 5, 1]})


def revenue(rows):
    return sorted(rows["revenue"].to_pylist())


print("pyiceberg", version("pyiceberg"))
seen = []
for number, condition in enumerate(["segment not in ('Vin')", "segment not in ('Vin', 'Bière')"]):
    table = catalog.create_table(f"shop.sales_{number}", schema=sales.schema)
    table.append(sales)
    scanned = table.scan(row_filter=condition).to_arrow()
    table.overwrite(scanned, overwrite_filter=condition)
    overwritten = revenue(table.scan().to_arrow())
    table.overwrite(sales)
    table.delete(condition)
    seen.append((revenue(scanned), revenue(table.scan().to_arrow()), overwritten))
    print(f"  {condition}: scans {seen[-1][0]}, delete leaves {seen[-1][1]}, overwritten by itself it is {seen[-1][2]}")
assert seen == [([1], [5, 10], [1, 5, 10]), ([1, 5], [5, 10], [1, 5, 5, 10])], "the behaviour has changed"
PYTHON
