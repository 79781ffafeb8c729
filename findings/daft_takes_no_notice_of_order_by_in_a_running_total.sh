#!/usr/bin/env bash
# Surprise: `sum(units) over (partition by sku order by month)` is no running total in Daft 0.7.26 but the article's whole sum, in every row.
# Seen: units of 5, 7 and 1 are 13, 13, 13 in Daft's SQL and by Window().order_by("month"), and 5, 12, 13 in DuckDB, as the standard has it;
#       the maximum is that of the whole article too. Ranks do heed the order, and the sum does once the frame is written out. Daft's page on
#       windows has what one expects: partitioned and ordered, an aggregate goes from the partition's start to the current row.
# Met: sales or stock accumulated over months, the year so far, ABC classes by running share: SQL and windows that come from another engine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet daft==0.7.26 duckdb==2.0.1 pyarrow==25.0.1
DO_NOT_TRACK=1 "$folder/venv/bin/python" - <<'PYTHON'
import daft
import duckdb
import pyarrow as pa
from daft import Window, col

sales = pa.table({"sku": ["12A", "12A", "12A"], "month": [1, 2, 3], "units": [5, 7, 1]})
in_daft = daft.from_arrow(sales)
ORDERED = "partition by sku order by month"


def query(aggregate, window):
    return f"select month, {aggregate} over ({window}) as answer from sales order by month"


def by_daft(aggregate, window):
    return daft.sql(query(aggregate, window), sales=in_daft).to_pydict()["answer"]


window = Window().partition_by("sku").order_by("month")
seen = {
    "daft's sum": by_daft("sum(units)", ORDERED),
    "daft's sum by Window": in_daft.with_column("answer", col("units").sum().over(window)).to_pydict()["answer"],
    "daft's sum, frame written out": by_daft("sum(units)", f"{ORDERED} range between unbounded preceding and current row"),
    "daft's maximum": by_daft("max(units)", ORDERED),
    "daft's rank": by_daft("rank()", ORDERED),
    "duckdb's sum": [int(answer) for _, answer in duckdb.sql(query("sum(units)", ORDERED)).fetchall()],
}
print("daft", daft.__version__, "duckdb", duckdb.__version__)
for aggregate, answers in seen.items():
    print(f"  {aggregate}: {answers}")
RUNNING, WHOLE = [5, 12, 13], [13, 13, 13]
assert list(seen.values()) == [WHOLE, WHOLE, RUNNING, [7, 7, 7], [1, 2, 3], RUNNING], "the behaviour has changed"
PYTHON
