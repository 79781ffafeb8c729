"""The documents of a release, listed: each with its files, the tables it reads, and the function that draws it.

Belongs here: one `Document` each, and what the portal says of its files. Never here: drawing (render/), or keeping what was drawn
(store.py).
"""

from __future__ import annotations

from bottleneck_assets.documents import made
from bottleneck_assets.documents.document import Document
from bottleneck_assets.render import semantic_model
from bottleneck_assets.render.report import data_access, data_quality, recommendations
from bottleneck_assets.render.tableau import extract, package, star_package
from bottleneck_assets.render.web import page, preview, tables

ABOUT_DATA_SOURCES = (
    "For Tableau, beside the CSV of the same name: what its columns are called, how they are shown, and whether they add up."
)
"""What each tab's .tds is; they are made with a release, and are no document."""

DASHBOARD = Document(
    name="dashboard",
    description="The dashboard: eight tabs of figures, charts and tables in one page that opens from disk, in English and in French.",
    files=(page.FILE,),
    reads=tables.READS,
    render=page.render,
    preview=preview.draw,
)

RECOMMENDATIONS = Document(
    name="recommendations",
    description=(
        "Two pages on the seven recommendations, in English and in French: what the data supports and what it contradicts, what following "
        "them would bring in a year, how sure that is, and a chart each. Sorted by effect; every figure is in a CSV of the release."
    ),
    files=recommendations.FILES,
    reads=recommendations.READS,
    render=recommendations.render,
)

DATA_QUALITY = Document(
    name="data_quality",
    description="What is wrong in the export, and what to correct in the shop: a page for its owner, to read and to print.",
    files=tuple(data_quality.FILES.values()),
    reads=data_quality.READS,
    render=data_quality.render,
    about={data_quality.FILES["fr"]: "The same page in French: what is wrong in the export, and what to correct in the shop."},
)

TABLEAU_EXTRACT = Document(
    name="tableau_extract",
    description=(
        "The Tableau extract: the star (sales, products, months, promotions) with its keys, the KPI tables, the tabs and what figures are "
        "summed from, in one .hyper."
        "\n\n"
        "Two data sources over it, in English and in French, relate its tables and compute every measure in any selection."
    ),
    files=(extract.FILE, *star_package.FILES),
    reads=star_package.READS,
    render=star_package.render,
    unavailable=extract.unavailable,
    kinds=frozenset({"tableau"}),
    about={
        star_package.FILE: (
            "A data source for Tableau over that extract: its tables and what relates them, captions, formats, folders, meanings, and each "
            "measure, which is right in any selection."
        ),
        star_package.FRENCH_FILE: "The same data source in French: captions, formats, folders and measures.",
    },
)

TABLEAU_WORKBOOK = Document(
    name="tableau_workbook",
    description=(
        "The Tableau workbook: eight dashboards over the tabs, as one file with its data. One is for everyone, Tableau Public among them, "
        "and one is that in French; the third, which reads the extracts alone, is for Desktop and Server."
    ),
    files=(package.FILE, package.FRENCH_FILE, package.LIVE_FILE, package.RELEASE_FILE),
    reads=package.READS,
    render=package.render,
    unavailable=extract.unavailable,
    kinds=frozenset({"tableau"}),
    about={
        package.FILE: (
            "The Tableau workbook: eight dashboards over the tabs, in one file with its data. For Tableau Public, Desktop and Server."
        ),
        package.FRENCH_FILE: "The same workbook in French: titles, texts, names of fields, numbers and dates.",
        package.LIVE_FILE: "The same workbook, which reads its extracts alone. For Tableau Desktop and Server.",
        package.RELEASE_FILE: ("One row: how old the data is, and which months it covers. The workbook's line 'Data as of' reads it."),
    },
)

SEMANTIC_MODEL = Document(
    name="semantic_model",
    description=(
        "The semantic model, for other programs and for assistants: the published tables as a star, what their columns mean, and every "
        "figure as a metric, in standard SQL and in Tableau's language. Apache Ossie (formerly Open Semantic Interchange)."
    ),
    files=semantic_model.FILES,
    reads=semantic_model.READS,
    render=semantic_model.render,
    kinds=frozenset({"yaml"}),
    about={semantic_model.JSON: "The semantic model once more, as the list of models that dbt reads."},
)

ACCESS_REPORT = Document(
    name=made.ACCESS_REPORT,
    description="""\
Which way from the shop's export to its figures: a direct connection, CSV files, a visual tool, or this workflow.

Measured on request (`bottleneck report data-access`), on the export of that run, wherever that is possible; scored against what BottleNeck
needs, with every weight and rule in sight. Each figure stands in `data_access.csv` with its method. Releases hold the last report, and say
when it was measured.
""",
    files=(*data_access.FILES.values(), data_access.MARKDOWN, data_access.CSV),
    reads=data_access.READS,
    render=data_access.render,
    about={
        data_access.FILES["fr"]: "The same page in French: which way from the shop's export to its figures.",
        data_access.MARKDOWN: "The page on the ways to the shop's data, as text.",
        data_access.CSV: "What was measured of the ways to the shop's data, each figure with its method.",
    },
    on_request=True,
)

DOCUMENTS = (TABLEAU_EXTRACT, DASHBOARD, TABLEAU_WORKBOOK, RECOMMENDATIONS, DATA_QUALITY, SEMANTIC_MODEL)
"""The documents that every refresh makes, begun in this order: Tableau's extracts are made by a process of their own beside the others."""
ON_REQUEST = (ACCESS_REPORT,)
