#!/usr/bin/env bash
# Surprise: pyarrow 26.0.1 imports pandas 3.1.1, where it is installed, for `pa.scalar(1)` or `pa.array([1, 2])`: no frame is in sight.
# Seen: pa.scalar, pa.array, pa.table and Table.from_pylist import it, whatever type is named and whatever they read: a list, an
#       array.array, a NumPy array. An array over buffers, and one that DuckDB 2.0.1 hands over, do not.
# Met: a command that reads Parquet and makes a small table of its settings: it imports pyarrow in a tenth of a second, and pandas in another
#      half, which nobody had asked for, in every process.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

WAYS = {
    "import pyarrow as pa": False,
    "pa.scalar(1)": True,
    "pa.array([1, 2], pa.int64())": True,
    "pa.table({'units': array('q', [1, 2])})": True,
    "pa.Table.from_pylist([{'units': 1}], schema=pa.schema({'units': pa.int64()}))": True,
    "pa.array(np.arange(2))": True,
    "pa.Array.from_buffers(pa.int64(), 2, [None, pa.py_buffer(np.arange(2))])": False,
    "duckdb.sql('select range as units from range(2)').to_arrow_table()": False,
}
print(*(f"{name} {version(name)}" for name in ("pyarrow", "pandas", "duckdb", "numpy")))
for way, expected in WAYS.items():
    script = f"import sys, duckdb, numpy as np, pyarrow as pa; from array import array; {way}; print('pandas' in sys.modules)"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "True"
    print(f"  {'imports pandas' if imported else 'does not'}: {way}")
    assert imported is expected, f"this has changed: {way}"
PYTHON
