#!/usr/bin/env bash
# Surprise: one call, `adbc_ingest(..., mode="append")`, appends Arrow columns by their names to SQLite, and by their position to DuckDB 2.0.1.
# Seen: 2 bottles at 7 euros, held as price and quantity, are appended to a table of quantity and price: by SQLite's driver they are 2 at 7,
#       by DuckDB's 7 at 2, and so they are by polars' write_database, which makes the call. Revenue is the same, units and prices are not.
#       Names that the table does not have are taken as well, where SQLite's driver refuses. The help on the call has no rule for the order.
# Met: a load moved from one driver to the other, or a frame whose columns come in another order this month; all of them are numbers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 adbc-driver-manager==1.13.0 adbc-driver-sqlite==1.13.0 polars==2.1.0 pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import adbc_driver_duckdb.dbapi
import adbc_driver_sqlite.dbapi
import polars as pl
import pyarrow as pa

sale = pa.table({"sku": ["12A"], "price": [7], "quantity": [2]})
renamed = sale.rename_columns(["article", "prix", "quantité"])


def by_adbc(rows, connection):
    with connection.cursor() as cursor:
        cursor.adbc_ingest("sales", rows, mode="append")


def by_polars(rows, connection):
    pl.from_arrow(rows).write_database("sales", connection, engine="adbc", if_table_exists="append")


def appended(append, rows, driver):
    with driver.connect() as connection, connection.cursor() as cursor:
        cursor.execute("create table sales (sku varchar, quantity bigint, price bigint)")
        try:
            append(rows, connection)
        except driver.Error as error:
            return type(error).__name__
        cursor.execute("select quantity, price from sales")
        return cursor.fetchall()


print(*(f"{package} {version(package)}" for package in ("duckdb", "adbc-driver-manager", "adbc-driver-sqlite", "polars")))
seen = {}
for name, driver in [("sqlite", adbc_driver_sqlite.dbapi), ("duckdb", adbc_driver_duckdb.dbapi)]:
    seen[name] = [appended(by_adbc, sale, driver), appended(by_polars, sale, driver), appended(by_adbc, renamed, driver)]
    print(f"  {name}: 2 bottles at 7 are {seen[name][0]}, by polars {seen[name][1]}, under other names {seen[name][2]}")
assert seen["sqlite"] == [[(2, 7)], [(2, 7)], "ProgrammingError"], "SQLite's driver has changed"
assert seen["duckdb"] == [[(7, 2)], [(7, 2)], [(7, 2)]], "DuckDB's driver has changed"
PYTHON
