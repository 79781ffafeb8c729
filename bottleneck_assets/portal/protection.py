"""Keeps the portal to those who may use it, and its buttons to its own pages.

Belongs here: the password, the tokens in forms, and which names the portal answers to. Never here: telling foreign pages (same_origin.py).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from base64 import b64decode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bottleneck_assets.errors import SettingsError

if TYPE_CHECKING:
    from bottleneck_assets.portal.same_origin import Application, Receive, Scope, Send
    from bottleneck_assets.settings import Settings

COOKIE = "bottleneck_portal"
TOKEN_SECONDS = 12 * 3600
OPEN_TO_ALL = {"/healthz"}
_ASK = b'Basic realm="Bottleneck portal", charset="UTF-8"'


def refuse_unprotected(settings: Settings) -> None:
    """Raise SettingsError if the portal would be reached from other machines without a password."""
    if settings.portal_password is None and not is_loopback(settings.portal_host):
        problem = f"The portal would listen on {settings.portal_host}, beyond this machine, without a password."
        raise SettingsError(problem, "Set BOTTLENECK_PORTAL_PASSWORD, or let it listen on 127.0.0.1.")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reached_at(settings: Settings) -> str:
    """Return the host and port at which this machine reaches the portal."""
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(settings.portal_host, settings.portal_host)  # noqa: S104 - as above
    return f"[{host}]:{settings.portal_port}" if ":" in host else f"{host}:{settings.portal_port}"


def hosts_of(settings: Settings) -> list[str]:
    """Return the names that the portal answers to: loopback, its address for people, and where it listens.

    Where it listens on every interface, those are this machine's own addresses and its name.
    """
    port, names = settings.portal_port, {"127.0.0.1", "localhost"}
    if settings.portal_host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        found = [address.address.split("%")[0] for addresses in psutil.net_if_addrs().values() for address in addresses]
        names |= {address for address in found if _is_address(address)} | {socket.gethostname()}
    else:
        names.add(settings.portal_host)
    hosts = [f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in sorted(names)]
    return [*hosts, *([urlsplit(settings.portal_url).netloc] if settings.portal_url else [])]


class PasswordOnly:
    """An ASGI application before another one: it lets through who sends the password by HTTP Basic, under whatever name."""

    def __init__(self, application: Application, password: str) -> None:
        """Take the application and the password."""
        self._application, self._expected = application, sha256(password.encode()).digest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_TO_ALL or self._is_given(scope):
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            body = b"The portal asks for its password.\n"
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"www-authenticate", _ASK)]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def _is_given(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:6].lower() == b"basic ":
                try:
                    _, _, password = b64decode(value[6:], validate=True).partition(b":")
                except ValueError:
                    return False
                return hmac.compare_digest(sha256(password).digest(), self._expected)
        return False


class Tokens:
    """Signs what a browser holds in a cookie into the forms that it is shown: a form that another page makes has no such token."""

    def __init__(self) -> None:
        """Make a key that nobody else has, and that goes with this process."""
        self._signer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="form")

    def issue(self, cookie: str | None) -> tuple[str, str]:
        """Return the cookie that a browser should hold, its own if it has one, and a token for a form."""
        held = cookie if cookie and len(cookie) <= 64 else secrets.token_urlsafe(32)  # noqa: PLR2004 - ours are shorter
        return held, self._signer.dumps(held)

    def is_good(self, cookie: str | None, token: object) -> bool:
        """Tell whether a form's token was made for the browser that holds the cookie, not too long ago."""
        if not cookie or not isinstance(token, str):
            return False
        try:
            signed = self._signer.loads(token, max_age=TOKEN_SECONDS)
        except BadSignature:
            return False
        return hmac.compare_digest(str(signed).encode(), cookie.encode())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
