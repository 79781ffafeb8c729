"""Decides which export in the drop folder is new, complete and worth a refresh.

Belongs here: the decision, as a function of a look at the folder, what earlier looks left in memory, and the clock. Never here: listing
the folder, and starting a run.

A file is complete once two looks find it unchanged, with no journal beside it and as many bytes as its header promises. What never
becomes so is taken as it is after a while: the run then says what is wrong with it. Of several new exports the newest is chosen, in
the order in which a refresh without an export looks for one, and only if nothing newer is there. The newest may be one that cannot be used:
its run then says so, and the newest of the older ones that can be is run beside it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from bottleneck_assets.errors import ExportError, ExportNotFoundError
from bottleneck_assets.source.exports import SAMPLE_NAME, TRIED, Seen, is_text, newest_first, not_sqlite

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

LOOKS = 2
"""Looks that must find a file unchanged before it counts as complete."""
PATIENCE = 24
"""Looks after which an unchanged file is taken, although it does not look complete."""
REMEMBERED = 1_000
"""Contents that are remembered, the latest: three years of nightly exports."""
_SHORT = 16


@dataclass(frozen=True)
class Memory:
    """What earlier looks left: the complete files, the newest one whose content was asked for, those waited for, the contents chosen.

    Those waited for have the number of looks that found them unchanged.
    """

    complete: Sequence[str] = ()
    newest: str = ""
    waiting: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    contents: Sequence[str] = ()

    @classmethod
    def from_text(cls, text: str | None) -> Memory:
        """Read a memory from its text; none is an empty memory."""
        if not text:
            return cls()
        given = json.loads(text)
        return cls(
            given["complete"], given["newest"], {name: (mark, looks) for name, (mark, looks) in given["waiting"].items()}, given["contents"]
        )

    def to_text(self) -> str:
        """Return the memory as text."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True)
class Arrival:
    """An export to be run: its name, its SHA-256 (None if it cannot be read), and a key that is the same for the same content."""

    name: str
    sha256: str | None
    key: str


@dataclass(frozen=True)
class Decision:
    """The export to be run, if any; what is said of the others, a sentence each; and the memory for the next look.

    `instead` is an older one, to be run as well since nothing newer can be used: not the newest, which is `in_place_of`.
    """

    chosen: Arrival | None
    remarks: Sequence[str]
    memory: Memory
    instead: Arrival | None = None
    in_place_of: str = ""


def decide(  # noqa: PLR0913 - what is seen, what is known, and the two ways to ask a file
    seen: Sequence[Seen],
    memory: Memory,
    now: dt.datetime,
    *,
    known: Iterable[str],
    is_complete: Callable[[str], bool],
    fingerprint: Callable[[str], str],
    flaw: Callable[[str], str | None] = lambda _: None,
) -> Decision:
    """Choose the newest complete export, if its content was not chosen before and is not known for another reason.

    `known` are the SHA-256 of what is published, and of what is being run. `is_complete` tells of a name whether its file
    looks complete; `fingerprint` returns its SHA-256. Both are asked about new files only, and about one that has become the newest.
    `flaw` says why one cannot be used; it is asked whenever there is something new, about the newest first, until one can be.
    """
    marks = {one: _mark(one) for one in newest_first(seen, now)}
    complete_before = set(memory.complete)
    waiting, new = dict[str, tuple[str, int]](), list[Seen]()
    remarks = [f"{one.name!a} is left out: its name is not text. Rename it." for one in seen if not is_text(one.name)]
    remarks += [not_sqlite(one) for one in seen if one.is_stranger]
    for one, mark in marks.items():
        if mark in complete_before:
            continue
        before, looks = memory.waiting.get(one.name, (mark, 0))
        looks = looks + 1 if before == mark else 1
        if looks >= PATIENCE or (looks >= LOOKS and is_complete(one.name)):
            new.append(one)
        else:
            waiting[one.name] = (mark, looks)
            remarks.append(f"{one.name} is awaited: it is new, or not complete yet.")
    complete_now = complete_before | {marks[one] for one in new}
    complete = [mark for mark in marks.values() if mark in complete_now]
    settled = [one for one in marks if one.name not in waiting]
    newest, told = next(iter(settled), None), set[Seen]()
    chosen, instead, contents = None, None, list(memory.contents)
    have_run = {*contents, *(content[:_SHORT] for content in known)}
    if newest and marks[newest] != memory.newest:
        chosen, remark = _judged(newest, marks[newest], have_run, fingerprint)
        remarks += [remark] if remark else []
    used = newest
    if newest and (new or marks[newest] != memory.newest):
        used, flaws = _usable(settled, flaw)
        remarks += flaws
        told = {*settled[: len(flaws)]}
        if used and used != newest:
            instead, _ = _judged(used, marks[used], have_run, fingerprint)
    contents += [run.sha256[:_SHORT] for run in (chosen, instead) if run and run.sha256]
    remarks += [
        f"{one.name} is passed over: {(used or newest).name} is newer." for one in new if newest and one not in {newest, used, *told}
    ]
    memory = Memory(complete, marks[newest] if newest else "", waiting, contents[-REMEMBERED:])
    return Decision(chosen, remarks, memory, instead, newest.name if newest and instead else "")


def _mark(one: Seen) -> str:
    return sha256(f"{one.name}\0{one.size}\0{one.changed_ns}\0{one.identity}".encode()).hexdigest()[:12]


def _usable(settled: Sequence[Seen], flaw: Callable[[str], str | None]) -> tuple[Seen | None, list[str]]:
    """Return the newest export that can be used, None if none can, and what is said of those before it.

    The synthetic one never stands in for the shop's own.
    """
    said = list[str]()
    for one in settled[:TRIED]:
        if said and one.name == SAMPLE_NAME:
            break
        if (problem := flaw(one.name)) is None:
            return one, said
        said.append(f"{one.name} cannot be used: {problem}")
    return None, said


def _judged(one: Seen, mark: str, contents: set[str], fingerprint: Callable[[str], str]) -> tuple[Arrival | None, str]:
    try:
        content = fingerprint(one.name)
    except ExportNotFoundError:
        return None, f"{one.name} has vanished."
    except ExportError:
        return Arrival(one.name, None, f"unreadable {mark}"), ""
    if content[:_SHORT] in contents:
        return None, f"{one.name} has the content of an export that was run before."
    return Arrival(one.name, content, content), ""
