"""Abuses the portal over the network: requests that no browser makes, clients that never finish, and many more of them than it takes.

Belongs here: what is sent, and what must hold whatever is sent. Never here: what the portal shows.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.portal.serving import NOWHERE, Portal, is_up, portal
from bottleneck_assets_tests.running import BOTTLENECK, wait_for
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "",
}
"""What a scanner of security headers looks for, and what each must say."""
SECRET = "chateau-not-for-you-1787"  # noqa: S105 - nobody's
SETTINGS = {
    "BOTTLENECK_SMTP_PASSWORD": f"{SECRET}-smtp",
    "BOTTLENECK_SLACK_WEBHOOK_URL": f"https://127.0.0.1:9/{SECRET}-slack",
    "BOTTLENECK_TEAMS_WEBHOOK_URL": f"https://127.0.0.1:9/{SECRET}-teams",
    "BOTTLENECK_PORTAL_PASSWORD": f"{SECRET}-portal",
}
OUTSIDE = "outside.txt"
"""A file beside the releases, which no address may give."""
MOST_MORE = 150_000_000
"""Bytes by which the portal may grow, whoever asks for whatever."""
ANSWER_SECONDS = 20
SERVED = {b"200", b"206", b"303", b"304", b"403", b"404", b"405", b"409", b"413"}
"""Answers of the portal itself; what is no HTTP is answered before it reaches the portal."""
CUT_OFF = b"cut off"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
STARTS = ["/extracts/latest", "/extracts", "/static", "/releases", "/lineage", "/refresh", "/api/rows", "", "//", "/extracts/latest.zip"]
STEPS = ["..", "%2e%2e", "%252e%252e", "..%2f", "..%5c", "%c0%ae%c0%ae", ".", "", "....//", "\\..", "%00", "~", "..;", "CON", "%ff", "é"]
ENDS = [OUTSIDE, "etc/passwd", "exports/shop.db", "manifest.json", "overview.csv%00.html", "overview.csv/", "overview.fr.csv.xlsx"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "CONNECT"]
PAGES = [
    "/",
    "/downloads",
    "/extracts/latest/overview.csv",
    "/extracts/latest/overview.xlsx",
    "/extracts/latest.zip",
    "/api/rows/top_products?length=3&q=a",
    "/refresh",
    "/status",
]
FIELDS = [
    *(f"Range: {value}" for value in ("bytes=0-0", "bytes=99999999-", "bytes=0-1,2-3,4-5", "lines=1")),
    *(f"If-None-Match: {value}" for value in ("*", 'W/"x", "y"', ",,,")),
    *(f"If-Modified-Since: {value}" for value in ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT")),
    *(f"Cookie: {value}" for value in ("a=b; " * 500, "bottleneck_portal=%00; =; ;;")),
    *(f"Authorization: {value}" for value in ("Basic !!!", "Bearer x")),
    *(f"Origin: {value}" for value in ("null", "http://evil.example")),
    *(f"Content-Length: {value}" for value in ("0", "-1")),
    *("Accept-Encoding: br;q=1e9, *", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher", "Forwarded: for=evil"),
    *("X-HTTP-Method-Override: DELETE", "Sec-Fetch-Site: cross-site", "Expect: 100-continue", "Upgrade: websocket"),
    *("Transfer-Encoding: identity", "X-Long: " + "x" * 9000, "X-Odd: \x7f\xff"),
]
EDGE = "----edge"
SHARE_OF_PLAIN_FORMS = 0.3
FORM_TYPES = ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "multipart/form-data"]
PART_TYPES = [
    *[f"multipart/form-data; boundary={EDGE}"] * 2,
    "multipart/form-data; boundary=",
    f"multipart/mixed; boundary={EDGE}",
]
FILE_NAMES = [
    *("shop.db", "../shop.db", "..\\shop.db", "C:\\shop.db", "shop.db\0.txt", "a" * 5000 + ".db", "", ".db", "con.db", "shop.db/"),
    *("'; --.db", "<img src=x>.sqlite", "é\u202edb.db"),
]
CONTENTS = ["", "no database", "SQLite format 3\0", "SQLite format 3\0" + "\0" * 4096, "x" * 300_000, "x" * 1_500_000]


def hold_abuse(scope: Scope) -> Iterable[Outcome]:
    """Send requests of every shape, one after the other."""
    with _site(scope.folder) as site:
        for what, silence, requests in (
            ("odd paths", ANSWER_SECONDS, _paths(site, scope.times(200, 4000))),
            ("odd methods and headers", ANSWER_SECONDS, _headers(scope.times(200, 4000))),
            ("odd forms and uploads", ANSWER_SECONDS, _bodies(site, scope.times(100, 1500))),
            ("bytes that are no HTTP", 0.2, _noise(scope.times(100, 1000))),
        ):
            losses, times, before, logged = list[str](), 0, site.memory(), len(site.logged())
            for request in requests:
                times += 1
                answer = _sent(site, request, silence)
                losses += [f"{request[:200]!r}: {loss}" for loss in _wrong(answer)]
                if not answer and silence == ANSWER_SECONDS:
                    losses.append(f"{request[:200]!r}: it is not answered")
            if not is_up(site):
                losses.append("the portal answers no more")
            if site.memory() - before > MOST_MORE:
                losses.append(f"it has grown by {(site.memory() - before) // 1_000_000} MB")
            if tracebacks := site.logged()[logged:].count("Traceback"):
                losses.append(f"it has logged {tracebacks} tracebacks")
            yield Outcome(what, times, losses[:20])


def hold_crowds(scope: Scope) -> Iterable[Outcome]:
    """Open many connections that say nothing, little or slowly, and see that others are served once they are gone, and memory is flat."""
    with _site(scope.folder) as site:
        for what, first, count in (
            ("connections that say nothing", b"", scope.times(500, 4000)),
            ("requests that never end", b"GET / HTTP/1.1\r\nHost: %b\r\nX-Slow: ", scope.times(500, 4000)),
            ("uploads that never end", b"POST /exports HTTP/1.1\r\nHost: %b\r\nContent-Length: 4000000\r\n" + FORM + b"\r\n", 300),
            ("downloads that nobody reads", b"GET /extracts/latest.zip HTTP/1.1\r\nHost: %b\r\n\r\n", scope.times(100, 400)),
        ):
            before, losses = site.memory(), list[str]()
            with ExitStack() as crowd:
                for _ in range(count):
                    try:
                        connection = crowd.enter_context(socket.create_connection(("127.0.0.1", site.port), 5))
                        connection.sendall(first.replace(b"%b", site.origin.removeprefix("http://").encode()))
                    except OSError:  # refused, which is an answer
                        continue
                time.sleep(1)
                if (grown := site.memory() - before) > MOST_MORE:
                    losses.append(f"it has grown by {grown // 1_000_000} MB")
            try:
                wait_for(lambda: is_up(site), ANSWER_SECONDS)
            except AssertionError:
                losses.append(f"{ANSWER_SECONDS} s after they are gone it does not answer")
            yield Outcome(what, count, losses)


def hold_secrets(scope: Scope) -> Iterable[Outcome]:
    """Set every secret, refresh, fail to refresh, and look for them in every file and on every page."""
    data_dir = scope.folder / "data"
    (data_dir / "exports").mkdir(parents=True)
    write_sample_export(data_dir / "exports" / "good.db", seed=2)
    said = [_refresh(data_dir)]
    (data_dir / "exports" / "bad.db").write_bytes(b"SQLite format 3\0 and no more")
    said.append(_refresh(data_dir))
    held = [path for path in data_dir.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    losses = [f"{path.relative_to(data_dir)} holds a secret" for path in held]
    losses += ["the command has printed a secret" for text in said if SECRET in text]
    yield Outcome("files and messages that could hold a secret", sum(path.is_file() for path in data_dir.rglob("*")) + len(said), losses)
    with portal(data_dir, BOTTLENECK_DAGSTER_URL=NOWHERE, **SETTINGS) as site:
        signed_in = {"Authorization": _basic(SETTINGS["BOTTLENECK_PORTAL_PASSWORD"])}
        paths = ("/", "/downloads", "/status", "/exports", "/lineage", "/extracts/latest/manifest.json", "/refresh/none", "/nothing")
        pages = {path: site.ask(path, **headers).body for path in paths for headers in ({}, signed_in)}
    yield Outcome("pages that could show a secret", 2 * len(pages), [path for path, body in pages.items() if SECRET.encode() in body])


def _refresh(data_dir: Path) -> str:
    command = [BOTTLENECK, "refresh", "--debug", "--data-dir", str(data_dir)]
    done = subprocess.run(command, env={**os.environ, **SETTINGS}, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout + done.stderr


def _basic(password: str) -> str:
    return f"Basic {b64encode(f'anne:{password}'.encode()).decode()}"


@contextmanager
def _site(folder: Path) -> Iterator[Portal]:
    export = folder / "shop.db"
    write_sample_export(export, seed=2)
    run_refresh(export, folder / "data")
    for place in (folder, folder / "data", folder / "data" / "extracts"):
        (place / OUTSIDE).write_text(SECRET, encoding="utf-8")
    with portal(folder / "data", BOTTLENECK_DAGSTER_URL=NOWHERE, BOTTLENECK_UPLOAD_MB="1") as site:
        yield site


def _sent(site: Portal, request: bytes, silence: float) -> bytes:
    """Send bytes, and return what is answered until the other side closes, or says nothing for so many seconds."""
    answered = bytearray()
    with socket.create_connection(("127.0.0.1", site.port), silence) as connection:
        try:
            connection.sendall(request.replace(b"%HOST%", site.origin.removeprefix("http://").encode()))
            while piece := connection.recv(1 << 16):
                answered += piece
        except TimeoutError:
            return bytes(answered)
        except OSError:  # cut off, as what is too long is
            return bytes(answered) or CUT_OFF
    return bytes(answered)


def _wrong(answer: bytes) -> list[str]:
    """Return what no answer may be."""
    lines, _, _ = answer.partition(b"\r\n\r\n")
    status, *fields = lines.split(b"\r\n")
    told = {
        name.strip().lower().decode("latin-1"): value.strip().decode("latin-1")
        for name, _, value in (line.partition(b":") for line in fields)
    }
    code = status.split(b" ")[1] if status.startswith(b"HTTP/1.1 ") else b""
    is_page = told.get("content-type", "").startswith("text/html")
    return [
        *(["it fails: " + status.decode("latin-1")] if code.startswith(b"5") and code != b"503" else []),
        *(["a file that is no file of a release is given"] if SECRET.encode() in answer else []),
        *(["a traceback is shown"] if b"Traceback" in answer else []),
        *(
            f"{name} is {told.get(name, 'not said')}"
            for name, value in HEADERS.items()
            if code in SERVED and value not in told.get(name, "\0")
        ),
        *(
            ["its page does not say what may run in it"]
            if is_page and "frame-ancestors" not in told.get("content-security-policy", "")
            else []
        ),
    ]


def _paths(site: Portal, count: int) -> Iterator[bytes]:
    chance = random.Random(1)  # noqa: S311 - the same every time
    starts = [*STARTS, f"/extracts/{(site.extracts / 'latest').resolve().name}"]
    for _ in range(count):
        path = "/".join([chance.choice(starts), *chance.choices(STEPS, k=chance.randint(0, 4)), chance.choice(ENDS)])
        tail = chance.choice(["", "?", "?" + "a" * chance.randint(0, 3000), "#x", f"?path=../{OUTSIDE}", ";x=1"])
        yield f"GET {path}{tail} HTTP/1.1\r\nHost: %HOST%\r\nConnection: close\r\n\r\n".encode("latin-1", "replace")


def _headers(count: int) -> Iterator[bytes]:
    chance = random.Random(2)  # noqa: S311
    for _ in range(count):
        chosen = "".join(f"{field}\r\n" for field in chance.sample(FIELDS, chance.randint(0, 5)))
        line = f"{chance.choice(METHODS)} {chance.choice(PAGES)} HTTP/1.1"
        yield f"{line}\r\nHost: %HOST%\r\n{chosen}Connection: close\r\n\r\n".encode("latin-1")


def _bodies(site: Portal, count: int) -> Iterator[bytes]:
    chance = random.Random(3)  # noqa: S311
    cookie, token = site.form()
    for _ in range(count):
        given = chance.choice([token, "", token[::-1], "x" * 10_000])
        if chance.random() < SHARE_OF_PLAIN_FORMS:
            kind, body = chance.choice(FORM_TYPES), f"token={given}&" * chance.choice([1, 1, 2, 3000])
        else:
            token_part = f'--{EDGE}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{given}\r\n'
            name, file = chance.choice(["export", "export", "token", "other"]), chance.choice(FILE_NAMES)
            told = f'Content-Disposition: form-data; name="{name}"; filename="{file}"'
            file_part = f"--{EDGE}\r\n{told}\r\n\r\n{chance.choice(CONTENTS)}\r\n"
            end = chance.choice([f"--{EDGE}--\r\n", f"--{EDGE}--\r\n", "", f"--{EDGE}"])
            kind = chance.choice(PART_TYPES)
            body = token_part * chance.choice([0, 1, 1, 1, 2, 50]) + file_part * chance.choice([0, 1, 1, 1, 3]) + end
        sent = body.encode("utf-8", "replace")
        length = chance.choice([len(sent)] * 4 + [max(0, len(sent) - 7)])
        head = [
            f"POST {chance.choice(['/exports', '/exports', '/refresh'])} HTTP/1.1",
            "Host: %HOST%",
            f"Origin: {site.origin}",
            f"Cookie: {cookie}",
            f"Content-Type: {kind}",
            f"Content-Length: {length}",
            "Connection: close",
        ]
        yield "\r\n".join([*head, "", ""]).encode("latin-1") + sent[:length]


def _noise(count: int) -> Iterator[bytes]:
    chance = random.Random(4)  # noqa: S311
    whole = b"GET /extracts/latest/overview.csv HTTP/1.1\r\nHost: %HOST%\r\nAccept: */*\r\n\r\n"
    chunked = b"POST /exports HTTP/1.1\r\nHost: %HOST%\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(count):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        yield chance.choice(
            [
                chance.randbytes(chance.randint(1, 3000)),
                bytes(damaged),
                whole[: chance.randrange(len(whole))],
                chunked + chance.choice([b"zz\r\n", b"ffffffff\r\nx", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", b"-1\r\n"]),
                whole * chance.randint(2, 20) + b"\x16\x03\x01\x02\x00\x01",
            ]
        )


TRIALS = (
    Trial(
        "portal-abuse",
        "Whatever is sent, the portal refuses it or serves it: nothing fails, no other file is given, and pages say what may run in them.",
        hold_abuse,
    ),
    Trial("portal-crowds", "However many come and never finish, memory stays flat, and others are served once they are gone.", hold_crowds),
    Trial("secrets", "No secret of the settings is in any file, message or page.", hold_secrets),
)
