#!/usr/bin/env bash
# Surprise: NaN is greater than every number to DuckDB 2.0.1 and DataFusion 55.0.0, and is in no statistics of Parquet: a filter finds NaN or
#       not by what else is in its row group.
# Seen: pyarrow 26.0.1 writes 50, NaN | 150, NaN in two row groups. WHERE ratio > 100 finds three rows in a table of either engine, and two in
#       the file: the first group, whose statistics end at 50, is passed over. max() is NaN in the table and 150 in the file. polars 2.1.0
#       finds the same rows in both; a file that DuckDB wrote, or one without statistics, gives the table's answer.
# Met: ratios over zero in a file that is checked for values out of range: the check passes, and the rows come up once they are loaded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 datafusion==55.0.0 polars==2.1.0 pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import datafusion
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

nan = float("nan")
ratios = pa.table({"ratio": [50.0, nan, 150.0, nan]})
pq.write_table(ratios, "ratios.parquet", row_group_size=2)
pq.write_table(ratios, "bare.parquet", row_group_size=2, write_statistics=False)
engine = duckdb.connect()
engine.execute("create table ratios as from ratios")
engine.execute("copy ratios to 'own.parquet'")
other = datafusion.SessionContext()
other.register_record_batches("held", [ratios.to_batches()])
other.register_parquet("stored", "ratios.parquet")


def rows(table):
    return engine.execute(f"select count(*) from {table} where ratio > 100").fetchall()[0][0]


def other_rows(table):
    return other.sql(f"select count(*) as rows from {table} where ratio > 100").to_pydict()["rows"][0]


seen = {
    "duckdb, table": rows("ratios"),
    "duckdb, file": rows("'ratios.parquet'"),
    "duckdb, file without statistics": rows("'bare.parquet'"),
    "duckdb, file of its own": rows("'own.parquet'"),
    "datafusion, table": other_rows("held"),
    "datafusion, file": other_rows("stored"),
    "polars, table": pl.from_arrow(ratios).filter(pl.col("ratio") > 100).height,
    "polars, file": pl.scan_parquet("ratios.parquet").filter(pl.col("ratio") > 100).collect().height,
}
greatest = [str(engine.execute(f"select max(ratio) from {table}").fetchall()[0][0]) for table in ("ratios", "'ratios.parquet'")]
print("duckdb", duckdb.__version__, "datafusion", datafusion.__version__, "polars", pl.__version__, "pyarrow", pa.__version__)
for where, count in seen.items():
    print(f"  rows above 100 in {where}: {count}")
print("  duckdb, max of the table and of the file:", greatest)
assert list(seen.values()) == [3, 2, 3, 3, 3, 2, 3, 3] and greatest == ["nan", "150.0"], "the behaviour has changed"
PYTHON
