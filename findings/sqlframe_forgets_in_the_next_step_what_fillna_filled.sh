#!/usr/bin/env bash
# Surprise: in SQLFrame 4.10.0 over DuckDB, fillna(0) holds for the frame that it returns, and no more for what is worked out from that one.
# Seen: of units of 5, none and 4, fillna(0) shows 5, 0 and 4; its mean is 4.5 and not 3, a filter does not find the month at 0, and select()
#       shows it missing again: the SQL reads the column from before. replace() is forgotten as well, and so is the key of a full join's rows
#       that are in the second frame only. withColumn and coalesce hold in all that follows, and in PySpark, the model, fillna does.
# Met: months without a sale filled with zeros before a mean, or actuals joined to a budget: what is printed to check it is right, and what is
#      worked out next is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sqlframe==4.10.0 sqlglot==30.29.0 duckdb==2.0.1 pandas==3.1.1
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from sqlframe.duckdb import DuckDBSession
from sqlframe.duckdb import functions as F

session = DuckDBSession()
sales = session.createDataFrame([(1, 5), (2, None), (3, 4)], "month int, units int")
budget = session.createDataFrame([(1, 6), (4, 7)], "month int, planned int")
ways = {
    "fillna": sales.fillna(0),
    "withColumn": sales.withColumn("units", F.coalesce("units", F.lit(0))),
    "replace": sales.replace(5, 50),
    "full join": sales.join(budget, "month", "full"),
}


def cells(frame, column):
    return [row[column] for row in sorted(frame.collect(), key=str)]


print(*(f"{package} {version(package)}" for package in ("sqlframe", "sqlglot", "duckdb")))
seen = {}
for way, frame in ways.items():
    column = "month" if way == "full join" else "units"
    seen[way] = cells(frame, column), cells(frame.select("month", "units"), column)
    print(f"  {column} by {way}: {seen[way][0]}, and {seen[way][1]} once selected")
means = {way: ways[way].agg(F.avg("units").alias("mean")).collect()[0]["mean"] for way in ("fillna", "withColumn")}
found = {way: ways[way].where(F.col("units") == 0).count() for way in means}
print("  means:", means, "months at 0:", found)
assert seen["withColumn"] == ([5, 0, 4], [5, 0, 4]), "withColumn has changed"
assert seen["fillna"] == ([5, 0, 4], [5, None, 4]) and seen["replace"] == ([50, None, 4], [5, None, 4]), "fillna or replace has changed"
assert seen["full join"] == ([1, 2, 3, 4], [1, 2, 3, None]), "full joins have changed"
assert (means, found) == ({"fillna": 4.5, "withColumn": 3}, {"fillna": 0, "withColumn": 1}), "what is worked out has changed"
PYTHON
