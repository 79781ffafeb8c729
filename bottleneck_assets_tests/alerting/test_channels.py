"""Proves that an alert reaches each channel that is set, once, as plain text, and that no error tells a secret.

Against a real mail server, with and without encryption, and a real listener in place of Slack and Teams.
"""

from __future__ import annotations

import gc
import json
import os
import ssl
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from bottleneck_assets.alerting.channels import TRIES, channels, send
from bottleneck_assets.alerting.message import SUBJECT_LENGTH, Alert, failed_run, stale_data
from bottleneck_assets.errors import AlertError, SettingsError
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
SHOP, OWNER = "alerts@shop.test", "owner@shop.test"
USER, PASSWORD = "bottleneck", "grand-cru-1855"
SLACK_PATH, TEAMS_PATH = "/services/T0/B0/slack-token", "/workflows/teams-token"
SECRETS = [PASSWORD, SLACK_PATH, TEAMS_PATH, "slack-token", "teams-token", HOST]
RUN_URL = "http://ui.shop.test/runs/1234"
FACTS = {
    "Export": "shop.db (SHA-256 0a1b2c3d)",
    "Asset": "clean/sales",
    "Reason": "Sales holds 12 rows without a price.",
    "What to do": "Ask the shop for a whole export.",
    "Last release": "2023-10-01T040000Z stays in place.",
}
MARKED_UP = ["<!channel> & <b>bold</b>", "[x](http://evil.test)", "@everyone", "*Merlot* _2019_ `cru`"]


@dataclass
class Mailbox:
    """A mail server: what it was given, whether on an encrypted way, and by whom."""

    port: int
    failures: int = 0
    asked_to_sign_in: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.failures:
            self.failures -= 1
            return "451 Try again later"
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        self.senders.append(envelope.mail_from)
        self.signed_in.append(bool(session.authenticated))
        return "250 Taken"

    def sign_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        self.asked_to_sign_in += 1
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What the workflow must be told to send here; the server's own words on encryption and sign-in come on top."""
        return {"alert_email_to": OWNER, "smtp_host": HOST, "smtp_port": self.port, "smtp_security": "none"}


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox(free_port())
    options = {**options, "authenticator": mailbox.sign_in} if options.pop("sign_in", False) else options
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Listener:
    """A listener in place of Slack or Teams: the bodies that it was sent, and how it answered each."""

    failures: int = 0
    address: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 500 if listener.failures else 200
            listener.failures -= 1 if listener.failures else 0
            listener.bodies.append(body)
            listener.paths.append(self.path)
            listener.answered.append(status)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"ok" if status == 200 else b"no")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Answer) as server:
        listener.address = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Everyone:
    """All three channels: where each listens, and the settings of each."""

    mailbox: Mailbox
    slack: Listener
    teams: Listener

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        return {
            "e-mail": self.mailbox.settings,
            "Slack": {"slack_webhook_url": f"{self.slack.address}{SLACK_PATH}"},
            "Teams": {"teams_webhook_url": f"{self.teams.address}{TEAMS_PATH}"},
        }

    @property
    def all_settings(self) -> dict[str, Any]:
        return {name: value for given in self.settings.values() for name, value in given.items()}

    @property
    def taken(self) -> dict[str, int]:
        """How many messages each channel has taken."""
        return {
            "e-mail": len(self.mailbox.messages),
            "Slack": self.slack.answered.count(200),
            "Teams": self.teams.answered.count(200),
        }

    def fail(self, channel: str, times: int) -> None:
        {"e-mail": self.mailbox, "Slack": self.slack, "Teams": self.teams}[channel].failures = times

    def told(self, channel: str) -> list[str]:
        """Return the lines of the only message that a channel got, and the address behind its link, as people see them."""
        if channel == "e-mail":
            (message,) = self.mailbox.messages
            return [message["Subject"].strip().removeprefix("[Bottleneck] "), *message.get_content().splitlines()]
        if channel == "Slack":
            (body,) = self.slack.bodies
            (button,) = body["blocks"][-1]["elements"]
            return [*(block["text"]["text"] for block in body["blocks"][:-1]), f"{button['text']['text']}: {button['url']}"]
        (body,) = self.teams.bodies
        (attachment,) = body["attachments"]
        (action,) = attachment["content"]["actions"]
        lines = ["".join(run["text"] for run in block["inlines"]) for block in attachment["content"]["body"]]
        return [*lines, f"{action['title']}: {action['url']}"]


@pytest.fixture(autouse=True)
def without_the_callers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("BOTTLENECK_") or name.upper().endswith("_PROXY") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)


@pytest.fixture
def everyone() -> Iterator[Everyone]:
    with mail_server() as mailbox, listening() as slack, listening() as teams:
        yield Everyone(mailbox, slack, teams)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the authority that signs the mail server's certificate."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def certificate(authority: trustme.CA, name: str = HOST) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def failure(problem: str = FACTS["Reason"], **changed: str) -> Alert:
    given = {
        "export": FACTS["Export"],
        "asset": FACTS["Asset"],
        "remedy": FACTS["What to do"],
        "last_release": FACTS["Last release"],
        "run_url": RUN_URL,
    }
    return failed_run(problem=problem, **{**given, **changed})


def inside(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a body, however deep."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(part)


def whole_text_of(error: BaseException) -> str:
    """Return all that a log could show of an error, with what it was caused by."""
    return "".join([*traceback.format_exception(error), str(error), repr(error)])


# --- What an alert says ------------------------------------------------------------------------------------------------------


def test_a_failed_run_is_told_with_export_asset_reason_remedy_last_release_and_the_runs_page() -> None:
    alert = failure()

    assert alert.subject == "Refresh failed: Sales holds 12 rows without a price."
    assert alert.facts == FACTS
    assert alert.link == ("Open the run", RUN_URL)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\n  ", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_the_subject_is_one_line_whatever_parts_the_lines_of_the_problem(newline: str) -> None:
    subject = failure(f"Sales is unreadable.{newline}Bcc: everyone@shop.test").subject

    assert subject == "Refresh failed: Sales is unreadable. Bcc: everyone@shop.test"


def test_a_subject_is_cut_and_says_so_but_the_reason_is_whole() -> None:
    problem = "Château " * 60

    alert = failure(problem)

    assert len(alert.subject) == SUBJECT_LENGTH
    assert alert.subject.endswith("…")
    assert alert.facts["Reason"] == problem


def test_a_subject_that_just_fits_is_not_cut() -> None:
    problem = "x" * (SUBJECT_LENGTH - len("Refresh failed: "))

    assert failure(problem).subject == f"Refresh failed: {problem}"


def test_stale_data_is_told_with_its_age_the_limit_and_the_releases_page() -> None:
    alert = stale_data(
        state="late",
        export="shop.db",
        asset="release",
        hours=1234.4,
        limit=26,
        last_release="r1 stays in place.",
        asset_url="http://ui.shop.test/assets/release",
    )

    assert alert.subject == "The data is late: no new release for 1,234 hours"
    assert list(alert.facts) == list(FACTS)
    assert alert.facts["Reason"] == "The last release is 1,234 hours old; the limit is 26."
    assert alert.link == ("Open the release", "http://ui.shop.test/assets/release")


# --- Who gets it -------------------------------------------------------------------------------------------------------------


def test_without_a_channel_nothing_is_sent(everyone: Everyone) -> None:
    settings = load_settings(smtp_host=HOST, smtp_port=everyone.mailbox.port, smtp_security="none")

    assert not channels(settings)
    assert send(failure(), settings) == []
    assert everyone.taken == {"e-mail": 0, "Slack": 0, "Teams": 0}


@pytest.mark.parametrize("channel", ["e-mail", "Slack", "Teams"])
def test_a_channel_alone_gets_one_message_with_all_facts_and_the_link(everyone: Everyone, channel: str) -> None:
    settings = load_settings(**everyone.settings[channel])

    assert list(channels(settings)) == [channel]
    assert send(failure(), settings) == [channel]

    assert everyone.taken == {"e-mail": 0, "Slack": 0, "Teams": 0, channel: 1}
    told = [line for line in everyone.told(channel) if line]
    assert told == [
        "Refresh failed: Sales holds 12 rows without a price.",
        *(f"{name}: {fact}" for name, fact in FACTS.items()),
        f"Open the run: {RUN_URL}",
    ]


def test_all_channels_at_once_get_one_message_each(everyone: Everyone) -> None:
    assert send(failure(), load_settings(**everyone.all_settings)) == ["e-mail", "Slack", "Teams"]

    assert everyone.taken == {"e-mail": 1, "Slack": 1, "Teams": 1}
    assert (everyone.slack.paths, everyone.teams.paths) == ([SLACK_PATH], [TEAMS_PATH])


def test_several_recipients_get_the_same_message(everyone: Everyone) -> None:
    send(failure(), load_settings(**{**everyone.mailbox.settings, "alert_email_to": f"{OWNER}, {SHOP},cellar@shop.test"}))

    (message,) = everyone.mailbox.messages
    assert everyone.mailbox.recipients == [[OWNER, SHOP, "cellar@shop.test"]]
    assert message["To"] == f"{OWNER}, {SHOP}, cellar@shop.test"


def test_the_sender_is_the_first_recipient_unless_one_is_set(everyone: Everyone) -> None:
    given = {**everyone.mailbox.settings, "alert_email_to": f"{OWNER}, cellar@shop.test"}

    send(failure(), load_settings(**given))
    send(failure(), load_settings(**given, alert_email_from=SHOP))

    assert everyone.mailbox.senders == [OWNER, SHOP]
    assert [message["From"] for message in everyone.mailbox.messages] == [OWNER, SHOP]


def test_a_mail_says_that_a_machine_wrote_it_and_when(everyone: Everyone) -> None:
    send(failure(), load_settings(**everyone.mailbox.settings))

    (message,) = everyone.mailbox.messages
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert message["Message-ID"]


# --- What may stand in a table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", MARKED_UP)
def test_text_from_a_table_arrives_as_it_is_written_and_nothing_else(everyone: Everyone, text: str) -> None:
    send(failure(text, asset=text), load_settings(**everyone.all_settings))

    for channel in everyone.taken:
        told = everyone.told(channel)
        assert told[0] == f"Refresh failed: {text}"
        assert {f"Asset: {text}", f"Reason: {text}"} <= set(told), channel


def test_a_mail_is_plain_text_alone(everyone: Everyone) -> None:
    send(failure("<b>Château</b>"), load_settings(**everyone.mailbox.settings))

    (message,) = everyone.mailbox.messages
    assert message.get_content_type() == "text/plain"
    assert "Château" in message["Subject"]


@pytest.mark.parametrize("text", MARKED_UP)
def test_slack_gets_nothing_but_plain_text_and_an_escaped_fallback(everyone: Everyone, text: str) -> None:
    send(failure(text), load_settings(**everyone.settings["Slack"]))

    (body,) = everyone.slack.bodies
    texts = [part for part in inside(body["blocks"]) if isinstance(part.get("text"), str)]
    assert len(texts) == 1 + len(FACTS) + 1
    assert {part["type"] for part in texts} == {"plain_text"}
    assert set(body) == {"text", "blocks"}
    assert not set("<>") & set(body["text"])
    assert body["text"] == f"Refresh failed: {text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}"


@pytest.mark.parametrize("text", MARKED_UP)
def test_teams_gets_no_text_that_it_would_read_as_markdown(everyone: Everyone, text: str) -> None:
    send(failure(text), load_settings(**everyone.settings["Teams"]))

    (body,) = everyone.teams.bodies
    kinds = {part["type"] for part in inside(body) if "type" in part}
    assert kinds == {"message", "AdaptiveCard", "RichTextBlock", "TextRun", "Action.OpenUrl"}
    assert {part["type"] for part in inside(body) if text in str(part.get("text", ""))} == {"TextRun"}


def test_a_very_long_reason_keeps_to_what_slack_takes_and_is_whole_in_a_mail(everyone: Everyone) -> None:
    problem = "Château Margaux 2019, 12 bottles. " * 400

    send(failure(problem), load_settings(**everyone.all_settings))

    (body,) = everyone.slack.bodies
    header, *sections, _ = body["blocks"]
    assert len(header["text"]["text"]) <= 150
    assert max(len(section["text"]["text"]) for section in sections) <= 3000
    assert f"Reason: {problem}" in everyone.told("e-mail")


def test_a_problem_of_several_lines_reaches_every_channel_with_a_subject_of_one(everyone: Everyone) -> None:
    send(failure("Sales is unreadable.\r\nBcc: everyone@shop.test"), load_settings(**everyone.all_settings))

    assert everyone.taken == {"e-mail": 1, "Slack": 1, "Teams": 1}
    assert everyone.mailbox.recipients == [[OWNER]]
    assert everyone.mailbox.messages[0]["Bcc"] is None
    for channel in everyone.taken:
        assert everyone.told(channel)[0] == "Refresh failed: Sales is unreadable. Bcc: everyone@shop.test"


# --- When a channel fails ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["e-mail", "Slack", "Teams"])
def test_a_channel_that_fails_twice_gets_it_on_the_third_try_and_nobody_gets_it_twice(everyone: Everyone, channel: str) -> None:
    everyone.fail(channel, TRIES - 1)

    assert send(failure(), load_settings(**everyone.all_settings)) == ["e-mail", "Slack", "Teams"]

    assert everyone.taken == {"e-mail": 1, "Slack": 1, "Teams": 1}
    answered = {"Slack": everyone.slack.answered, "Teams": everyone.teams.answered}
    assert answered.get(channel, [500, 500, 200]) == [500, 500, 200]


@pytest.mark.parametrize("channel", ["e-mail", "Slack", "Teams"])
def test_a_channel_that_always_fails_is_named_without_a_secret_and_the_others_get_theirs(
    everyone: Everyone, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    everyone.fail(channel, 1_000)

    with pytest.raises(AlertError) as lost:
        send(failure(), load_settings(**everyone.all_settings))

    assert everyone.taken == {"e-mail": 1, "Slack": 1, "Teams": 1, channel: 0}
    assert [name for name in everyone.taken if name in lost.value.problem] == [channel]
    assert failure().subject in lost.value.problem
    assert lost.value.remedy
    shown = whole_text_of(lost.value) + caplog.text
    assert not [secret for secret in SECRETS if secret in shown]
    tried = {"Slack": everyone.slack.answered, "Teams": everyone.teams.answered}
    assert len(tried.get(channel, [500] * TRIES)) == TRIES


def test_channels_that_cannot_be_reached_are_all_named_without_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = f"http://{HOST}:{free_port()}"
    settings = load_settings(
        alert_email_to=OWNER,
        smtp_host=HOST,
        smtp_port=free_port(),
        smtp_user=USER,
        smtp_password=PASSWORD,
        slack_webhook_url=f"{nowhere}{SLACK_PATH}",
        teams_webhook_url=f"{nowhere}{TEAMS_PATH}",
    )

    with pytest.raises(AlertError, match=r"e-mail .*, Slack .*, Teams ") as lost:
        send(failure(), settings)

    shown = whole_text_of(lost.value) + caplog.text
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("address", ["hooks.slack.test/slack-token", "htps://hooks.slack.test/slack-token", " "])
@pytest.mark.parametrize("setting", ["slack_webhook_url", "teams_webhook_url"])
def test_what_is_no_address_of_a_webhook_is_refused_by_the_settings_name(setting: str, address: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting}: it must begin with https://") as refused:
        load_settings(**{setting: address})

    assert "token" not in whole_text_of(refused.value)


@pytest.mark.parametrize("address", ["https://teams-token:port/"])
@pytest.mark.parametrize("setting", ["slack_webhook_url", "teams_webhook_url"])
def test_an_address_that_leads_nowhere_fails_by_the_channels_name(setting: str, address: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AlertError, match=r"Slack|Teams") as lost:
        send(failure(), load_settings(**{setting: address}))

    shown = whole_text_of(lost.value) + caplog.text
    assert not [secret for secret in SECRETS if secret in shown]


# --- The way to the mail server ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_by_starttls_and_is_signed_in(authority: trustme.CA) -> None:
    with mail_server(tls_context=certificate(authority), require_starttls=True, sign_in=True, auth_required=True) as mailbox:
        given = {**mailbox.settings, "smtp_security": "starttls", "smtp_user": USER, "smtp_password": PASSWORD}

        assert send(failure(), load_settings(**given)) == ["e-mail"]

        assert mailbox.signed_in == [True]
        assert mailbox.recipients == [[OWNER]]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_by_tls_from_the_first_byte_and_is_signed_in(authority: trustme.CA) -> None:
    # auth_require_tls: this server means STARTTLS by it, and there is none inside TLS
    options = {"sign_in": True, "auth_required": True, "auth_require_tls": False}
    with mail_server(ssl_context=certificate(authority), **options) as mailbox:
        given = {**mailbox.settings, "smtp_security": "tls", "smtp_user": USER, "smtp_password": PASSWORD}

        assert send(failure(), load_settings(**given)) == ["e-mail"]

        assert mailbox.signed_in == [True]


@pytest.mark.usefixtures("trusted")
def test_a_password_that_is_refused_is_told_without_it(authority: trustme.CA, caplog: pytest.LogCaptureFixture) -> None:
    with mail_server(tls_context=certificate(authority), require_starttls=True, sign_in=True, auth_required=True) as mailbox:
        given = {**mailbox.settings, "smtp_security": "starttls", "smtp_user": USER, "smtp_password": "wrong-vintage"}

        with pytest.raises(AlertError, match="e-mail") as lost:
            send(failure(), load_settings(**given))

        assert mailbox.asked_to_sign_in >= 1
        assert not mailbox.messages
    shown = whole_text_of(lost.value) + caplog.text
    assert "wrong-vintage" not in shown
    assert HOST not in shown


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_is_refused_before_the_password_is_sent(authority: trustme.CA, security: str) -> None:
    context = certificate(authority)
    encrypted = {"tls_context": context} if security == "starttls" else {"ssl_context": context, "auth_require_tls": False}
    with mail_server(**encrypted, sign_in=True) as mailbox:
        given = {**mailbox.settings, "smtp_security": security, "smtp_user": USER, "smtp_password": PASSWORD}

        with pytest.raises(AlertError, match=r"e-mail \(SSLCertVerificationError\)"):
            send(failure(), load_settings(**given))

        assert (mailbox.asked_to_sign_in, mailbox.messages) == (0, [])


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_server_is_refused(authority: trustme.CA) -> None:
    with mail_server(tls_context=certificate(authority, "elsewhere.test")) as mailbox:
        with pytest.raises(AlertError, match=r"e-mail \(SSLCertVerificationError\)"):
            send(failure(), load_settings(**{**mailbox.settings, "smtp_security": "starttls"}))

        assert not mailbox.messages


def connections_left_open_by_a_failed_send(mailbox: Mailbox, **given: Any) -> int:
    """Return how many connections to a mail server stay open once sending has failed, while the error is still looked at."""
    with pytest.raises(AlertError, match=r"e-mail \(SMTPNotSupportedError\)"):
        send(failure(), load_settings(**{**mailbox.settings, **given}))
    connections = psutil.Process().net_connections(kind="tcp")
    return len([to for to in connections if to.raddr and to.raddr.port == mailbox.port and to.status == "ESTABLISHED"])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_without_starttls_gets_neither_the_password_nor_the_mail_and_is_left() -> None:
    with mail_server(sign_in=True, auth_require_tls=False) as mailbox:
        left_open = connections_left_open_by_a_failed_send(mailbox, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD)
        gc.collect()  # what was left open must not be found in the middle of another test

        assert (mailbox.asked_to_sign_in, mailbox.messages) == (0, [])
    assert left_open == 0
