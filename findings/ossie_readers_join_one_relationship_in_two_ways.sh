#!/usr/bin/env bash
# Surprise: two readers of Apache Ossie 0.2.0.dev0 make two joins of one relationship, and so two revenues of one metric.
# Seen: azem 0.2.0 compiles it to a LEFT JOIN, lexis-cli 0.6.0 to an INNER JOIN: of a sale whose product is not among the products, revenue by
#       segment has a row without a segment in the one, and nothing in the other. Without a dimension both sum every sale. The format names
#       the columns of a relationship, and says nothing of rows that find no partner.
# Met: figures of one shop, asked by segment from several tools: the parts of the one add up to the whole, those of the other do not. Publish
#      no fact whose dimension is unknown, or give it a member of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet azem==0.2.0 lexis-cli==0.6.0 duckdb==2.0.1
cat >"$folder/model.yaml" <<'YAML'
version: 0.2.0.dev0
name: shop
datasets:
  - name: sales
    source: shop.main.sales
    primary_key: [sale]
    fields:
      - {name: sale, expression: {dialects: [{dialect: ANSI_SQL, expression: sale}]}}
      - {name: product, expression: {dialects: [{dialect: ANSI_SQL, expression: product}]}}
  - name: products
    source: shop.main.products
    primary_key: [product]
    fields:
      - {name: product, expression: {dialects: [{dialect: ANSI_SQL, expression: product}]}}
      - {name: segment, expression: {dialects: [{dialect: ANSI_SQL, expression: segment}]}, dimension: {is_time: false}}
relationships:
  - {name: sales_products, from: sales, to: products, from_columns: [product], to_columns: [product]}
metrics:
  - {name: revenue, expression: {dialects: [{dialect: ANSI_SQL, expression: SUM(sales.revenue)}]}}
YAML
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version

import duckdb
from azem import SemanticModel
from lexis.parser import load_ossie_document
from lexis.resolved_model import ResolvedModel
from lexis.transpilers.sql import EMITTERS

path = f"{sys.argv[1]}/model.yaml"
database = duckdb.connect(f"{sys.argv[1]}/shop.duckdb")
database.execute("create table sales as from (values (1, 'A', 10), (2, 'B', 5), (3, 'C', 1)) as t (sale, product, revenue)")
database.execute("create table products as from (values ('A', 'Vin'), ('B', 'Spiritueux')) as t (product, segment)")
model, resolved = SemanticModel.from_file(path), ResolvedModel.build(load_ossie_document(path))
seen = {}
for dimensions in ([], ["products.segment"]):
    asked = {"metrics": ["revenue"], "dimensions": dimensions}
    compiled = {
        "azem": str(model.compile(asked, "duckdb")),
        "lexis-cli": str(EMITTERS["duckdb"]().emit_metric_query(resolved, "revenue", dimensions)),
    }
    for name, sql in compiled.items():
        rows = sorted(database.execute(sql).fetchall(), key=str)
        seen[name, bool(dimensions)] = rows
        print(name, version(name), "by", dimensions or "nothing", rows, "\n ", " ".join(sql.split()))
assert seen["azem", False] == seen["lexis-cli", False] == [(16,)], "the behaviour has changed"
assert sum(row[-1] for row in seen["azem", True]) == 16, "azem has changed"
assert sum(row[-1] for row in seen["lexis-cli", True]) == 15, "lexis has changed"
PYTHON
