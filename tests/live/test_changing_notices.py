"""Notices that change in place, as readers see them who were there all the while, and those who come back."""

from __future__ import annotations

import asyncio
import re

from tests.support import Browser, Site, law, plain, room_row, until


async def mingle(room: str, host: Browser, crowd: list[Browser]) -> None:
    """Many come at once, one of them flaps while others talk, some go."""
    await asyncio.gather(*(person.join(room) for person in crowd))
    for _ in range(2):
        await crowd[0].leave(room)
        await host.say(room, "who was that?")
        await crowd[0].join(room)
    await asyncio.gather(*(person.leave(room) for person in crowd[-3:]), host.say(room, "goodbye"))


async def test_who_reads_all_the_while_ends_with_the_page(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    crowd = await site.people(*(f"person-{number}" for number in range(12)))
    room = await site.room(asha, ravi)
    ravi.headers["Accept-Language"] = "hi"
    async with law(asha, room) as english, law(ravi, room) as hindi:
        await mingle(room, asha, crowd)
    words = [plain(follower.screen.messages[1]) for follower in (english, hindi)]
    assert re.search(r"and 7 others joined the room ?; .* left the room", words[0]), words
    assert re.search(r"और 7 अन्य लोगों ने कमरे में प्रवेश किया ?; .* ने कमरा छोड़ दिया", words[1]), words
    row = await room_row(room)
    assert (row["version"], row["last_seq"]) == (12 + 4 + 2 + 3 + 1, 1 + 2 + 1)


async def test_who_was_away_meanwhile_ends_with_the_page(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    crowd = await site.people(*(f"person-{number}" for number in range(6)))
    room = await site.room(asha, ravi)
    async with law(asha, room) as before, law(ravi, room) as between:
        await before.drop()
        await crowd[0].join(room)
        await between.check()
        await between.drop()
        await mingle(room, asha, crowd)
        await before.resume()
        await between.resume(by_header=False)
        await crowd[1].rename("Somebody else")
    assert "Somebody else" in before.screen.messages[1]


async def test_a_line_changes_where_it_stands_and_marks_nothing_as_new(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room, elsewhere = await site.room(asha), await site.room(asha)
    await ravi.join(room)
    stream = await asha.stream(room, since=1)
    await asha.room(room)
    other = await asha.stream(elsewhere)
    await mina.join(room)
    await stream.wait_for_version(2)
    [block] = [block for block in stream.blocks if "<article" in block.data]
    assert block.id == "2"
    assert re.match(r'<hx-partial hx-target="#message-1" hx-swap="outerHTML"><article id="message-1"', block.data)
    assert (await room_row(room))["last_seq"] == 1
    await stream.close()  # whoever has a room open reads it
    await until(lambda: site.hub._parting.is_idle, "what was read is noted")
    await ravi.say(room, "hello")
    await other.wait_for("unread")
    assert other.text.count("unread") == 1


async def test_the_endless_document_changes_it_too(site: Site) -> None:
    asha, ravi, mina = await site.people("asha", "ravi", "mina")
    room = await site.room(asha)
    document = await asha.stream(room, live=True)
    await ravi.join(room)
    await mina.join(room)
    await document.wait_for("and <bdi")
    changed = re.search(r'<template for="m1"><\?start name="m1">(.*?)<\?end name="m1"></template>', document.text)
    # Both may have been told of at once.
    shown = changed[1] if changed else (await asha.room(room)).articles[1]
    assert "ravi and mina joined the room" in plain(shown)
    assert shown == (await asha.room(room)).articles[1]
