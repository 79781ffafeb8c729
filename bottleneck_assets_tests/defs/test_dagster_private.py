"""What Dagster does not export is imported in two modules, and each such import says when it can go."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bottleneck_assets
from bottleneck_assets.defs import _dagster_private, _dagster_private_storage

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = Path(bottleneck_assets.__file__).parent
MODULES = (_dagster_private, _dagster_private_storage)
PRIVATE = [Path(str(module.__file__)) for module in MODULES]


def private_imports(path: Path) -> list[ast.ImportFrom | ast.Import]:
    """Return the imports of a module that name a part of Dagster, or of a library of Dagster's, that begins with an underscore."""
    found: list[ast.ImportFrom | ast.Import] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if any(name.startswith("dagster") and "._" in name for name in names):
            assert isinstance(node, ast.ImportFrom | ast.Import)
            found.append(node)
    return found


def test_two_modules_import_what_dagster_does_not_export() -> None:
    assert sorted(path for path in PACKAGE.rglob("*.py") if private_imports(path)) == PRIVATE


@pytest.mark.parametrize("private", PRIVATE, ids=lambda path: path.stem)
def test_every_private_import_stands_under_the_condition_on_which_it_goes(private: Path) -> None:
    groups = private.read_text(encoding="utf-8").partition('"""\n\n')[2].partition("\n\n__all__")[0].split("\n\n")
    for group in groups:
        comment, *imports = group.splitlines()
        assert comment.startswith(("# Goes", "# Go ")), group
        assert imports
    assert len(private_imports(private)) == sum(len(group.splitlines()) - 1 for group in groups)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_private_import_is_used(module: ModuleType) -> None:
    used = {
        alias.name
        for path in (PACKAGE / "defs").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == module.__name__
        for alias in node.names
    }
    assert used == set(module.__all__)
