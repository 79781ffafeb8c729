"""A disk that forgets: what system calls have done to a folder, and what of it a power cut leaves.

Belongs here: reading a recorded order of system calls, and the states that a disk may be found in after any of them. Never here: what is
made of such a state (power_cuts.py).

What was synced is there. Of what was not, a file system may keep all, some or nothing: names in the order in which they were given up to
some point, and under them bytes, zeros, or empty files.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RECORDED = (
    "openat,open,creat,write,pwrite64,writev,lseek,truncate,ftruncate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,copy_file_range,sendfile"
)
"""The system calls that change what is on disk, with what they write."""
RECORDING = ["-y", "-xx", "-s", "100000000", "-e", f"trace={RECORDED}"]
Forgotten = Literal["zeros", "nothing", "names too"]
"""What stands for the bytes that were not synced: zeros, or nothing, the names being there; or the names are gone as well."""
NAMING = {"rename", "link", "symlink", "unlink", "rmdir", "mkdir", "create"}
_LINE = re.compile(r"(?P<thread>\d+) +(?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<given>.*)\) += (?P<gave>-?\d+)")
_GIVEN = re.compile(r'(?P<fd>\w+)<(?P<path>[^>]*)>|"(?P<text>[^"]*)"|(?P<word>[^,\s\[\]{}"<>]+)')


class Call(NamedTuple):
    """One call that succeeded: what it did, to which path in the folder, with what, and where in the file."""

    what: str
    path: str
    other: str = ""
    at: int = 0
    content: bytes = b""


@dataclass
class _File:
    """A file or a link: its bytes now, and those that are surely on disk, None if none are."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytes | None = None
    link: str | None = None


Names = dict[str, "_File | None"]
"""What is under each path: a file, or None for a folder."""


def read_calls(log: Iterable[str], folder: Path) -> Iterator[Call]:
    """Yield what was done to a folder, in its order, from what strace has recorded."""
    root, pending, places = f"{folder}/", dict[str, str](), dict[tuple[str, str], int]()
    for line in log:
        if (found := _LINE.match(line)) is None:
            continue
        thread, rest = found["thread"], found["rest"]
        if "<unfinished ..." in rest:
            pending[thread] = rest.partition("<unfinished ...")[0]
            continue
        if resumed := _RESUMED.match(rest):
            rest = pending.pop(thread, "") + resumed["rest"]
        call = _CALL.match(rest)
        if call and int(call["gave"]) >= 0:
            for made in _made(call["name"], list(_GIVEN.finditer(call["given"])), int(call["gave"]), places):
                if f"{made.path}/".startswith(root) or f"{made.other}/".startswith(root):
                    yield made


def _made(name: str, given: Sequence[re.Match[str]], gave: int, places: dict[tuple[str, str], int]) -> Iterator[Call]:  # noqa: C901, PLR0912 - by name
    paths = list(_paths(given))
    words = [one["word"].strip() for one in given if one["word"] and one["word"].strip()]
    numbers = [int(word) for word in words if re.fullmatch(r"-?\d+", word)]
    texts = [_bytes(one["text"]) for one in given if one["text"] is not None]
    if name in {"openat", "open", "creat"}:
        flags = " ".join(words)
        places[str(gave), paths[0]] = 0
        if "O_CREAT" in flags or name == "creat":
            yield Call("create", paths[0])
        if "O_TRUNC" in flags or name == "creat":
            yield Call("truncate", paths[0])
        if "O_APPEND" in flags:
            places[str(gave), paths[0]] = -1
        return
    opened = next(((one["fd"], _text(one["path"])) for one in given if one["fd"] and one["fd"].isdecimal()), ("", ""))
    match name:
        case "lseek" if places.get(opened) != -1:
            places[opened] = gave
        case "write" | "writev":
            content = b"".join(texts)[:gave]
            yield Call("write", opened[1], at=places.get(opened, 0), content=content)
            if places.get(opened, 0) >= 0:
                places[opened] = places.get(opened, 0) + gave
        case "pwrite64":
            yield Call("write", opened[1], at=numbers[-1], content=texts[0][:gave])
        case "sendfile" | "copy_file_range" if gave:
            both = [(one["fd"], _text(one["path"])) for one in given if one["fd"] and one["fd"].isdecimal()]
            target, source = both if name == "sendfile" else both[::-1]
            yield Call("copy", target[1], source[1], places.get(target, 0), gave.to_bytes(8))
            places[target] = places.get(target, 0) + gave
        case "truncate" | "ftruncate":
            yield Call("truncate", opened[1] or paths[0], at=numbers[-1])
        case "rename" | "renameat" | "renameat2":
            yield Call("rename", paths[0], paths[1])
        case "link" | "linkat":
            yield Call("link", paths[0], paths[1])
        case "symlink" | "symlinkat":
            yield Call("symlink", paths[-1], texts[0].decode())
        case "unlink" | "rmdir" | "mkdir":
            yield Call(name, paths[0])
        case "unlinkat":
            yield Call("rmdir" if "AT_REMOVEDIR" in words else "unlink", paths[0])
        case "mkdirat":
            yield Call("mkdir", paths[0])
        case "fsync" | "fdatasync":
            yield Call("fsync", opened[1])
        case _:
            pass


def _paths(given: Sequence[re.Match[str]]) -> Iterator[str]:
    """Yield the paths that a call names, those that it names from a folder with that before them."""
    folder = ""
    for one in given:
        if one["path"] is not None:
            folder = _text(one["path"])
        elif one["text"] is not None:
            yield os.path.normpath(os.path.join(folder, os.fsdecode(_bytes(one["text"]))))  # noqa: PTH118 - a text


def _text(escaped: str) -> str:
    return os.fsdecode(_bytes(escaped))


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", "")) if escaped.startswith("\\x") else escaped.encode()


class Disk:
    """A folder on a disk, to which calls are made one after the other."""

    def __init__(self, folder: Path) -> None:
        """Take what is in a folder as being on disk."""
        self.folder = folder
        self._names: Names = {}
        self._found: dict[int, _File] = {}
        if folder.exists():
            self._names[str(folder)] = None
            for path in sorted(folder.rglob("*")):
                self._names[str(path)] = self._read(path)
        self._on_disk = dict(self._names)
        """What a name surely leads to, folder by folder, as each was last synced."""
        self._given: list[Names] = [dict(self._names)]
        """The names since a folder was last synced, after each call that gave or took one."""

    def _read(self, path: Path) -> _File | None:
        if path.is_symlink():
            return _File(link=str(path.readlink()))
        if path.is_dir():
            return None
        content = path.read_bytes()
        return self._found.setdefault(path.stat().st_ino, _File(bytearray(content), content))

    def make(self, call: Call) -> None:  # noqa: C901, PLR0912 - by name
        """Make a call to it."""
        names, path = self._names, call.path
        found = names.get(path)
        match call.what:
            case "create":
                if path in names:
                    return
                names[path] = _File()
            case "write" if found:
                at = len(found.content) if call.at < 0 else call.at
                found.content.extend(bytes(max(0, at - len(found.content))))
                found.content[at : at + len(call.content)] = call.content
            case "copy" if found:
                source = names.get(call.other)
                content = source.content if source else Path(call.other).read_bytes()
                found.content[call.at :] = content[call.at : call.at + int.from_bytes(call.content)]
            case "truncate" if found:
                found.content = bytearray(found.content[: call.at].ljust(call.at, b"\0"))
            case "rename" | "link":
                for below in [name for name in names if name == path or name.startswith(f"{path}/")]:
                    names[f"{call.other}{below.removeprefix(path)}"] = names[below] if call.what == "link" else names.pop(below)
                for below in [name for name in self._on_disk if name.startswith(f"{path}/")]:  # what is in a folder goes with it
                    self._on_disk[f"{call.other}{below.removeprefix(path)}"] = self._on_disk[below]
            case "symlink":
                names[path] = _File(link=call.other)
            case "unlink" | "rmdir":
                names.pop(path, None)
            case "mkdir":
                names[path] = None
            case "fsync":
                self._sync(path, found)
            case _:
                pass
        if call.what in NAMING:
            self._given.append(dict(names))

    def _sync(self, path: str, found: _File | None) -> None:
        if found:
            found.synced = bytes(found.content)
            return
        inside = re.compile(re.escape(path) + r"/[^/]+")
        for name in [name for name in self._on_disk if inside.fullmatch(name)]:
            if name not in self._names:
                del self._on_disk[name]
        self._on_disk.update({name: file for name, file in self._names.items() if inside.fullmatch(name)})
        self._given = [dict(self._names)]

    def left_by_a_cut(self, forgotten: Forgotten, given: float) -> None:
        """Put into the folder what may be left if the power fails now.

        `given` tells, from 0 to 1, up to which of the names since the last sync of a folder are kept, where any are.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        names = self._on_disk if forgotten == "names too" else self._given[round(given * (len(self._given) - 1))]
        for name in sorted(names):
            path, file = Path(name), names[name]
            if not (name == str(self.folder) or path.parent.is_dir()) or name.endswith("-shm"):  # what maps SQLite's log is not on disk
                continue
            if file is None:
                path.mkdir(parents=name == str(self.folder))
            elif file.link is not None:
                path.symlink_to(file.link)
            else:
                path.write_bytes(_after_a_cut(file, forgotten))


def _after_a_cut(file: _File, forgotten: Forgotten) -> bytes:
    synced = file.synced or b""
    if forgotten == "zeros" and len(file.content) > len(synced):
        return synced + bytes(len(file.content) - len(synced))
    return synced
