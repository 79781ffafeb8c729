#!/usr/bin/env bash
# Surprise: ruptures 1.1.10 looks for a change of level at every fifth row only, unless it is told `jump=1`.
# Seen: a monthly margin rate that steps down in its fourth month is said to step in its sixth by Pelt, Dynp and Binseg alike;
#       KernelCPD of the same package, whose default is 1, finds the fourth. No warning, and a plausible answer.
# Met: monthly series of a year or two, where five rows are half of a season.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet ruptures==1.1.10 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import ruptures as rpt

rates = np.array([0.345] * 3 + [0.321] * 9)  # twelve months, the step comes after the third
found = {
    "Pelt": rpt.Pelt(model="l2").fit(rates).predict(pen=1e-4),
    "Dynp": rpt.Dynp(model="l2").fit(rates).predict(n_bkps=1),
    "Binseg": rpt.Binseg(model="l2").fit(rates).predict(n_bkps=1),
    "KernelCPD": rpt.KernelCPD(kernel="linear").fit(rates).predict(n_bkps=1),
    "Pelt, jump=1": rpt.Pelt(model="l2", jump=1).fit(rates).predict(pen=1e-4),
}
for method, ends in found.items():
    print(f"ruptures {rpt.__version__} {method}: the first level ends after month {ends[0]}")
assert [ends[0] for ends in found.values()] == [5, 5, 5, 3, 3], "the behaviour has changed"
PYTHON
