"""What is known without a measurement: what the ways are called, what a person does, and what their documentation says.

Belongs here: statements that anybody can check, each with its source where it is somebody else's. Never here: a figure that was measured.

KNIME and Power Query cannot run here, so all that is said about them stands here. The pages were read when this was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bottleneck_assets.access.ways import ADBC, DUCKDB, PANDAS, SQLITE3, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KNIME, POWER_QUERY = "knime", "power_query"
LABELS: Mapping[str, str] = {
    SQLITE3: "Direct (sqlite3)",
    ADBC: "Direct (ADBC)",
    PANDAS: "CSV (pandas)",
    DUCKDB: "CSV (DuckDB)",
    KNIME: "KNIME",
    POWER_QUERY: "Power Query",
    WORKFLOW: "This workflow",
}
NOT_MEASURED = (KNIME, POWER_QUERY)


class Source(NamedTuple):
    """A page that was read: what it says, its title and its address, and whether it is by others than those whose program it is about."""

    says: str
    title: str
    address: str
    is_third_party: bool = False


SOURCES: Mapping[str, Sequence[Source]] = {
    KNIME: (
        Source(
            "Nodes for SQLite files come with every installation, without a driver to add.",
            "KNIME, Database Extension Guide",
            "https://docs.knime.com/ap/latest/databases/",
        ),
        Source(
            "Running a workflow at a set time takes KNIME's server, or a batch command and a machine that is on.",
            "knimer, read me",
            "https://github.com/nick-solly/knimer",
            is_third_party=True,
        ),
        Source(
            "KNIME's own packages are published for Windows, macOS and Linux.",
            "KNIME, package index",
            "https://anaconda.org/knime/knime-python-versions",
        ),
    ),
    POWER_QUERY: (
        Source(
            "A file without a connector of its own goes through ODBC: a driver, and a data source set up in the Windows administrator.",
            "Microsoft, Power Query ODBC connector",
            "https://github.com/MicrosoftDocs/powerquery-docs/blob/main/powerquery-docs/connectors/odbc.md",
        ),
        Source(
            "A database column takes the type that its schema declares; text becomes numbers by the locale that is set.",
            "Microsoft, Data types in Power Query",
            "https://github.com/MicrosoftDocs/powerquery-docs/blob/main/powerquery-docs/data-types.md",
        ),
        Source(
            "Imported data changes only when somebody, or a setting of the workbook, refreshes it.",
            "Microsoft, How data journeys through Excel",
            "https://support.microsoft.com/en-us/office/how-data-journeys-through-excel-3a4d639d-4c1f-4f3a-b7a0-3011d4f63a52",
        ),
    ),
    "tableau": (
        Source(
            "SQLite is reached through Other Databases (ODBC) and a driver, in Tableau Desktop.",
            "Tableau, Customize an ODBC connection",
            "https://help.tableau.com/current/pro/desktop/en-us/odbc_customize.htm",
        ),
        Source(
            "Tableau Public takes files such as CSV, as extracts, and no database servers.",
            "Conceptual, Tableau Public's limitations",
            "https://conceptual.fyi/en/ideas/tableau-public-architecture-and-component-limitations/",
            is_third_party=True,
        ),
        Source(
            "The type of a column of a text file is taken from its first rows: mixed columns become text.",
            "Tableau training notes",
            "http://tableauonlinetraining1.blogspot.com/2014/10/data-types.html",
            is_third_party=True,
        ),
    ),
    "sqlite": (
        Source(
            "In WAL mode readers and writers do not block each other; with a rollback journal a commit shuts readers out.",
            "SQLite, Write-Ahead Logging",
            "https://www.sqlite.org/docsrc/artifact/c7f3815e48f23b4a",
        ),
    ),
}

STEPS: Mapping[str, Sequence[str]] = {
    SQLITE3: ("copy the export", "run the script", "save its result as CSV", "refresh Tableau"),
    ADBC: ("copy the export", "run the script", "save its result as CSV", "refresh Tableau"),
    PANDAS: ("copy the export", "extract the CSV files", "run the script", "refresh Tableau"),
    DUCKDB: ("copy the export", "extract the CSV files", "run the script", "refresh Tableau"),
    KNIME: ("copy the export", "open the workflow", "execute all nodes", "refresh Tableau"),
    POWER_QUERY: ("copy the export", "open the workbook", "refresh all", "save", "refresh Tableau"),
    WORKFLOW: ("copy the export into the drop folder", "refresh Tableau"),
}
"""What a person does from a new export to new figures in Tableau Public, once all is set up."""

FRESHNESS: Mapping[str, str] = {
    SQLITE3: "the moment of reading",
    ADBC: "the moment of reading",
    PANDAS: "the last extraction",
    DUCKDB: "the last extraction",
    KNIME: "the last execution",
    POWER_QUERY: "the last refresh",
    WORKFLOW: "the last export that arrived; it starts by itself",
}

ADVICE: Mapping[str, str] = {
    SQLITE3: "Keep one reviewed SQL script that converts the comma in every price, and save its result as CSV for Tableau.",
    ADBC: "Keep one reviewed SQL script that converts the comma in every price, and close its connection at once.",
    PANDAS: "Extract the four tables in one read transaction, and give pandas the type of every column.",
    DUCKDB: "Extract the four tables in one read transaction, and give DuckDB the type of every column.",
    KNIME: "Build one KNIME workflow that converts the comma in every price, and execute it for each export.",
    POWER_QUERY: "Set up the ODBC driver on one Windows machine, set the locale to French, and refresh the workbook for each export.",
    WORKFLOW: "Let the export be copied into the drop folder, and point Tableau at the CSV files of the latest release.",
}
