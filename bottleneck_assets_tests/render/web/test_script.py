"""The dashboard's modules: put together into one script that runs, and tested one by one in Node.js."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bottleneck_assets.render.web import page

HERE = Path(__file__).parent
SCRIPTS = HERE.parents[2] / "bottleneck_assets/render/web/script"
MODULES = sorted(SCRIPTS.rglob("*.js"))


def run(node: str, *arguments: str | Path) -> None:
    flags = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"]
    done = subprocess.run(
        [node, *flags, *arguments],
        env={**os.environ, "SCRIPTS": SCRIPTS.as_uri()},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_selection_measures_and_formats_are_right_in_node(node: str) -> None:
    run(node, "--test", HERE / "script.test.mjs")


def test_the_modules_put_together_are_one_script_without_imports(node: str, tmp_path: Path) -> None:
    script = tmp_path / "dashboard.cjs"  # a script: an import or export that is left over is an error
    script.write_text(page.script(), encoding="utf-8")
    run(node, "--check", script)
    assert not re.search(r"^(import|export)\b", page.script(), re.MULTILINE)


def test_the_modules_put_together_are_the_same_bytes_in_every_process() -> None:
    command = [sys.executable, "-c", "from bottleneck_assets.render.web import page; print(page.script())"]
    made = {subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": seed}) for seed in ("1", "2", "3")}
    assert len(made) == 1


def test_each_module_runs_after_all_that_it_imports(node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "script" / "deep").mkdir(parents=True)
    imports = 'import { double } from "./deep/z.js";\nimport {\n  one,\n} from "./b.js";\n'
    modules = {
        "a.js": f'{imports}const own = 2;\nif (double(one) * own !== 4) throw new Error("wrong");\n',
        "b.js": "const own = 1; // each module has names of its own\nexport const one = own;\n",
        "deep/z.js": 'import { one } from "../b.js";\nexport class Of {}\nexport const double = (value) => 2 * value * one;\n',
    }
    for name, text in modules.items():
        (tmp_path / "script" / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(page, "_FOLDER", tmp_path)
    script = tmp_path / "together.cjs"
    script.write_text(page.script(), encoding="utf-8")
    run(node, script)


@pytest.mark.parametrize("module", MODULES, ids=[module.stem for module in MODULES])
def test_a_module_says_what_it_is_and_what_it_is_not(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    header = re.match(r"/\* (.+?) \*/\n", text, re.DOTALL)
    assert header, "a module begins with what it is"
    assert module.parent.name == "marks" or {"Belongs here:", "Never here:"} <= set(re.findall(r"(?:Belongs|Never) here:", header[1]))
    assert "innerHTML" not in text, "what comes from a table goes into the page as text"
    assert len(text.splitlines()) <= 150
