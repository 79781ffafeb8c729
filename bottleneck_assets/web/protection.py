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
from hashlib import sha256
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bottleneck_assets.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets.settings import Settings
    from bottleneck_assets.web.same_origin import Application, Receive, Scope, Send

COOKIE = "bottleneck_portal"
TOKEN_SECONDS = 12 * 3600
OPEN_TO_ALL = {"/healthz"}
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Browsers leave them out where they name the host."""
MOST_WRONG, WRONG_SECONDS = 10, 60
"""Wrong passwords from one address within a time, after which it is asked to wait."""
MOST_REMEMBERED = 10_000
"""Addresses and names whose tries are remembered: more than send wrong passwords at a time, and a few megabytes."""
_log = logging.getLogger(__name__)
_PASSWORD = b"The portal asks for its password.\nLe portail demande son mot de passe.\n"
_WAIT = "There were too many wrong passwords: wait a minute.\nTrop de mots de passe erronés : patientez une minute.\n".encode()
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


class Tries:
    """Counts wrong passwords, of each sender by itself, within a minute of the first.

    A sender is an address. Whoever has sent the right password from it before, under the same name, is a sender of their own: others
    behind the same proxy do not shut them out, and cannot guess more often for that.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock, in seconds."""
        self._clock = clock
        self._wrong: dict[tuple[str, str], tuple[float, int]] = {}
        self._known: dict[tuple[str, str], None] = {}

    def must_wait(self, address: str, name: str) -> float:
        """Return for how many seconds more a sender has to wait, 0 if not at all."""
        since, count = self._wrong.get(self._sender(address, name), (0.0, 0))
        return max(0.0, since + WRONG_SECONDS - self._clock()) if count >= MOST_WRONG else 0.0

    def was_wrong(self, address: str, name: str) -> bool:
        """Count a wrong password, and tell whether it was one too many."""
        sender, now = self._sender(address, name), self._clock()
        since, count = self._wrong.pop(sender, (now, 0))
        since, count = (now, 0) if now - since > WRONG_SECONDS else (since, count)
        self._wrong[sender] = since, count + 1
        _forget_first(self._wrong)
        return count + 1 == MOST_WRONG

    def was_right(self, address: str, name: str) -> None:
        """Remember who has sent the right password."""
        self._known.pop((address, name), None)
        self._known[address, name] = None
        _forget_first(self._known)

    def _sender(self, address: str, name: str) -> tuple[str, str]:
        return (address, name) if (address, name) in self._known else (address, "")


class PasswordOnly:
    """An ASGI application before another one: it lets through who sends the password by HTTP Basic, under whatever name."""

    def __init__(self, application: Application, password: str) -> None:
        """Take the application and the password."""
        self._application, self._expected = application, sha256(password.encode()).digest()
        self._tries = Tries(time.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_TO_ALL:
            await self._application(scope, receive, send)
            return
        address, given = (scope.get("client") or [""])[0], _given(scope)
        name, password = given or ("", b"")
        if wait := self._tries.must_wait(address, name):
            told = (b"retry-after", str(ceil(wait)).encode())
            await _refuse(scope, send, 429, told, _WAIT)
        elif given and hmac.compare_digest(sha256(password).digest(), self._expected):
            self._tries.was_right(address, name)
            await self._application(scope, receive, send)
        else:
            if given and self._tries.was_wrong(address, name):
                _log.warning("%s has sent %d wrong passwords to the portal within a minute.", address, MOST_WRONG)
            await _refuse(scope, send, 401, (b"www-authenticate", _ASK), _PASSWORD)


def _given(scope: Scope) -> tuple[str, bytes] | None:
    """Return the name and the password that a request sends, empty if it sends anything else in their place; None if it sends nothing."""
    for header, value in scope["headers"]:
        if header == b"authorization":
            try:
                name, _, password = b64decode(value[6:] if value[:6].lower() == b"basic " else b"", validate=True).partition(b":")
            except ValueError:
                return "", b""
            return sha256(name).hexdigest(), password
    return None


def _forget_first(remembered: dict[tuple[str, str], Any]) -> None:
    while len(remembered) > MOST_REMEMBERED:
        remembered.pop(next(iter(remembered)))


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
