"""Proves which export is chosen, when, and how often: first by single looks, then over any history of a drop folder."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottleneck_assets.errors import ExportError, ExportNotFoundError
from bottleneck_assets.source.arrivals import LOOKS, PATIENCE, REMEMBERED, Decision, Memory, decide
from bottleneck_assets.source.exports import SAMPLE_NAME, Seen

NOON = dt.datetime(2024, 1, 2, 12, 0, tzinfo=dt.UTC)


def at(hours: float) -> int:
    """Return a time, in hours from noon, as a file system tells it."""
    return int((NOON + dt.timedelta(hours=hours)).timestamp() * 1e9)


def content_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def text_is(text: str) -> Callable[[str], str]:
    return lambda _name: content_of(text)


def looked(
    seen: Iterable[Seen],
    memory: Memory = Memory(),  # noqa: B008 - frozen
    now: dt.datetime = NOON,
    *,
    known: Iterable[str] = (),
    is_complete: Callable[[str], bool] = lambda _name: True,
    fingerprint: Callable[[str], str] = content_of,
    flaw: Callable[[str], str | None] = lambda _: None,
) -> Decision:
    """Look once; unless told otherwise, every file is complete and its content is its name."""
    return decide([*seen], memory, now, known=known, is_complete=is_complete, fingerprint=fingerprint, flaw=flaw)


def looked_until_quiet(seen: Iterable[Seen], memory: Memory = Memory(), **how: object) -> tuple[list[str], list[str], Memory]:  # noqa: B008 - frozen
    """Look until patience is at its end, and return the names chosen, all that was said, and the memory."""
    chosen, said = list[str](), list[str]()
    for _ in range(PATIENCE + 1):
        decision = looked(seen, memory, **how)  # type: ignore[arg-type]
        memory = Memory.from_text(decision.memory.to_text())
        chosen += [decision.chosen.name] if decision.chosen else []
        said += decision.remarks
    return chosen, said, memory


def test_a_file_is_chosen_once_two_looks_found_it_unchanged_and_never_again() -> None:
    seen = [Seen("shop.db", 100, at(-1))]

    first = looked(seen)
    second = looked(seen, first.memory)
    third = looked(seen, second.memory)

    assert first.chosen is None
    assert "shop.db is awaited" in first.remarks[0]
    assert second.chosen is not None
    assert (second.chosen.name, second.chosen.sha256, second.chosen.key) == ("shop.db", content_of("shop.db"), content_of("shop.db"))
    assert third.chosen is None
    assert third.remarks == []


def test_a_file_that_grows_is_awaited_for_as_long_as_it_grows() -> None:
    memory = Memory()
    for size in range(100):
        decision = looked([Seen("shop.db", size, at(0))], memory)
        assert decision.chosen is None
        memory = decision.memory
    assert looked([Seen("shop.db", 99, at(0))], memory).chosen is not None


def test_a_file_that_is_written_to_without_growing_is_awaited() -> None:
    memory = Memory()
    for minutes in range(100):
        decision = looked([Seen("shop.db", 4096, at(minutes / 60))], memory)
        assert decision.chosen is None
        memory = decision.memory


def test_a_file_that_never_looks_complete_is_chosen_when_patience_ends() -> None:
    memory = Memory()
    for _ in range(PATIENCE - 1):
        decision = looked([Seen("shop.db", 100, at(-1))], memory, is_complete=lambda _name: False)
        assert decision.chosen is None
        memory = decision.memory
    assert looked([Seen("shop.db", 100, at(-1))], memory, is_complete=lambda _name: False).chosen is not None


def test_of_several_new_files_the_newest_is_chosen_and_the_others_are_named() -> None:
    seen = [Seen("monday.db", 1, at(-48)), Seen("wednesday.db", 1, at(-1)), Seen("tuesday.db", 1, at(-24))]

    chosen, said, _ = looked_until_quiet(seen)

    assert chosen == ["wednesday.db"]
    assert "monday.db is passed over: wednesday.db is newer." in said
    assert "tuesday.db is passed over: wednesday.db is newer." in said


def test_a_new_file_that_is_older_than_one_dealt_with_is_passed_over_and_named() -> None:
    today = Seen("today.db", 1, at(-1))
    _, _, memory = looked_until_quiet([today])

    chosen, said, _ = looked_until_quiet([today, Seen("last year.db", 1, at(-9000))], memory)

    assert chosen == []
    assert "last year.db is passed over: today.db is newer." in said


def test_an_older_export_that_can_be_used_is_run_beside_a_newest_that_cannot() -> None:
    seen = [Seen("old.db", 1, at(-48)), Seen("bad.db", 1, at(-1)), Seen("good.db", 1, at(-24)), Seen(SAMPLE_NAME, 1, at(0))]
    flaws = {"bad.db": "It has no table 'sales'."}

    first = looked(seen, flaw=flaws.get)
    second = looked(seen, first.memory, flaw=flaws.get)
    third = looked(seen, second.memory, flaw=flaws.get)

    assert second.chosen is not None
    assert second.instead is not None
    assert (second.chosen.name, second.instead.name) == ("bad.db", "good.db")
    assert "bad.db cannot be used: It has no table 'sales'." in second.remarks
    assert "old.db is passed over: good.db is newer." in second.remarks
    assert (third.chosen, third.instead) == (None, None)

    arrived = [*seen, Seen("later.db", 1, at(-2))]
    looked_at = looked(arrived, third.memory, flaw=flaws.get)
    later = looked(arrived, looked_at.memory, flaw=flaws.get)
    assert later.chosen is None
    assert later.instead is not None
    assert later.instead.name == "later.db"


def test_made_figures_do_not_stand_in_for_an_export_that_cannot_be_used() -> None:
    seen = [Seen("bad.db", 1, at(-1)), Seen(SAMPLE_NAME, 1, at(0))]
    first = looked(seen, flaw=lambda _: "It is damaged.")

    assert looked(seen, first.memory, flaw=lambda _: "It is damaged.").instead is None


def test_a_file_put_in_the_place_of_one_of_the_same_size_and_time_is_looked_at_again() -> None:
    _, _, memory = looked_until_quiet([Seen("shop.db", 100, at(-1), (1, 1))], fingerprint=text_is("wine"))

    chosen, _, _ = looked_until_quiet([Seen("shop.db", 100, at(-1), (2, 2))], memory, fingerprint=text_is("more wine"))

    assert chosen == ["shop.db"]


def test_what_a_system_leaves_in_the_folder_starts_nothing_and_is_named() -> None:
    chosen, said, _ = looked_until_quiet([Seen("Thumbs.db", 1, at(0), is_sqlite=False), Seen("mars.db", 1, at(-1))])

    assert chosen == ["mars.db"]
    assert "Thumbs.db is not a SQLite file, and is passed over." in said


@pytest.mark.parametrize("again", [Seen("copy of shop.db", 100, at(0)), Seen("shop.db", 100, at(0))], ids=["a copy", "touched"])
def test_the_same_content_starts_nothing_again(again: Seen) -> None:
    shop = Seen("shop.db", 100, at(-1))
    _, _, memory = looked_until_quiet([shop], fingerprint=text_is("wine"))

    chosen, said, _ = looked_until_quiet({shop, again} if again.name != shop.name else [again], memory, fingerprint=text_is("wine"))

    assert chosen == []
    assert f"{again.name} has the content of an export that was run before." in said


def test_a_file_that_was_replaced_by_other_content_is_chosen_again() -> None:
    _, _, memory = looked_until_quiet([Seen("shop.db", 100, at(-1))], fingerprint=text_is("wine"))

    chosen, _, _ = looked_until_quiet([Seen("shop.db", 100, at(0))], memory, fingerprint=text_is("more wine"))

    assert chosen == ["shop.db"]


def test_a_file_whose_name_is_not_text_is_named_and_does_not_keep_others_from_their_run() -> None:
    chosen, said, _ = looked_until_quiet([Seen("f\udce9vrier.db", 1, at(0)), Seen("mars.db", 1, at(-1))])

    assert chosen == ["mars.db"]
    assert "'f\\udce9vrier.db' is left out: its name is not text. Rename it." in said


def test_the_content_that_is_published_or_being_run_starts_nothing() -> None:
    chosen, _, _ = looked_until_quiet([Seen("shop.db", 100, at(-1))], known=[content_of("shop.db")])

    assert chosen == []


def test_a_file_that_cannot_be_read_is_chosen_once_so_that_its_run_says_so() -> None:
    def refuse(_name: str) -> str:
        problem = "no"
        raise ExportError(problem, "no")

    seen = [Seen("shop.db", 100, at(-1))]
    decision = looked(seen, looked(seen).memory, fingerprint=refuse)
    chosen, _, _ = looked_until_quiet(seen, decision.memory, fingerprint=refuse)

    assert decision.chosen is not None
    assert decision.chosen.sha256 is None
    assert decision.chosen.key.startswith("unreadable ")
    assert chosen == []


def test_a_file_that_vanishes_while_it_is_asked_for_is_said_to_have_vanished() -> None:
    def vanish(_name: str) -> str:
        problem = "gone"
        raise ExportNotFoundError(problem, "gone")

    chosen, said, _ = looked_until_quiet([Seen("shop.db", 100, at(-1))], fingerprint=vanish)

    assert chosen == []
    assert said[-1] == "shop.db has vanished."


def test_the_synthetic_export_never_goes_before_the_shop_s_own_however_old() -> None:
    chosen, _, _ = looked_until_quiet([Seen(SAMPLE_NAME, 1, at(0)), Seen("shop.db", 1, at(-9000))])

    assert chosen == ["shop.db"]


def test_a_file_dated_in_the_future_does_not_hide_the_ones_that_come_after_it() -> None:
    from_the_future = Seen("2030.db", 1, at(24 * 365 * 6))
    chosen, _, memory = looked_until_quiet([from_the_future])
    assert chosen == ["2030.db"]

    chosen, _, _ = looked_until_quiet([from_the_future, Seen("today.db", 1, at(-1))], memory)

    assert chosen == ["today.db"]


@pytest.mark.parametrize("jump", [dt.timedelta(days=-900), dt.timedelta(hours=-2), dt.timedelta(hours=2), dt.timedelta(days=900)])
def test_a_clock_that_jumps_starts_nothing_by_itself(jump: dt.timedelta) -> None:
    seen = [Seen("old.db", 1, at(-24)), Seen("new.db", 1, at(-1))]
    chosen, _, memory = looked_until_quiet(seen)
    assert chosen == ["new.db"]

    chosen, _, memory = looked_until_quiet(seen, memory, now=NOON + jump)
    assert chosen == []
    chosen, _, _ = looked_until_quiet(seen, memory)
    assert chosen == []


def test_ten_thousand_files_cost_one_question_and_a_memory_that_a_database_can_hold() -> None:
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return content_of(name)

    seen = [Seen(f"{number:05}.db", 2_500_000, at(-number)) for number in range(10_000)]
    chosen, said, memory = looked_until_quiet(seen, fingerprint=ask)

    assert chosen == asked == ["00000.db"]
    assert sum("is passed over" in remark for remark in said) == 9_999
    assert len(memory.to_text()) < 200_000


def test_once_the_newest_is_deleted_the_one_that_was_passed_over_for_it_gets_its_run() -> None:
    good, bad = Seen("good.db", 1, at(-2)), Seen("bad.db", 1, at(-1))
    chosen, _, memory = looked_until_quiet([good, bad])
    assert chosen == ["bad.db"]

    chosen, _, memory = looked_until_quiet([good], memory)
    assert chosen == ["good.db"]
    assert looked_until_quiet([good, bad], memory)[0] == []


def test_what_is_gone_from_the_folder_is_forgotten_but_its_content_is_not() -> None:
    _, _, memory = looked_until_quiet([Seen("shop.db", 1, at(-1))])

    _, _, memory = looked_until_quiet([], memory)
    chosen, _, _ = looked_until_quiet([Seen("shop.db", 1, at(-1))], memory)

    assert memory.complete == []
    assert chosen == []


def test_the_memory_of_contents_has_an_end() -> None:
    memory = Memory(contents=[f"{number:016}" for number in range(REMEMBERED)])

    _, _, memory = looked_until_quiet([Seen("shop.db", 1, at(-1))], memory)

    assert len(memory.contents) == REMEMBERED
    assert memory.contents[-1] == content_of("shop.db")[:16]


# --- Any history -------------------------------------------------------------------------------------------------------------


@dataclass
class Folder:
    """A drop folder that a history acts on: each file's content, by name, and when it was changed."""

    files: dict[str, tuple[str, int]] = field(default_factory=dict)

    def seen(self) -> list[Seen]:
        return [Seen(name, len(content), changed) for name, (content, changed) in self.files.items()]

    def fingerprint(self, name: str) -> str:
        return content_of(self.files[name][0])


NAMES = st.sampled_from(["a.db", "b.db", "c.sqlite", SAMPLE_NAME])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, st.text("xy", min_size=1, max_size=3), st.integers(-50, 50)),
        st.tuples(st.just("touch"), NAMES, st.just(""), st.integers(-50, 50)),
        st.tuples(st.just("delete"), NAMES, st.just(""), st.just(0)),
        st.tuples(st.just("look"), st.just(""), st.just(""), st.integers(-1000, 1000)),
    ),
    max_size=60,
)


def acted(folder: Folder, verb: str, name: str, text: str, hours: float) -> None:
    if verb == "write":
        folder.files[name] = (text, at(hours))
    elif verb == "touch" and name in folder.files:
        folder.files[name] = (folder.files[name][0], at(hours))
    elif verb == "delete":
        folder.files.pop(name, None)


@given(STEPS)
def test_over_any_history_a_content_is_chosen_once_and_only_after_it_was_seen_unchanged(steps: list[tuple[str, str, str, int]]) -> None:
    folder, memory, chosen = Folder(), Memory(), list[str]()
    looks: dict[str, list[tuple[str, int]]] = {}
    for verb, name, text, hours in steps:
        if verb != "look":
            acted(folder, verb, name, text, hours)
            continue
        for present in set(looks) | set(folder.files):
            looks[present] = [*looks.get(present, []), folder.files[present]] if present in folder.files else []
        decision = looked(folder.seen(), memory, NOON + dt.timedelta(hours=hours), fingerprint=folder.fingerprint)
        memory = Memory.from_text(decision.memory.to_text())
        if decision.chosen:
            last = looks[decision.chosen.name][-LOOKS:]
            assert len(last) == LOOKS
            assert len({(len(content), changed) for content, changed in last}) == 1
            chosen.append(decision.chosen.key)
    assert len(chosen) == len(set(chosen))


@given(STEPS)
def test_after_any_history_the_newest_export_has_been_run_once_the_folder_is_left_alone(steps: list[tuple[str, str, str, int]]) -> None:
    folder, memory, run = Folder(), Memory(), set[str]()

    def look(now: dt.datetime) -> None:
        nonlocal memory
        decision = looked(folder.seen(), memory, now, fingerprint=folder.fingerprint)
        memory = Memory.from_text(decision.memory.to_text())
        if decision.chosen:
            run.add(decision.chosen.key)

    for number, (verb, name, text, hours) in enumerate(steps):
        if verb == "look":
            look(NOON)
        elif verb != "touch":
            # a file system that tells every write apart; two of one size at one moment look like none
            acted(folder, verb, name, text, hours + number / 1000)
    for _ in range(PATIENCE):
        look(NOON)
    if folder.files:
        ordered: Mapping[str, tuple[str, int]] = folder.files
        newest = max(ordered, key=lambda name: (name != SAMPLE_NAME, ordered[name][1] <= at(24), ordered[name][1], name))
        assert folder.fingerprint(newest) in run
