"""Publishing speaks to a server as the public REST reference says. Every server here is a stub: what Tableau would say is not proven."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import dagster as dg
import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.definitions import defs
from bottleneck_assets.defs import refresh
from bottleneck_assets.defs.instance import open_instance
from bottleneck_assets.defs.publication import RELEASE, TABLEAU_SITE, tableau_site
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.errors import SettingsError, SiteError
from bottleneck_assets.models.plan import export_origin
from bottleneck_assets.render.tableau import publishing
from bottleneck_assets.render.tableau.package import FILE as WORKBOOK
from bottleneck_assets.render.tableau.package import FRENCH_FILE
from bottleneck_assets.render.tableau.publishing import publish_release, verify
from bottleneck_assets.render.tableau.star_package import FILE
from bottleneck_assets.settings import Settings, load_settings
from bottleneck_assets_tests.conftest import night, run_refresh
from bottleneck_assets_tests.render.tableau.stub_server import PROJECT, SITE, TOKEN, Stub, parts, stub_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

pytestmark = pytest.mark.usefixtures("needs_tableau")

SECRET = "grand-cru-1855"  # noqa: S105 - nobody's


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, as far as Tableau is concerned."""
    folder = tmp_path_factory.mktemp("release")
    (folder / FILE).parent.mkdir()
    with ZipFile(folder / FILE, "w") as packed:
        packed.writestr("bottleneck.tds", "<datasource/>")
        packed.writestr("Data/Extracts/bottleneck.hyper", b"rows")
    with ZipFile(folder / WORKBOOK, "w") as packed:
        packed.writestr("BottleNeck.twb", "<workbook/>")
        packed.writestr("Data/BottleNeck/overview.csv", "month\n")
    return folder


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    from tableauserverclient import exponential_backoff

    monkeypatch.setattr(publishing, "BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(exponential_backoff, "ASYNC_POLL_MIN_INTERVAL", 0.01)
    with stub_server(Stub()) as running:
        yield running


def settings_of(stub: Stub, **given: Any) -> Settings:
    token = {"tableau_token_name": "nightly", "tableau_token": SECRET}
    return load_settings(**{"tableau_server": stub.address, "tableau_site": "bottleneck", **token, **given})


# --- Publishing --------------------------------------------------------------------------------------------------------------


def test_a_stub_of_the_server_gets_the_data_source_and_the_workbook_in_place_of_those_before(stub: Stub, release: Path) -> None:
    published = publish_release(release, settings_of(stub))
    assert [(one.kind, one.name, one.id) for one in published] == [
        ("data source", "BottleNeck", "datasource-1"), ("workbook", "BottleNeck", "workbook-1"),
    ]  # fmt: skip
    assert published[1].url == f"{stub.address}/#/workbooks/1"
    for kind, file in (("datasource", "tdsx"), ("workbook", "twbx")):
        ((query, headers, _),) = stub.sent("POST", f"/{kind}s")
        assert (query["overwrite"], query["asJob"], query[f"{kind}Type"]) == (["true"], ["true"], [file])
        assert headers["content-type"].startswith("multipart/mixed")


def test_a_stub_of_the_server_gets_the_data_source_and_the_workbook_byte_for_byte(stub: Stub, release: Path) -> None:
    publish_release(release, settings_of(stub))
    ((_, headers, body),) = stub.sent("POST", "/workbooks")
    sent = parts(headers, body)
    assert sent["tableau_workbook"] == ("BottleNeck.twbx", (release / WORKBOOK).read_bytes())
    assert b'showTabs="true"' in sent["request_payload"][1]
    assert f'<project id="{PROJECT}"'.encode() in sent["request_payload"][1]  # the one at the top, of two with the name
    ((_, headers, body),) = stub.sent("POST", "/datasources")
    assert parts(headers, body)["tableau_datasource"] == ("bottleneck.tdsx", (release / FILE).read_bytes())


def test_a_stub_of_the_server_is_asked_about_the_workbook_before_anything_is_replaced(stub: Stub, release: Path) -> None:
    publish_release(release, settings_of(stub))
    uploads = [path.rpartition("/")[2] for method, path, _, _, _ in stub.requests if method == "POST" and "/auth/" not in path]
    assert uploads == ["validateWorkbook", "datasources", "workbooks"]
    ((_, headers, body),) = stub.sent("POST", "/workbooks/validateWorkbook")
    assert parts(headers, body) == {"tableau_workbook": ("BottleNeck.twb", b"<workbook/>")}


def test_a_stub_of_the_server_gets_the_french_workbook_beside_the_english_one(stub: Stub, release: Path, tmp_path: Path) -> None:
    (tmp_path / "tableau").mkdir()
    for file in (WORKBOOK, FRENCH_FILE):
        shutil.copy(release / WORKBOOK, tmp_path / file)
    assert [(one.name, one.id) for one in publish_release(tmp_path, settings_of(stub))] == [
        ("BottleNeck", "workbook-1"), ("BottleNeck (français)", "workbook-2"),
    ]  # fmt: skip
    assert len(stub.sent("POST", "/workbooks/validateWorkbook")) == 2, "both are asked about first"
    assert len(stub.sent("POST", "/workbooks")) == 2


def test_nothing_is_replaced_where_a_stub_of_the_server_refuses_the_workbook(stub: Stub, release: Path) -> None:
    stub.verdict = (422, '{"errors": ["no declaration found for element zone"]}')
    with pytest.raises(SiteError, match="refuses the workbook: no declaration found for element zone"):
        publish_release(release, settings_of(stub))
    assert not stub.sent("POST", "/datasources")
    assert not stub.sent("POST", "/workbooks")


def test_a_stub_of_a_server_that_validates_nothing_gets_the_workbook_all_the_same(stub: Stub, release: Path) -> None:
    stub.version = "3.28"
    publish_release(release, settings_of(stub))
    assert not stub.sent("POST", "/workbooks/validateWorkbook")
    assert stub.sent("POST", "/workbooks")


def test_a_stub_of_the_server_refuses_what_the_reference_says_is_refused(stub: Stub) -> None:
    stub.items["workbook"] = ["BottleNeck"]
    bare, multipart = {"x-tableau-auth": TOKEN}, {"x-tableau-auth": TOKEN, "content-type": "multipart/mixed; boundary=x"}
    package = b'--x\r\nContent-Disposition: name="tableau_workbook"; filename="a.twbx"\r\n\r\n\r\n--x--'
    stub.requests.append(("POST", "", {}, {}, b""))
    for path, headers, body, code in (
        ("workbooks", {}, b"", "401002"),
        ("workbooks", bare, b"", "400011"),
        ("workbooks", multipart, b"--x--", "400011"),
        ("workbooks", multipart, package, "403007"),
        ("workbooks/validateWorkbook", multipart, package, "400011"),
    ):
        assert f'code="{code}"' in stub.answer("POST", f"/api/3.29/sites/{SITE}/{path}", headers, body)[2], (path, code)


def test_a_stub_of_the_server_is_signed_in_to_with_the_token_and_out_of_again(stub: Stub, release: Path) -> None:
    publish_release(release, settings_of(stub))
    ((_, _, body),) = stub.sent("POST", "/auth/signin")
    assert f'personalAccessTokenName="nightly" personalAccessTokenSecret="{SECRET}"'.encode() in body
    assert b'contentUrl="bottleneck"' in body
    assert [headers["x-tableau-auth"] for _, headers, _ in stub.sent("POST", "/auth/signout")] == [TOKEN]
    assert not [path for _, path, _, _, _ in stub.requests if SECRET in path]


def test_a_stub_of_a_busy_server_is_asked_again(stub: Stub, release: Path) -> None:
    stub.busy = 2
    publish_release(release, settings_of(stub))
    assert len(stub.sent("POST", "/datasources")) == 3
    assert len({body for _, _, body in stub.sent("POST", "/datasources")}) == 1


def test_a_stub_of_a_server_that_stays_busy_is_given_up_with_two_lines(stub: Stub, release: Path) -> None:
    stub.busy = 100
    with pytest.raises(SiteError, match="503"):
        publish_release(release, settings_of(stub))
    assert len(stub.sent("POST", "/datasources")) == 1 + publishing.TRIES
    assert stub.sent("POST", "/auth/signout")


def test_a_stub_of_the_server_is_polled_until_the_job_is_done(stub: Stub, release: Path) -> None:
    stub.polls = 2
    publish_release(release, settings_of(stub))
    assert stub.asked == {"job-datasource": 3, "job-workbook": 3}


def test_a_job_that_fails_on_a_stub_of_the_server_says_what_the_server_says(stub: Stub, release: Path) -> None:
    stub.finish_code = 1
    with pytest.raises(SiteError, match="did not take the data source BottleNeck: The file is damaged"):
        publish_release(release, settings_of(stub))


def test_a_token_that_a_stub_of_the_server_refuses_is_named_and_its_secret_is_not(stub: Stub, release: Path) -> None:
    stub.refuses_token = True
    with pytest.raises(SiteError, match=r"does not let the token nightly in to the site bottleneck") as refused:
        publish_release(release, settings_of(stub))
    assert SECRET not in str(refused.value)


def test_a_project_that_a_stub_of_the_server_lacks_is_named_with_those_that_it_has(stub: Stub, release: Path) -> None:
    with pytest.raises(SiteError, match=r"no project Wine that this token may see; it has: Default, Default\."):
        publish_release(release, settings_of(stub, tableau_project="Wine"))


def test_a_server_that_is_not_there_is_an_error_of_two_lines(release: Path, stub: Stub) -> None:
    settings = settings_of(stub, tableau_server="http://127.0.0.1:9")
    with pytest.raises(SiteError, match=r"http://127\.0\.0\.1:9 could not be reached"):
        publish_release(release, settings)


def test_a_server_that_is_none_of_tableau_s_is_told_apart(stub: Stub, release: Path) -> None:
    stub.is_another = True
    with pytest.raises(SiteError, match="does not answer as a Tableau server does"):
        publish_release(release, settings_of(stub))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"tableau_token": None, "tableau_token_name": None}, "There is no token"),
        ({"tableau_token": None}, "There is no token"),
    ],
)
def test_nothing_is_sent_without_a_token(stub: Stub, release: Path, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(SiteError, match=problem):
        publish_release(release, settings_of(stub, **given))
    assert stub.requests == []


def test_a_release_without_files_for_tableau_is_not_published(stub: Stub, tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="holds neither a data source nor a workbook"):
        publish_release(tmp_path, settings_of(stub))
    assert stub.requests == []


def test_a_token_goes_over_an_encrypted_way_or_to_this_machine() -> None:
    load_settings(tableau_server="https://tableau.shop.example")
    with pytest.raises(SettingsError, match="tableau_server"):
        load_settings(tableau_server="http://tableau.shop.example")


# --- Verifying ---------------------------------------------------------------------------------------------------------------


def test_a_stub_of_the_server_is_asked_about_the_workbook_alone(stub: Stub, release: Path) -> None:
    verdict = verify(release / WORKBOOK, settings_of(stub))
    assert (verdict.errors, verdict.warnings) == ([], [])
    ((_, headers, body),) = stub.sent("POST", "/workbooks/validateWorkbook")
    assert headers["accept"] == "application/json"
    assert headers["x-tableau-auth"] == TOKEN
    assert parts(headers, body) == {"tableau_workbook": ("BottleNeck.twb", b"<workbook/>")}
    assert not stub.sent("POST", "/workbooks")


def test_what_a_stub_of_the_server_refuses_the_workbook_for_is_printed_and_the_exit_code_is_1(
    stub: Stub, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.verdict = (422, '{"errors": ["no declaration found for element zone", {"line": 7, "message": "bad"}]}')
    monkeypatch.setenv("BOTTLENECK_TABLEAU_TOKEN_NAME", "nightly")
    monkeypatch.setenv("BOTTLENECK_TABLEAU_TOKEN", SECRET)
    done = CliRunner().invoke(main, ["tableau", "verify", "--server", stub.address, "--workbook", str(release / WORKBOOK)])
    assert done.exit_code == 1
    assert "ERROR  no declaration found for element zone" in done.output
    assert 'ERROR  {"line": 7, "message": "bad"}' in done.output
    assert f"{stub.address} refuses the workbook." in done.output
    assert SECRET not in done.output


def test_what_a_stub_of_the_server_warns_of_is_printed_and_the_exit_code_is_0(
    stub: Stub, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.verdict = (200, '{"timestamp": "2026-11-24T00:00:00Z", "warnings": ["an old font"]}')
    monkeypatch.setenv("BOTTLENECK_TABLEAU_TOKEN_NAME", "nightly")
    monkeypatch.setenv("BOTTLENECK_TABLEAU_TOKEN", SECRET)
    done = CliRunner().invoke(main, ["tableau", "verify", "--server", stub.address, "--workbook", str(release / WORKBOOK)])
    assert (done.exit_code, "WARN  an old font" in done.output) == (0, True)
    assert f"{stub.address} takes the workbook." in done.output


def test_a_stub_of_an_older_server_is_not_asked_what_it_cannot_answer(stub: Stub, release: Path) -> None:
    stub.version = "3.28"
    with pytest.raises(SiteError, match=r"speaks version 3\.28 of the REST API, which validates no workbooks"):
        verify(release / WORKBOOK, settings_of(stub))


def test_an_answer_of_a_stub_that_is_no_verdict_is_an_error(stub: Stub, release: Path) -> None:
    stub.verdict = (403, '{"error": "forbidden"}')
    with pytest.raises(SiteError, match="answered 403"):
        verify(release / WORKBOOK, settings_of(stub))


# --- As an asset -------------------------------------------------------------------------------------------------------------


def test_publishing_is_off_until_a_server_is_set_and_a_refresh_does_not_fail_for_that(
    write_sample: Callable[..., Path], tmp_path: Path
) -> None:
    done = run_refresh(write_sample(seed=1), tmp_path / "data")
    assert done.result.success
    made = {event.asset_key.path[-1]: event.materialization for event in done.result.get_asset_materialization_events() if event.asset_key}
    assert made["tableau_site"].metadata["skipped"].value == "The setting tableau_server is not set."


def test_a_refresh_from_the_command_line_publishes_to_tableau_only_if_a_server_is_set(tmp_path: Path) -> None:
    origin = export_origin(tmp_path / "shop.db", "0" * 64)
    for server, expected in ((None, set()), ("https://tableau.shop.example", {TABLEAU_SITE})):
        made, _ = refresh.what_to_make(load_settings(data_dir=tmp_path, tableau_server=server), None, origin)  # type: ignore[arg-type]
        assert made & {RELEASE, TABLEAU_SITE} == {RELEASE, *expected}


@pytest.mark.usefixtures("posix")
def test_the_asset_publishes_the_newest_release_to_a_stub_of_the_server_and_lists_what_is_there(
    stub: Stub, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "extracts").mkdir()
    (tmp_path / "extracts" / "latest").symlink_to(release, target_is_directory=True)
    for name, value in (("SERVER", stub.address), ("SITE", "bottleneck"), ("TOKEN_NAME", "nightly"), ("TOKEN", SECRET)):
        monkeypatch.setenv(f"BOTTLENECK_TABLEAU_{name}", value)
    done = dg.materialize([tableau_site], resources={"workbench": Workbench(data_dir=str(tmp_path))}, selection=[TABLEAU_SITE])
    (event,) = done.get_asset_materialization_events()
    listed = event.materialization.metadata["published"].value.records
    assert [(record.data["kind"], record.data["id"]) for record in listed] == [("data source", "datasource-1"), ("workbook", "workbook-1")]
    assert SECRET not in str(event)


@pytest.mark.usefixtures("posix")
def test_a_release_is_there_also_if_a_stub_of_the_server_refuses_the_token_and_the_failure_says_so(
    stub: Stub, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.refuses_token = True
    (tmp_path / "extracts").mkdir()
    (tmp_path / "extracts" / "latest").symlink_to(release, target_is_directory=True)
    for name, value in (("SERVER", stub.address), ("TOKEN_NAME", "nightly"), ("TOKEN", SECRET)):
        monkeypatch.setenv(f"BOTTLENECK_TABLEAU_{name}", value)
    done = dg.materialize([tableau_site], resources={"workbench": Workbench(data_dir=str(tmp_path))}, raise_on_error=False)
    (failed,) = done.filter_events(lambda event: event.is_step_failure)
    assert failed.step_failure_data.user_failure_data is not None
    said = failed.step_failure_data.user_failure_data.description
    assert said.startswith(f"{stub.address} does not let the token nightly in to the site (default).\nThe release is there all the same.")
    assert SECRET not in str(failed)


def test_a_night_publishes_again_what_a_stub_of_the_server_did_not_take_and_makes_no_release_for_that(
    stub: Stub, refreshed_sample: Refreshed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exports").mkdir()
    shutil.copy(refreshed_sample.export, tmp_path / "exports" / "shop.db")
    shutil.copytree(refreshed_sample.data_dir / "extracts", tmp_path / "extracts", symlinks=True)
    given = {"DATA_DIR": str(tmp_path), "REPORTS": "true", "TABLEAU_TOKEN_NAME": "nightly", "TABLEAU_TOKEN": SECRET}
    for name, value in given.items():
        monkeypatch.setenv(f"BOTTLENECK_{name}", value)
    releases = sorted((tmp_path / "extracts").iterdir())
    with open_instance(load_settings()) as instance:
        assert isinstance(night(instance), dg.SkipReason), "no server is set"
        monkeypatch.setenv("BOTTLENECK_TABLEAU_SERVER", stub.address)
        for stub.refuses_token in (True, False):
            asked = night(instance)
            assert isinstance(asked, dg.RunRequest)
            assert asked.asset_selection == [TABLEAU_SITE]
            job = defs().resolve_job_def("refresh")
            done = job.execute_in_process(asset_selection=asked.asset_selection, instance=instance, raise_on_error=False)
            assert done.success is not stub.refuses_token
        assert isinstance(night(instance), dg.SkipReason), "it is there now"
    assert sorted((tmp_path / "extracts").iterdir()) == releases
