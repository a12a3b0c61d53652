"""Access is checked when a stream opens, and again whenever it may have changed: then it ends within two seconds and says why."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from sampark import access, db
from sampark.live import hub
from tests.live.fakes import sit_down
from tests.support import PASSWORD, Browser, Site, Stream, law, until


async def both(person: Browser, room: str) -> tuple[Stream, Stream]:
    """The stream, and the document for browsers without JavaScript."""
    return await person.stream(room), await person.stream(room, live=True)


async def test_who_leaves_is_told_and_comes_back_to_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream, document = await both(ravi, room)
    async with law(asha, room):
        await ravi.leave(room)
        assert (await stream.gone()).data == "left"
        await document.wait(lambda: document.ended, "the end", 2)
        assert "You are no longer in this room" in document.text
        await asha.say(room, "now that ravi is away")
    assert "now that ravi is away" not in stream.text + document.text
    for address in ("events", "live"):
        assert (await ravi.get(f"/rooms/{room}/{address}")).status == 404


@pytest.mark.parametrize(
    "way", ["signs out", "is signed out elsewhere", "changes the password", "signs out everywhere else"]
)
async def test_who_signs_out_in_one_browser_is_cut_off_there_only(site: Site, way: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    here = await ravi.another()
    [there_id] = [
        row["id"] for row in await db.fetch("SELECT id FROM sessions WHERE user_id = ? ORDER BY id LIMIT 1", ravi.id)
    ]
    stream, document = await both(ravi, room)
    own, other = await here.stream(room), await asha.stream(room)
    match way:
        case "signs out":
            assert (await ravi.post("/logout")).location == "/login"
        case "is signed out elsewhere":
            assert (await here.post(f"/profile/sessions/{there_id}/end")).status == 303
        case "changes the password":
            form = {"current_password": PASSWORD, "password": "five newts balancing teacups"}
            assert (await here.post("/profile/password", form)).status == 303
        case "signs out everywhere else":
            assert (await here.post("/profile/sessions/end-others")).status == 303
    assert (await stream.gone()).data == "signed-out"
    await document.wait(lambda: document.ended, "the end", 2)
    assert "You have been signed out" in document.text
    await asha.say(room, "later")
    await other.wait_for("later")
    assert "later" not in stream.text + document.text
    if way != "changes the password":
        await own.wait_for("later")
    assert (await ravi.get(f"/rooms/{room}/events")).status == 401
    assert (await here.get(f"/rooms/{room}/messages")).status == 200


async def test_a_deleted_room_tells_everyone(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(asha, ravi)
    streams = [await person.stream(room) for person in (asha, ravi)]
    document, elsewhere = await ravi.stream(room, live=True), await ravi.stream(other)
    assert (await asha.post(f"/rooms/{room}/delete")).status == 303
    for stream in streams:
        assert (await stream.gone()).data == "deleted"
    await document.wait(lambda: document.ended, "the end", 2)
    assert "This room has been deleted" in document.text
    await asha.say(other, "still here")
    await elsewhere.wait_for("still here")
    assert (await ravi.get(f"/rooms/{room}/events")).status == 404


async def test_a_session_that_runs_out_ends_its_streams(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    stream = await asha.stream(room)
    await db.run(
        "UPDATE sessions SET expires_at = ?", datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
    )
    site.hub.bell.signed_out(asha.id)
    assert (await stream.gone()).data == "signed-out"
    assert (await asha.get(f"/rooms/{room}/events")).status == 401


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(hub, "LOOK_OFTEN", 0.1)


def deafen(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing rings, as when Redis lost it."""
    monkeypatch.setattr(site.hub, "hear", lambda ring: None)
    monkeypatch.setattr(site.hub.bell, "_answer", lambda ring: None)


@pytest.mark.usefixtures("looks_often")
async def test_a_lost_ring_costs_moments(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub looks by itself."""
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    async with law(asha, room):
        stream, left = await ravi.stream(room), await mina.stream(room)
        with monkeypatch.context() as deaf:
            deafen(site, deaf)
            await asha.say(room, "heard without a ring")
            await stream.wait_for("heard without a ring")
            await mina.leave(room)
            assert (await left.gone(5)).data == "left"
            # Not by any way of ours: nothing but the membership says it.
            await db.run("DELETE FROM memberships WHERE user_id = ?", ravi.id)
            assert (await stream.gone(5)).data == "left"


@pytest.mark.usefixtures("looks_often")
@pytest.mark.parametrize("way", ["signs out", "changes the password", "is signed out by the operator", "deleted room"])
async def test_without_a_ring_who_may_not_stay_goes_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    here = await ravi.another()
    stream, document = await both(ravi, room)
    deafen(site, monkeypatch)
    match way:
        case "signs out":
            await ravi.post("/logout")
        case "changes the password":
            form = {"current_password": PASSWORD, "password": "five newts balancing teacups"}
            assert (await here.post("/profile/password", form)).status == 303
        case "is signed out by the operator":
            await db.run("DELETE FROM sessions WHERE user_id = ?", ravi.id)
        case "deleted room":
            assert (await asha.post(f"/rooms/{room}/delete")).status == 303
    assert (await stream.gone(4)).data == ("deleted" if way == "deleted room" else "signed-out")
    await document.wait(lambda: document.ended, "the end", 4)


async def test_who_was_cut_off_does_not_keep_others_from_hearing(site: Site) -> None:
    """The last reader is told to go but has not taken that block yet (a slow line) when somebody else arrives."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    slow, wire = await sit_down(site, ravi, room)
    await ravi.leave(room)
    await until(lambda: slow.is_ended, "the end")
    assert wire.last is not None
    assert b"event: gone\ndata: left" in wire.last
    await until(lambda: all(pump.is_empty for pump in site.hub._pumps.values()), "nobody left to read for")
    stream = await asha.stream(room)
    await asha.say(room, "anybody there?")
    await stream.wait_for("anybody there?")
    assert b"anybody" not in b"".join(wire.written)
    slow.lost()
    await asha.say(room, "and now?")
    await stream.wait_for("and now?")


async def test_who_leaves_and_comes_back_at_once_hears_everything(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for turn in range(5):
        stream = await ravi.stream(room)
        await ravi.leave(room)
        await ravi.join(room)
        again = await ravi.stream(room)
        await asha.say(room, f"turn {turn}")
        await again.wait_for(f"turn {turn}")
        await again.close()
        await stream.close()


async def test_draining_says_goodbye_to_old_and_new_streams(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    stream, document = await both(asha, room)
    site.hub.drain()
    await stream.wait(lambda: stream.ended, "the end")
    last = stream.blocks[-1]
    assert last.event == "bye"
    assert last.retry
    assert 1000 <= last.retry <= 4000
    await document.wait(lambda: document.ended, "the end")
    assert document.text.rstrip().endswith("</html>")
    late = await asha.stream(room)
    await late.wait(lambda: late.ended, "the end")
    assert late.blocks[-1].event == "bye"
    ready = await asha.get("/readyz")
    assert ready.status == 503
    assert "stopping" in ready.text
    await site.hub.empty()
    assert site.hub.open_streams == 0


async def test_who_arrives_while_others_are_checked_is_not_sent_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was asked for before they came, and says nothing about them. `gone` would end their stream for good."""
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha, ravi, mina)
    leaving = await ravi.stream(room)
    await leaving.wait_for("#members")
    asked, arrived = asyncio.Event(), asyncio.Event()
    who_may_stay = access.who_may_stay

    async def slow(room_id: int, seats: set[access.Seat]) -> set[access.Seat]:
        welcome = await who_may_stay(room_id, seats)
        if not asked.is_set():
            asked.set()
            await arrived.wait()
        return welcome

    monkeypatch.setattr(access, "who_may_stay", slow)
    await ravi.leave(room)
    async with asyncio.timeout(10):
        await asked.wait()
    coming = await mina.stream(room)
    arrived.set()
    assert (await leaving.gone()).data == "left"
    await asha.say(room, "welcome, mina")
    await coming.wait(lambda: coming.ended or "welcome, mina" in coming.text, "the message")
    assert not coming.ended, coming.text
