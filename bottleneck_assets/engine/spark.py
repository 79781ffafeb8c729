"""Runs SELECTs on Spark: on this machine's cores, or on the cluster that Spark's own configuration names.

Belongs here: everything that opens Spark, and how a SELECT written for DuckDB is said to it. Never here: which tables there are, or
storing them. Where Spark runs and what it may use is Spark's configuration alone (`SPARK_CONF_DIR`, `spark-defaults.conf`,
`spark-submit`); what is set here is what equal rows demand.
"""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# (an extra: it may not be installed where types are checked)

from __future__ import annotations

import html
import logging
import os
import re
import shutil
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bottleneck_assets.engine.warehouse import EngineError
from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyspark.sql import SparkSession

EQUAL_ROWS = {
    "spark.sql.ansi.enabled": "true",  # what cannot be computed is an error
    "spark.sql.caseSensitive": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # products and sums of decimals keep their scale
    "spark.sql.session.timeZone": "UTC",
}
UNLESS_CONFIGURED = {"spark.sql.autoBroadcastJoinThreshold": "-1", "spark.sql.adaptive.autoBroadcastJoinThreshold": "10MB"}
"""A table goes whole to every worker where its rows are found to be few, never because its file is small: zstd packs it tightly."""
QUIET = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
CONFIGURED_BY = ("SPARK_CONF_DIR", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT")
"""The environment variables of which one is set wherever Spark is configured or started from outside."""
LOCAL_IP = "SPARK_LOCAL_IP"
SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What `trim` takes away in DuckDB: the space separators of Unicode. Spark's own takes U+0020 alone."""


class SparkMissingError(BottleneckError):
    """Spark cannot be started on this machine."""


class Spark:
    """One Spark session, for any number of threads. It starts with the first SELECT and lives until it is closed."""

    def __init__(self, functions: Mapping[str, Callable[..., str | None]] | None = None) -> None:
        """Start nothing yet. `functions` are what SELECTs may call, by their names in SQL; each goes to the workers with its module."""
        self._functions = functions or {}
        self._starting = Lock()
        self._session: SparkSession | None = None

    def run(self, ref: str, select: str, files: Mapping[str, Path], folder: Path) -> list[Path]:
        """Run a SELECT over Parquet files, named as the tables it reads; write its rows into a new folder of Parquet files.

        Returns the files that hold the rows, in the order of the rows. The folder must be one that every worker sees under the same
        path. Raises EngineError with what Spark says, and SparkMissingError if there is no Spark to ask.
        """
        session = self._started()
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            session.sql(spoken(select, files)).write.parquet(f"file:{folder.resolve()}")
        except (PySparkException, Py4JError) as error:
            raise EngineError(ref, _cause(error)) from error
        return sorted(folder.glob("part-*.parquet"))

    def close(self) -> None:
        """Stop the session, so that a cluster has its cores back. It starts again with the next SELECT."""
        with self._starting:
            session, self._session = self._session, None
        if session:
            session.stop()

    def _started(self) -> SparkSession:
        with self._starting:
            if self._session is None:
                _refuse_missing()
                self._session = _session(self._functions)
            return self._session


def spoken(select: str, files: Mapping[str, Path]) -> str:
    """Return a SELECT for DuckDB as Spark reads it, over the files of the tables it names."""
    from sqlglot import exp, parse_one

    tree = parse_one(select, dialect="duckdb")
    for table in [table for table in tree.find_all(exp.Table) if table.db]:
        path = re.sub(r"([*?\[\]{}\\])", r"\\\1", f"file:{files[f'{table.db}.{table.name}'].resolve()}")  # a pattern, to Spark
        table.replace(exp.alias_(exp.table_(path, db="parquet", quoted=True), table.alias_or_name, table=True))
    for trim in tree.find_all(exp.Trim):
        if not trim.expression:
            trim.set("expression", exp.Literal.string(SPACES))
    return tree.sql(dialect="spark")


def _session(functions: Mapping[str, Callable[..., str | None]]) -> SparkSession:
    from pyspark import cloudpickle
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if not any(name in os.environ for name in CONFIGURED_BY):
        os.environ.setdefault(LOCAL_IP, "127.0.0.1")  # by itself, on one machine, Spark listens to nobody else
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

    def html_unescape(text: str | None) -> str | None:  # defined here, it goes to the workers by value
        return None if text is None else html.unescape(text)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PySpark says at its start that it does not know pandas 3; none is used
            session = SparkSession.builder.appName("bottleneck").config(map={**EQUAL_ROWS, **QUIET}).getOrCreate()
    except PySparkException as error:
        problem = f"Spark did not start: {_cause(error)}"
        raise SparkMissingError(problem, "Read what Spark printed above; it needs Java 17 or newer and a master that answers.") from error
    configured = session.sparkContext.getConf()
    for name, value in UNLESS_CONFIGURED.items():
        if not configured.contains(name):
            session.conf.set(name, value)
    session.udf.register("html_unescape", html_unescape)
    for name, function in functions.items():
        cloudpickle.register_pickle_by_value(sys.modules[function.__module__])  # the workers need no package but Spark
        session.udf.register(name, function)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it prints what is raised, with all of Java's stack
    return session


def _refuse_missing() -> None:
    if find_spec("pyspark") is None:
        problem = "The setting engine = spark needs PySpark, which is not installed."
        raise SparkMissingError(problem, "Install it with `uv sync --extra spark`, or set BOTTLENECK_ENGINE=duckdb.")
    home = os.environ.get("JAVA_HOME")
    if shutil.which(Path(home, "bin", "java") if home else "java") is None:
        problem = f"The setting engine = spark needs Java, which is not {f'in JAVA_HOME={home}' if home else 'on the PATH'}."
        remedy = "Install Java 17 or newer (Debian: `apt-get install default-jre-headless`), or set BOTTLENECK_ENGINE=duckdb."
        raise SparkMissingError(problem, remedy)


def _cause(error: Exception) -> str:
    """Return what went wrong in one line; where it is Java that says it, what it says at the root."""
    java = getattr(error, "java_exception", None)
    while java is not None and (deeper := java.getCause()) is not None:
        java = deeper
    return str(java.toString() if java is not None else error).strip().split("\n", 1)[0]
