"""Messages: posted once, numbered without gaps, deleted without a trace of their words."""

from __future__ import annotations

import asyncio

import pytest

from sampark import access, db
from sampark.chat import history, messages
from sampark.live.doorbell import LocalDoorbell
from sampark.text.problems import Invalid, NotFound
from tests.support import Site, count, law, room_row

BELL = LocalDoorbell()


async def test_eight_posts_with_one_key_make_one_message(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room):
        numbers = await asyncio.gather(*(asha.say(room, "once", key="the key") for _ in range(8)))
    assert {*numbers} == {1}
    assert await count("messages") == 1
    row = await room_row(room)
    assert (row["version"], row["last_seq"]) == (1, 1)


async def test_a_key_is_ones_own_and_the_rooms_own(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    one, other = await site.room(asha, ravi), await site.room(asha, ravi)
    assert await asha.say(one, "a", key="k") == 1
    assert await ravi.say(one, "b", key="k") == 2
    assert await asha.say(other, "c", key="k") == 1
    assert await count("messages") == 3


async def test_without_a_key_each_post_is_a_message(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    assert [await asha.say(room, "again") for _ in range(3)] == [1, 2, 3]


async def test_a_used_key_never_swallows_other_words_without_javascript(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.say(room, "first", key="k")
    answer = await asha.post(f"/rooms/{room}/messages", {"text": "second", "key": "k"})
    assert answer.status == 409
    assert ">\nsecond</textarea>" in answer.text
    assert await count("messages") == 1


@pytest.mark.parametrize("key", ["k" * 64, "ключ", "'; --", "a\x00b", "\ud7ff", "%00"])
async def test_a_strange_key_is_a_key_or_is_refused(site: Site, key: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for _ in range(2):
        assert (await asha.post(f"/rooms/{room}/messages", {"text": "x", "key": key})).status in {303, 422}
    assert await count("messages") <= 1


@pytest.mark.parametrize("key", ["", " ", "\x00", "\u200b"])
async def test_a_key_of_nothing_is_none(site: Site, key: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for number in (1, 2):
        assert await asha.say(room, "x", key=key) == number


async def test_three_hundred_posts_of_ten_people_have_the_numbers_1_to_300(site: Site) -> None:
    people = await site.people(*(f"person-{number}" for number in range(10)))
    room = await site.room(people[0], *people[1:])
    async with law(people[0], room):
        numbers = await asyncio.gather(
            *(person.say(room, f"{person.name} {turn}") for turn in range(30) for person in people)
        )
    assert sorted(numbers) == [*range(1, 301)]
    rows = await db.fetch("SELECT seq, version, posted_version FROM messages ORDER BY seq")
    assert [(row["seq"], row["version"], row["posted_version"]) for row in rows] == [(n, n, n) for n in range(1, 301)]
    for person in people:
        own = await db.fetch("SELECT content FROM messages WHERE user_id = ? ORDER BY seq", person.id)
        assert {row["content"] for row in own} == {f"{person.name} {turn}" for turn in range(30)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "nothing to send"),
        (" \r\n\t ", "nothing to send"),
        ("\x00\x01", "nothing to send"),
        ("x" * 10_001, "too long by 1 "),
        ("क" * 10_500, "too long by 500 "),
    ],
)
async def test_a_text_of_the_wrong_length_is_told(site: Site, text: str, sentence: str) -> None:
    asha = await site.person("asha")
    person = await asha.person()
    room = await access.room_for(person, await site.room(asha))
    with pytest.raises(Invalid, match=sentence):
        await messages.post(person, room, text, "", BELL)
    with pytest.raises(Invalid, match="key"):
        await messages.post(person, room, "x", "k" * 65, BELL)
    assert (await room_row(room.code))["version"] == 0


@pytest.mark.parametrize("text", ["x" * 10_000, "क" * 10_000, "😀" * 10_000, " " * 5000 + "x" * 10_000 + " " * 5000])
async def test_the_longest_text_is_posted_whole(site: Site, text: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    async with law(asha, room):
        await asha.say(room, text)
    [row] = await db.fetch("SELECT content FROM messages")
    assert row["content"] == text.strip()


async def test_what_is_deleted_leaves_no_word(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    async with law(ravi, room), law(asha, room):
        await asha.say(room, "a secret word")
        await asha.say(room, "stays")
        await asha.unsay(room, 1)
    rows = await db.fetch("SELECT * FROM messages ORDER BY seq")
    assert [row["seq"] for row in rows] == [1, 2]
    assert "secret" not in str(rows)
    assert rows[0]["deleted_at"] is not None
    assert (await asha.get(f"/rooms/{room}/messages/1")).status == 404
    assert (await asha.post(f"/rooms/{room}/messages/1/delete")).status == 404
    assert (await room_row(room))["version"] == 3


async def test_of_five_deletions_at_once_one_counts(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    answers = await asyncio.gather(*(asha.post(f"/rooms/{room}/messages/1/delete") for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [303, 404, 404, 404, 404]
    assert (await room_row(room))["version"] == 2


async def test_only_the_sender_deletes_and_nobody_deletes_what_the_room_says(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha)
    await ravi.join(room)
    await ravi.say(room, "mine")
    for person, seq in ((asha, 2), (asha, 1), (ravi, 1)):
        answer = await person.post(f"/rooms/{room}/messages/{seq}/delete")
        assert answer.status == 403
        assert "sender" in answer.alert
    assert await count("messages", "deleted_at IS NULL") == 2


async def test_a_repeated_key_after_the_deletion_brings_nothing_back(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.say(room, "gone", key="k")
    await asha.unsay(room, 1)
    answer = await asha.post(f"/rooms/{room}/messages", {"text": "gone", "key": "k"}, htmx=True)
    assert (answer.status, answer.body) == (201, b"")
    assert await count("messages") == 1


async def test_who_left_a_moment_ago_posts_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(asha, ravi)
    person = await ravi.person()
    room = await access.room_for(person, code)
    await ravi.leave(code)
    with pytest.raises(NotFound):
        await messages.post(person, room, "too late", "", BELL)
    row = await room_row(code)
    assert (row["version"], row["last_seq"]) == (1, 1)


async def test_who_posts_into_a_room_that_is_being_deleted_hears_that_it_is_gone(site: Site) -> None:
    asha = await site.person("asha")
    person = await asha.person()
    code = await site.room(asha)
    room = await access.room_for(person, code)
    assert (await asha.post(f"/rooms/{code}/delete")).status == 303
    with pytest.raises(NotFound):
        await messages.post(person, room, "too late", "", BELL)


async def test_a_post_during_ones_own_renaming_shows_the_new_name_everywhere(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request knows its sender by the old name when it begins; what everyone keeps is rendered once."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    begun, renamed = asyncio.Event(), asyncio.Event()
    post = messages.post

    async def slow(*values: object, **named: object) -> object:
        begun.set()
        await renamed.wait()
        return await post(*values, **named)  # type: ignore[arg-type]

    async with law(ravi, room):
        with monkeypatch.context() as patch:
            patch.setattr(messages, "post", slow)
            posting = asyncio.create_task(asha.post(f"/rooms/{room}/messages", {"text": "hello"}, htmx=True))
            await begun.wait()
            await (await asha.another()).rename("New name")
            renamed.set()
            answer = await posting
    assert answer.status == 201
    page = (await ravi.room(room)).articles[1]
    assert "New name" in page
    assert answer.text == page


async def test_pages_of_history_meet_without_gap_or_overlap(site: Site) -> None:
    asha = await site.person("asha")
    code = await site.room(asha, say=130)
    room_id = (await room_row(code))["id"]
    for seq in (20, 60, 61, 100):
        await asha.unsay(code, seq)
    kept = [seq for seq in range(1, 131) if seq not in {20, 60, 61, 100}]
    newest = await history.newest(room_id)
    assert ([row["seq"] for row in newest.messages], newest.has_older, newest.has_newer) == (kept[-50:], True, False)
    older = await history.before(room_id, newest.first)
    assert [row["seq"] for row in older.messages] == kept[-100:-50]
    oldest = await history.before(room_id, older.first)
    assert ([row["seq"] for row in oldest.messages], oldest.has_older) == (kept[:-100], False)
    first = await history.after(room_id, 0, 100)
    assert ([row["seq"] for row in first.messages], first.has_newer) == (kept[:100], True)
    rest = await history.after(room_id, first.last, 100)
    assert ([row["seq"] for row in rest.messages], rest.has_newer) == (kept[100:], False)


@pytest.mark.parametrize(
    ("seq", "first", "last", "older", "newer"),
    [(60, 35, 85, True, True), (1, 1, 25, False, True), (130, 105, 130, True, False), (99_999, 106, 130, True, False)],
)
async def test_the_page_around_a_message(site: Site, seq: int, first: int, last: int, older: bool, newer: bool) -> None:
    asha = await site.person("asha")
    code = await site.room(asha, say=130)
    await asha.unsay(code, 60)
    page = await history.around((await room_row(code))["id"], seq)
    assert (page.first, page.last, page.has_older, page.has_newer) == (first, last, older, newer)


async def test_how_far_somebody_has_read_never_goes_back(site: Site) -> None:
    asha = await site.person("asha")
    code = await site.room(asha, say=80)
    await asha.room(code)
    await asha.room(code, before=20)
    await asha.room(code, around=3)
    [row] = await db.fetch("SELECT read_seq FROM memberships")
    assert row["read_seq"] == 80
