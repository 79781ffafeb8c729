#!/usr/bin/env bash
# Surprise: DuckDB 2.0.1's PIVOT leaves out what has no category: no column is made for NULL, and its amounts are gone.
# Seen: revenue of 10 in 'Vin' and of 5 in no segment; PIVOT ... ON segment shows one column that adds up to 10. Only who already knows
#       that there are such rows, and writes IN ('Vin', NULL), gets a column for them.
# Met: revenue by segment as columns, where a product is not in the catalogue yet: the wide table adds up to less than the long one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

engine = duckdb.connect()
engine.execute("create table sales as from (values ('2023-01', 'Vin', 10), ('2023-01', null, 5)) t(month, segment, revenue)")
print("duckdb", duckdb.__version__)
total = engine.sql("select sum(revenue) from sales").fetchall()
wide = engine.sql("pivot sales on segment using sum(revenue) group by month")
named = engine.sql("pivot sales on segment in ('Vin', null) using sum(revenue) group by month")
seen = (total, wide.columns, wide.fetchall(), named.columns, named.fetchall())
print("all of it:", total, "pivoted:", seen[1:3], "with the categories named:", seen[3:])
expected = ([(15,)], ["month", "Vin"], [("2023-01", 10)], ["month", "Vin", "NULL"], [("2023-01", 10, 5)])
assert seen == expected, "the behaviour has changed"
PYTHON
