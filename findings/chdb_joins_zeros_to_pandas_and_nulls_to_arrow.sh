#!/usr/bin/env bash
# Surprise: what a LEFT JOIN of chDB 4.4.0 does not find is 0 if the joined rows are a pandas frame, and NULL if they are the same in Arrow.
# Seen: of two articles one has sold, 4 units. Python(sales) makes Int64 of the frame's column and Nullable(Int64) of the table's, and a join
#       fills its gaps by the type: the average of the articles is 2 with the frame and 4 with the table, the count of units 2 and 1. With
#       the frame it is 4 and 1 as well once the column is pandas' nullable Int64, or under ClickHouse's join_use_nulls = 1.
# Met: articles without a sale, months without a delivery: the mean, the median and the count depend on who prepared the frame.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet chdb==4.4.0 pandas==2.3.3 pyarrow==25.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import json
from importlib.metadata import version

import chdb
import pandas as pd
import pyarrow as pa

articles = pa.table({"sku": ["12A", "12B"]})
in_pandas = pd.DataFrame({"sku": ["12A"], "units": [4]})
in_nullable_pandas = in_pandas.astype({"units": "Int64"})
in_arrow = pa.Table.from_pandas(in_pandas)
MEAN = "select avg(units), count(units) from Python(articles) as articles left join Python({}) as sales on articles.sku = sales.sku"


def joined(sales, settings=""):
    return tuple(json.loads(str(chdb.query(MEAN.format(sales) + settings, "JSONCompact")))["data"][0])


print("chdb", version("chdb"), "pandas", pd.__version__, "pyarrow", pa.__version__)
seen = {sales: joined(sales) for sales in ("in_pandas", "in_nullable_pandas", "in_arrow")}
seen["in_pandas, join_use_nulls"] = joined("in_pandas", " settings join_use_nulls = 1")
for sales, (mean, count) in seen.items():
    print(f"  {sales}: mean {mean}, count {count}")
assert seen.pop("in_pandas") == (2, 2), "chDB has changed over pandas"
assert {(mean, int(count)) for mean, count in seen.values()} == {(4, 1)}, "chDB has changed elsewhere"
PYTHON
