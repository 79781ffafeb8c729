"""How the workbook looks: the colours of the web page, and the formats of numbers.

Belongs here: colours and formats, as Tableau writes them. Never here: what is shown in them.
"""

from __future__ import annotations

import re

EUROS = 'c"€"#,##0;-"€"#,##0'
CENTS = 'c"€"#,##0.00;-"€"#,##0.00'
COUNT = "n#,##0;-#,##0"
ONE = "n#,##0.0;-#,##0.0"
TWO = "n#,##0.00;-#,##0.00"
RATE = "p0.0%"
CHANGE = "*+0.0%;-0.0%;0.0%"

WINE, INK, SOFT, PAPER, WASH, LINE, GOOD, BAD, MUTE = (
    "#7b1e3b", "#1f1a1c", "#665c60", "#ffffff", "#f7f3f4", "#ddd5d8", "#1d6b45", "#a3231f", "#b9adb1",
)  # fmt: skip
PALETTE_NAME = "BottleNeck"


def in_french(layout: str) -> str:
    """Return a format as French writes it: the euro and the percent sign behind the number, after a space; days before months.

    Spaces between thousands and the decimal comma are not of a format: Tableau writes numbers by the locale of the workbook.
    """
    behind = re.sub(r'"€"(#,##0(?:\.0+)?)', '\\1"\u00a0€"', layout)
    return behind.replace("%", "\u00a0%").replace("*yyyy-mm-dd", "*dd/mm/yyyy")
