#!/usr/bin/env bash
# Surprise: Spark 4.3.0 infers from hours in a CSV that they are timestamps, of the day on which the file is read.
# Seen: "09:15" becomes 09:15 of today: the same file read tomorrow has other values. DuckDB 2.0.1 infers TIME, and a month "2023-01" is text
#       to it; to Spark that is the timestamp of the first of January. No option is set but inferSchema.
# Met: orders with a column for the day and one for the hour: tables that are rebuilt never equal the last ones, and what is compared or
#      deduplicated by that column finds every row new. Needs Java 17.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.3.0 duckdb==2.0.1
cd "$folder"
printf 'day,hour,month\n2023-01-05,09:15,2023-01\n' >orders.csv
SPARK_LOCAL_IP=127.0.0.1 "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime

import duckdb
from pyspark.sql import SparkSession

orders = duckdb.sql("from 'orders.csv'")
kinds = [str(kind) for kind in orders.types]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
begun = datetime.now(UTC).date()
read = spark.read.csv("orders.csv", header=True, inferSchema=True)
row = read.selectExpr("cast(day as string)", "cast(hour as string)", "cast(month as string)").first().asDict()
types = dict(read.dtypes)
ended = datetime.now(UTC).date()
print("spark", spark.version, types, row)
spark.stop()
print("duckdb", duckdb.__version__, kinds, orders.fetchall())
assert types == {"day": "date", "hour": "timestamp", "month": "timestamp"}, "the types have changed"
assert row["hour"] in {f"{day} 09:15:00" for day in (begun, ended)} and row["month"] == "2023-01-01 00:00:00", "the values have changed"
assert kinds == ["DATE", "TIME", "VARCHAR"], "DuckDB has changed"
PYTHON
