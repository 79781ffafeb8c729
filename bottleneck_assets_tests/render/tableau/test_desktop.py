"""Verifying with Desktop speaks to it as its description says. Every Desktop here is a stub: what Tableau would say is not proven."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.errors import SiteError
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.tableau import desktop
from bottleneck_assets.render.tableau.desktop import DRAWN, PAGE, REPORT, SAVED, look
from bottleneck_assets.render.tableau.workbook import workbook
from bottleneck_assets_tests.render.tableau.stub_desktop import PICTURE, StubDesktop, stub_desktop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = [tab.title.en for tab in TABS]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package, as far as Desktop's stub looks into it."""
    (tmp_path / "release").mkdir()
    with ZipFile(tmp_path / "release" / "BottleNeck.twbx", "w") as packed:
        packed.writestr("BottleNeck.twb", workbook())
    return tmp_path / "release" / "BottleNeck.twbx"


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StubDesktop]]:
    """Return what starts a stub that behaves as told."""
    (tmp_path / "ExternalApi").mkdir()
    monkeypatch.setenv("TABLEAU_EXTERNAL_API_DISCOVERY_DIR", str(tmp_path / "ExternalApi"))
    monkeypatch.setattr(desktop, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(desktop, "WINDOW_SECONDS", 5)
    with StubDesktop(tmp_path / "ExternalApi").running as running:

        def start(**behaviour: Any) -> StubDesktop:
            return running.enter_context(stub_desktop(StubDesktop(tmp_path / "ExternalApi", **behaviour)))

        yield start


def asked(stub: StubDesktop) -> list[str]:
    return [f"{method} {path.partition('?')[0]}" for method, path, _ in stub.requests]


@pytest.mark.parametrize("behaviour", [{}, {"has_one_open": True}, {"is_slow": True}, {"not_ready": 2}], ids=str)
def test_a_stub_of_desktop_validates_opens_and_draws_the_eight_dashboards(
    behaviour: dict[str, Any], started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    stub = started(**behaviour)
    seen = look(package, tmp_path / "index.html", tmp_path / "out")
    assert seen.is_good
    assert [one.name for one in seen.dashboards] == NAMES
    assert {(tmp_path / "out" / one.picture).read_bytes() for one in seen.dashboards} == {PICTURE}
    assert (tmp_path / "out" / DRAWN).read_bytes() == b"%PDF-1.7"
    assert (tmp_path / "out" / SAVED).read_bytes() == b"<workbook/>"
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert (report["application"], report["build"], report["api"]) == ("2026.3.0", "20263.26.1110.0900", "0.2.9")
    validated, opened = asked(stub).index("POST /v0/workbook/document:validate"), asked(stub).index("POST /v0/app:openFile")
    assert validated < opened
    assert [path.name for path in package.parent.iterdir()] == ["BottleNeck.twbx"]  # a copy of it was opened


def test_the_token_goes_to_no_path_file_or_message_and_not_where_it_is_not_asked_for(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    stub = started()
    look(package, tmp_path / "index.html", tmp_path / "out")
    assert not [path for _, path, _ in stub.requests if stub.token in path]
    assert {headers.get("authorization") for _, path, headers in stub.requests if path == "/v0/health"} == {None}
    assert not [file for file in (tmp_path / "out").iterdir() if stub.token.encode() in file.read_bytes()]


def test_the_page_shows_ours_beside_tableaus_and_escapes_what_tableau_says(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("our own", encoding="utf-8")
    started(issues=["<script>alert(1)</script>"])
    seen = look(package, tmp_path / "index.html", tmp_path / "out")
    assert (seen.is_good, list(seen.issues)) == (False, ["<script>alert(1)</script>"])
    page = (tmp_path / "out" / PAGE).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<img ") == page.count("<iframe ") == len(NAMES)
    assert 'src="dashboard.html#promotions_roi"' in page
    assert (tmp_path / "out" / "dashboard.html").read_text(encoding="utf-8") == "our own"


def test_a_dashboard_that_a_stub_of_desktop_does_not_list_is_named_and_the_exit_code_is_1(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    started(loses={"Segments"})
    given = ["--workbook", str(package), "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]
    done = CliRunner().invoke(main, ["tableau", "verify", "--desktop", *given])
    assert done.exit_code == 1
    assert "ERROR  Segments: Tableau does not list it." in done.output
    assert "Tableau 2026.3.0 drew 7 of 8 dashboards" in done.output


def test_all_is_well_on_the_command_line(started: Callable[..., StubDesktop], package: Path, tmp_path: Path) -> None:
    started()
    given = ["--workbook", str(package), "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]
    done = CliRunner().invoke(main, ["tableau", "verify", "--desktop", *given])
    assert (done.exit_code, "drew 8 of 8 dashboards" in done.output) == (0, True)
    assert CliRunner().invoke(main, ["tableau", "verify", "--workbook", str(package), "--out", str(tmp_path)]).exit_code == 2


def test_what_a_stub_of_desktop_asks_a_person_is_told_in_two_lines(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    started(asks="Unable to open the workbook")
    with pytest.raises(SiteError, match="waits for an answer: Unable to open the workbook"):
        look(package, tmp_path / "index.html", tmp_path / "out")


def test_without_a_desktop_it_is_said_where_it_was_looked_for_and_how_it_is_turned_on(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    assert callable(started)
    with pytest.raises(SiteError, match=r"No Tableau Desktop .* is named in .*ExternalApi") as refused:
        look(package, tmp_path / "index.html", tmp_path / "out")
    assert "External Client API Access" in refused.value.remedy


@pytest.mark.parametrize(
    "bent",
    [
        {"baseUrl": "http://tableau.example:62197"},
        {"baseUrl": "https://127.0.0.1.example"},
        {"schemaVersion": 2},
        {"pid": 2**22 + 1},
        {"token": ""},
        {"baseUrl": None},
    ],
    ids=str,
)
def test_a_discovery_file_of_another_machine_of_one_that_has_ended_or_of_another_shape_is_not_followed(
    bent: dict[str, Any], started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    stub = started()
    (file,) = stub.folder.glob("*.json")
    file.write_text(json.dumps({**stub.windows[0].discovery, **bent}), encoding="utf-8")
    (stub.folder / "half.json").write_text("{", encoding="utf-8")
    with pytest.raises(SiteError, match="No Tableau Desktop"):
        look(package, tmp_path / "index.html", tmp_path / "out")
    assert stub.requests == []


def test_a_token_that_a_stub_of_desktop_does_not_know_is_refused_and_not_repeated(
    started: Callable[..., StubDesktop], package: Path, tmp_path: Path
) -> None:
    stub = started()
    stale = stub.token
    stub.token = "another"  # noqa: S105 - as above
    with pytest.raises(SiteError, match="answers 401: unauthenticated") as refused:
        look(package, tmp_path / "index.html", tmp_path / "out")
    assert stale not in str(refused.value)


def test_a_stub_of_desktop_refuses_what_its_description_says_is_refused(started: Callable[..., StubDesktop], package: Path) -> None:
    stub = started()
    window = stub.windows[0]
    known = {"host": "127.0.0.1:1", "user-agent": "test", "authorization": f"Bearer {stub.token}"}
    as_json, as_xml = {**known, "content-type": "application/json"}, {**known, "content-type": "application/xml"}
    stub.answer(window, "POST", "/v0/app:openFile", as_json, json.dumps({"filePath": str(package)}).encode())

    def told(**given: str) -> bytes:
        return json.dumps(given).encode()

    for method, path, headers, body, expected in (
        ("GET", "/v0/workbook", {**known, "authorization": ""}, b"", (401, "unauthenticated")),
        ("GET", "/v0/workbook", {**known, "authorization": "Bearer other"}, b"", (401, "unauthenticated")),
        ("GET", "/v0/workbook", {**known, "host": "shop.example"}, b"", (421, "host-not-allowed")),
        ("GET", "/v0/workbook", {**known, "user-agent": ""}, b"", (400, "missing-user-agent")),
        ("GET", "/v0/sheets", known, b"", (404, "not-found")),
        ("POST", "/v0/workbook", known, b"", (405, "method-not-allowed")),
        ("POST", "/v0/workbook/document:validate", as_json, b"<workbook/>", (415, "unsupported-content-type")),
        ("POST", "/v0/workbook/document:validate", as_xml, b"", (400, "invalid-request-body")),
        ("POST", "/v0/app:openFile", as_json, b"{}", (400, "invalid-request-body")),
        ("POST", "/v0/app:openFile", as_json, told(filePath=os.devnull), (400, "unsupported-file-type")),
        ("POST", "/v0/app:openFile", as_json, told(filePath="/nowhere/a.twbx"), (404, "file-not-found")),
        ("POST", "/v0/workbook:exportAs", as_json, told(filePath="a.pdf", format="pdf"), (400, "invalid-command-parameter")),
        ("POST", "/v0/workbook:exportAs", as_json, told(filePath="/a/../b.pdf", format="pdf"), (400, "invalid-command-parameter")),
        ("POST", "/v0/workbook:exportAs", as_json, told(filePath="/a/b.png", format="pdf"), (400, "invalid-command-parameter")),
        ("GET", "/v0/workbook/dashboards/%7B99%7D/image", known, b"", (404, "sheet-not-found")),
        ("GET", "/v0/workbook/dashboards/%7B0%7D/image?filePath=a.png", known, b"", (400, "invalid-query-parameter")),
        ("GET", "/v0/operations/op_99", known, b"", (404, "operation-not-found")),
    ):
        status, _, content, _ = stub.answer(window, method, path, headers, body)
        assert (status, json.loads(content)["code"]) == expected, path
    for wrong in (b"<dashboard/>", b"<workbook>"):
        _, _, content, _ = stub.answer(window, "POST", "/v0/workbook/document:validate", as_xml, wrong)
        assert not json.loads(content)["isValid"]
