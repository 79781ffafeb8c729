#!/usr/bin/env bash
# Surprise: DuckDB 2.0.1 reads many Parquet files with the types of the first one, and rounds what the others hold to them.
# Seen: January's prices happen to be whole and are int64, February's are doubles: 'prices/*.parquet' gives 21 where 20.75 was written, and
#       without an error. Named in the other order, or with union_by_name = true, the cents are there. polars 2.1.0 and pyarrow 26.0.1
#       refuse the pair.
# Met: a file for each month, written by pandas or from a query: a month without cents, or without a missing value, sorts first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1
cd "$folder" && mkdir prices
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

MONTHS = ["prices/2023-01.parquet", "prices/2023-02.parquet"]
pq.write_table(pa.table({"price": pa.array([10, 20])}), MONTHS[0])
pq.write_table(pa.table({"price": pa.array([10.5, 20.75])}), MONTHS[1])


def prices(source):
    return sorted(price for (price,) in duckdb.sql(f"select price from {source}").fetchall())


def refusal(read):
    try:
        return read()
    except (pl.exceptions.SchemaError, pa.ArrowInvalid) as error:
        return type(error).__name__


seen = {
    "duckdb, by glob": prices("'prices/*.parquet'"),
    "duckdb, February first": prices(f"read_parquet({MONTHS[::-1]})"),
    "duckdb, union_by_name": prices("read_parquet('prices/*.parquet', union_by_name = true)"),
    "polars": refusal(lambda: pl.read_parquet("prices/*.parquet")),
    "pyarrow": refusal(lambda: ds.dataset("prices").to_table()),
}
print("duckdb", duckdb.__version__, "polars", pl.__version__, "pyarrow", pa.__version__)
for reader, answer in seen.items():
    print(f"  {reader}: {answer}")
assert seen["duckdb, by glob"] == [10, 10, 20, 21], "DuckDB has changed"
assert seen["duckdb, February first"] == seen["duckdb, union_by_name"] == [10.0, 10.5, 20.0, 20.75], "DuckDB has changed"
assert (seen["polars"], seen["pyarrow"]) == ("SchemaError", "ArrowInvalid"), "the other readers have changed"
PYTHON
