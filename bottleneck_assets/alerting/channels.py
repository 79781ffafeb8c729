"""How an alert reaches people: e-mail, Slack, Teams, whichever is set.

Belongs here: the channels, and trying again. Never here: what an alert says, and when it is sent.

Facts may hold text from an export: it is sent as plain text, so that it can neither mark up nor mention anyone. Addresses of webhooks
are secrets: no error repeats one.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from typing import TYPE_CHECKING, Any

import tenacity

from bottleneck_assets.errors import AlertError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bottleneck_assets.alerting.message import Alert
    from bottleneck_assets.settings import Settings

TIMEOUT_SECONDS = 5
TRIES = 3
SECONDS_FOR_ALL_TRIES = 15
_SENDER = "Bottleneck"


def channels(settings: Settings) -> Mapping[str, Callable[[Alert], None]]:
    """Return the channels that are set, by name; none if none is."""
    found: dict[str, Callable[[Alert], None]] = {}
    if settings.alert_email_to:
        found["e-mail"] = partial(_mail, settings)
    if settings.slack_webhook_url:
        found["Slack"] = partial(_slack, settings.slack_webhook_url.get_secret_value())
    if settings.teams_webhook_url:
        found["Teams"] = partial(_teams, settings.teams_webhook_url.get_secret_value())
    return found


def send(alert: Alert, settings: Settings, only: Collection[str] | None = None) -> list[str]:
    """Send an alert to every channel that is set, or to those named, and return their names.

    A channel that fails does not keep the others from it.

    Raises AlertError, which names the channels that could not be reached in three tries.
    """
    failed: dict[str, BaseException] = {}
    found = {name: deliver for name, deliver in channels(settings).items() if only is None or name in only}
    stop = tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(SECONDS_FOR_ALL_TRIES)
    for name, deliver in found.items():
        try:
            for attempt in tenacity.Retrying(stop=stop, wait=tenacity.wait_fixed(1), reraise=True):
                with attempt:
                    deliver(alert)
        except Exception as error:  # noqa: BLE001 - whatever a channel's library raises; told below, without the secrets in its text
            failed[name] = error
    if failed:
        described = ", ".join(f"{name} ({type(error).__name__})" for name, error in failed.items())
        problem = f"An alert could not be sent by {described}: {alert.subject}"
        raise AlertError(problem, "Check the settings of that channel, and that it can be reached from here.", tuple(failed))
    return list(found)


def _mail(settings: Settings, alert: Alert) -> None:
    recipients = [address.strip() for address in (settings.alert_email_to or "").split(",")]
    message = EmailMessage()
    message["Subject"] = f"[{_SENDER}] {alert.subject}"
    message["From"] = settings.alert_email_from or recipients[0]
    message["To"] = ", ".join(recipients)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        "\n".join([*(f"{name}: {fact}" for name, fact in alert.facts.items()), "", f"{alert.link[0]}: {alert.link[1]}", ""])
    )
    with _mail_server(settings) as server:
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value() if settings.smtp_password else "")
        server.send_message(message)


def _mail_server(settings: Settings) -> smtplib.SMTP:
    where, trusted = (settings.smtp_host, settings.smtp_port), ssl.create_default_context()
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=trusted)
    server = smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=trusted)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _slack(url: str, alert: Alert) -> None:
    from slack_sdk.webhook import WebhookClient

    def plain(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": text[:2_900], "emoji": False}

    facts = [{"type": "section", "text": plain(f"{name}: {fact}")} for name, fact in alert.facts.items()]
    button = {"type": "button", "text": plain(alert.link[0]), "url": alert.link[1]}
    blocks = [{"type": "header", "text": plain(alert.subject)}, *facts, {"type": "actions", "elements": [button]}]
    told = alert.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    answer = WebhookClient(url, timeout=TIMEOUT_SECONDS).send(text=told, blocks=blocks)
    if answer.status_code >= 300:  # noqa: PLR2004 - what is not a 2xx was not taken
        raise ConnectionError(answer.status_code)


def _teams(url: str, alert: Alert) -> None:
    from dagster_msteams.client import TeamsClient

    def plain(text: str, **style: Any) -> dict[str, Any]:  # noqa: ANN401 - the properties of a text run
        # not a TextBlock, which would read Markdown
        return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}

    body = [plain(alert.subject, weight="Bolder", size="Large"), *(plain(f"{name}: {fact}") for name, fact in alert.facts.items())]
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": alert.link[0], "url": alert.link[1]}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    client: Any = TeamsClient(url, timeout=TIMEOUT_SECONDS)
    client.post_message({"type": "message", "attachments": [attachment]})
