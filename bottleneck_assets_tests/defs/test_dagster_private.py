"""What Dagster does not export is imported in one module, and each such import says when it can go."""

from __future__ import annotations

import ast
from pathlib import Path

import bottleneck_assets
from bottleneck_assets.defs import _dagster_private

PACKAGE = Path(bottleneck_assets.__file__).parent
PRIVATE = Path(_dagster_private.__file__)


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


def test_one_module_imports_what_dagster_does_not_export() -> None:
    assert [path for path in PACKAGE.rglob("*.py") if private_imports(path)] == [PRIVATE]


def test_every_private_import_stands_under_the_condition_on_which_it_goes() -> None:
    groups = PRIVATE.read_text(encoding="utf-8").partition('"""\n\n')[2].partition("\n\n__all__")[0].split("\n\n")
    for group in groups:
        comment, *imports = group.splitlines()
        assert comment.startswith(("# Goes", "# Go ")), group
        assert imports
    assert len(private_imports(PRIVATE)) == sum(len(group.splitlines()) - 1 for group in groups)


def test_every_private_import_is_used() -> None:
    used = {
        alias.name
        for path in (PACKAGE / "defs").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == _dagster_private.__name__
        for alias in node.names
    }
    assert used == set(_dagster_private.__all__)
