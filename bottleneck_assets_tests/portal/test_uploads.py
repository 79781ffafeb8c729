"""Exports that are dropped on the portal: what is none never reaches the drop folder, what is one does whole."""

from __future__ import annotations

import io
import os
import socket
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.portal import uploads
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.exports import fingerprint
from bottleneck_assets_tests.portal.serving import NOWHERE, portal
from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Answer, Portal

LIMIT = 4_000_000


def send(site: Portal, content: bytes, name: str = "shop.db", *, token: str | None = None, field: str = "export") -> Answer:
    cookie, good = site.form()
    parts = (
        f'--cut\r\nContent-Disposition: form-data; name="token"\r\n\r\n{good if token is None else token}\r\n'
        f'--cut\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    body = parts.encode() + content + b"\r\n--cut--\r\n"
    return site.ask("/exports", "POST", body, Origin=site.origin, Cookie=cookie, Content_Type="multipart/form-data; boundary=cut")


def dropped(site: Portal) -> set[str]:
    folder = site.data_dir / "exports"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "shop.db"
    write_sample_export(path, seed=3)
    assert path.stat().st_size < LIMIT
    return path


def test_an_export_reaches_the_drop_folder_whole_and_an_earlier_one_of_its_name_stays(open_site: Portal, export: Path) -> None:
    before = dropped(open_site)
    answer = send(open_site, export.read_bytes(), "arrived.db")
    assert (answer.status, "arrived.db was taken" in answer.text) == (200, True)
    assert dropped(open_site) - before == {"arrived.db"}
    first = open_site.data_dir / "exports" / "arrived.db"
    assert fingerprint(first) == fingerprint(export)

    assert send(open_site, export.read_bytes(), "arrived.db").status == 200
    (second,) = dropped(open_site) - before - {"arrived.db"}
    assert second.startswith("arrived 20")
    assert fingerprint(first) == fingerprint(open_site.data_dir / "exports" / second)
    assert "arrived.db" in open_site.ask("/exports").text


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("../../evil.db", "evil.db"),
        ("C:\\\\exports\\\\windows.db", "windows.db"),
        ("/etc/absolute.sqlite", "absolute.sqlite"),
        ("..db.db", "db.db"),
        ("<script>.db", "_script_.db"),
    ],
)
def test_only_the_last_part_of_a_name_counts(name: str, place: str, open_site: Portal, export: Path) -> None:
    before = dropped(open_site)
    answer = send(open_site, export.read_bytes(), name)
    assert answer.status == 200
    assert dropped(open_site) - before == {place}
    assert "<script>." not in answer.text


def test_a_file_named_as_the_synthetic_export_does_not_go_behind_all_others(open_site: Portal, export: Path) -> None:
    before = dropped(open_site)
    assert send(open_site, export.read_bytes(), "sample.db").status == 200
    (name,) = dropped(open_site) - before
    assert name.startswith("sample 20")


def damaged(tmp_path: Path, export: Path, statement: str) -> bytes:
    path = tmp_path / "damaged.db"
    path.write_bytes(export.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("text", "shop.db is not a SQLite file."),
        ("nothing", "shop.db is empty."),
        ("half", "shop.db"),
        ("other database", "shop.db has no table"),
        ("without a table", "has no table &#39;promo&#39;"),
        ("named otherwise", "is not named as an export is"),
        ("no name", "No file was chosen."),
    ],
)
def test_what_is_no_export_never_reaches_the_drop_folder(what: str, said: str, open_site: Portal, export: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table things (name)")
        other.commit()
    content = {
        "text": b"name;price\n" * 1000,
        "nothing": b"",
        "half": export.read_bytes()[: export.stat().st_size // 2],
        "other database": (tmp_path / "other.db").read_bytes(),
        "without a table": damaged(tmp_path, export, "drop table Promo"),
    }.get(what, export.read_bytes())
    before = dropped(open_site)
    answer = send(open_site, content, {"named otherwise": "shop.csv", "no name": ""}.get(what, "shop.db"))
    assert answer.status in {400, 409}
    assert said in answer.text
    assert str(open_site.data_dir) not in answer.text
    assert dropped(open_site) == before


def test_an_upload_without_its_token_is_refused(open_site: Portal, export: Path) -> None:
    before = dropped(open_site)
    for token in ("", "made-up"):
        assert send(open_site, export.read_bytes(), "refused.db", token=token).status == 403
    assert dropped(open_site) == before


def test_what_is_announced_as_too_large_is_refused_before_it_is_sent(open_site: Portal) -> None:
    head = f"POST /exports HTTP/1.1\r\nHost: 127.0.0.1:{open_site.port}\r\nOrigin: {open_site.origin}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {LIMIT * 1000}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", open_site.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_what_turns_out_to_be_too_large_is_cut_off_and_nothing_of_it_stays(open_site: Portal) -> None:
    cookie, token = open_site.form()
    before = dropped(open_site)
    head = f"POST /exports HTTP/1.1\r\nHost: 127.0.0.1:{open_site.port}\r\nOrigin: {open_site.origin}\r\nCookie: {cookie}\r\n"
    head += "Content-Type: multipart/form-data; boundary=cut\r\nTransfer-Encoding: chunked\r\n\r\n"
    start = f'--cut\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'
    start += '--cut\r\nContent-Disposition: form-data; name="export"; filename="shop.db"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", open_site.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        answered = b""
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in [start.encode(), *[b"x" * 100_000] * 1000]:
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        with suppress(ConnectionResetError):
            answered = connection.recv(1000)
    assert answered[:13] in {b"", b"HTTP/1.1 413 "}
    assert open_site.ask("/").status == 200
    assert dropped(open_site) == before


def test_a_name_of_many_bytes_is_cut_to_what_a_folder_takes(open_site: Portal, export: Path) -> None:
    before = dropped(open_site)
    for _ in range(2):
        assert send(open_site, export.read_bytes(), "\u00e9\u4e00" * 150 + ".sqlite3").status == 200
    names = dropped(open_site) - before
    assert len(names) == 2
    assert all(len(name.encode()) <= 255 and name.endswith(".sqlite3") and name.startswith("\u00e9\u4e00" * 40) for name in names)


def test_of_exports_of_one_name_that_arrive_at_once_none_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_verified = Barrier(8, timeout=PATIENCE)
    monkeypatch.setattr(uploads, "verify", lambda *_: all_verified.wait())  # so that all of them take a name at the same time
    with ThreadPoolExecutor(8) as clients:
        for number in range(30):
            taken = list(clients.map(uploads.take, map(io.BytesIO, [b"one"] * 8), [f"shop {number}.db"] * 8, [tmp_path] * 8))
            assert len(set(taken)) == len(taken)
    assert len(list(tmp_path.iterdir())) == 240


def test_a_drop_folder_that_is_none_is_said_with_what_to_do(tmp_path: Path, export: Path) -> None:
    (tmp_path / "exports").write_bytes(b"a file where a folder should be")
    with portal(tmp_path, BOTTLENECK_DAGSTER_URL=NOWHERE) as site:
        answer = send(site, export.read_bytes())
    assert answer.status == 500
    assert "The system has refused it: File exists." in answer.text
    assert "See that the data folder is there" in answer.text


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk_is_said_as_such(tmp_path: Path, export: Path) -> None:
    (tmp_path / "exports").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "small", tmp_path / "exports"], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        with portal(tmp_path, BOTTLENECK_DAGSTER_URL=NOWHERE) as site:
            answer = send(site, export.read_bytes())
            assert dropped(site) == set()
    finally:
        subprocess.run(["umount", tmp_path / "exports"], check=True)
    assert (answer.status, "The disk is full: free space" in answer.text) == (507, True)
