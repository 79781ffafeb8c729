"""What the portal refuses: foreign pages, foreign names, buttons without a token, and other machines without a password."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from bottleneck_assets.errors import SettingsError
from bottleneck_assets.settings import load_settings
from bottleneck_assets.web.protection import MOST_WRONG, PasswordOnly, Tokens, Tries, hosts_of, is_loopback
from bottleneck_assets_tests.portal.serving import NOWHERE, portal
from bottleneck_assets_tests.running import BOTTLENECK, PATIENCE, free_port
from bottleneck_assets_tests.small_export import minimal_rows, write_export

if TYPE_CHECKING:
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
            if not (tmp_path / "exports" / "shop.db").exists():
                write_export(tmp_path / "exports" / "shop.db", minimal_rows())
        assert "Dagster at http://127.0.0.1:9 has not done it (it cannot be reached)." in site.ask("/status").text


def test_without_dagster_there_is_no_button_and_no_upload(site: Portal) -> None:
    page = site.ask("/downloads")
    assert 'method="post"' not in page.text
    assert "/exports" not in page.text
    for path in ("/refresh", "/exports"):
        assert site.ask(path, "POST", "token=x", Origin=site.origin, Content_Type=FORM).status == 404
    assert site.ask("/refresh/some-run").status == 404


def test_every_answer_says_what_may_run_in_it_and_who_may_frame_it(open_site: Portal) -> None:
    for path in ("/", "/downloads", "/lineage", "/status", "/exports", "/nothing", "/extracts/latest/report/data_quality.html"):
        headers = open_site.ask(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
    cookie = open_site.ask("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


# --- Beyond this machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "kpi.shop.example"])  # noqa: S104 - refused
@pytest.mark.parametrize("command", [["portal"], ["serve", "portal"], ["up"]], ids=["portal", "serve", "up"])
def test_it_refuses_to_listen_beyond_this_machine_without_a_password(command: list[str], host: str, tmp_path: Path) -> None:
    given = {**os.environ, "BOTTLENECK_PORTAL_HOST": host, "BOTTLENECK_DATA_DIR": str(tmp_path), "BOTTLENECK_PORT": str(free_port())}
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "there.db").write_bytes(b"")
    done = subprocess.run([BOTTLENECK, *command], env=given, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 2
    assert "beyond this machine, without a password" in done.stderr
    assert "BOTTLENECK_PORTAL_PASSWORD" in done.stderr


def test_the_process_itself_refuses_it_too(tmp_path: Path) -> None:
    given = {**os.environ, "BOTTLENECK_PORTAL_HOST": "0.0.0.0", "BOTTLENECK_DATA_DIR": str(tmp_path)}  # noqa: S104 - refused
    command = [sys.executable, "-m", "bottleneck_assets.defs.portal"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=PATIENCE)
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
    with pytest.raises(SettingsError, match="portal_password"):
        load_settings()


def test_it_answers_to_the_names_under_which_it_is_reached() -> None:
    here = hosts_of(load_settings(portal_port=4000, portal_url="https://kpi.shop.example"))
    assert here == ["127.0.0.1:4000", "localhost:4000", "kpi.shop.example"]
    assert "[::1]:4000" in hosts_of(load_settings(portal_port=4000, portal_host="::1"))
    everywhere = hosts_of(load_settings(portal_port=4000, portal_host="0.0.0.0"))  # noqa: S104 - as said
    assert {"127.0.0.1:4000", "localhost:4000"} <= set(everywhere)
    assert not any(host.startswith("0.0.0.0") for host in everywhere)  # noqa: S104
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "shop.example")] == [True] * 3 + [False] * 2  # noqa: S104


def test_after_ten_wrong_passwords_an_address_waits_whatever_it_sends(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_PORTAL_PASSWORD=PASSWORD) as site:
        assert [site.ask("/", **basic(f"wrong {number}")).status for number in range(10)] == [401] * 10
        for headers in (basic("wrong"), basic(PASSWORD), {}):
            answer = site.ask("/", **headers)
            assert (answer.status, answer.headers["retry-after"]) == (429, "60")
        assert site.ask("/healthz").status == 200


def test_what_a_client_says_of_its_own_address_does_not_set_aside_the_limit_on_wrong_passwords(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_PORTAL_PASSWORD=PASSWORD) as site:
        asked = [site.ask("/", **basic("wrong"), **{"X-Forwarded-For": f"192.0.2.{number}"}).status for number in range(12)]
    assert asked == [401] * 10 + [429] * 2


def test_behind_a_proxy_that_is_named_wrong_passwords_are_counted_for_each_client(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_PORTAL_PASSWORD=PASSWORD, BOTTLENECK_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8") as site:
        guessing, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        assert [site.ask("/", **basic("wrong"), **guessing).status for _ in range(11)] == [401] * 10 + [429]
        assert site.ask("/", **basic(PASSWORD), **guessing).status == 429
        assert site.ask("/", **basic(PASSWORD), **other).status == 200


def test_who_was_let_in_is_not_locked_out_by_another_behind_the_same_proxy(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_PORTAL_PASSWORD=PASSWORD) as site:
        assert site.ask("/", **basic(PASSWORD, "anne")).status == 200
        assert [site.ask("/", **basic("wrong", "eve")).status for _ in range(11)] == [401] * 10 + [429]
        assert site.ask("/", **basic(PASSWORD, "anne")).status == 200
        assert [site.ask("/", **basic("wrong", "anne")).status for _ in range(11)] == [401] * 10 + [429]  # no more guesses for that


def test_a_sender_waits_a_minute_from_the_first_wrong_password_whatever_others_send_meanwhile() -> None:
    now = 0.0
    tries = Tries(lambda: now)
    for name in ("anne", "eve"):
        tries.was_right("192.0.2.1", name)
    for second in range(MOST_WRONG):
        now = float(second)
        tries.was_wrong("192.0.2.1", "anne")
    assert tries.must_wait("192.0.2.1", "anne") == 51
    for second in range(10, 60):
        now = float(second)
        tries.was_wrong("192.0.2.1", "eve")
    assert tries.must_wait("192.0.2.1", "anne") == 1
    now = 60.5
    assert tries.must_wait("192.0.2.1", "anne") == 0
    assert not tries.was_wrong("192.0.2.1", "anne")


@pytest.mark.parametrize("proxies", ["localhost", "127.0.0.1 10.0.0.1", "10.0.0.0/33", "*"])
def test_a_proxy_that_is_no_address_is_refused(proxies: str) -> None:
    with pytest.raises(SettingsError, match=r"trusted_proxies: .* is neither an address nor a network"):
        load_settings(trusted_proxies=proxies)


def test_nginx_overwrites_what_a_client_says_of_its_address() -> None:
    text = (Path(__file__).parents[2] / "docs" / "deployment" / "nginx.conf").read_text(encoding="utf-8")
    assert text.count("proxy_set_header X-Forwarded-For $remote_addr;") == text.count("proxy_pass ") == 3
    assert "$proxy_add_x_forwarded_for" not in text


def test_who_has_sent_no_password_yet_is_asked_for_it_however_often(tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_PORTAL_PASSWORD=PASSWORD) as site:
        assert {site.ask("/").status for _ in range(15)} == {401}
        assert site.ask("/", **basic(PASSWORD)).status == 200


def test_ten_wrong_passwords_are_told_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    async def nothing(*_: object) -> None:
        pass

    guard = PasswordOnly(nothing, PASSWORD)
    scope = {"type": "http", "path": "/", "client": ("192.0.2.7", 1), "headers": [(b"authorization", b"Basic Ondyb25n")]}
    for _ in range(30):
        asyncio.run(guard(scope, nothing, nothing))  # type: ignore[arg-type]
    assert [record.getMessage() for record in caplog.records] == ["192.0.2.7 has sent 10 wrong passwords to the portal within a minute."]


@pytest.mark.parametrize("origin", ["http://[", "http://]", "//[::1", "null", ""])
def test_an_origin_that_is_no_address_is_foreign(origin: str, site: Portal) -> None:
    answer = site.ask("/", Origin=origin)
    assert (answer.status, "another site" in answer.text) == (403, True)


def test_who_comes_by_another_name_is_told_which_setting_adds_it(site: Portal) -> None:
    assert "say so in BOTTLENECK_PORTAL_URL" in site.ask("/", Host="kpi.shop.example").text


def test_every_page_gives_its_cookie_again_so_that_it_lasts_as_long_as_the_form(open_site: Portal) -> None:
    cookie, _ = open_site.form()
    again = open_site.ask("/downloads", Cookie=cookie).headers["set-cookie"]
    assert again.startswith(f"{cookie};")
    assert "Max-Age=43200" in again


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "127.0.0.1:4000"), ("::", "[::1]:4000"), ("::1", "[::1]:4000"), ("192.0.2.7", "192.0.2.7:4000")],  # noqa: S104
)
def test_the_address_that_it_names_is_one_that_it_answers_to(host: str, address: str) -> None:
    settings = load_settings(portal_port=4000, portal_host=host)
    assert settings.portal_address == f"http://{address}"
    assert address in hosts_of(settings)


def test_a_port_that_browsers_leave_out_may_be_left_out() -> None:
    assert {"127.0.0.1", "127.0.0.1:80", "localhost"} <= set(hosts_of(load_settings(portal_port=80)))
    assert "[::1]" in hosts_of(load_settings(portal_port=80, portal_host="::1"))
    assert "127.0.0.1" not in hosts_of(load_settings(portal_port=443))
    for url in ("https://kpi.shop.example:443", "http://kpi.shop.example:80", "https://kpi.shop.example"):
        assert "kpi.shop.example" in hosts_of(load_settings(portal_url=url))
    assert "kpi.shop.example:8443" in hosts_of(load_settings(portal_url="https://kpi.shop.example:8443"))


def test_a_token_goes_with_the_process_that_made_it() -> None:
    ours, theirs = Tokens(), Tokens()
    cookie, token = ours.issue(None)
    assert ours.is_good(cookie, token)
    assert not theirs.is_good(cookie, token)
    assert ours.issue(cookie)[0] == cookie
