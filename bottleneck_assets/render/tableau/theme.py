"""How the workbook looks: the colours of the web page, and the formats of numbers.

Belongs here: colours and formats, as Tableau writes them. Never here: what is shown in them.
"""

from __future__ import annotations

from bottleneck_assets.figures.measures import Words

LOCALES = Words("en_US", "fr_FR")
"""Whose signs stand in numbers, and whose months in dates: formats are written with points and commas everywhere."""
EUROS = Words('c"€"#,##0;-"€"#,##0', 'c#,##0"\u00a0€";-#,##0"\u00a0€"')
CENTS = Words('c"€"#,##0.00;-"€"#,##0.00', 'c#,##0.00"\u00a0€";-#,##0.00"\u00a0€"')
COUNT = Words("n#,##0;-#,##0", "n#,##0;-#,##0")
ONE = Words("n#,##0.0;-#,##0.0", "n#,##0.0;-#,##0.0")
TWO = Words("n#,##0.00;-#,##0.00", "n#,##0.00;-#,##0.00")
RATE = Words("p0.0%", "*0.0\u00a0%;-0.0\u00a0%")
CHANGE = Words("*+0.0%;-0.0%;0.0%", "*+0.0\u00a0%;-0.0\u00a0%;0.0\u00a0%")
POINTS = Words('*+0.0" pt";-0.0" pt";0.0" pt"', '*+0.0"\u00a0pt";-0.0"\u00a0pt";0.0"\u00a0pt"')
MONTH = Words("*mmmm yyyy", "*mmmm yyyy")
NUMBER = Words("*0", "*0")
"""A whole number that names something, without signs in it."""
DAY = Words("*yyyy-mm-dd", "*dd/mm/yyyy")

WINE, INK, SOFT, PAPER, WASH, LINE, GOOD, BAD, MUTE = (
    "#7b1e3b", "#1f1a1c", "#665c60", "#ffffff", "#f7f3f4", "#ddd5d8", "#1d6b45", "#a3231f", "#b9adb1",
)  # fmt: skip
PALETTE_NAME = "BottleNeck"
