"""Who has a piece of history already is told so: when it is still the same to the letter, and still theirs to see."""

from __future__ import annotations

import pytest

from tests.databases import on_sqlite
from tests.support import Answer, Browser, Site


async def piece(who: Browser, room: str, query: str = "", *, htmx: bool = True, **headers: str) -> Answer:
    return await who.get(f"/rooms/{room}/messages{query}", htmx=htmx, **headers)


async def known_as(who: Browser, room: str, query: str = "", *, htmx: bool = True, **headers: str) -> str:
    answer = await piece(who, room, query, htmx=htmx, **headers)
    assert answer.status == 200
    return answer.headers["ETag"]


def kept(answer: Answer) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in ("ETag", "Vary", "Cache-Control", "Content-Security-Policy")}


@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
@pytest.mark.parametrize("query", ["", "?before=60", "?after=10", "?around=50", "?limit=7", "?after=90&since=90"])
async def test_what_is_the_same_is_not_sent_twice(site: Site, query: str, htmx: bool) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=100)
    whole = await piece(asha, room, query, htmx=htmx)
    assert whole.articles
    again = await piece(asha, room, query, htmx=htmx, **{"If-None-Match": whole.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert kept(again) == kept(whole)
    assert "Content-Encoding" not in again.headers
    # Browsers may keep a fragment and ask each time; a whole page they may not keep.
    assert again.headers["Cache-Control"] == f"private, {'no-cache' if htmx else 'no-store'}"
    assert {name.strip() for name in whole.headers["Vary"].split(",")} == {
        *("HX-Request", "Cookie", "Accept-Language", "Accept-Encoding")
    }


@on_sqlite
async def test_a_list_a_star_and_either_strength_match(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    tag = await known_as(asha, room)
    assert tag.startswith('W/"')
    for said, status in {
        tag: 304,
        tag.removeprefix("W/"): 304,
        f'"other", W/"another", {tag}': 304,
        f"{tag} , W/": 304,
        "*": 304,
        'W/"other"': 200,
        '"other", "another"': 200,
        tag[:-2] + '"': 200,
        tag.removeprefix("W/").strip('"')[:-1]: 200,
        "": 200,
        '"': 200,
        ",,,": 200,
        "\u00e9" * 5000: 200,
    }.items():
        assert (await piece(asha, room, **{"If-None-Match": said})).status == status, said[:60]
    head = await asha.send("HEAD", f"/rooms/{room}/messages", htmx=True, headers={"If-None-Match": tag})
    assert head.status == 304


@on_sqlite
async def test_packed_or_plain_it_is_the_same_piece(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=30)
    tags = [await known_as(asha, room, **{"Accept-Encoding": wish}) for wish in ("", "gzip", "br")]
    assert len({*tags}) == 1
    answer = await piece(asha, room, **{"Accept-Encoding": "br", "If-None-Match": tags[0]})
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["Vary"] == "HX-Request, Cookie, Accept-Language, Accept-Encoding"


async def test_each_change_that_shows_makes_it_another(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=3)
    await ravi.say(room, "hello")
    seen = {await known_as(asha, room)}

    async def assert_new() -> None:
        tag = await known_as(asha, room)
        assert tag not in seen
        seen.add(tag)
        for older in seen - {tag}:
            assert (await piece(asha, room, **{"If-None-Match": older})).status == 200

    await asha.say(room, "something new")
    await assert_new()
    await asha.unsay(room, 1)
    await assert_new()
    await ravi.rename("Ravi the Great")
    await assert_new()
    await asha.post("/preferences", {"language": "hi"})
    await assert_new()


async def test_each_way_of_asking_has_its_own(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=120)
    queries = [
        "",
        "?before=100",
        "?after=100",
        "?around=60",
        "?limit=20",
        "?before=100&limit=20",
        "?after=90&since=120",
    ]
    tags = [await known_as(asha, room, query, htmx=htmx) for query in queries for htmx in (True, False)]
    tags.append(await known_as(asha, room, **{"Accept-Language": "hi"}))
    assert len({*tags}) == len(tags)


async def test_the_past_stays_the_same_while_the_present_goes_on(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi, say=120)
    past = await known_as(asha, room, "?before=70")
    await asha.say(room, "something new")
    assert (await piece(asha, room, "?before=70", **{"If-None-Match": past})).status == 304
    # A fragment is the same for everyone; a whole page has the person's own name and form token in it.
    assert await known_as(ravi, room, "?before=70") == past
    assert await known_as(ravi, room, htmx=False) != await known_as(asha, room, htmx=False)


async def test_a_deleted_message_is_gone_from_every_piece_that_had_it(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=120)
    queries = ["?before=70", "?after=20", "?around=50"]
    for htmx in (True, False):
        tags = {query: await known_as(asha, room, query, htmx=htmx) for query in queries}
        gone = 50 if htmx else 51
        await asha.unsay(room, gone)
        for query, tag in tags.items():
            answer = await piece(asha, room, query, htmx=htmx, **{"If-None-Match": tag})
            assert answer.status == 200
            assert gone not in answer.articles


@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
async def test_access_comes_first(site: Site, htmx: bool) -> None:
    asha, ravi, stranger = await site.people("asha", "ravi", "stranger")
    room = await site.room(asha, ravi, say=9)
    tag = await known_as(ravi, room, htmx=htmx)
    for said in (tag, "*"):
        assert (await piece(stranger, room, htmx=htmx, **{"If-None-Match": said})).status == 404
    await ravi.leave(room)
    for said in (tag, "*"):
        answer = await piece(ravi, room, htmx=htmx, **{"If-None-Match": said})
        assert answer.status == 404
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
        never = await piece(ravi, "k3f9x2mq7hpt", htmx=htmx, **{"If-None-Match": said})
        assert (never.status, never.body, never.same_headers()) == (404, answer.body, answer.same_headers())
    tag = await known_as(asha, room, htmx=htmx)
    await asha.post("/logout")
    for said in (tag, "*"):
        signed_out = await piece(asha, room, htmx=htmx, **{"If-None-Match": said})
        assert signed_out.status == (401 if htmx else 303)


async def test_a_deleted_room_is_no_longer_the_same(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=9)
    tag = await known_as(asha, room)
    await asha.post(f"/rooms/{room}/delete")
    assert (await piece(asha, room, **{"If-None-Match": tag})).status == 404


@on_sqlite
async def test_a_sentence_that_is_told_once_is_not_lost_to_a_304(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    tag = await known_as(asha, room, htmx=False)
    assert (await asha.post("/profile/sessions/end-others")).status == 303
    answer = await piece(asha, room, htmx=False, **{"If-None-Match": tag})
    assert answer.status == 200
    assert 'class="notice"' in answer.text
    assert (await piece(asha, room, htmx=False, **{"If-None-Match": tag})).status == 304


@on_sqlite
async def test_only_pieces_of_history_are_known_by_a_tag(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    for path in ("/", "/profile", f"/rooms/{room}", f"/rooms/{room}/messages/1", f"/rooms/{room}/members"):
        answer = await asha.get(path, **{"If-None-Match": "*"})
        assert answer.status == 200
        assert "ETag" not in answer.headers
