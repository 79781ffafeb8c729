#!/usr/bin/env bash
# Surprise: deltalake 1.6.6 makes what is appended fit the table: a float is cut to an integer, without a word, where a decimal with one digit
#       too many is refused.
# Seen: a Delta table whose first month has whole prices is of integers; appending 5.75 and -5.75 writes 5 and -5, appending Decimal('5.75')
#       writes 5 too. To a table of decimal(3, 2), the float 1.2599 is written as 1.26, and Decimal('1.259') is a SchemaMismatchError.
# Met: prices or rates appended month by month, typed by the first one: later cents are lost, and the table's types are what they should be.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from decimal import Decimal
from importlib.metadata import version

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import SchemaMismatchError

CASES = {
    "integers, then floats": ([5], [5.75, -5.75]),
    "integers, then a decimal": ([5], [Decimal("5.75")]),
    "decimals, then a float": ([Decimal("1.25")], [1.2599]),
    "decimals, then a longer one": ([Decimal("1.25")], [Decimal("1.259")]),
}
print("deltalake", version("deltalake"), "pyarrow", pa.__version__)
seen = []
for name, (first, second) in CASES.items():
    path = f"{sys.argv[1]}/{name}"
    write_deltalake(path, pa.table({"price": first}))
    try:
        write_deltalake(path, pa.table({"price": second}), mode="append")
        prices = DeltaTable(path).to_pyarrow_table()["price"]
        seen.append((str(prices.type), sorted(prices.to_pylist())))
    except SchemaMismatchError as error:
        seen.append(str(error))
    print(f"  {name}: {second} -> {seen[-1]}")
assert seen[:2] == [("int64", [-5, 5, 5]), ("int64", [5, 5])], "integers have changed"
assert seen[2] == ("decimal128(3, 2)", [Decimal("1.25"), Decimal("1.26")]) and "Cannot cast" in seen[3], "decimals have changed"
PYTHON
