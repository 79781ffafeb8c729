#!/usr/bin/env bash
# Surprise: a rolling window of "3mo" in polars 2.1.0 holds three month ends in most months, and four after a short month.
# Seen: the window of 30 April begins after 30 January, so 31 January is in it: sums over month ends count four months in February, April, June
#       and November 2023, means mix four. The same rows dated on the first of the month, and duckdb's `range between interval 2 months
#       preceding` over the month ends, count three everywhere.
# Met: stock at the month's end, rolled over a quarter for cover or turnover: four months of the year are a third too high.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import datetime as dt

import duckdb
import polars as pl

firsts = [dt.date(2022 + month // 12, month % 12 + 1, 1) for month in range(10, 25)]
stock = pl.DataFrame({"first": firsts[:-1], "end": [day - dt.timedelta(days=1) for day in firsts[1:]]}).with_columns(months=1)
rolled = stock.with_columns(
    by_first=pl.col("months").rolling_sum_by("first", window_size="3mo"),
    by_end=pl.col("months").rolling_sum_by("end", window_size="3mo"),
)
by_duckdb = duckdb.sql(
    'select "end", sum(months) over (order by "end" range between interval 2 months preceding and current row) as months from stock order by 1'
).fetchall()
print("polars", pl.__version__, "duckdb", duckdb.__version__)
seen = []
for row, (_, duckdbs) in list(zip(rolled.iter_rows(named=True), by_duckdb, strict=True))[2:]:
    print(f"  months in the three to {row['end']}: {row['by_end']}, by the first {row['by_first']}, by duckdb {duckdbs}")
    seen.append((row["by_end"], row["by_first"], int(duckdbs)))
four = [end.month for end, months in zip(rolled["end"][2:], seen, strict=True) if months[0] == 4]
assert four == [2, 4, 6, 11], "the windows of month ends have changed"
assert {months[1:] for months in seen} == {(3, 3)}, "the windows of first days, or duckdb's, have changed"
PYTHON
