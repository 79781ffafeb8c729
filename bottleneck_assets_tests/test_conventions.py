"""Proves that what the house says of itself holds in its code: what is drawn is read from tables; what a test starts ends with it."""

import ast
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bottleneck_assets
from bottleneck_assets_tests.running import begun

PACKAGE = Path(bottleneck_assets.__file__).parent
TESTS = Path(__file__).parent
DRAWING = ("render", "release", "documents", "portal", "assistant")
SQL = re.compile(
    r"\b(select\b[^.]*?\S\s+from\s+[\w\"{(]|with\s+\w+\s+as\s*\(|(order|group|partition)\s+by\s+[\w\"{]|inner\s+join\s)", re.IGNORECASE
)
HYPER = "render/tableau/extract.py"
"""It hands rows to Tableau's engine, which takes them in SQL alone."""
CHANGES = "release/changes.py"
"""It compares what two releases have published, which no table of the warehouse holds."""
LISTED = "release/listed.py"
"""It finds and sorts the rows that a release has published as a reader asks for them, when no warehouse may be there."""


def texts(source: str) -> Iterator[str]:
    """Return what a module's strings say, but for its docstrings; the holes of an f-string as braces."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def asks(source: str) -> list[str]:
    """Return the SQL in a module, and whatever sends some to the warehouse."""
    sent = [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr == "query"]
    return [*sent, *(text for text in texts(source) if SQL.search(text))]


@pytest.mark.parametrize("folder", DRAWING)
def test_nothing_that_draws_holds_sql(folder: str) -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in (PACKAGE / folder).rglob("*.py")}
    assert modules
    assert {name: found for name, source in modules.items() if name not in {HYPER, CHANGES, LISTED} and (found := asks(source))} == {}


@pytest.mark.parametrize(
    "source",
    [
        'ROWS = "select month, sum(revenue) from extract.overview group by month"',
        'def rows(ref):\n    return f"select * from {ref} limit 3"',
        'WITH = """\nwith valued as (\n    select 1\n)\n"""',
        'ORDER = "order by revenue desc"',
        "warehouse.query(text, reads=[])",
    ],
)
def test_sql_is_found_however_it_is_put(source: str) -> None:
    assert asks(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Select the rows from a table that ..."""',
        'TEXT = "Select a segment. The figures from then on are those of the segment."',
        'rows = warehouse.rows("presentation.dashboard_facts", limit=3)',
        'HINT = "Pick what you need from the list, with one click"',
    ],
)
def test_words_are_not_taken_for_sql(source: str) -> None:
    assert asks(source) == []


@pytest.mark.usefixtures("posix")
def test_no_test_holds_up_all_others_by_a_process_that_outlives_it() -> None:
    modules = {path.relative_to(TESTS).as_posix(): path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py")}
    held = {name for name, source in modules.items() if re.search(r"^\s*with subprocess\.Popen\(", source, re.MULTILINE)}
    assert held == {"running.py"}
    with pytest.raises(ZeroDivisionError), begun([sys.executable, "-c", "import time; time.sleep(3600)"]) as process:
        1 / 0  # noqa: B018
    assert process.returncode == -signal.SIGKILL
