#!/usr/bin/env bash
# Surprise: sqlglot 30.30.0 translates DuckDB's log(x), which is to base 10, into Spark's log(x), which is natural.
# Seen: log(100) is 2 in DuckDB; the translated SELECT runs in Spark 4.3.0 without a word and gives 4.605. ln() and log10() are safe.
# Met: spreads and ranges worked out on a log scale, as of prices and lifts: wider by 2.3 on the second engine. Needs Java 17.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sqlglot==30.30.0 duckdb==2.0.1 pyspark==4.3.0
SPARK_LOCAL_IP=127.0.0.1 "$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import sqlglot
from pyspark.sql import SparkSession

written = "select log(100) as magnitude"
translated = sqlglot.transpile(written, read="duckdb", write="spark")[0]
here = duckdb.sql(written).fetchall()[0][0]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
there = spark.sql(translated).first()[0]
spark.stop()
print(f"sqlglot {sqlglot.__version__}: {written!r} -> {translated!r}; duckdb {duckdb.__version__} {here}, spark {spark.version} {there}")
assert (round(here, 3), round(there, 3)) == (2.0, 4.605), "the behaviour has changed"
PYTHON
