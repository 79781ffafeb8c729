"""Proves that every table is one SELECT and one contract, and that its dependencies and code version follow from those two."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from bottleneck_assets.models import catalog
from bottleneck_assets.models.catalog import LAYERS, Model, exported_columns, models, of_layer
from bottleneck_assets.models.contract import Contract, columns_of, key_of
from bottleneck_assets.models.exported import ExportedTable

FOLDER = Path(catalog.__file__).parent
WITH_SQL = [model for model in models().values() if model.sql is not None]
GRAIN = re.compile(r"-- (one row|the whole|all )", re.IGNORECASE)


def refs(found: list[Model]) -> list[str]:
    return [model.ref for model in found]


def test_every_select_has_its_contract_and_every_contract_above_raw_its_select() -> None:
    for layer in LAYERS:
        contracts = {path.stem for path in (FOLDER / layer).glob("[!_]*.py")}
        selects = {path.stem for path in (FOLDER / layer).glob("*.sql")}
        written_by_code = {"quarantine"} if layer == "clean" else set[str]()
        assert selects == (set() if layer == "raw" else contracts - written_by_code), layer
        assert {model.name for model in of_layer(layer)} == contracts


def test_nothing_but_models_lies_in_the_layers() -> None:
    for layer in LAYERS:
        strangers = [path.name for path in (FOLDER / layer).iterdir() if path.suffix not in {".py", ".sql"} and path.name != "__pycache__"]
        assert strangers == []
        assert (FOLDER / layer / "__init__.py").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("model", models().values(), ids=models())
def test_a_model_has_a_contract_of_its_name_with_a_key_and_a_catalogue_text(model: Model) -> None:
    assert issubclass(model.contract, Contract)
    assert model.contract.__name__.lower() == model.name.replace("_", "")
    assert model.description
    columns = [column.name for column in columns_of(model.contract)]
    assert len(columns) == len(set(columns))
    assert set(key_of(model.contract)) <= set(columns)
    assert all(column.description.strip().endswith((".", ")")) for column in columns_of(model.contract))


def test_every_table_but_the_one_row_of_parameters_has_a_key() -> None:
    assert [model.ref for model in models().values() if not key_of(model.contract)] == ["raw.parameters"]


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_a_select_begins_with_its_grain(model: Model) -> None:
    assert GRAIN.match((model.sql or "").splitlines()[0])


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_a_model_is_a_single_select(model: Model) -> None:
    statements = sqlglot.parse(model.sql or "", dialect="duckdb")

    assert len(statements) == 1
    assert isinstance(statements[0], (exp.Select, exp.SetOperation))
    forbidden = (
        exp.DDL,
        exp.DML,
        exp.Command,
        exp.Create,
        exp.Drop,
        exp.Alter,
        exp.Insert,
        exp.Update,
        exp.Delete,
        exp.Copy,
        exp.Set,
        exp.Pragma,
    )
    assert not [node for node in statements[0].walk() if isinstance(node, forbidden) and not isinstance(node, exp.Query)]
    assert not (model.sql or "").rstrip().endswith(";")
    assert "{{" not in (model.sql or "")


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_a_star_selects_from_a_cte_only(model: Model) -> None:
    ctes = {cte.alias for cte in model.parsed.find_all(exp.CTE)}
    for select in model.parsed.find_all(exp.Select):
        if not select.is_star:
            continue
        tables = [join.this for join in select.args.get("joins") or []] + [select.args["from_"].this]
        qualifiers = {star.table for star in select.expressions if isinstance(star, exp.Column)} or {
            table.alias_or_name for table in tables
        }
        for table in tables:
            if table.alias_or_name in qualifiers:
                assert isinstance(table, exp.Table)
                assert not table.db
                assert table.name in ctes


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_macros_do_not_multiply_to_what_takes_longer_to_plan_than_to_run(model: Model) -> None:
    assert len(model.select) < 30_000, "compute in a subquery what a macro names several times"


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_a_model_reads_known_tables_of_its_own_or_an_earlier_layer(model: Model) -> None:
    assert model.reads
    for read in model.reads:
        assert read in models()
        assert LAYERS.index(models()[read].layer) <= LAYERS.index(model.layer)
    assert model.ref not in model.reads


def test_only_the_cleaned_layer_reads_the_export() -> None:
    raw = {(model.ref, read) for model in WITH_SQL for read in model.reads if read.startswith("raw.") and model.layer != "clean"}

    assert {read for _, read in raw} <= {"raw.parameters", "raw.vat_rates", "raw.resampling_weights", "raw.placebo_draws"}


@pytest.mark.parametrize("model", WITH_SQL, ids=refs(WITH_SQL))
def test_what_a_model_reads_is_what_its_sql_names(model: Model) -> None:
    without_comments = re.sub(r"--[^\n]*", "", model.sql or "")
    named = set(re.findall(rf"\b(?:from|join)\s+((?:{'|'.join(LAYERS)})\.\w+)", without_comments))

    assert set(model.reads) == named


def test_reads_are_known_by_hand_for_a_few() -> None:
    assert models()["raw.web"].reads == ()
    assert models()["clean.finance"].reads == ("clean.finance_typed",)
    assert models()["clean.sales"].reads == (
        "clean.finance", "clean.promo_typed", "clean.sales_typed", "clean.segment_vat", "clean.web", "raw.parameters",
    )  # fmt: skip


def test_the_select_of_the_quarantine_holds_every_column_of_the_export_in_the_order_of_its_contract() -> None:
    select = models()["clean.quarantine"].sql or ""
    exported = [model for model in of_layer("raw") if issubclass(model.contract, ExportedTable)]

    assert len(exported) == 5
    for model in exported:
        (rows,) = (part for part in select.split("union all") if f"from clean.{model.name}_typed" in part)
        columns = [column.name for column in model.promise.columns if column.name not in ExportedTable.__annotations__]
        assert exported_columns()[model.name] == columns
        assert re.findall(r"when '(\w+)' then exported\.\1\n", rows) == columns
        assert re.findall(r"replace\(exported\.(\w+), ", rows) == columns
        assert f"exported.{columns[0]} as record_key" in rows


# --- Code versions: on a copy of the models, where a file can be changed ---------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    copy = tmp_path / "models"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(catalog, "_FOLDER", copy)
    yield copy
    _forget()


def _forget() -> None:
    for cached in (catalog.models, catalog.exported_columns, catalog._contract_sources):
        cached.cache_clear()


def versions() -> dict[str, str]:
    _forget()
    return {ref: model.code_version for ref, model in models().items()}


def changed_by(path: Path, old: str, new: str) -> set[str]:
    """Return the models whose code version a change to one file changes."""
    before, text = versions(), path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = versions()
    return {ref for ref, version in after.items() if version != before[ref]}


def test_the_code_version_is_the_same_wherever_the_models_lie(folder: Path) -> None:
    assert folder.is_dir()
    copied = versions()
    _forget()

    assert len(set(copied.values())) == len(copied)
    assert all(re.fullmatch(r"[0-9a-f]{16}", version) for version in copied.values())


def test_a_changed_select_changes_its_own_version_alone(folder: Path) -> None:
    assert changed_by(folder / "clean" / "sales.sql", "least(", "greatest(") == {"clean.sales"}


def test_a_column_that_a_raw_contract_gains_goes_into_the_quarantine(folder: Path) -> None:
    price = "    price_offer: Text = exported("

    assert changed_by(folder / "raw" / "promo.py", price, f'    remark: Text = exported("A remark.")\n{price}') == {
        "raw.promo",
        "clean.quarantine",
    }
    assert "when 'remark' then exported.remark" in (models()["clean.quarantine"].sql or "")


def test_a_changed_contract_changes_its_own_version_alone(folder: Path) -> None:
    assert changed_by(folder / "kpi" / "revenue.py", "nullable=True", "nullable=False") == {"kpi.revenue"}


def test_a_changed_sentence_changes_the_version_of_what_says_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    said = Path(shutil.copy(catalog.wording.__file__, tmp_path))
    monkeypatch.setattr(catalog.wording, "__file__", str(said))
    assert changed_by(said, "Sell down", "Get rid of") == {"extract.business_recommendations"}


def test_a_changed_parent_of_contracts_changes_the_versions_of_its_children(folder: Path) -> None:
    read_from_sqlite = {f"raw.{name}" for name in ("web", "finance", "sales", "promo", "ca_par_segment")}

    assert changed_by(folder / "exported.py", "ge=1", "ge=0") == read_from_sqlite


def test_a_changed_shared_column_changes_the_versions_of_the_tables_that_have_it(folder: Path) -> None:
    importing = {
        f"{path.parent.name}.{path.stem}"
        for layer in LAYERS
        for path in (folder / layer).glob("[!_]*.py")
        if "import columns" in path.read_text(encoding="utf-8")
        or re.search(r"from bottleneck_assets.models.(kpi|clean|presentation)", path.read_text(encoding="utf-8"))
    }
    assert len(importing) > 20

    assert changed_by(folder / "columns.py", "First day of the month.", "Last day of the month.") == importing


def test_a_contract_that_extends_another_tables_contract_changes_with_it(folder: Path) -> None:
    (folder / "extract" / "overview.py").write_text(
        '"""Revenue again."""\n\nfrom bottleneck_assets.models.kpi.revenue import Revenue\n\n\nclass Overview(Revenue):\n    pass\n',
        encoding="utf-8",
    )

    assert changed_by(folder / "kpi" / "revenue.py", "nullable=True", "nullable=False") == {"kpi.revenue", "extract.overview"}


def test_a_changed_base_of_all_contracts_changes_every_version(folder: Path) -> None:
    assert changed_by(folder / "contract.py", "coerce = False", "coerce = True") == set(models())
