"""Lets a web application be used by its own pages alone, whatever other pages a browser has open.

Belongs here: telling a request of ours from a foreign one. Never here: who may do what; sign-in is the reverse proxy's, or protection.py's.

Dagster's UI has no sign-in and answers any request that reaches it, also one that a page of another site makes a browser send. So a request
must name a host that is ours, must not come from another origin, and can change nothing by a link.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Literal
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Header = tuple[bytes, bytes]
Posts = Literal["questions", "forms"]

HEADERS: tuple[Header, ...] = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
NOTHING_RUNS: Header = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
OURS = {"same-origin", "none"}
POLICY_VIOLATION = 1008


class SameOriginOnly:
    """An ASGI application before another one: it refuses what is foreign with 403 and the reason, and lets the rest through."""

    def __init__(self, application: Application, hosts: Iterable[str], *, setting: str, posts: Posts = "questions") -> None:
        """Take the application, the hosts (`name:port`, without the port where it is the protocol's own) that are ours, and what adds one.

        What is posted is either questions, in JSON, which no form can send; or forms, and then a browser must say which page sends them.
        """
        self._application, self._posts, self._setting = application, posts, setting
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one connection of a websocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
        elif (reason := self._why_foreign(scope)) is None:
            await self._application(scope, receive, _with_headers(send, HEADERS))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        else:
            body = f"Refused: {reason}.\n".encode()
            length = (b"content-length", str(len(body)).encode())
            headers = [(b"content-type", b"text/plain; charset=utf-8"), length, NOTHING_RUNS, *HEADERS]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def _why_foreign(self, scope: Scope) -> str | None:
        headers: dict[str, str] = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        is_page = _is_page(scope, headers)
        if headers.get("host", "").lower() not in self._hosts:
            return f"this host is not served here; if people find it at this address, say so in {self._setting}"
        if "origin" in headers and _host_of(headers["origin"]) not in self._hosts:
            return "the request comes from another site"
        if headers.get("sec-fetch-site", "none") not in OURS and not is_page:
            return "the request comes from another site"
        if scope["type"] == "http" and not is_page:
            if scope["method"] != "POST" and scope["path"] == "/graphql" and scope["query_string"]:
                return "a question is asked by POST"
            if scope["method"] == "POST":
                return self._why_no_post(headers)
        return None

    def _why_no_post(self, headers: MutableMapping[str, str]) -> str | None:
        content_type = headers.get("content-type", "")
        if self._posts == "questions":
            return None if content_type.startswith("application/json") else "a question is asked as application/json"
        if "origin" not in headers:
            return "it is not said which page sends the form"
        return None if content_type.startswith(FORMS) else "a form is sent as a form"


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # it is no address at all
        return None


def _is_page(scope: Scope, headers: MutableMapping[str, str]) -> bool:
    """Tell whether a person opens a page: by a link, which may stand in a mail or on any other page."""
    opens = headers.get("sec-fetch-mode", "navigate") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
    return scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and scope["path"] != "/graphql" and opens


def _with_headers(send: Send, headers: Iterable[Header]) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return sending
