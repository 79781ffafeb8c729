#!/usr/bin/env bash
# Surprise: `case when cost > 20 then 'dear' else 'cheap' end` gives NULL in Daft 0.7.26 where the cost is missing; ELSE is for false alone.
# Seen: of 10, 30 and 5 euros, the 5 of an article without a cost are in neither class, so that the two add up to 40 of 45. DuckDB counts them
#       as cheap, as the standard has it, and so does polars by when/otherwise. when(...).otherwise(...) of Daft does what its SQL does, though
#       its help has the value of otherwise() for all rows in which no condition is true.
# Met: a sum for each class, by sum(case when ... then revenue else 0 end), over a column with gaps: ELSE is there to catch them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet daft==0.7.26 duckdb==2.0.1 polars==2.1.0 pyarrow==25.0.1
DO_NOT_TRACK=1 "$folder/venv/bin/python" - <<'PYTHON'
import daft
import duckdb
import polars as pl
import pyarrow as pa
from daft.functions import when

sales = pa.table({"revenue": [10, 30, 5], "cost": [7, 25, None]})
in_daft = daft.from_arrow(sales)
CLASSES = "select case when cost > 20 then 'dear' else 'cheap' end as class from sales"
SUMS = "select sum(case when cost > 20 then revenue else 0 end) as dear, sum(case when cost > 20 then 0 else revenue end) as cheap from sales"

classes = {
    "daft": daft.sql(CLASSES, sales=in_daft).to_pydict()["class"],
    "daft's when": in_daft.select(when(daft.col("cost") > 20, then="dear").otherwise("cheap").alias("class")).to_pydict()["class"],
    "duckdb": [row[0] for row in duckdb.sql(CLASSES).fetchall()],
    "polars": pl.from_arrow(sales).select(pl.when(pl.col("cost") > 20).then(pl.lit("dear")).otherwise(pl.lit("cheap"))).to_series().to_list(),
}
sums = {
    "daft": [answer[0] for answer in daft.sql(SUMS, sales=in_daft).to_pydict().values()],
    "duckdb": [int(answer) for answer in duckdb.sql(SUMS).fetchall()[0]],
}
print("daft", daft.__version__, "duckdb", duckdb.__version__, "polars", pl.__version__)
for engine, answers in classes.items():
    print(f"  {engine}: {answers}" + (f", {sums[engine]} add up to {sum(sums[engine])} of 45" if engine in sums else ""))
assert classes["daft"] == classes["daft's when"] == ["cheap", "dear", None] and sums["daft"] == [30, 10], "Daft has changed"
assert classes["duckdb"] == classes["polars"] == ["cheap", "dear", "cheap"] and sums["duckdb"] == [30, 15], "the other engines have changed"
PYTHON
