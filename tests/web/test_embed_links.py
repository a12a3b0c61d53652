"""A room that is open to reading, as others show it: feed, oEmbed, card, and the script of the element."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import pytest

from sampark import access, db
from sampark import rates as rates_of
from sampark.chat import embeds
from sampark.chat.embeds import Choices
from sampark.settings import Settings
from tests.atom import strictly
from tests.databases import on_sqlite, serving
from tests.servers import ROOT
from tests.support import Answer, Browser, Site, plain

CLUB = "https://club.example"
CLOSED = (Choices(), Choices(is_on=True, level="vouched"), Choices(is_on=False, level="read"))


async def opened(site: Site, asha: Browser, wanted: Choices | None = None, name: str = "Lighthouse") -> str:
    code = await site.room(asha, name=name)
    room = await access.room_for(await asha.person(), code)
    await embeds.add_origin(room, CLUB)
    await embeds.change(room, wanted or Choices(is_on=True, level="read"), site.hub.bell)
    return code


def parsed(answer: Answer) -> feedparser.FeedParserDict:
    assert answer.status == 200
    found = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["Content-Type"]})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


async def test_a_feed_tells_what_is_said(site: Site) -> None:
    [asha] = await site.people("asha")
    await asha.rename("Asha & <Co>")
    room = await opened(site, asha, name="Club & <friends>")
    await asha.say(room, "Hello **all** & <b>sundry</b>\n\nhttps://example.org/a?b=1&c=2")
    await asha.say(room, "नमस्ते 👋 " + "word " * 40)
    await asha.unsay(room, await asha.say(room, "a slip of the pen"))
    answer = await site.stranger().get(f"/embed/rooms/{room}/feed.atom")
    strictly(answer.body)
    found = parsed(answer)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert found.feed.title == "Club & <friends>"
    assert found.feed.links[0].href == f"http://localhost/embed/rooms/{room}/feed.atom"
    newest, oldest = found.entries
    assert newest.title.startswith("नमस्ते 👋 word")
    assert newest.title.endswith("…")
    assert len(newest.title) <= 80
    assert oldest.author == "Asha & <Co>"
    assert oldest.title.startswith("Hello all & <b>sundry</b>")
    assert "<strong>all</strong> &amp; &lt;b&gt;sundry" in oldest.content[0].value
    assert oldest.link == f"http://localhost/embed/rooms/{room}?around=1#message-1"
    assert len({entry.id for entry in found.entries}) == 2
    assert "slip" not in answer.text


async def test_a_feed_is_not_made_as_often_as_somebody_likes(settings: Settings) -> None:
    rates = dataclasses.replace(settings.rates, feed=rates_of.Limit(2, 60, 2))
    async with serving(dataclasses.replace(settings, rate_scale=1.0, rates=rates)) as site:
        room = await opened(site, await site.person("asha"))
        statuses = [(await site.stranger().get(f"/embed/rooms/{room}/feed.atom")).status for _ in range(3)]
        assert statuses == [200, 200, 429]


async def test_an_empty_feed_and_one_of_files_are_whole(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    strictly((await site.stranger().get(f"/embed/rooms/{room}/feed.atom")).body)
    sent = await asha.upload(
        f"/rooms/{room}/messages", ("files", "list & <more>.txt", b"one\ntwo\n"), form={"text": ""}
    )
    assert sent.status == 303, sent.text
    answer = await site.stranger().get(f"/embed/rooms/{room}/feed.atom")
    strictly(answer.body)
    [entry] = parsed(answer).entries
    assert entry.title == "File"
    assert "list &amp; &lt;more&gt;.txt" in entry.content[0].value


async def test_what_xml_cannot_hold_is_left_out(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    await asha.say(room, "a\ufffeb\uffffc ]]> <!-- & <?xml ?>")
    answer = await site.stranger().get(f"/embed/rooms/{room}/feed.atom")
    strictly(answer.body)
    assert parsed(answer).entries[0].title == "abc ]]> <!-- & <?xml ?>"


async def test_a_feed_that_is_known_is_not_sent_again(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    reader, path = site.stranger(), f"/embed/rooms/{room}/feed.atom"
    seq = await asha.say(room, "one")
    first = await reader.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    again = await reader.get(path, **known)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    await asha.unsay(room, seq)
    assert (await reader.get(path, **known)).status == 200
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("wanted", CLOSED)
async def test_of_a_closed_room_nothing_is_told(site: Site, wanted: Choices) -> None:
    [asha] = await site.people("asha")
    room, stranger = await opened(site, asha, wanted), site.stranger()
    await stranger.get("/login")  # the cookie of a first visit
    for path in ("/embed/rooms/{}/feed.atom", "/oembed?url=http%3A%2F%2Flocalhost%2Frooms%2F{}"):
        closed = await stranger.get(path.format(room))
        unknown = await stranger.get(path.format("222222222222"))
        assert closed.status == unknown.status == 404
        assert closed.body == unknown.body
        assert closed.same_headers() == unknown.same_headers()
    assert (await stranger.get(f"/rooms/{room}")).location == f"/login?next=/rooms/{room}"
    assert (await asha.get(f"/embed/rooms/{room}/feed.atom")).status == 404


@pytest.mark.parametrize("path", ["/rooms/{}", "/embed/rooms/{}", "/rooms/{}/", "/rooms/{}?before=3#message-2"])
async def test_oembed_makes_a_frame_of_a_rooms_address(site: Site, path: str) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha, name='Club "A" <b>')
    answer = await site.stranger().get(f"/oembed?format=json&url={quote('http://localhost' + path.format(room))}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    said = json.loads(answer.text)
    assert (said["version"], said["type"], said["title"]) == ("1.0", "rich", 'Club "A" <b>')
    assert (said["width"], said["height"], said["cache_age"]) == (640, 480, 300)
    frame = ElementTree.fromstring(said["html"])
    assert frame.tag == "iframe"
    assert frame.attrib["src"] == f"http://localhost/embed/rooms/{room}"
    assert frame.attrib["title"] == 'Club "A" <b>'
    assert "allow-top-navigation" not in frame.attrib["sandbox"]


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        ("", (640, 480)),
        ("&maxwidth=300", (300, 480)),
        ("&maxheight=200&maxwidth=5000", (640, 200)),
        ("&maxwidth=0&maxheight=1", (1, 1)),
        ("&maxwidth=-5&maxheight=wide", (640, 480)),
        ("&maxwidth=" + "9" * 400, (640, 480)),
        ("&maxwidth=%D9%A3%D9%A0%D9%A0", (640, 480)),
    ],
)
async def test_sizes_are_honoured(site: Site, wish: str, size: tuple[int, int]) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    said = json.loads((await site.stranger().get(f"/oembed?url=http://localhost/rooms/{room}{wish}")).text)
    assert (said["width"], said["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in said["html"]


@on_sqlite
async def test_what_is_not_a_room_of_ours_is_not_found(site: Site) -> None:
    [asha] = await site.people("asha")
    room, stranger = await opened(site, asha), site.stranger()
    for address in (
        "",
        room,
        f"http://evil.example/rooms/{room}",
        f"http://localhost.evil.example/rooms/{room}",
        f"http://localhost@evil.example/rooms/{room}",
        f"http://asha@localhost/rooms/{room}",
        f"javascript://localhost/rooms/{room}",
        f"//localhost/rooms/{room}",
        f"http://localhost/rooms/{room}/members",
        f"http://localhost/login?next=/rooms/{room}",
        "http://localhost/rooms/",
        "http://[::1/rooms/",
        "http://localhost:x/rooms/" + room,
    ):
        answer = await stranger.get(f"/oembed?url={quote(address, safe='')}")
        assert answer.status == 404, address


async def test_xml_is_not_made(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    for wanted in ("xml", "XML", "yaml"):
        answer = await site.stranger().get(f"/oembed?format={wanted}&url=http://localhost/rooms/{room}")
        assert answer.status == 501
        assert "format=json" in answer.text
        assert "\n" not in answer.text


async def test_a_link_shows_what_it_leads_to(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha, name='Club "A" <b>')
    await db.run("UPDATE rooms SET description = ? WHERE code = ?", "Seeds & tea", room)
    answer = await site.stranger().get(f"/rooms/{room}")
    assert answer.status == 200
    head = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', answer.text))
    assert head["title"] == "Club &#34;A&#34; &lt;b&gt;"
    assert head["description"] == "Seeds &amp; tea"
    assert head["url"] == f"http://localhost/rooms/{room}"
    image = await site.stranger().get(head["image"].removeprefix("http://localhost"))
    assert image.headers["Content-Type"] == "image/png"
    links = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)"', answer.text)
    assert {kind for kind, _ in links} == {"application/json+oembed", "application/atom+xml"}
    for _, address in links:
        named = await site.stranger().get(address.removeprefix("http://localhost").replace("&amp;", "&"))
        assert named.status == 200, address
    assert f'href="http://localhost/embed/rooms/{room}"' in answer.text
    assert f'href="/login?next=/rooms/{room}"' in answer.text
    assert "Everybody may read this room." in plain(answer.text)
    assert answer.text.index("json+oembed") < answer.text.index("</head>") < 150_000


async def test_whoever_is_signed_in_sees_the_room_as_ever(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await opened(site, asha)
    assert 'id="messages"' in (await asha.room(room)).text
    assert (await ravi.get(f"/rooms/{room}")).status == 404
    htmx = await site.stranger().get(f"/rooms/{room}", htmx=True)
    assert htmx.status == 401
    for path in (f"/rooms/{room}/messages", f"/rooms/{room}/members", f"/rooms/{room}/events", f"/rooms/{room}/live"):
        assert (await site.stranger().get(path)).status in {303, 401}, path


@on_sqlite
async def test_the_elements_script_is_light_and_speaks(site: Site) -> None:
    answer = await site.stranger().get("/embed.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    assert "{{words}}" not in answer.text
    assert '"open": "Open {name}"' in answer.text
    assert '"hi": {' in answer.text
    packed = await site.stranger().get("/embed.js", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < 5 * 1024
    again = await site.stranger().get("/embed.js", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@on_sqlite
async def test_htmx_for_pages_without_one_is_the_chats_own(site: Site) -> None:
    """In the order in which it has to run; at an address that stays, so that what was pasted years ago still works."""
    answer = await site.stranger().get("/embed/htmx.js")
    vendored = [ROOT / "static" / "vendor" / f"{name}-4.0.1.min.js" for name in ("htmx", "hx-sse", "hx-upsert")]
    assert answer.text == "\n".join(path.read_text() for path in vendored)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    packed = await site.stranger().get("/embed/htmx.js", **{"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.body) < 15 * 1024
    again = await site.stranger().get("/embed/htmx.js", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] != (await site.stranger().get("/embed.js")).headers["ETag"]


async def test_times_in_a_feed_are_those_of_the_messages(site: Site) -> None:
    [asha] = await site.people("asha")
    room = await opened(site, asha)
    await asha.say(room, "at noon")
    noon = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
    await db.run("UPDATE messages SET timestamp = ?", noon)
    answer = await site.stranger().get(f"/embed/rooms/{room}/feed.atom")
    assert answer.text.count("<updated>2026-11-22T12:00:00Z</updated>") == 2
