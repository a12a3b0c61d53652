"""One room's delivery: what rings bring along costs no query, whatever they leave out costs one, and bursts go out joined."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis

from sampark import access, db
from sampark.access import Seat
from sampark.chat import history
from sampark.chat.bell import Change
from sampark.live import changes, pump
from sampark.live.audience import Audience
from sampark.live.doorbell import ACCESS, CHANGED, Ring
from sampark.live.pump import PACE, Pump
from sampark.live.reader import Reader
from sampark.live.redis_doorbell import RedisDoorbell
from sampark.metrics import Metrics
from tests.live.fakes import FakeWire, reader_at
from tests.support import Browser, Screen, Site, assert_stream_equals_page, room_row, statements, until


class Asked(Sequence[str]):
    """What was asked about rooms and their messages, out of all statements: others note now and then who is online."""

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements

    def _those(self) -> list[str]:
        return [sql for sql in self._statements if sql.lstrip().startswith("SELECT") and " FROM users" not in sql]

    def __getitem__(self, place: Any) -> Any:
        return self._those()[place]

    def __len__(self) -> int:
        return len(self._those())

    def clear(self) -> None:
        self._statements.clear()


@contextlib.contextmanager
def queries() -> Iterator[Asked]:
    with statements() as seen:
        yield Asked(seen)


class NoCompany:
    """Nobody is told who is there, so that every statement is the pump's own."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: None


@dataclass
class Stage:
    """A pump by itself, on a real room."""

    site: Site
    asha: Browser
    room: str
    id: int
    seat: Seat
    pump: Pump
    readers: list[Reader] = field(default_factory=list)

    def join(self, count: int = 1, *, cursor: int = 0) -> list[FakeWire]:
        """So many readers, who have seen the room up to `cursor`."""
        frames = self.site.hub.event_frames("en")
        came = [reader_at(cursor, room_id=self.id, seat=self.seat, frames=frames) for _ in range(count)]
        for reader, _ in came:
            self.readers.append(reader)
            self.pump.add(reader)
        return [wire for _, wire in came]

    async def settle(self) -> None:
        """Until it has nothing more to do."""
        await until(lambda: self.pump._handle is None and self.pump._round is None, "it rests")

    def ring(self, version: int, change: Change | None = None) -> None:
        self.pump.hear(Ring(CHANGED, self.id, version, change))

    async def say(self, *texts: str) -> list[Change]:
        """Messages that nobody has rung for yet; what a ring may bring along for each."""
        seqs = [await self.asha.say(self.room, text) for text in texts]
        rows = await db.fetch(f"{history.SELECT} AND m.room_id = ? AND m.seq >= ? ORDER BY m.seq", self.id, min(seqs))
        assert [row["seq"] for row in rows] == seqs
        return [Change(posted=row) for row in rows]

    async def assert_law(self, page: str, wires: Iterable[FakeWire]) -> None:
        """The page of then, and every block since, is the page of now."""
        now = (await self.asha.room(self.room)).text
        for wire in wires:
            screen = Screen.of(page)
            for block in wire.blocks:
                screen.apply(block)
            assert_stream_equals_page(screen, now)


@pytest.fixture
async def stage(site: Site) -> AsyncIterator[Stage]:
    asha = await site.person("asha")
    room = await site.room(asha)
    person = await asha.person()
    row = await room_row(room)
    company: Any = NoCompany()
    seat = Seat(person.session_id, person.id)
    made = Stage(site, asha, room, row["id"], seat, Pump(row["id"], company, Audience(), Metrics()))
    yield made
    made.pump.stop()
    await made.pump.finish()


async def test_what_rings_bring_along_costs_no_query(stage: Stage) -> None:
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(20)
    await stage.settle()
    brought = await stage.say("one", "two", "three")
    await stage.asha.unsay(stage.room, 2)
    with queries() as seen:
        for version, change in enumerate([*brought, Change(deleted=2)], 1):
            stage.ring(version, change)
            await stage.settle()
    assert not seen, [*seen]
    assert [[block.id for block in wire.durable] for wire in wires] == [["1", "2", "3", "4"]] * 20
    assert sum(len(wire.framed) for wire in wires) == 4, "a block is framed once for all"
    await stage.assert_law(page, wires)


async def test_rings_out_of_order_in_one_moment_cost_no_query_either(stage: Stage) -> None:
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(3)
    await stage.settle()
    one, two, three = await stage.say("one", "two", "three")
    with queries() as seen:
        stage.ring(3, three)
        stage.ring(1, one)
        stage.ring(2, two)
        await stage.settle()
    assert not seen, [*seen]
    assert [block.id for block in wires[0].durable] == ["3"]
    await stage.assert_law(page, wires)


@pytest.mark.parametrize("heard", [[3], [2, 3], [1, 3], [3, 3, 3], [2]], ids=str)
async def test_a_gap_costs_one_query_however_many_read(stage: Stage, heard: list[int]) -> None:
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(300)
    await stage.settle()
    brought = dict(enumerate(await stage.say("one", "two", "three"), 1))
    with queries() as seen:
        for version in heard:
            stage.ring(version, brought[version])
        await stage.settle()
    assert len(seen) == 1, [*seen]
    assert {wire.version for wire in wires} == {3}
    assert sum(len(wire.framed) for wire in wires) <= 2
    await stage.assert_law(page, wires)


async def test_a_ring_from_elsewhere_costs_one_query_and_the_next_that_brings_something_none(stage: Stage) -> None:
    wires = stage.join(100)
    await stage.settle()
    _, two = await stage.say("one", "two")
    await db.run("UPDATE rooms SET version = 1 WHERE id = ?", stage.id)
    await db.run("UPDATE messages SET version = 1 WHERE room_id = ? AND seq = 1", stage.id)
    await db.run("UPDATE messages SET version = 2 WHERE room_id = ? AND seq = 2", stage.id)
    with queries() as seen:
        stage.ring(1)
        await stage.settle()
        assert len(seen) == 1
        await db.run("UPDATE rooms SET version = 2 WHERE id = ?", stage.id)
        seen.clear()
        stage.ring(2, two)
        await stage.settle()
        assert not seen, [*seen]
    assert {wire.version for wire in wires} == {2}


async def test_each_place_where_readers_are_costs_one_query(stage: Stage) -> None:
    """And who comes is asked for at the door once more, all of them together."""
    await stage.say(*(f"message {number}" for number in range(8)))
    with queries() as seen:
        wires = [wire for cursor in (0, 3, 3, 5, 0, 8, 3, 7) for wire in stage.join(30, cursor=cursor)]
        await stage.settle()
    places = [sql for sql in seen if "room_version" in sql]
    assert len(places) == 5  # 0, 3, 5, 7 and 8
    assert len([sql for sql in seen if "memberships" in sql]) == 1
    assert len(seen) == 6, [*seen]
    assert [wire.version for wire in wires if wire.blocks] == [8] * 210
    for wire, cursor in zip(wires, [cursor for cursor in (0, 3, 3, 5, 0, 8, 3, 7) for _ in range(30)], strict=True):
        assert wire.written == [] if cursor == 8 else b"message 7" in wire.written[0]
        assert len(wire.written) <= 1
    assert len(stage.pump.live) == len(wires)


async def test_readers_who_come_to_where_the_others_are_cost_no_read(stage: Stage) -> None:
    await stage.say("one")
    stage.join(1, cursor=1)
    await stage.settle()
    with queries() as seen:
        stage.join(500, cursor=1)
        await stage.settle()
    assert len(seen) == 1, [*seen]
    assert "memberships" in seen[0]


@pytest.mark.parametrize("version", [10**6, 2**62, 2])
async def test_a_forged_number_costs_one_query_and_moves_nobody(stage: Stage, version: int) -> None:
    wires = stage.join(50)
    await stage.settle()
    [one] = await stage.say("one")
    stage.ring(1, one)
    await stage.settle()
    before = [[*wire.written] for wire in wires]
    with queries() as seen:
        stage.ring(version)
        await stage.settle()
        await asyncio.sleep(2 * PACE)
    assert len(seen) == 1, [*seen]
    assert [wire.written for wire in wires] == before
    assert stage.pump.cursor == 1
    [two] = await stage.say("two")
    with queries() as seen:
        stage.ring(2, two)
        await stage.settle()
    assert not seen, [*seen]
    assert {wire.version for wire in wires} == {2}


async def test_an_old_ring_costs_nothing(stage: Stage) -> None:
    wires = stage.join()
    await stage.settle()
    one, two = await stage.say("one", "two")
    stage.ring(1, one)
    stage.ring(2, two)
    await stage.settle()
    written = [*wires[0].written]
    with queries() as seen:
        stage.ring(1, one)
        stage.ring(2)
        stage.ring(-5)
        await stage.settle()
    assert not seen, [*seen]
    assert wires[0].written == written


async def test_what_is_posted_and_deleted_in_one_burst_is_never_shown(stage: Stage) -> None:
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(2)
    await stage.settle()
    [kept] = await stage.say("kept")
    [secret] = await stage.say("a secret by mistake")
    await stage.asha.unsay(stage.room, 2)
    with queries() as seen:
        for version, change in enumerate([kept, secret, Change(deleted=2)], 1):
            stage.ring(version, change)
        await stage.settle()
    assert not seen, [*seen]
    for wire in wires:
        assert b"secret" not in b"".join(wire.written)
        [block] = wire.durable
        assert block.id == "3"
        assert 'hx-target="#message-2" hx-swap="delete"' in block.data
    await stage.assert_law(page, wires)


async def test_a_rename_in_the_middle_of_what_is_brought_along(stage: Stage) -> None:
    """It rings without bringing anything: it changes as many messages as the person ever wrote."""
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(2)
    await stage.settle()
    [before] = await stage.say("before")
    await stage.asha.rename("Asha K")
    [after] = await stage.say("after")
    with queries() as seen:
        for version, change in enumerate([before, None, after], 1):
            stage.ring(version, change)
        await stage.settle()
    assert len(seen) == 1, [*seen]
    for wire in wires:
        assert [block.id for block in wire.durable] in (["3"], ["1", "3"])
    await stage.assert_law(page, wires)


async def test_a_burst_is_the_first_message_at_once_and_then_one_block(stage: Stage) -> None:
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(10)
    await stage.settle()
    brought = await stage.say(*(f"message {number}" for number in range(30)))
    stage.pump._not_before = 0.0
    for version, change in enumerate(brought, 1):
        stage.ring(version, change)
        if version == 1:
            await asyncio.sleep(0)
            assert [wire.version for wire in wires] == [1] * 10, "the first waits for nothing"
    await until(lambda: wires[0].version == 30, "all of it")
    for wire in wires:
        assert [block.id for block in wire.durable] == ["1", "30"]
        seqs = [int(seq) for seq in _seqs(wire.durable[1].data)]
        assert seqs == list(range(2, 31))
    await stage.assert_law(page, wires)


def _seqs(data: str) -> list[str]:
    return [piece.partition('"')[0] for piece in data.split('<article id="message-')[1:]]


async def test_while_a_burst_lasts_there_is_a_write_each_ten_milliseconds_at_most(stage: Stage) -> None:
    wires = stage.join()
    await stage.settle()
    brought = await stage.say(*(f"message {number}" for number in range(60)))
    loop = asyncio.get_running_loop()
    moments: list[float] = []
    write = wires[0].write

    def noted(framed: bytes) -> None:
        moments.append(loop.time())
        write(framed)

    wires[0].write = noted  # type: ignore[method-assign]
    stage.pump.live.remove(stage.readers[0])
    stage.pump.live.add(stage.readers[0])  # whoever is known keeps the write of before
    for version, change in enumerate(brought, 1):
        stage.ring(version, change)
        await asyncio.sleep(0.001)
    await wires[0].reaches(60)
    assert len(moments) >= 3, "it waits for the end of the burst"
    assert len(moments) <= (moments[-1] - moments[0]) / PACE + 2
    ids = [int(block.id or 0) for block in wires[0].durable]
    assert ids == sorted(ids)


@pytest.mark.parametrize("forged", [1, 2**62], ids=["", "after a forged number"])
@pytest.mark.parametrize("brings", [True, False], ids=["brings along", "brings nothing"])
async def test_a_ring_while_the_database_answers_is_not_forgotten(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, brings: bool, forged: int
) -> None:
    """What it rings for may be newer than what is just being read, and no other ring may follow."""
    wires = stage.join(5)
    await stage.settle()
    since, asked, may_answer = changes.since, asyncio.Event(), asyncio.Event()

    async def slow(room_id: int, cursor: int) -> changes.Changes | None:
        found = await since(room_id, cursor)
        asked.set()
        await may_answer.wait()
        return found

    monkeypatch.setattr(changes, "since", slow)
    await stage.say("one")
    stage.ring(forged)
    await asked.wait()
    [two] = await stage.say("two")
    stage.ring(2, two if brings else None)
    may_answer.set()
    for wire in wires:
        await wire.reaches(2)
    await stage.settle()


async def test_who_comes_while_the_database_answers_is_not_forgotten(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    wires = stage.join(5)
    await stage.settle()
    page = (await stage.asha.room(stage.room)).text
    since, asked, may_answer = changes.since, asyncio.Event(), asyncio.Event()

    async def slow(room_id: int, cursor: int) -> changes.Changes | None:
        found = await since(room_id, cursor)
        asked.set()
        await may_answer.wait()
        return found

    monkeypatch.setattr(changes, "since", slow)
    await stage.say("one")
    stage.ring(1)
    await asked.wait()
    [two] = await stage.say("two")
    stage.ring(2, two)
    [late] = stage.join(cursor=2)
    may_answer.set()
    for wire in wires:
        await wire.reaches(2)
    await stage.settle()
    await stage.assert_law(page, wires)
    assert not late.durable
    [three] = await stage.say("three")
    stage.ring(3, three)
    for wire in (*wires, late):
        await wire.reaches(3)


async def test_a_database_that_fails_once_is_asked_again_and_nothing_is_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "TRY_AGAIN", 0.05)
    page = (await stage.asha.room(stage.room)).text
    wires = stage.join(3)
    await stage.settle()
    since, failures = changes.since, [OSError("away"), RuntimeError("worse")]

    async def failing(room_id: int, cursor: int) -> changes.Changes | None:
        if failures:
            raise failures.pop()
        return await since(room_id, cursor)

    monkeypatch.setattr(changes, "since", failing)
    await stage.say("one")
    stage.ring(1)
    for wire in wires:
        await wire.reaches(1)
    assert not failures
    await stage.assert_law(page, wires)


async def test_who_is_behind_beyond_the_bound_begins_with_a_page_and_the_others_do_not(stage: Stage) -> None:
    await stage.asha.room(stage.room)
    [here] = stage.join(cursor=0)
    await stage.settle()
    await stage.say(*(f"message {number}" for number in range(210)))
    [near] = stage.join(cursor=100)
    stage.ring(210)
    await stage.settle()
    assert 'hx-target="#messages" hx-swap="innerHTML"' in here.durable[-1].data
    assert "innerHTML" not in near.durable[-1].data
    assert here.version == near.version == 210


async def test_who_may_not_read_is_sent_away_before_the_next_word(stage: Stage) -> None:
    wires = stage.join(3)
    await stage.settle()
    await db.run("DELETE FROM memberships WHERE room_id = ?", stage.id)
    stage.pump.hear(Ring(ACCESS, stage.id))
    [secret] = [Change(posted=row) for row in [{"seq": 1}]]
    stage.ring(1, secret)
    await until(lambda: all(wire.last for wire in wires), "all are told")
    assert all(b"event: gone" in (wire.last or b"") and wire.written == [] for wire in wires)
    assert stage.pump.is_empty


async def test_who_hangs_up_while_they_are_brought_up_to_date_is_let_go(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.say("one")
    who_may_stay = access.who_may_stay

    async def meanwhile(room_id: int, seats: set[Seat]) -> set[Seat]:
        for reader in [*stage.readers]:
            stage.pump.remove(reader)
        return await who_may_stay(room_id, seats)

    monkeypatch.setattr(access, "who_may_stay", meanwhile)
    wires = stage.join(3)
    await stage.settle()
    assert stage.pump.is_empty
    assert [wire.written for wire in wires] == [[]] * 3


async def test_a_heartbeat_is_a_comment_and_says_when_it_was(stage: Stage) -> None:
    wires = stage.join(3)
    await stage.settle()
    stage.pump.wrote_at = 0.0
    stage.pump.heartbeat()
    assert [wire.written for wire in wires] == [[b":\n\n"]] * 3
    assert asyncio.get_running_loop().time() - stage.pump.wrote_at < 5


async def test_what_a_ring_brings_along_never_crosses_redis(redis_url: str) -> None:
    """Whoever reaches Redis could write there; only numbers are taken from it, and none of them is shown."""
    heard: list[Ring] = []
    overheard: list[str] = []
    async with Redis.from_url(redis_url) as redis, Redis.from_url(redis_url) as spy, spy.pubsub() as pubsub:
        await pubsub.subscribe("sampark:ring:12")
        bell = RedisDoorbell(redis)
        await bell.start(heard.append)
        try:
            change = Change(posted={"seq": 7, "html": "<p>secret</p>", "username": "asha"})
            bell.changed(12, 34, change)
            assert heard == [Ring(CHANGED, 12, 34, change)], "in its own process it comes along"
            async with asyncio.timeout(10):
                while not overheard:
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1)
                    overheard += [message["data"].decode()] if message else []
        finally:
            await bell.stop()
        assert overheard[0].split(" ")[1:] == ["v", "12", "34"]
        assert RedisDoorbell(spy)._read(overheard[0]) == Ring(CHANGED, 12, 34)


async def test_who_left_is_not_told_what_was_said_behind_their_back(stage: Stage) -> None:
    """The ring for the door was lost, or comes after the one for the message."""
    ravi = await stage.site.person("ravi")
    await ravi.join(stage.room)
    person = await ravi.person()
    version = (await room_row(stage.room))["version"]
    stayers = stage.join(1, cursor=version)
    leaver, wire = reader_at(
        version,
        room_id=stage.id,
        seat=Seat(person.session_id, person.id),
        frames=stage.site.hub.event_frames("en"),
    )
    stage.pump.add(leaver)
    await stage.settle()
    await ravi.leave(stage.room)
    await stage.say("now that ravi is away")
    stage.ring((await room_row(stage.room))["version"])
    await stage.settle()
    assert b"now that ravi is away" not in b"".join(wire.written)
    assert wire.last is not None
    assert b"left" in wire.last
    assert leaver not in stage.pump.readers
    [stayed] = stayers
    assert b"now that ravi is away" in b"".join(stayed.written)
