#!/usr/bin/env bash
# Surprise: a chart of Altair 6.3.0 that is filtered by `datum.margin < 5` draws the articles without a margin too: to Vega null is below 5.
# Seen: of margins 3, none and 20 the bars are those of the first two, and `datum.revenue - datum.margin` makes 20 euros of cost where the
#       margin of 20 euros of revenue is not known. transformed_data(), with which such a chart is tested, gives the first article alone:
#       VegaFusion 2.0.3 works the same chart out as SQL would. The predicate FieldLTPredicate, which is no expression, does the same.
# Met: a chart of what earns too little or has run out of stock, over a column with gaps; its data are right and its bars are not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet altair==6.3.0 vegafusion==2.0.3 vl-convert-python==1.9.0.post1 pandas==3.1.1 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import re
from importlib.metadata import version

import altair as alt
import pandas as pd
import vl_convert

sales = pd.DataFrame({"sku": ["A", "B", "C"], "revenue": [10.0, 20.0, 30.0], "margin": [3.0, None, 20.0]})
bars = alt.Chart(sales).transform_calculate(cost=alt.datum.revenue - alt.datum.margin).mark_bar().encode(x="sku:N", y="cost:Q")
charts = {
    "datum.margin < 5": bars.transform_filter(alt.datum.margin < 5),
    "FieldLTPredicate": bars.transform_filter(alt.FieldLTPredicate(field="margin", lt=5)),
}
print("altair", alt.__version__, "vegafusion", version("vegafusion"), "vl-convert-python", version("vl-convert-python"))
for condition, chart in charts.items():
    drawn = re.findall(r'"sku: (\w); cost: ([\d.]+)"', vl_convert.vegalite_to_svg(chart.to_dict()))
    data = [(sku, f"{cost:g}") for sku, cost in chart.transformed_data()[["sku", "cost"]].itertuples(index=False)]
    print(f"  {condition}: the bars are {drawn}, transformed_data() has {data}")
    assert drawn == [("A", "7"), ("B", "20")], "Vega has changed"
    assert data == [("A", "7")], "VegaFusion has changed"
PYTHON
