"""Asking others in: the sheet with link, ID and QR code; and whoever follows the link, from outside to inside."""

from __future__ import annotations

import dataclasses
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from sampark.chat import rooms
from sampark.settings import Settings
from sampark.text import qr
from tests.databases import on_sqlite, serving
from tests.support import PASSWORD, Answer, Site, field_value
from tests.web.test_strangers import seen
from tests.web.test_urls import assert_is_fragment, assert_is_page


def read(page: Answer) -> str:
    """What a camera reads in the page's code."""
    [svg] = re.findall(
        r'<svg class="qr" role="img" aria-label="[^"]+" viewBox="0 0 (\d+) \1".*?<path d="([^"]+)"', page.text
    )
    size, path = int(svg[0]), svg[1]
    picture = Image.new("L", (size * 4, size * 4), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        left, top = int(x) * 4, int(y) * 4
        draw.rectangle((left, top, left + int(width) * 4 - 1, top + 3), fill=0)
    [found] = zxingcpp.read_barcodes(picture)
    return found.text


@pytest.mark.parametrize(
    "text", ["https://chat.example.org/rooms/k3f9x2mq7hpt", "http://[2001:db8::1]:8000/rooms/k3f9x2mq7hpt", "नमस्ते"]
)
def test_a_code_says_what_it_was_made_of(text: str) -> None:
    code = qr.code(text)
    assert (
        read(
            Answer(
                200,
                {},
                f'<svg class="qr" role="img" aria-label="x" viewBox="0 0 {code.size} {code.size}"><path d="{code.path}"'.encode(),
            )
        )
        == text
    )


async def test_a_member_gets_link_id_and_code(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, name="Garden <b>")
    page = await asha.get(f"/rooms/{room}/invite")
    assert_is_page(page.text)
    link = f"http://localhost/rooms/{room}"
    assert read(page) == link
    assert f'href="{link}"' in page.text
    assert f"{room[:4]}-{room[4:8]}-{room[8:]}" in page.text
    assert "Garden &lt;b&gt;" in page.text
    sheet = await asha.get(f"/rooms/{room}/invite", htmx=True)
    assert_is_fragment(sheet.text)
    assert read(sheet) == link
    for path in (f"/rooms/{room}", f"/rooms/{room}/members"):
        assert f'href="/rooms/{room}/invite"' in (await asha.get(path)).text


@on_sqlite
async def test_the_link_is_the_one_that_people_type(settings: Settings) -> None:
    async with serving(dataclasses.replace(settings, public_url="http://chat.example.org:8080")) as site:
        asha = await site.person("asha")
        room = await site.room(asha)
        assert read(await asha.get(f"/rooms/{room}/invite")) == f"http://chat.example.org:8080/rooms/{room}"


async def test_others_learn_nothing(site: Site) -> None:
    asha, stranger = await site.people("asha", "stranger")
    room = await site.room(asha)
    for htmx in (False, True):
        private = await stranger.get(f"/rooms/{room}/invite", htmx=htmx)
        assert private.status == 404
        assert seen(private) == seen(await stranger.get("/rooms/k3f9x2mq7hpt/invite", htmx=htmx))
    assert (await site.stranger().get(f"/rooms/{room}/invite")).location == f"/login?next=/rooms/{room}/invite"


@on_sqlite
async def test_a_room_of_everyone_asks_for_an_account(site: Site) -> None:
    asha = await site.person("asha")
    code = await rooms.create_global("Everyone")
    page = await asha.get(f"/rooms/{code}/invite")
    assert read(page) == "http://localhost/register"
    assert code not in re.sub(r"/rooms/\w+", "", page.text)


async def test_the_link_leads_a_stranger_in(site: Site) -> None:
    """Signed out, without an account: to the sign-in page, to an account, back, and with one button into the room."""
    asha = await site.person("asha")
    room = await site.room(asha, name="Garden")
    ravi = site.stranger()
    sign_in = (await ravi.get(f"/rooms/{room}")).location
    page = await ravi.get(sign_in)
    [way] = re.findall(r'href="(/register\?next=[^"]+)"', page.text)
    page = await ravi.get(way)
    assert field_value(page.text, "next") == f"/rooms/{room}"
    form = {"username": "ravi-new", "email": "", "password": PASSWORD, "next": f"/rooms/{room}"}
    refused = await ravi.post("/register", form)
    assert (refused.status, field_value(refused.text, "next")) == (422, f"/rooms/{room}")
    done = await ravi.post("/register", {**form, "email": "ravi-new@example.org"})
    assert done.location == f"/login?next=/rooms/{room}"
    page = await ravi.get(done.location)
    signed_in = await ravi.post(
        "/login", {"username": "ravi-new", "password": PASSWORD, "next": field_value(page.text, "next")}
    )
    assert signed_in.location == f"/rooms/{room}"
    page = await ravi.get(signed_in.location)
    assert page.status == 404
    assert '<form method="post">' in page.text
    assert "Garden" not in page.text
    joined = await ravi.post(f"/rooms/{room}", {})
    assert (joined.status, joined.location) == (303, f"/rooms/{room}")
    assert "Garden" in (await ravi.room(room)).text
    assert (await ravi.post(f"/rooms/{room}", {})).location == f"/rooms/{room}"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_registering_leads_nowhere_else(site: Site, wanted: str) -> None:
    form = {"username": "ravi-new", "email": "ravi-new@example.org", "password": PASSWORD, "next": wanted}
    assert (await site.stranger().post("/register", form)).location == "/login"


async def test_joining_by_address_is_joining_by_id(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    unknown = await ravi.post("/rooms/k3f9x2mq7hpt", {})
    assert unknown.status == 404
    assert len(unknown.alert) > 10
    room = await site.room(asha)
    assert (await ravi.post(f"/rooms/{room}", {}, site="cross-site")).status == 403
    assert (await ravi.get(f"/rooms/{room}")).status == 404
    signed_out = await site.stranger().post(f"/rooms/{room}", {})
    assert (signed_out.status, signed_out.location) == (303, f"/login?next=/rooms/{room}")


@on_sqlite
async def test_an_address_that_nobody_else_reaches_is_said_to_be_one(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    said = "The link opens on this computer only."
    assert said in (await asha.get(f"/rooms/{room}/invite")).text
    for host, is_said in {
        "127.0.0.1:8000": True,
        "[::1]:8000": True,
        "192.168.1.20:8000": False,
        "chat.example.org": False,
    }.items():
        assert (said in (await asha.get(f"/rooms/{room}/invite", Host=host)).text) is is_said, host
