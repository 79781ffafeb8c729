"""The yardstick: one bare DuckDB script that makes the same tables and the same CSVs from an export, and nothing around them.

Belongs here: the least that gives a release's figures. Never here: an import of the workflow, a check, a contract, Parquet, a
manifest. It reads the models' SELECTs and their macros from disk, and the three files of the sentences, of how labels fold, and of the one
SELECT that code writes. The parameters are the defaults, and the export's optional table is not read.

    python bare.py EXPORT OUT_DIR [--memory-limit 2GB]
"""

from __future__ import annotations

import argparse
import html
import re
from decimal import ROUND_CEILING, Decimal, localcontext
from graphlib import TopologicalSorter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from statistics import NormalDist
from types import ModuleType

import adbc_driver_manager as adbc
import adbc_driver_sqlite
import duckdb
import numpy as np

PACKAGE = Path(__file__).parents[2] / "bottleneck_assets"
MODELS, WORDING, LABELS = PACKAGE / "models", PACKAGE / "wording.py", PACKAGE / "source" / "labels.py"
QUARANTINED = MODELS / "quarantined.py"
MACROS = MODELS / "macros.sql", PACKAGE / "source" / "spellings.sql"
LAYERS = ("raw", "clean", "kpi", "recommendation", "extract")
READS = re.compile(rf"\b(?:from|join)\s+((?:{'|'.join(LAYERS)})\.\w+)")

EXPORTED = {
    "web": "sku virtuals downloadable rating_count average_rating post_author post_date post_date_gmt product_type segment post_title"
    " post_excerpt contenance post_status comment_status ping_status post_name post_modified post_modified_gmt post_parent guid"
    " post_type comment_count",
    "finance": "key_finance date sku taxe_statut onsale_web price purchase_price",
    "sales": "key_sales sales orders stock",
    "promo": "key_promo start_date end_date sales_offer price_offer",
}
FOLDERS = {"extract": "", "kpi": "kpis/", "recommendation": "recommendations/"}
BETWEEN = {
    "kpi.basket",
    "kpi.basket_costs",
    "kpi.promo_comparison",
    "kpi.promo_placebo",
    "kpi.promo_resample",
    "kpi.stock_history",
    "recommendation.summary_figures",
}
SHOWN = {
    "tables": ("web", "finance", "promo", "sales", "ca_par_segment", "months"),
    "quality": (
        "quarantine",
        "quarantine_worth",
        "unknown_products",
        "row_accounting",
        "imputation",
        "contradictions",
        "stock_ledger_exceptions",
    ),
}
EXPORT_COLUMNS = r"""
    select tables.name as table_name, columns.name as column_name, columns.type as declared_type
    from sqlite_schema as tables, pragma_table_xinfo(tables.name) as columns
    where tables.type = 'table' and tables.name not like 'sqlite\_%' escape '\'
    order by tables.name, columns.cid
"""
VAT = {"vin": "0.2", "spiritueux": "0.2", "offres commerciales": "0.2", "huile": "0.055", "sans alcool": "0.055"}
SEED, RESAMPLES, CLUSTERS, DEGREES = 2022, 1000, 100, 24
CONFIG = {"autoload_known_extensions": "false"}  # html_unescape is also the name of a function of an extension that is not here


def loaded(script: Path) -> ModuleType:
    """Run one file of the workflow that imports nothing of it."""
    module = ModuleType(script.stem)
    SourceFileLoader(script.stem, str(script)).exec_module(module)
    return module


def selects() -> dict[str, str]:
    """Return the SELECTs of the tables that a release is made of, by table."""
    files = (path for layer in LAYERS for path in sorted((MODELS / layer).glob("*.sql")))
    columns = {table: names.split() for table, names in {**EXPORTED, "ca_par_segment": "segment revenue"}.items()}
    return {
        **{f"{path.parent.name}.{path.stem}": path.read_text(encoding="utf-8") for path in files},
        "clean.quarantine": loaded(QUARANTINED).select(columns),
    }


def add_functions(engine: duckdb.DuckDBPyConnection) -> None:
    """Give the SELECTs the functions that DuckDB does not have, and their macros."""
    labels = loaded(LABELS)
    engine.create_function("html_unescape", html.unescape, ["VARCHAR"], "VARCHAR")
    engine.create_function("sentence", loaded(WORDING).sentence, ["VARCHAR"] * 5, "VARCHAR")
    engine.create_function("label_shown", labels.label_shown, ["VARCHAR"], "VARCHAR")
    engine.create_function("label_key", labels.label_key, ["VARCHAR"], "VARCHAR")
    for macros in MACROS:
        engine.execute(macros.read_text(encoding="utf-8"))


def read_export(engine: duckdb.DuckDBPyConnection, export: Path) -> None:
    """Make the raw layer: every cell of the export as text, in one read transaction, and what the SELECTs read beside it."""
    uri, driver = f"{export.resolve().as_uri()}?mode=ro", adbc_driver_sqlite._driver_path()
    with adbc.AdbcDatabase(driver=driver, uri=uri) as database, adbc.AdbcConnection(database) as sqlite:
        sqlite.set_autocommit(False)
        for table, names in EXPORTED.items():
            columns = names.split()
            # the marker row comes first and makes every column binary; ADBC would take one that starts with NULLs for int64
            marker = ", ".join(f"x'' as {name}" for name in columns)
            cells = ", ".join(f"cast(cast({name} as text) as blob)" for name in columns)
            texts = ", ".join(f"coalesce(try(decode({name})), 'x''' || hex({name}) || '''') as {name}" for name in columns)
            undecodable = " ".join(f"when {name} is not null and try(decode({name})) is null then '{name}'" for name in columns)
            with adbc.AdbcStatement(sqlite) as statement:
                statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
                statement.set_sql_query(f"select {marker}, x'01' as _marker union all select {cells}, null from {table}")
                engine.register("stream", statement.execute_query()[0])
                engine.execute(f"""
                    create table raw.{table} as
                    select row_number() over () as row_number, case {undecodable} end as undecodable_column, {texts}
                    from stream where _marker is null
                """)
        with adbc.AdbcStatement(sqlite) as statement:
            statement.set_sql_query(EXPORT_COLUMNS)
            engine.register("stream", statement.execute_query()[0])
            known = [f"{table}.{column}" for table, names in EXPORTED.items() for column in names.split()]
            is_known = "list_contains(?, lower(table_name || '.' || column_name))"
            engine.execute(f"create table raw.export_columns as select *, {is_known} as is_known from stream", [known])
    engine.execute("create table raw.ca_par_segment (row_number bigint, undecodable_column varchar, segment varchar, revenue varchar)")
    engine.execute(
        "create table raw.parameters as select 'included' as promo_units, 'incl_vat' as sale_prices,"
        " chr(10) || 'offres commerciales' || chr(10) as segments_without_stock, cast(null as date) as period_start,"
        " cast(null as date) as period_end, cast(0.95 as double) as service_level, cast(? as double) as service_factor,"
        " cast(500 as double) as least_free_cash, cast(0.1 as double) as carrying_cost_rate, cast(0.2 as double) as best_seller_share,"
        " cast(0.5 as double) as rating_gap,"
        " cast(0.9 as double) as interval_level, cast(? as double) as interval_factor",
        [NormalDist().inv_cdf(0.95), NormalDist().inv_cdf((1 + 0.9) / 2)],
    )
    engine.execute("create table raw.vat_rates (label varchar, vat_rate decimal(18, 8), net_factor decimal(20, 19))")
    with localcontext(prec=30):
        factors = [(1 / (1 + Decimal(rate))).quantize(Decimal("1e-19"), ROUND_CEILING) for rate in VAT.values()]
    engine.executemany(
        "insert into raw.vat_rates values (?, ?, ?)", [[*rate, factor] for rate, factor in zip(VAT.items(), factors, strict=True)]
    )
    draw = np.random.Generator(np.random.PCG64(SEED)).poisson
    promoted, control = (draw(1.0, (RESAMPLES, CLUSTERS)).ravel() for _ in range(2))
    resample, cluster = np.divmod(np.arange(RESAMPLES * CLUSTERS), CLUSTERS)
    engine.register("weights", {"resample": resample + 1, "cluster": cluster, "promoted_weight": promoted, "control_weight": control})
    engine.execute("create table raw.resampling_weights as from weights")
    deviates = np.random.Generator(np.random.PCG64(SEED + 1)).standard_t(np.arange(1, DEGREES + 1), (RESAMPLES, DEGREES))
    resample, degrees = np.divmod(np.arange(RESAMPLES * DEGREES), DEGREES)
    engine.register("draws", {"resample": resample + 1, "degrees": degrees + 1, "deviate": deviates.ravel()})
    engine.execute("create table raw.placebo_draws as from draws")


def build(engine: duckdb.DuckDBPyConnection) -> list[str]:
    """Make every other table by its model's SELECT, what it reads first; return them all."""
    written = selects()
    for ref in TopologicalSorter({ref: READS.findall(select) for ref, select in written.items()}).static_order():
        if ref in written:
            engine.execute(f"create table {ref} as {written[ref]}")
    return list(written)


def write_csvs(engine: duckdb.DuckDBPyConnection, built: list[str], out: Path) -> None:
    """Write the CSVs of a release; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    named = [ref.split(".") for ref in built]
    shown = {
        f"{FOLDERS[layer]}{name}.csv": f"{layer}.{name}" for layer, name in named if layer in FOLDERS and f"{layer}.{name}" not in BETWEEN
    }
    shown |= {f"{folder}/{name}.csv": f"clean.{name}" for folder, names in SHOWN.items() for name in names}
    shown["quality/export_columns.csv"] = "raw.export_columns"
    shown |= {"facts/sales_in_period.csv": "clean.sales_in_period", "facts/basket_costs.csv": "kpi.basket_costs"}
    for file, ref in shown.items():
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        table = engine.sql(f"from {ref}")
        cells = ", ".join(
            f"case when regexp_matches({name}, '^[=+\\-@\\t\\r]') then '''' || {name} else {name} end as {name}"
            if kind == "VARCHAR"
            else name
            for name, kind in zip(table.columns, table.types, strict=True)
        )
        engine.execute(f"""copy (select {cells} from {ref}) to '{out / file}' (format csv, header, delimiter ',', quote '"', escape '"')""")


def main() -> None:
    """Make the CSVs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory-limit")
    given = parser.parse_args()
    with duckdb.connect(config=CONFIG | ({"memory_limit": given.memory_limit} if given.memory_limit else {})) as engine:
        add_functions(engine)
        for layer in LAYERS:
            engine.execute(f"create schema {layer}")
        read_export(engine, given.export)
        write_csvs(engine, build(engine), given.out)


if __name__ == "__main__":
    main()
