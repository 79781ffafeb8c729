"""Proves that Spark gives what DuckDB gives, row by row, on this machine; nightly on a cluster: a master and two workers on loopback.

Every process is real: Spark, the cluster, a refresh by the command line, a build that is killed.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psutil
import pyarrow as pa
import pytest
from sqlglot import exp

from bottleneck_assets.engine import spark as spark_module
from bottleneck_assets.engine.spark import SPACES, Spark, SparkMissingError
from bottleneck_assets.engine.warehouse import BrokenContractError, EngineError, Failures, Origin, Warehouse
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.models.judging import failures
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.running import PATIENCE, wait_for
from bottleneck_assets_tests.small_export import build, built, ingest
from bottleneck_assets_tests.torture.extremes import with_extremes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bottleneck_assets.engine.warehouse import Candidate

BOTTLENECK = str(Path(sys.executable).parent / "bottleneck")
SUMS_OF_ROUNDED = "kpi.promo_resample"
"""It sums products of fractions, rounded to 8 decimals: one in ten thousand DuckDB rounds by binary digits, Spark by decimal ones."""
MADE_BY_SQL = [ref for ref, model in models().items() if model.sql]
LOOPBACK = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
DEFAULTS = """\
spark.sql.shuffle.partitions 3
spark.sql.autoBroadcastJoinThreshold 10MB
spark.ui.enabled false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""
"""Java that starts fast rather than runs fast."""
OF_A_CLUSTER = """\
spark.cores.max 2
spark.executor.cores 1
spark.executor.memory 640m
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""
"""Two applications at a time, each with a core of either worker."""
SMEARS = (
    "{}\n", "{}\r\n", "\n{}", "\t{}", "{}\v", "\f{}", "\u00a0{}\u00a0", "{}\x85", "{}\u2028", "\u3000{}", "{}\x1c", " {} ", "-{}", "0{}",
    "{},0", "{}٣", "\ufeff{}", '"{}"', "<b>{}</b>", "{} &amp; &lt;i&gt; &#8217;&nbsp;", "{}\\", "{}$1", "{} 3\rx 10\vcl", "İ{}K", "😀{}",
)  # fmt: skip
"""What a cell may look like once people and programs have been at it: line ends, spaces, signs, entities, other digits."""


# --- The cluster -----------------------------------------------------------------------------------------------------------------


@contextmanager
def daemon(kind: str, says: str, log: Path, environment: dict[str, str], *arguments: str) -> Iterator[str]:
    """Run a process of a standalone cluster, and give what it says once it is up."""
    home = Path(str(find_spec("pyspark").origin)).parent  # type: ignore[union-attr]
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *LOOPBACK, *arguments]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield _said(says, log, process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)  # then it is killed
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _said(says: str, log: Path, process: subprocess.Popen[bytes]) -> str:
    wait_for(lambda: re.search(says, log.read_text(encoding="utf-8")) or process.poll() is not None)
    found = re.search(says, log.read_text(encoding="utf-8"))
    assert found, log.read_text(encoding="utf-8")
    return found[0]


@pytest.fixture(scope="module")
def cluster(needs_spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A standalone cluster of a master and two workers; the environment that makes it Spark's."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {"SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with daemon("master.Master", r"spark://127\.0\.0\.1:\d+", folder / "master.log", environment) as master:
        limits = ("--cores", "2", "--memory", "2g", "--work-dir", str(folder / "work"), master)
        with (
            daemon("worker.Worker", "Successfully registered", folder / "worker_1.log", environment, *limits),
            daemon("worker.Worker", "Successfully registered", folder / "worker_2.log", environment, *limits),
        ):
            (folder / "spark-defaults.conf").write_text(f"spark.master {master}\n{DEFAULTS}{OF_A_CLUSTER}", encoding="utf-8")
            yield environment


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that makes this machine Spark's."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "spark-defaults.conf").write_text(f"spark.master local[2]\n{DEFAULTS}", encoding="utf-8")
    return {"SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


@pytest.fixture(scope="module")
def spark(needs_spark: None, request: pytest.FixtureRequest) -> Iterator[Spark]:
    """Spark, in this process: on the cluster in the nightly tier, else on this machine. A process has one Java, and so one of them."""
    environment = request.getfixturevalue("cluster" if request.config.option.tier == "nightly" else "alone")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        engine = Spark(FUNCTIONS)
        yield engine
        engine.close()


# --- Equal rows ------------------------------------------------------------------------------------------------------------------


AT_NIGHT = ("real", "sample_10", *(f"extremes_{number}" for number in range(4)))


@pytest.fixture(scope="module", params=["dirty", *(pytest.param(name, marks=pytest.mark.nightly) for name in AT_NIGHT)])
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every table of an export, made by DuckDB."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param.startswith("extremes"):
        rows, _ = with_extremes(random.Random(request.param))  # noqa: S311 - any will do, as long as it is the same
        return built(folder, rows, MADE_BY_SQL)
    export = folder / "sample.db"
    if request.param == "real":
        export = request.getfixturevalue("real_export")
    else:
        write_sample_export(export, seed=3, scale=10 if request.param == "sample_10" else 1, ca_par_segment=True)
    if request.param == "dirty":
        smear(export)
    warehouse = Warehouse(folder / "warehouse", functions=FUNCTIONS)
    ingest(export, warehouse)
    build(warehouse, MADE_BY_SQL)
    return warehouse


@pytest.mark.parametrize("ref", MADE_BY_SQL)
def test_every_model_gives_equal_rows_on_both_engines(ref: str, tables: Warehouse, spark: Spark, tmp_path: Path) -> None:
    model = models()[ref]
    parts = spark.run(ref, model.select, {read: tables.path(read) for read in model.reads}, tmp_path / "parts")

    place = "row_number() over () as place, " if isinstance(model.parsed, exp.Select) and model.parsed.args.get("order") else ""
    theirs, ours = (f"select {place}* from read_parquet({[str(path) for path in paths]})" for paths in (parts, [tables.path(ref)]))
    assert types(theirs) == types(ours)
    if ref == SUMS_OF_ROUNDED:
        digits = ", ".join(f"round({name}, 6) as {name}" for name, kind in types(ours) if kind == "DOUBLE")
        theirs, ours = (f"select * replace ({digits}) from ({select})" for select in (theirs, ours))
    assert duckdb.sql(f"({ours} except all {theirs}) union all ({theirs} except all {ours}) limit 5").fetchall() == []


def types(select: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in duckdb.sql(f"describe {select}").fetchall()]


@pytest.mark.nightly
def test_a_refresh_of_a_dirty_export_gives_the_same_csvs_byte_for_byte(cluster: dict[str, str], tmp_path: Path) -> None:
    export = tmp_path / "dirty.db"
    write_sample_export(export, seed=3, ca_par_segment=True)
    smear(export)
    by_duckdb = refresh(export, tmp_path / "duckdb")
    by_spark = refresh(export, tmp_path / "spark", BOTTLENECK_ENGINE="spark", **cluster)

    assert len(files(by_duckdb)) > 25
    assert files(by_duckdb) == files(by_spark)
    assert b"is not" in (by_spark / "quality" / "quarantine.csv").read_bytes()
    made_by = {release: json.loads((release / "manifest.json").read_bytes())["software"] for release in (by_duckdb, by_spark)}
    assert made_by[by_spark] == {**made_by[by_duckdb], "pyspark": version("pyspark")}
    assert list((tmp_path / "spark" / "warehouse").rglob(".*")) == []


def smear(export: Path) -> None:
    """Smear one cell in a hundred, at random."""
    rng = random.Random(1)  # noqa: S311 - any will do, as long as it is the same

    def smeared(cell: str | float | None) -> str | float | None:
        return cell if rng.random() > 0.01 else rng.choice(SMEARS).format("" if cell is None else cell)

    with closing(sqlite3.connect(export)) as connection, connection:
        connection.create_function("smeared", 1, smeared)
        for table in ("Web", "Finance", "Sales", "Promo", "ca_par_segment"):
            columns = [name for _, name, *_ in connection.execute(f"pragma table_info({table})")]
            connection.execute(f"create table dirty as select {', '.join(f'smeared({name}) as {name}' for name in columns)} from {table}")
            connection.execute(f"drop table {table}")
            connection.execute(f"alter table dirty rename to {table}")


def refresh(export: Path, data_dir: Path, **environment: str) -> Path:
    done = subprocess.run(
        [BOTTLENECK, "refresh", "--export", str(export), "--data-dir", str(data_dir)],
        env={**os.environ, "BOTTLENECK_MAX_QUARANTINED_SHARE": "1", "BOTTLENECK_MAX_QUARANTINED_REVENUE_SHARE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return data_dir / "extracts" / "latest"


def files(release: Path) -> dict[str, bytes]:
    found = {path.relative_to(release).as_posix(): path.read_bytes() for path in release.rglob("*") if path.is_file()}
    del found["manifest.json"]
    return found


# --- The same way into the warehouse ---------------------------------------------------------------------------------------------


def put(warehouse: Warehouse, **columns: list[Any]) -> None:
    warehouse.put("raw.sales", pa.table(columns), origin=Origin("export", "shop.db", "1"), code_version="1", check=accept)


def accept(candidate: Candidate) -> Failures:
    del candidate
    return Failures(0, [])


def build_sales(warehouse: Warehouse, select: str, check: Callable[[Candidate], Failures] = accept) -> None:
    warehouse.build("clean.sales", select, reads=["raw.sales"], code_version="1", check=check)


def test_a_broken_contract_is_refused_in_the_same_words_and_the_last_good_table_stays(spark: Spark, tmp_path: Path) -> None:
    def refused(warehouse: Warehouse) -> str:
        put(warehouse, month=["2022-10-01"], segment=["Vin"], units=[3])
        good = models()["kpi.sales_volume"]
        select = "select cast(month as date) as month, segment, units, units as units_promo, -units as units_regular from raw.sales"
        build_sales(warehouse, "select units from raw.sales")
        with pytest.raises(BrokenContractError) as broken:
            build_sales(warehouse, select, lambda candidate: failures(good, candidate))
        assert warehouse.query("select * from clean.sales", reads=["clean.sales"]) == [{"units": 3}]
        assert list((warehouse.root / "clean").glob(".*")) == []
        return str(broken.value)

    by_duckdb, by_spark = Warehouse(tmp_path / "duckdb"), Warehouse(tmp_path / "spark", engine=spark)
    assert refused(by_duckdb) == refused(by_spark)


@pytest.mark.parametrize(
    ("select", "words"),
    [
        ("select cast(name as bigint) as sku from raw.sales", "CAST_INVALID_INPUT"),
        ("select price from raw.sales", "UNRESOLVED_COLUMN"),
    ],
)
def test_what_spark_cannot_make_is_said_in_two_lines_and_leaves_nothing(select: str, words: str, spark: Spark, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, engine=spark)
    put(warehouse, name=["x"])

    with pytest.raises(EngineError, match=r"Table clean\.sales could not be made: ") as failed:
        build_sales(warehouse, select)

    assert words in failed.value.problem
    assert len(str(failed.value).splitlines()) == 2
    warehouse.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [warehouse.path("raw.sales")]


def test_what_java_says_at_the_root_is_what_is_said(spark: Spark, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(EngineError, match=r"could not be made: org\.apache\.hadoop\.\S+: .*/file\n"):
        spark.run("clean.sales", "select 1 as one", {}, tmp_path / "file" / "parts")


def test_the_folder_of_the_tables_may_have_any_name_on_spark(spark: Spark, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "l'été [2023] {x} 50% a*b q? `", engine=spark)
    put(warehouse, sku=[2, 1])
    build_sales(warehouse, "select sku from raw.sales order by sku")

    assert warehouse.query("select * from clean.sales", reads=["clean.sales"]) == [{"sku": 1}, {"sku": 2}]


def test_a_table_is_empty_or_in_many_parts_and_keeps_its_order(spark: Spark, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, engine=spark)
    put(warehouse, sku=list(range(50_000)), units=[number * 7919 % 10_007 for number in range(50_000)])
    spark._started().conf.set("spark.sql.adaptive.enabled", "false")  # or these few rows would come in one part
    try:
        build_sales(warehouse, "select sku, units from raw.sales order by units desc, sku")
        ordered = warehouse.query("select * from clean.sales", reads=["clean.sales"])
        build_sales(warehouse, "select sku from raw.sales where sku < 0")
    finally:
        spark._started().conf.set("spark.sql.adaptive.enabled", "true")

    assert len(ordered) == 50_000
    assert ordered == sorted(ordered, key=lambda row: (-row["units"], row["sku"]))
    assert warehouse.table("clean.sales").rows == 0


KILLED = """
import sys
from pathlib import Path
from socket import gethostbyname
from bottleneck_assets.engine.spark import Spark
from bottleneck_assets.engine.warehouse import Failures, Warehouse

spark = Spark()
warehouse = Warehouse(Path(sys.argv[1]), engine=spark)
conf = spark._started().sparkContext.getConf()
print(conf.get("spark.master"), gethostbyname(conf.get("spark.driver.host")), flush=True)
for select in ("select sku from raw.sales", "select a.sku from raw.sales as a cross join raw.sales as b cross join raw.sales as c"):
    warehouse.build("clean.sales", select, reads=["raw.sales"], code_version="1", check=lambda candidate: Failures(0, []))
    print("built", flush=True)
"""


@pytest.mark.nightly
def test_a_build_that_is_killed_leaves_the_last_good_table_and_nothing_to_see(cluster: dict[str, str], tmp_path: Path) -> None:
    put(Warehouse(tmp_path), sku=list(range(2_000)))
    bare = {name: value for name, value in os.environ.items() if name not in cluster}
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], env=bare, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "local[*] 127.0.0.1\n"  # not configured, Spark is this machine and listens to nobody else
        assert process.stdout.readline() == "built\n"
        wait_for(lambda: list(tmp_path.glob("clean/.*/**/part-*.parquet")))
        java = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    psutil.wait_procs(java, 30)

    after = Warehouse(tmp_path)
    assert after.table("clean.sales").rows == 2_000
    assert [path.name for path in (tmp_path / "clean").iterdir() if not path.name.startswith(".")] == ["sales.parquet"]
    after.sweep()
    assert [path.name for path in (tmp_path / "clean").iterdir()] == ["sales.parquet"]


# --- The choice of an engine -----------------------------------------------------------------------------------------------------


def test_another_engine_is_no_reason_to_make_anything_again(sample_export: Path, tmp_path: Path) -> None:
    refresh(sample_export, tmp_path)
    before = (tmp_path / "extracts" / "latest").readlink()
    refresh(sample_export, tmp_path, BOTTLENECK_ENGINE="spark", PATH="", JAVA_HOME="")

    assert (tmp_path / "extracts" / "latest").readlink() == before


@pytest.mark.usefixtures("needs_spark")
def test_without_java_a_refresh_says_so_in_two_lines(sample_export: Path, tmp_path: Path) -> None:
    environment = {"PATH": "", "BOTTLENECK_ENGINE": "spark"}
    command = [BOTTLENECK, "refresh", "--export", str(sample_export), "--data-dir", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    problem, remedy = done.stderr.strip().splitlines()
    assert "needs Java, which is not on the PATH" in problem
    assert "Java 17" in remedy


def test_without_pyspark_spark_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_module, "find_spec", lambda _: None)

    with pytest.raises(SparkMissingError, match="PySpark, which is not installed") as refused:
        Spark().run("clean.sales", "select 1 as one", {}, tmp_path)
    assert "uv sync --extra spark" in refused.value.remedy


def test_a_java_home_without_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_module, "find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(SparkMissingError, match=re.escape(str(tmp_path))):
        Spark().run("clean.sales", "select 1 as one", {}, tmp_path)


def test_contracts_do_not_take_spark_along() -> None:
    script = "import os, sys, bottleneck_assets.models.kpi.headline as kpi; kpi.Headline.to_schema()\n"
    script += "print([name for name in sys.modules if name.startswith('pyspark')], 'SPARK_LOCAL_IP' in os.environ)"
    bare = {name: value for name, value in os.environ.items() if name != "SPARK_LOCAL_IP"}
    done = subprocess.run([sys.executable, "-c", script], env=bare, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("[] False\n", "")


# --- The SQL that both read alike ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", MADE_BY_SQL)
def test_every_regular_expression_is_one_that_both_read_alike(ref: str) -> None:
    tree = models()[ref].parsed
    patterns = [call.expression.name for call in tree.find_all(exp.RegexpLike, exp.RegexpExtract, exp.RegexpReplace)]

    for pattern in patterns:
        outside = re.sub(r"\[[^]]*\]", "", pattern)
        assert not re.search(r"\$|(?<!\\)\.|\\[sSwWbB]", outside), pattern
        assert not re.search(r"\\[sSwW]", pattern), pattern


def test_spaces_are_all_that_trim_takes_in_duckdb() -> None:
    taken = duckdb.sql("""
        select string_agg(chr(point), '' order by point)
        from (select cast(unnest(range(1, 1114112)) as int) as point)
        where point not between 55296 and 57343 and trim(chr(point)) = ''
    """)
    assert taken.fetchall() == [(SPACES,)]
