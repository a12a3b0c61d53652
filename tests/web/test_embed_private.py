"""A private room that stands in no other site's page answers every address and method of frames as one that never was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sampark import db
from tests.embeds import CLUB, OURS, Frame, choose, embedded
from tests.support import Answer, Browser, Site, field_value

UNKNOWN = "k3f9x2mq7hpt"
ARGUMENTS = {"seq": "1", "public_id": "a" * 22, "name": "a.png"}
FORM = {"text": "x", "key": "k", "name": "Priya", "token": "a.b.c"}
WITHOUT_A_ROOM = {
    "/embed/account", "/embed/account/forget",  # one's own account, in a tab of the app
    "/embed/leave", "/embed/leave/ask",  # the room stands in the form: see below
    "/embed/htmx.js",
}  # fmt: skip
"""What is below `/embed` and says no room in its address. A new one belongs here, or into a test of its own."""


FOR_ANY_ROOM = ("OPTIONS", "/embed/rooms/{room}/feed.atom")
"""Quart answers this by itself, with what the address can be asked for; nobody has looked for a room by then."""


def routes(site: Site) -> Iterator[tuple[str, str]]:
    """Each address of frames, and each method with which it is asked for, `{room}` to be filled in."""
    for rule in site.app.url_map.iter_rules():
        if "<room>" in rule.rule and rule.rule.startswith("/embed/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ARGUMENTS.get(found[1], f"{{{found[1]}}}"), rule.rule)
            yield from ((method, path) for method in sorted(rule.methods or ()) if (method, path) != FOR_ANY_ROOM)


def told(answer: Answer) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All that whoever asks can see, but for the second, and what is drawn by lot for each visit."""
    headers = [(name, re.sub("=[^;]*;", "=…;", value)) for name, value in answer.same_headers().items()]
    return answer.status, re.sub(rb'name="csrf" value="\w*"', b"", answer.body), headers


@pytest.fixture
async def private(site: Site) -> tuple[Browser, dict[str, str]]:
    """Rooms of hers that stand in no page, by why not; in each somebody has said something."""
    asha = await site.person("asha")
    rooms = {
        "never embedded": await site.room(asha),
        "listed, not turned on": await site.room(asha),
        "turned off again": await embedded(site, asha),
    }
    await asha.post(f"/rooms/{rooms['listed, not turned on']}/embed/origins", {"origin": CLUB})
    for code in rooms.values():
        await asha.say(code, "a secret")
    await choose(asha, rooms["turned off again"], is_on="")
    return asha, rooms


async def asked(site: Site, method: str, path: str, headers: dict[str, str]) -> Answer:
    form = FORM if method == "POST" else None
    return await Frame(site, UNKNOWN).send(method, path, form, headers)


WAYS = {
    "typed into the address bar": {"Sec-Fetch-Site": "none"},
    "from a page of ours": {"Sec-Fetch-Site": "same-origin", "Origin": OURS, "Referer": f"{OURS}/"},
    "by htmx": {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"},
    "in a frame of the club": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Origin": CLUB, "Referer": f"{CLUB}/"},
    "by the club's script": {
        "Sec-Fetch-Site": "cross-site", "Origin": CLUB, "Authorization": "Bearer 1-ffffffff-0", "Access-Control-Request-Method": "GET",
    },
    "by a text browser": {},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_every_address_of_a_private_room_answers_as_for_none(
    site: Site, private: tuple[Browser, dict[str, str]], way: str
) -> None:
    _, rooms = private
    known = [*routes(site)]
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= {method for method, _ in known}
    for method, path in known:
        unknown = await asked(site, method, path.format(room=UNKNOWN), WAYS[way])
        for why, code in rooms.items():
            answer = await asked(site, method, path.format(room=code), WAYS[way])
            assert answer.status == 404, (why, method, path)
            assert told(answer) == told(unknown), (why, method, path)
    assert [row["n"] for row in await db.fetch("SELECT count(*) AS n FROM messages")] == [3]
    assert [row["n"] for row in await db.fetch("SELECT count(*) AS n FROM sessions WHERE embed_id IS NOT NULL")] == [0]


async def test_not_even_its_creator_finds_it_there(site: Site, private: tuple[Browser, dict[str, str]]) -> None:
    asha, rooms = private
    for method, path in routes(site):
        for why, code in rooms.items():
            answer = await asha.send(method, path.format(room=code), form=FORM if method == "POST" else None)
            assert answer.status == 404, (why, method, path)


async def test_nor_does_a_guest_of_another_room(site: Site, private: tuple[Browser, dict[str, str]]) -> None:
    """With that room's cookie under this room's name, and with the ticket of its frame."""
    asha, rooms = private
    guest = Frame(site, await embedded(site, asha))
    await guest.join()
    ticket = re.search(r"ticket=([\w-]+)", guest.page)
    assert ticket
    [session] = guest.cookies.values()
    for method, path in routes(site):
        for why, code in rooms.items():
            held = Frame(site, code, cookies={f"__Host-sampark-embed-{code}": session})
            form = FORM if method == "POST" else None
            answer = await held.send(
                method, f"{path.format(room=code)}?ticket={ticket[1]}", form, {"Sec-Fetch-Site": "same-origin"}
            )
            assert answer.status == 404, (why, method, path)


async def test_a_method_that_an_address_does_not_know_tells_nothing_either(
    site: Site, private: tuple[Browser, dict[str, str]]
) -> None:
    asha, rooms = private
    known = {*routes(site)}
    for path in {path for _, path in known}:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method for method, where in known if where == path}:
            unknown = await asha.send(method, path.format(room=UNKNOWN))
            assert unknown.status in {404, 405}
            for why, code in rooms.items():
                assert told(await asha.send(method, path.format(room=code))) == told(unknown), (why, method, path)


async def test_what_says_its_room_in_the_form_finds_none(site: Site, private: tuple[Browser, dict[str, str]]) -> None:
    asha, rooms = private
    guest = Frame(site, await embedded(site, asha))
    await guest.join()
    leaving = field_value(guest.page, "leaving")
    found = {
        rule.rule
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/embed/") and "<room>" not in rule.rule
    }
    assert found == WITHOUT_A_ROOM
    for path in ("/embed/leave", "/embed/leave/ask"):
        unknown = await site.stranger().post(path, {"room": UNKNOWN, "leaving": leaving})
        for code in rooms.values():
            answer = await site.stranger().post(path, {"room": code, "leaving": leaving})
            assert answer.status == 404
            assert told(answer) == told(unknown)
    for code in rooms.values():
        assert (await site.stranger().get(f"/oembed?url={OURS}/embed/rooms/{code}")).status == 404
