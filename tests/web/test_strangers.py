"""Not yours looks like not there: whoever asks learns nothing, by no address and no method."""

from __future__ import annotations

import re

import pytest

from tests.support import Answer, Browser, Site, law

ASKED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/rooms/{room}", {}),
    ("GET", "/rooms/{room}?before=2", {}),
    ("GET", "/rooms/{room}?around=1", {}),
    ("GET", "/rooms/{room}/day?date=2026-11-23", {}),
    ("GET", "/rooms/{room}/messages", {}),
    ("GET", "/rooms/{room}/messages?after=0", {}),
    ("GET", "/rooms/{room}/messages/1", {}),
    ("GET", "/rooms/{room}/messages/999", {}),
    ("GET", "/rooms/{room}/members", {}),
    ("GET", "/rooms/{room}/events", {}),
    ("GET", "/rooms/{room}/events?since=0", {}),
    ("GET", "/rooms/{room}/live", {}),
    ("GET", "/rooms/{room}/live?framed=1", {}),
    ("GET", "/rooms/{room}/compose", {}),
    ("POST", "/rooms/{room}/compose", {"text": "hello", "key": "k"}),
    ("HEAD", "/rooms/{room}", {}),
    ("POST", "/rooms/{room}/messages", {"text": "hello", "key": "k"}),
    ("POST", "/rooms/{room}/messages", {"text": ""}),
    ("POST", "/rooms/{room}/messages", {"text": "x" * 10_001}),
    ("POST", "/rooms/{room}/messages/1/delete", {}),
    ("POST", "/rooms/{room}/messages/999/delete", {}),
    ("GET", "/rooms/{room}/emoji", {}),
    ("POST", "/rooms/{room}/emoji", {"text": "x", "emoji": "x"}),
    ("POST", "/rooms/{room}/messages", {"text": "x", "emoji": "x"}),
    ("POST", "/rooms/{room}/messages", {"text": "x", "emoji": "all"}),
    ("POST", "/rooms/{room}/typing", {}),
    ("POST", "/rooms/{room}/leave", {}),
    ("POST", "/rooms/{room}/delete", {}),
]


def seen(answer: Answer) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All that whoever asks can see, but for the second and the signature of a cookie that holds the second."""
    headers = [
        (name.lower(), re.sub(r"=[^;]*\.[\w.-]*;", "=…;", value))
        for name, value in answer.headers.items()
        if name.lower() != "date"
    ]  # type: ignore[attr-defined]
    return answer.status, answer.body, sorted(headers)


async def ask(who: Browser, asked: tuple[str, str, dict[str, str]], room: str, *, htmx: bool) -> Answer:
    method, path, form = asked
    return await who.send(method, path.format(room=room), form=form if method == "POST" else None, htmx=htmx)


@pytest.mark.parametrize(
    "asked", ASKED, ids=[f"{method} {path} {len(form.get('text', ''))}" for method, path, form in ASKED]
)
async def test_a_private_room_looks_like_one_that_never_was(site: Site, asked: tuple[str, str, dict[str, str]]) -> None:
    asha, stranger = await site.people("asha", "stranger")
    room = await site.room(asha, name="Secret society")
    await asha.say(room, "secret words")
    deleted = await site.room(asha)
    await asha.post(f"/rooms/{deleted}/delete")
    for htmx in (False, True):
        private = await ask(stranger, asked, room, htmx=htmx)
        assert private.status == 404
        for other in ("k3f9x2mq7hpt", deleted, "not-an-id-at-all"):
            assert seen(await ask(stranger, asked, other, htmx=htmx)) == seen(private)
        for word in (b"secret", b"Secret", b"asha", room.encode()):
            assert word not in private.body


@pytest.mark.parametrize(
    "asked", ASKED, ids=[f"{method} {path} {len(form.get('text', ''))}" for method, path, form in ASKED]
)
async def test_signed_out_every_room_asks_to_sign_in(site: Site, asked: tuple[str, str, dict[str, str]]) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    there, not_there = [await ask(site.stranger(), asked, code, htmx=False) for code in (room, "k3f9x2mq7hpt")]
    assert there.status == not_there.status
    assert there.headers.get("Location", "").replace(room, "k3f9x2mq7hpt") == not_there.headers.get("Location", "")


@pytest.mark.parametrize(
    "asked", ASKED, ids=[f"{method} {path} {len(form.get('text', ''))}" for method, path, form in ASKED]
)
async def test_whoever_left_is_a_stranger(site: Site, asked: tuple[str, str, dict[str, str]]) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await ravi.say(room, "my own words")
    await ravi.leave(room)
    async with law(asha, room) as follower:
        for htmx in (False, True):
            was_mine = await ask(ravi, asked, room, htmx=htmx)
            assert was_mine.status == 404
            assert seen(await ask(ravi, asked, "k3f9x2mq7hpt", htmx=htmx)) == seen(was_mine)
    assert {*follower.screen.messages} == {1, 2}


async def test_a_message_that_is_not_there_looks_like_one_that_was_deleted(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=2)
    await asha.unsay(room, 1)
    for method in ("GET", "POST"):
        path = f"/rooms/{room}/messages/{{}}" + ("/delete" if method == "POST" else "")
        gone, never = [await ravi.send(method, path.format(seq)) for seq in (1, 77)]
        assert gone.status == 404
        assert seen(gone) == seen(never)


async def test_a_message_of_another_room_is_found_by_nobody_through_ones_own(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    await site.room(asha, say=9)
    own = await site.room(ravi, say=2)
    assert (await ravi.get(f"/rooms/{own}/messages/7")).status == 404
    assert {*(await ravi.get(f"/rooms/{own}/messages?around=7")).articles} <= {1, 2}


async def test_strangers_typing_and_reading_move_nothing(site: Site) -> None:
    asha, stranger = await site.people("asha", "stranger")
    room = await site.room(asha)
    async with law(asha, room) as follower:
        await stranger.post(f"/rooms/{room}/typing")
        await stranger.stream(room)
        await asha.say(room, "still alone")
    assert "stranger" not in follower.screen.members
    assert not follower.screen.typing


async def test_members_see_each_other_and_no_address(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    for path in (f"/rooms/{room}", f"/rooms/{room}/members", f"/rooms/{room}/messages"):
        text = (await ravi.get(path)).text
        assert "asha@example.org" not in text
    assert 'data-username="asha"' in (await ravi.get(f"/rooms/{room}/members")).text
