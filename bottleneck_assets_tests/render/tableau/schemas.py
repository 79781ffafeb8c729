"""Tableau's published schema of workbooks, as the library that validates needs it.

Belongs here: finding and loading it. Never here: the schema, which lies beside the project, or a test.

Three things are mended in memory: the two namespaces that it imports from nowhere get stubs; what explains data is optional, since
workbooks that Tableau has saved lack it; and a data source may be a file of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(__file__).parents[4] / "shared" / "tableau" / "xsd"
VERSIONS = ("2025.3.0", "2026.1.0", "2026.2.0")
_XS = "http://www.w3.org/2001/XMLSchema"
_STUBS = {
    "http://www.tableausoftware.com/xml/user": """
        <xs:attributeGroup name="UserAttributes-AG"><xs:anyAttribute namespace="##any" processContents="skip"/></xs:attributeGroup>""",
    "http://www.w3.org/XML/1998/namespace": """<xs:attribute name="base" type="xs:anyURI"/>""",
}


def tableau_schema(version: str, folder: Path) -> etree.XMLSchema:
    """Return the schema of a version; the stubs go into a folder. Skips the test where there is none."""
    file = FOLDER / f"twb_{version}.xsd"
    if not file.exists():
        pytest.skip(f"Tableau's schemas are not at {FOLDER}")
    tree = etree.parse(file)
    root = tree.getroot()
    for number, imported in enumerate(root.findall(f"{{{_XS}}}import")):
        namespace = str(imported.get("namespace"))
        stub = folder / f"stub{number}.xsd"
        stub.write_text(f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{namespace}">{_STUBS[namespace]}</xs:schema>', encoding="utf-8")
        imported.set("schemaLocation", stub.as_uri())
    for group in root.iterfind(f".//{{{_XS}}}group[@ref='Workbook-ExplainData-G']"):
        group.set("minOccurs", "0")
    etree.SubElement(root, f"{{{_XS}}}element", {"name": "datasource", "type": "DataSource-CT"})
    return etree.XMLSchema(tree)
