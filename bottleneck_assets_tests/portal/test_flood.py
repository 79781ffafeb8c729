"""Many clients at once: two hundred downloads of fifty megabytes are served, and the portal's memory stays flat."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets_tests.portal.serving import portal, publish_by_hand
from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Portal

pytestmark = pytest.mark.full

CLIENTS = 200
MOST_MORE = 120_000_000
"""What the memory may grow by: the downloads are 10 GB together, one is 50 MB."""


@contextmanager
def grown_at_most(limit: int, site: Portal) -> Iterator[None]:
    """Look at the portal's memory for as long as the block lasts, and hold its growth to a limit."""
    before, peak, is_over = site.memory(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not is_over.wait(0.1):
            peak = max(peak, site.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
    assert peak - before < limit


@pytest.mark.usefixtures("posix")
def test_two_hundred_downloads_of_fifty_megabytes_at_once_are_served_with_flat_memory(tmp_path: Path) -> None:
    content = b"month,segment,revenue\n" + b"2023-09-01,Vin,1234.5678\n" * 2_000_000
    assert len(content) >= 50_000_000
    expected = hashlib.sha256(content).hexdigest()
    publish_by_hand(tmp_path / "extracts", 1, {"sales.csv": content})
    all_there = threading.Barrier(CLIENTS, timeout=PATIENCE)

    with portal(tmp_path) as site:

        def download(_: int) -> str:
            connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
            connection.request("GET", "/extracts/latest/sales.csv")
            answer = connection.getresponse()
            digest = hashlib.sha256(answer.read(1000))
            all_there.wait()  # all of them are open before one of them goes on
            while piece := answer.read(1 << 20):
                digest.update(piece)
            connection.close()
            return digest.hexdigest()

        site.ask("/extracts/latest/sales.csv", "HEAD")
        with grown_at_most(MOST_MORE, site), ThreadPoolExecutor(CLIENTS) as clients:
            found = list(clients.map(download, range(CLIENTS)))
        assert set(found) == {expected}
        assert len(found) == CLIENTS
        assert site.ask("/healthz").status == 200


@pytest.mark.usefixtures("posix")
def test_a_workbook_and_a_zip_of_fifty_megabytes_are_made_with_flat_memory(tmp_path: Path) -> None:
    content = b"month,segment,revenue\n" + b"2023-09-01,Vin,%d.5678\n" * 500_000 % tuple(range(500_000))
    publish_by_hand(tmp_path / "extracts", 1, {"sales.csv": content, "more.csv": content * 3})
    with portal(tmp_path) as site:
        with grown_at_most(MOST_MORE, site):
            statuses = [site.ask(f"/extracts/latest{path}").status for path in ("/sales.xlsx", ".zip", "/more.fr.csv")]
        assert statuses == [200, 200, 200]
