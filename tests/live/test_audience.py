"""A thousand readers who are told the same: one block, framed once, and nothing made for each of them."""

from __future__ import annotations

import gc
import socket
import tracemalloc
from collections import deque

import pytest

from sampark.access import Seat
from sampark.chat.history import Page
from sampark.live.audience import Audience
from sampark.live.changes import Changes
from sampark.live.document import DocumentFrames
from sampark.live.frames import EventFrames, Frames
from sampark.live.reader import Reader
from sampark.live.wire import MOST_PASSING, MOST_WAITING
from tests.live.fakes import FRAGMENTS, FakeWire, fakes, reader_at
from tests.live.test_wire import Run, line, run, unchunked
from tests.support import until

__all__ = ["run"]

ENGLISH, HINDI = EventFrames(FRAGMENTS, "en"), EventFrames(FRAGMENTS, "hi")


class Counted:
    """Makes a block, and counts how often it is asked to."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.asked: list[Frames] = []

    def __call__(self, frames: Frames) -> bytes:
        self.asked.append(frames)
        return frames.language.encode() * (self.size // 2)


def crowd(count: int, *kinds: tuple[Frames, str]) -> tuple[Audience, list[Reader]]:
    audience, readers = Audience(), []
    for number in range(count):
        frames, framing = kinds[number % len(kinds)]
        readers.append(reader_at(seat=Seat(number, number), frames=frames, framing=framing)[0])
        audience.add(readers[-1])
    return audience, readers


@pytest.mark.parametrize("way", ["tell", "mention"])
def test_a_block_is_made_and_framed_once_for_each_kind_of_reader(way: str) -> None:
    kinds: list[tuple[Frames, str]] = [(ENGLISH, "chunked"), (HINDI, "chunked"), (ENGLISH, "plain"), (HINDI, "plain")]
    audience, readers = crowd(1000, *kinds)
    make = Counted()
    for _ in range(3):
        getattr(audience, way)(make)
    assert len(make.asked) == 3 * len(kinds)
    assert sum(len(wire.framed) for wire in fakes(readers)) == 3 * len(kinds)
    for reader, wire in zip(readers, fakes(readers), strict=True):
        assert wire.written == [reader.frames.language.encode() * 5] * 3
    # The same object, not only the same bytes.
    assert len({id(wire.written[0]) for wire in fakes(readers)}) == len(kinds)


def test_a_thousand_readers_cost_no_more_memory_than_ten() -> None:
    def peak(count: int) -> int:
        audience, readers = crowd(count, (ENGLISH, "chunked"))
        taken: deque[bytes] = deque(maxlen=1)
        for wire in fakes(readers):
            wire.write = taken.append  # type: ignore[method-assign, assignment]
        block = b"x" * 2000
        audience.tell(lambda frames: block)  # whoever came or went is noted once, not for each block
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            for _ in range(20):
                audience.tell(lambda frames: block)
                audience.mention(lambda frames: block)
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
            gc.enable()

    few, many = peak(10), peak(1000)
    assert many - few < 1000, f"{few} bytes for ten readers, {many} for a thousand"


def test_coming_and_going_changes_who_is_told() -> None:
    audience, readers = crowd(3, (ENGLISH, "plain"))
    audience.tell(Counted())
    gone, stays, again = readers
    audience.remove(gone)
    audience.remove(gone)
    newcomer, wire = reader_at(frames=ENGLISH)
    audience.add(newcomer)
    audience.add(again)
    audience.tell(Counted())
    assert [len(wire.written) for wire in fakes([gone, stays, again])] == [1, 2, 2]
    assert len(wire.written) == 1
    assert (len(audience), {*audience}) == (3, {stays, again, newcomer})
    assert gone not in audience
    assert newcomer in audience


def test_leaving_somebody_out_leaves_out_all_of_their_windows_only() -> None:
    audience, readers = crowd(4, (ENGLISH, "plain"))
    second, wire = reader_at(seat=Seat(99, 1), frames=ENGLISH)
    audience.add(second)
    audience.but({1}).mention(Counted())
    assert [len(wire.written) for wire in fakes(readers)] == [1, 0, 1, 1]
    assert wire.written == []
    assert audience.but(set()) is audience


def become_slow(audience: Audience, reader: Reader, waiting: int = MOST_PASSING + 1) -> FakeWire:
    assert isinstance(reader.wire, FakeWire)
    reader.wire.waiting, reader.wire.is_slow = waiting, True
    audience.slow(reader)
    return reader.wire


def become_swift(audience: Audience, reader: Reader) -> None:
    assert isinstance(reader.wire, FakeWire)
    reader.wire.waiting, reader.wire.is_slow = 0, False
    audience.swift(reader)


def test_who_is_slow_gets_what_is_owed_and_nothing_that_passes() -> None:
    audience, [slow, *swift] = crowd(3, (ENGLISH, "plain"))
    wire = become_slow(audience, slow)
    audience.tell(lambda frames: b"owed")
    audience.mention(lambda frames: b"passing")
    assert wire.written == [b"owed"]
    assert [other.written for other in fakes(swift)] == [[b"owed", b"passing"]] * 2
    become_swift(audience, slow)
    audience.mention(lambda frames: b"passing")
    assert wire.written == [b"owed", b"passing"]
    assert slow in audience
    assert not slow.is_ended


def test_who_is_far_behind_is_cut_off_and_counted() -> None:
    dropped: list[int] = []
    audience = Audience(lambda: dropped.append(1))
    slow, _ = reader_at(frames=ENGLISH)
    other, others = reader_at(frames=ENGLISH)
    for reader in (slow, other):
        audience.add(reader)
    wire = become_slow(audience, slow, MOST_WAITING)
    audience.tell(lambda frames: b"the last that fits")
    wire.waiting += 18
    audience.tell(lambda frames: b"one too many")
    assert wire.written == [b"the last that fits"]
    assert wire.is_aborted
    assert slow.is_ended
    assert slow not in audience
    assert dropped == [1]
    audience.tell(lambda frames: b"and on")
    assert others.written[-1] == b"and on"
    assert dropped == [1]
    assert not wire.written[1:]


def test_memory_for_a_reader_stays_bounded_whatever_is_told() -> None:
    audience, [reader] = crowd(1, (ENGLISH, "plain"))
    wire = become_slow(audience, reader)
    for _ in range(10_000):
        audience.mention(lambda frames: b"x" * 1000)
        audience.tell(lambda frames: b"x" * 1000)
        wire.waiting = MOST_PASSING + 1 + sum(map(len, wire.written))
    assert wire.waiting <= MOST_WAITING + 1000
    assert wire.is_aborted


def test_a_reader_who_was_slow_elsewhere_is_slow_here() -> None:
    """Brought up by a large block, and made live before all of it was taken: the wire will say `swift`, but not `slow` again."""
    audience = Audience()
    reader, wire = reader_at(frames=ENGLISH)
    wire.is_slow, wire.waiting = True, MOST_PASSING // 2
    audience.add(reader)
    audience.mention(lambda frames: b"passing")
    assert wire.written == []
    wire.waiting = MOST_WAITING + 1
    audience.tell(lambda frames: b"one too many")
    assert wire.is_aborted


def test_who_becomes_slow_in_the_middle_of_a_block_disturbs_nobody() -> None:
    audience, readers = crowd(50, (ENGLISH, "plain"))
    for reader, wire in zip(readers, fakes(readers), strict=True):
        take = wire.write

        def write(framed: bytes, reader: Reader = reader, take: object = take) -> None:
            take(framed)  # type: ignore[operator]
            become_slow(audience, reader)

        wire.write = write  # type: ignore[method-assign]
    audience.tell(lambda frames: b"one")
    assert [wire.written for wire in fakes(readers)] == [[b"one"]] * 50
    assert len(audience) == 50
    audience.mention(lambda frames: b"passing")
    assert [wire.written for wire in fakes(readers)] == [[b"one"]] * 50


def test_who_cannot_be_brought_up_to_date_is_told_to_begin_anew() -> None:
    audience = Audience()
    document, wire = reader_at(frames=DocumentFrames(FRAGMENTS, "en", "nonce"))
    slow, slow_wire = reader_at(frames=DocumentFrames(FRAGMENTS, "en", "another"))
    stream, other = reader_at(frames=ENGLISH)
    for reader in (document, slow, stream):
        audience.add(reader)
    become_slow(audience, slow)
    audience.tell(lambda frames: frames.changes(Changes(300, page=Page([], False, False))))
    for ended in (wire, slow_wire):
        assert ended.last is not None
        assert ended.last.rstrip().endswith(b"</html>")
    assert {*audience} == {stream}
    assert other.written


def test_nothing_to_say_is_not_said() -> None:
    audience, [reader] = crowd(1, (DocumentFrames(FRAGMENTS, "en", "nonce"), "chunked"))
    audience.mention(lambda frames: frames.marks("<hx-partial></hx-partial>"))
    assert [wire.written for wire in fakes([reader])] == [[]]


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_block_far_beyond_the_bound_arrives_whole_at_a_swift_reader(run: Run, is_chunked: bool) -> None:
    """Thirty of the longest messages are 1.5 MB. To cut off whoever begins to take them would only bring them back."""

    async def work() -> None:
        async with line(is_chunked=is_chunked, narrow=True) as here:
            audience = Audience(lambda: pytest.fail("it was cut off"))
            reader, _ = reader_at(frames=ENGLISH)
            reader.wire = here.wire
            here.wire._listener = Listens(audience, reader)
            audience.add(reader)
            block = bytes(range(256)) * 6000
            audience.tell(lambda frames: block)
            read = await here.read(len(block))
            audience.tell(lambda frames: b"next")
            reader.end(b"bye")
            read += await here.read_all()
            assert (b"".join(unchunked(read)) if is_chunked else read) == block + b"nextbye"

    run(work())


def test_a_reader_that_takes_nothing_costs_a_bounded_amount_and_one_that_takes_again_is_swift_again(run: Run) -> None:
    async def work() -> None:
        async with line(narrow=True) as here:
            dropped: list[int] = []
            audience = Audience(lambda: dropped.append(1))
            reader, _ = reader_at(frames=ENGLISH)
            reader.wire = here.wire
            here.wire._listener = Listens(audience, reader)
            audience.add(reader)
            block = b"x" * 9_900
            while not here.wire.is_slow:
                audience.tell(lambda frames: block)
            here.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
            await here.read(here.wire.waiting)
            await until(lambda: not here.wire.is_slow, "it is swift again")
            assert here.wire.waiting < MOST_PASSING
            most = 0
            for _ in range(200):
                audience.tell(lambda frames: block)
                audience.mention(lambda frames: b"passing" * 1000)
                most = max(most, here.wire.waiting)
            assert MOST_WAITING < most < MOST_WAITING + 2 * len(block)
            assert dropped == [1]
            assert not len(audience)

    run(work())


class Listens:
    """As the hub does it."""

    def __init__(self, audience: Audience, reader: Reader) -> None:
        self.audience = audience
        self.reader = reader

    def slow(self) -> None:
        self.audience.slow(self.reader)

    def swift(self) -> None:
        self.audience.swift(self.reader)

    def lost(self) -> None:
        self.audience.remove(self.reader)
