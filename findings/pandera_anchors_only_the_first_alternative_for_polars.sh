#!/usr/bin/env bash
# Surprise: str_matches of pandera 0.35.0 looks for a pattern at the start of a text in pandas, and of `a|b` only for `a` there in polars.
# Seen: str_matches("BTL|MAG") refuses "xMAG" in a pandas frame and passes it in a polars one: what is searched for is "^BTL|MAG". The pattern
#       in parentheses, "(BTL|MAG)", is refused by both. Nothing of it for a pattern of one alternative.
# Met: codes of units or states, checked by the same schema after a change of the frame library: the contract stays, its checks get weaker.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pandera==0.35.0 pandas==3.1.1 polars==2.1.0
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import pandas as pd
import pandera.pandas
import pandera.polars
import polars as pl
from pandera.errors import SchemaError


def passes(library, frame, pattern):
    schema = library.DataFrameSchema({"unit": library.Column(str, library.Check.str_matches(pattern))})
    try:
        schema.validate(frame)
    except SchemaError:
        return False
    return True


print("pandera", version("pandera"), "pandas", pd.__version__, "polars", pl.__version__)
seen = {}
for pattern in ("BTL|MAG", "(BTL|MAG)"):
    for unit in ("BTL", "MAG", "xBTL", "xMAG"):
        seen[pattern, unit] = (
            passes(pandera.pandas, pd.DataFrame({"unit": [unit]}), pattern),
            passes(pandera.polars, pl.DataFrame({"unit": [unit]}), pattern),
        )
        print(f"  {unit!r} against {pattern!r}: pandas {seen[pattern, unit][0]}, polars {seen[pattern, unit][1]}")
assert [key for key, (pandas, polars) in seen.items() if pandas != polars] == [("BTL|MAG", "xMAG")], "the behaviour has changed"
assert seen["BTL|MAG", "xMAG"] == (False, True), "the behaviour has changed"
PYTHON
