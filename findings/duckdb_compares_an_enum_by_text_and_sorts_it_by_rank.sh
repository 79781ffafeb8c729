#!/usr/bin/env bash
# Surprise: DuckDB 2.0.1 sorts an ENUM by the order of its declaration, and compares it with a quoted value by the alphabet.
# Seen: of ENUM ('petit', 'moyen', 'grand'), ORDER BY and max() take 'grand' for the last; size >= 'moyen' keeps 'petit' and drops 'grand',
#       and BETWEEN 'petit' AND 'moyen' keeps nothing. A bound parameter does the same; 'moyen'::size compares by rank. An ordered
#       Categorical of pandas 3.1.1 arrives as such an ENUM, and keeps other rows than in pandas.
# Met: classes of size, price or ABC, and thresholds on them; equality works, and so nothing is noticed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 pandas==3.1.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import pandas as pd

SIZES = ["petit", "moyen", "grand"]
bottles = pd.DataFrame({"size": pd.Categorical(SIZES, categories=SIZES, ordered=True)})
engine = duckdb.connect()
engine.execute("create type size as enum ('petit', 'moyen', 'grand')")
engine.execute("create table sizes as select size::size as size from bottles")


def kept(condition, *values):
    return [size for (size,) in engine.execute(f"select size from sizes where {condition} order by size", values).fetchall()]


seen = {
    "order by": kept("true"),
    "max": engine.execute("select max(size) from sizes").fetchall()[0][0],
    ">= 'moyen'": kept("size >= 'moyen'"),
    ">= ?": kept("size >= ?", "moyen"),
    "between": kept("size between 'petit' and 'moyen'"),
    ">= 'moyen'::size": kept("size >= 'moyen'::size"),
    "of a Categorical": [size for (size,) in engine.execute("select size from bottles where size >= 'moyen' order by size").fetchall()],
    "pandas": bottles["size"][bottles["size"] >= "moyen"].tolist(),
}
print("duckdb", duckdb.__version__, "pandas", pd.__version__)
for asked, answer in seen.items():
    print(f"  {asked}: {answer}")
by_text, by_rank = ["petit", "moyen"], ["moyen", "grand"]
assert list(seen.values()) == [SIZES, "grand", by_text, by_text, [], by_rank, by_text, by_rank], "the behaviour has changed"
PYTHON
