"""Keeps the portal to those who may use it, and its buttons to its own pages.

Belongs here: the password, the tokens in forms, and which names the portal answers to. Never here: telling foreign pages (same_origin.py).
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import secrets
import socket
import time
from base64 import b64decode
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bottleneck_assets.errors import SettingsError

if TYPE_CHECKING:
    from bottleneck_assets.settings import Settings
    from bottleneck_assets.web.same_origin import Application, Receive, Scope, Send

COOKIE = "bottleneck_portal"
TOKEN_SECONDS = 12 * 3600
OPEN_TO_ALL = {"/healthz"}
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Browsers leave them out where they name the host."""
MOST_WRONG, WRONG_SECONDS = 10, 60
"""Wrong passwords from one address within a time, after which it is asked to wait."""
_log = logging.getLogger(__name__)
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
    named = [f"[{name}]" if ":" in name else name for name in sorted(names)]
    hosts = [f"{name}:{port}" for name in named] + (named if port == DEFAULT_PORTS["http"] else [])
    if settings.portal_url:
        url = urlsplit(settings.portal_url)
        hosts.append(url.netloc.removesuffix(f":{DEFAULT_PORTS[url.scheme]}"))
    return hosts


class PasswordOnly:
    """An ASGI application before another one: it lets through who sends the password by HTTP Basic, under whatever name."""

    def __init__(self, application: Application, password: str) -> None:
        """Take the application and the password."""
        self._application, self._expected = application, sha256(password.encode()).digest()
        self._wrong, self._since = Counter[str](), 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_TO_ALL:
            await self._application(scope, receive, send)
        elif self._must_wait(address := (scope.get("client") or [""])[0]):
            told = (b"retry-after", str(WRONG_SECONDS).encode())
            await _refuse(scope, send, 429, told, b"There were too many wrong passwords: wait a minute.\n")
        elif self._is_given(scope):
            await self._application(scope, receive, send)
        else:
            self._count(scope, address)
            await _refuse(scope, send, 401, (b"www-authenticate", _ASK), b"The portal asks for its password.\n")

    def _must_wait(self, address: str) -> bool:
        if time.monotonic() - self._since > WRONG_SECONDS:
            self._wrong.clear()
            self._since = time.monotonic()
        return self._wrong[address] >= MOST_WRONG

    def _count(self, scope: Scope, address: str) -> None:
        if any(name == b"authorization" for name, _ in scope["headers"]):
            self._wrong[address] += 1
            if self._wrong[address] == MOST_WRONG:
                _log.warning("%s has sent %d wrong passwords to the portal within a minute.", address, MOST_WRONG)

    def _is_given(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:6].lower() == b"basic ":
                try:
                    _, _, password = b64decode(value[6:], validate=True).partition(b":")
                except ValueError:
                    return False
                return hmac.compare_digest(sha256(password).digest(), self._expected)
        return False


async def _refuse(scope: Scope, send: Send, status: int, header: tuple[bytes, bytes], body: bytes) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), header]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


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
