#!/usr/bin/env bash
# Surprise: st.cache_data of Streamlit 1.67.0 tells one polars frame from another by the first ten rows and the last ten alone.
# Seen: 31 days of one bottle each; a day is corrected to 100, and the cached function is called with the new frame. From the 11th day to the
#       21st it is not run, and the old revenue is shown; on the others it is run. A polars Series does the same; a pandas frame is told apart
#       on each of the days. The key is made of the hashes of all rows as Arrow prints them, and Arrow prints ten, an ellipsis and ten.
# Met: a dashboard over a month or a year that is loaded again after a correction: its figures stay those of before, for as long as the cache
#      lasts. Frames of 20 rows, with which one tries it out, are told apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet streamlit==1.67.0 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import logging
from importlib.metadata import version

import polars as pl
import streamlit as st

logging.disable(logging.WARNING)  # that no server runs the functions, once for each call


@st.cache_data
def revenue(units):
    return int(units.sum() if isinstance(units, pl.Series) else units["units"].sum())


def stale_days(days, kind):
    """The days, counted from one, whose correction does not change the revenue that is given."""
    as_kind = {"pandas": pl.DataFrame.to_pandas, "polars": lambda sales: sales, "polars' Series": lambda sales: sales["units"]}[kind]
    sales = pl.DataFrame({"day": range(1, days + 1), "units": [1] * days})
    before = revenue(as_kind(sales))
    corrected = {day: sales.with_columns(units=pl.when(pl.col("day") == day).then(100).otherwise("units")) for day in sales["day"]}
    assert all(other.schema == sales.schema for other in corrected.values())
    return [day for day, other in corrected.items() if revenue(as_kind(other)) == before]


print(*(f"{package} {version(package)}" for package in ("streamlit", "polars", "pandas", "pyarrow")))
seen = {(kind, days): stale_days(days, kind) for kind in ("polars", "polars' Series", "pandas") for days in (20, 31)}
for (kind, days), stale in seen.items():
    print(f"  {kind}, {days} days: the old revenue after a correction of the days {stale}")
middle = list(range(11, 22))
assert seen["polars", 31] == seen["polars' Series", 31] == middle, "polars has changed"
assert not any(stale for case, stale in seen.items() if case not in {("polars", 31), ("polars' Series", 31)}), "the others have changed"
PYTHON
