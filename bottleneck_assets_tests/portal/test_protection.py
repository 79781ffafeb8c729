"""What the portal refuses: foreign pages, foreign names, buttons without a token, and other machines without a password."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from bottleneck_assets.portal.protection import Tokens, hosts_of, is_loopback
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.portal.serving import NOWHERE, portal
from bottleneck_assets_tests.running import BOTTLENECK, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Portal

EVIL = "http://evil.example"
FORM = "application/x-www-form-urlencoded"
PASSWORD = "grand-cru-1855"  # noqa: S105 - nobody's


def test_what_a_page_of_another_site_makes_a_browser_ask_is_refused(open_site: Portal) -> None:
    """Hold the portal against the five ways in which Dagster's own UI takes such requests."""
    cookie, token = open_site.form()
    form = urlencode({"token": token})
    good = {"Cookie": cookie, "Content_Type": FORM}
    # by GET, as a link or a picture would
    assert open_site.ask("/refresh", Origin=EVIL).status == 403
    assert open_site.ask("/refresh").status == 405
    # by a form, with all that the browser would send along
    assert open_site.ask("/refresh", "POST", form, Origin=EVIL, **good).status == 403
    assert open_site.ask("/refresh", "POST", form, Origin="null", **good).status == 403
    # without saying from where
    assert open_site.ask("/refresh", "POST", form, **good).status == 403
    assert open_site.ask("/refresh", "POST", form, Origin=open_site.origin, Sec_Fetch_Site="cross-site", **good).status == 403
    # without the content type of a form
    for content_type in ({}, {"Content_Type": "text/plain"}, {"Content_Type": "application/json"}):
        assert open_site.ask("/refresh", "POST", form, Origin=open_site.origin, Cookie=cookie, **content_type).status == 403
    # by a name that was made to point here
    assert open_site.ask("/refresh", "POST", form, Host="evil.example", Origin=EVIL, **good).status == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""])
@pytest.mark.parametrize("path", ["/", "/extracts/latest/overview.csv", "/healthz"])
def test_another_name_is_not_answered(path: str, host: str, site: Portal) -> None:
    assert site.ask(path, Host=host).status == 403


def test_a_picture_or_a_script_of_another_site_cannot_take_a_file_and_a_link_can_open_a_page(site: Portal) -> None:
    foreign = {"Sec_Fetch_Site": "cross-site"}
    assert site.ask("/extracts/latest/overview.csv", Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image", **foreign).status == 403
    assert site.ask("/extracts/latest/overview.csv", Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty", Origin=EVIL, **foreign).status == 403
    assert site.ask("/", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe", **foreign).status == 403
    assert site.ask("/status", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document", **foreign).status == 200


@pytest.mark.parametrize("flaw", ["none", "empty", "made up", "another's", "no cookie"])
def test_a_button_without_its_token_is_refused(flaw: str, open_site: Portal) -> None:
    cookie, token = open_site.form()
    _, of_another = open_site.form()
    given = {"none": {}, "empty": {"token": ""}, "made up": {"token": token[:-2] + "xx"}, "another's": {"token": of_another}}
    headers = {} if flaw == "no cookie" else {"Cookie": cookie}
    body = urlencode(given.get(flaw, {"token": token}))
    answer = open_site.ask("/refresh", "POST", body, Origin=open_site.origin, Content_Type=FORM, **headers)
    assert answer.status == 403
    assert "load the page again" in answer.text


def test_with_its_token_a_button_reaches_further_than_the_guards(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_DAGSTER_URL=NOWHERE) as site:
        for said in ("holds no export", "Dagster at http://127.0.0.1:9 has not done it"):
            cookie, token = site.form()
            answer = site.ask("/refresh", "POST", urlencode({"token": token}), Origin=site.origin, Content_Type=FORM, Cookie=cookie)
            assert (answer.status, said in answer.text) == (409, True)
            (tmp_path / "exports").mkdir(exist_ok=True)
            (tmp_path / "exports" / "shop.db").write_bytes(b"none")
        assert "Dagster at http://127.0.0.1:9 has not done it" in site.ask("/status").text


def test_without_dagster_there_is_no_button_and_no_upload(site: Portal) -> None:
    page = site.ask("/")
    assert "<form" not in page.text
    assert "/exports" not in page.text
    for path in ("/refresh", "/exports"):
        assert site.ask(path, "POST", "token=x", Origin=site.origin, Content_Type=FORM).status == 404
    assert site.ask("/refresh/some-run").status == 404


def test_every_answer_says_what_may_run_in_it_and_who_may_frame_it(open_site: Portal) -> None:
    for path in ("/", "/downloads", "/lineage", "/status", "/exports", "/nothing", "/extracts/latest/report/data_quality.html"):
        headers = open_site.ask(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
    cookie = open_site.ask("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


# --- Beyond this machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "kpi.shop.example"])  # noqa: S104 - refused
@pytest.mark.parametrize("command", [["portal"], ["serve", "portal"], ["up"]], ids=["portal", "serve", "up"])
def test_it_refuses_to_listen_beyond_this_machine_without_a_password(command: list[str], host: str, tmp_path: Path) -> None:
    given = {**os.environ, "BOTTLENECK_PORTAL_HOST": host, "BOTTLENECK_DATA_DIR": str(tmp_path), "BOTTLENECK_PORT": str(free_port())}
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "there.db").write_bytes(b"")
    done = subprocess.run([BOTTLENECK, *command], env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "beyond this machine, without a password" in done.stderr
    assert "BOTTLENECK_PORTAL_PASSWORD" in done.stderr


def test_the_process_itself_refuses_it_too(tmp_path: Path) -> None:
    given = {**os.environ, "BOTTLENECK_PORTAL_HOST": "0.0.0.0", "BOTTLENECK_DATA_DIR": str(tmp_path)}  # noqa: S104 - refused
    command = [sys.executable, "-m", "bottleneck_assets.defs.portal"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "without a password" in done.stderr) == (1, True)


def basic(password: str, user: str = "anne") -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def test_with_a_password_it_listens_everywhere_and_lets_in_who_has_it(data_dir: Path) -> None:
    with portal(data_dir, BOTTLENECK_PORTAL_HOST="0.0.0.0", BOTTLENECK_PORTAL_PASSWORD=PASSWORD) as site:  # noqa: S104 - as said
        for path in ("/", "/extracts/latest/overview.csv", "/static/portal.css", "/refresh"):
            asked = site.ask(path)
            assert (asked.status, "Basic" in asked.headers["www-authenticate"]) == (401, True)
        for headers in (
            basic("wrong"),
            basic(PASSWORD[:-1]),
            basic(""),
            {"Authorization": "Basic ###"},
            {"Authorization": f"Bearer {PASSWORD}"},
            {"Authorization": "Basic "},
        ):
            assert site.ask("/", **headers).status == 401
        assert site.ask("/", **basic(PASSWORD)).status == 200
        assert site.ask("/", **basic(PASSWORD, user="")).status == 200
        assert site.ask("/healthz").status == 200
        assert site.ask("/", Host="evil.example", **basic(PASSWORD)).status == 403


def test_a_password_that_is_too_short_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_PORTAL_PASSWORD", "short")
    with pytest.raises(Exception, match="portal_password"):
        load_settings()


def test_it_answers_to_the_names_under_which_it_is_reached() -> None:
    here = hosts_of(load_settings(portal_port=4000, portal_url="https://kpi.shop.example"))
    assert here == ["127.0.0.1:4000", "localhost:4000", "kpi.shop.example"]
    assert "[::1]:4000" in hosts_of(load_settings(portal_port=4000, portal_host="::1"))
    everywhere = hosts_of(load_settings(portal_port=4000, portal_host="0.0.0.0"))  # noqa: S104 - as said
    assert {"127.0.0.1:4000", "localhost:4000"} <= set(everywhere)
    assert not any(host.startswith("0.0.0.0") for host in everywhere)  # noqa: S104
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "shop.example")] == [True] * 3 + [False] * 2  # noqa: S104


def test_a_token_goes_with_the_process_that_made_it() -> None:
    ours, theirs = Tokens(), Tokens()
    cookie, token = ours.issue(None)
    assert ours.is_good(cookie, token)
    assert not theirs.is_good(cookie, token)
    assert ours.issue(cookie)[0] == cookie
