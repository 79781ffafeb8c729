"""Clients and neighbours that mean no good, or do no good: none of them may keep the others from their downloads."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets_tests.portal.serving import portal, publish_by_hand
from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000


@pytest.mark.usefixtures("posix")
def test_a_header_of_five_megabytes_is_refused_at_once_and_others_are_answered_meanwhile(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"overview.csv": b"a\n1\n"})
    refused: list[float] = []

    with portal(tmp_path) as site:

        def send() -> None:
            began = time.monotonic()
            with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as connection, suppress(ConnectionError):
                connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nX-Endless: ".encode())
                for _ in range(5 * MEGABYTE // 1000):
                    connection.sendall(b"x" * 1000)
                connection.recv(1000)
            refused.append(time.monotonic() - began)

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        slowest = 0.0
        while any(sender.is_alive() for sender in senders):
            began = time.monotonic()
            assert site.ask("/healthz").status == 200
            slowest = max(slowest, time.monotonic() - began)
    assert slowest < 2
    assert max(refused) < 5


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("asked", ["POST /exports", "GET /extracts/latest/wide.csv"])
def test_a_body_that_is_no_http_ends_its_connection_and_leaves_no_traceback(asked: str, tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"wide.csv": b"a\n" + b"1" * 50 * MEGABYTE})
    with portal(tmp_path) as site, socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as connection:
        head = f"{asked} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        if asked == "POST /exports":
            connection.sendall(head + b"zz\r\n")  # both before anything is answered
            answered = b"".join(iter(lambda: connection.recv(1 << 16), b""))
            assert answered.startswith(b"HTTP/1.1 400")
        else:
            connection.sendall(head)
            answered = connection.recv(1 << 16)  # the download has begun
            assert answered.startswith(b"HTTP/1.1 200")
            connection.sendall(b"zz\r\n")
            with suppress(ConnectionError):
                answered += b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert answered.count(b"HTTP/1.1") == 1
        assert site.ask("/healthz").status == 200
    # and the portal has logged no traceback, which leaving the block holds
