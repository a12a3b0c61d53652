"""The stream of a room: how it opens, what it brings, and coming back to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sampark.live import changes, wire
from tests.support import Follower, Screen, Site, assert_stream_equals_page, count, law, room_row


async def test_it_opens_with_an_id_alone_and_the_right_headers(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    stream = await asha.stream(room)
    assert stream.status == 200
    assert stream.raw.startswith(b"id: 3\n\n")
    assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["Cache-Control"] == "no-store, no-transform"
    assert stream.headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in stream.headers
    assert "Content-Length" not in stream.headers


async def test_a_post_arrives_with_the_version_it_made(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    await asha.say(room, "hello")
    await stream.wait_for_version(1)
    [block] = [block for block in stream.blocks if block.id == "1"]
    assert block.event is None
    assert 'hx-swap="upsert key:data-seq"' in block.data
    assert "<p>hello</p>" in block.data


async def test_the_same_bytes_go_to_page_stream_answer_and_everyone(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    streams = [await person.stream(room) for person in (asha, ravi)]
    answer = await asha.post(f"/rooms/{room}/messages", {"text": "**same** bytes"}, htmx=True)
    assert answer.status == 201
    for stream in streams:
        await stream.wait_for_version(1)
        assert answer.text in stream.text.replace("\ndata: ", "\n")
    for person in (asha, ravi):
        for path in (f"/rooms/{room}", f"/rooms/{room}/messages", f"/rooms/{room}/messages/1"):
            assert answer.text in (await person.get(path)).text
        live = await person.stream(room, live=True)
        await live.wait_for(answer.text)


async def test_each_language_has_its_own_bytes_and_the_law(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    ravi.headers["Accept-Language"] = "hi"
    async with law(ravi, room) as hindi, law(asha, room) as english:
        await asha.say(room, "hello")
        await asha.rename("Asha K")
    assert hindi.screen.messages != english.screen.messages


@pytest.mark.parametrize("by_header", [True, False], ids=["header", "address"])
async def test_thirty_posts_and_ten_deletions_missed_are_made_up_for(site: Site, by_header: bool) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for number in range(10):
        await asha.say(room, f"before {number}")
    async with law(ravi, room) as follower:
        await follower.drop()
        for number in range(30):
            await asha.say(room, f"meanwhile {number}")
        for seq in (1, 5, 9, 12, 13, 20, 30, 38, 39, 40):
            await asha.unsay(room, seq)
        await follower.resume(by_header=by_header)
        await follower.check()
        assert len(follower.screen.messages) == 30
        assert follower.stream
        assert len([block for block in follower.stream.blocks if block.id]) == 2  # the opening, and one for all of it


async def test_the_header_counts_more_than_the_address(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=5)
    stream = await asha.stream(room, since=1, resume=4)
    await stream.wait_for_version(5)
    assert "message-5" in stream.text
    assert "message-4" not in stream.text


async def test_a_block_that_comes_twice_changes_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for number in range(5):
        await asha.say(room, f"{number}")
    await asha.unsay(room, 2)
    page = (await ravi.room(room)).text
    stream = await ravi.stream(room, since=0)
    await stream.wait_for_version(6)
    screen = Screen.of(page)
    for block in stream.blocks * 2:
        screen.apply(block)
    assert_stream_equals_page(screen, page)


@pytest.mark.parametrize(("behind", "is_reset"), [(200, False), (201, True), (1000, True)])
async def test_who_is_more_than_two_hundred_behind_gets_the_newest_page(
    site: Site, behind: int, is_reset: bool
) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=behind)
    stream = await asha.stream(room, since=0)
    await stream.wait_for_version(behind)
    [block] = [block for block in stream.blocks if block.id == str(behind)]
    assert ('hx-target="#messages" hx-swap="innerHTML"' in block.data) is is_reset
    assert block.data.count("<article") == (50 if is_reset else 200)
    screen = Screen.of((await asha.room(room)).text)
    screen.apply(block)
    assert_stream_equals_page(screen, (await asha.room(room)).text)


async def test_a_reset_offers_the_older_messages(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=300)
    stream = await asha.stream(room, since=10)
    await stream.wait_for_version(300)
    assert "before=251" in stream.text


@pytest.mark.parametrize(
    "cursor", ["-1", "nonsense", "4", "99999999999999999999999", "1e3", "٣", "0x1", "1 ", "", "\u0939"]
)
async def test_a_cursor_that_cannot_be_gets_the_newest_page(site: Site, cursor: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    stream = await asha.stream(room, since=cursor)
    await stream.wait(lambda: "innerHTML" in stream.text, "a page")
    await stream.wait_for_version(3)
    screen = Screen.of((await asha.room(room)).text)
    for block in stream.blocks:
        screen.apply(block)
    assert {*screen.messages} == {1, 2, 3}
    await asha.say(room, "and on it goes")
    await stream.wait_for_version(4)


async def test_many_long_messages_missed_arrive_however_large_together(site: Site) -> None:
    """More than a reader's bound in one block: ending the stream would only bring the reader back for the same block."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room) as follower:
        await follower.drop()
        for number in range(30):
            await asha.say(room, f"{number} " + "क" * 9_000)
        assert wire.MOST_WAITING < 30 * 9_000 * 3
        await follower.resume()


async def test_a_page_of_long_messages_can_replace_the_list(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for number in range(30):
        await asha.say(room, f"{number} " + "क" * 9_000)
    stream = await asha.stream(room, since="nonsense")
    await stream.wait_for_version(30)


async def test_a_deletion_of_what_the_page_never_had_does_no_harm(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=120)
    async with law(ravi, room):
        await asha.unsay(room, 3)
        await asha.rename("New name")
        await asha.say(room, "x")


async def test_whatever_happens_between_page_and_stream_arrives(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=3)
    follower = Follower(ravi, room, (await ravi.room(room)).text)
    await asha.say(room, "between")
    await asha.unsay(room, 2)
    await follower.resume(by_header=False)
    await follower.check()
    assert {*follower.screen.messages} == {1, 3, 4}


async def test_posts_while_many_readers_come_and_go_reach_all_of_them(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(6)))
    room = await site.room(people[0], *people[1:])

    async def flap(person: int) -> None:
        async with law(people[person], room) as follower:
            for _ in range(4):
                await asyncio.sleep(0)
                await follower.drop()
                await people[person].say(room, "in between")
                await follower.resume()

    await asyncio.gather(*(flap(number) for number in range(6)))
    assert await count("messages") == 24


async def test_reading_by_stream_counts_as_reading(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room):
        await asha.say(room, "seen")
    assert ">New<" not in (await ravi.get("/")).text


async def test_changes_are_read_as_they_are_now(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=6)
    await asha.unsay(room, 2)
    await asha.unsay(room, 6)
    row = await room_row(room)
    found = await changes.since(row["id"], 4)
    assert found
    assert ([message["seq"] for message in found.new], found.changed, sorted(found.deleted)) == ([5], [], [2, 6])
    assert found.version == 8
    nothing = await changes.since(row["id"], 8)
    assert nothing
    assert (nothing.new, nothing.changed, nothing.deleted, nothing.page) == ([], [], [], None)
    assert await changes.versions_of([row["id"], row["id"] + 1]) == {row["id"]: 8}
    assert await changes.since(row["id"] + 1, 0) is None


async def test_asking_for_the_head_of_a_stream_ends(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for address in ("events", "live"):
        connection: Any = asha.client.request(f"/rooms/{room}/{address}", method="HEAD")
        async with asyncio.timeout(3):
            await connection.__aenter__()
            await connection.send_complete()
            await connection._task
        assert connection.status_code == 200


async def test_a_stream_too_many_is_refused_until_one_closes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.parts.limits, "_scale", 0.1)  # three instead of thirty
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    streams = [await asha.stream(room) for _ in range(3)]
    refused = await asha.stream(room)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert (await ravi.stream(room)).status == 200
    await streams[0].close()
    assert (await asha.stream(room)).status == 200
