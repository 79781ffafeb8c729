#!/usr/bin/env bash
# Surprise: Spark 4.3.0 reads "12D" and "12F" as the number 12.0, as Java does: two codes of text that it wrote itself come back as one.
# Seen: two rows partitioned by sku are in the folders sku=12D and sku=12F; read again sku is a double, GROUP BY gives one row of three units,
#       and sku = '12D' finds both. Nothing is said. DuckDB 2.0.1 keeps text, and two products. Inferring a CSV does the same;
#       spark.sql.sources.partitionColumnTypeInference.enabled = false keeps the folders' text.
# Met: codes of articles or sizes that are all digits and a letter. One "12A" among them and all stay text: a new article, or a filter before
#      writing, changes the type. Needs Java 17.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.3.0 duckdb==2.0.1
cd "$folder"
SPARK_LOCAL_IP=127.0.0.1 "$folder/venv/bin/python" - <<'PYTHON'
import duckdb
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sql("select * from values ('12D', 1), ('12F', 2) as sales (sku, units)").write.partitionBy("sku").parquet("sales")
read = spark.read.parquet("sales")
grouped = [tuple(row) for row in read.groupBy("sku").sum("units").collect()]
found = read.where("sku = '12D'").count()
kind = dict(read.dtypes)["sku"]
spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
kept = sorted(row.sku for row in spark.read.parquet("sales").collect())
print("spark", spark.version, "sku is", kind, "grouped:", grouped, "rows of 12D:", found, "without inference:", kept)
spark.stop()
files = "read_parquet('sales/*/*.parquet', hive_partitioning = true)"
sales = duckdb.sql(f"select sku, sum(units)::int from {files} group by sku order by sku").fetchall()
print("duckdb", duckdb.__version__, "grouped:", sales)
assert (kind, grouped, found, kept) == ("double", [(12.0, 3)], 2, ["12D", "12F"]), "Spark has changed"
assert sales == [("12D", 1), ("12F", 2)], "DuckDB has changed"
PYTHON
