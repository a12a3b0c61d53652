"""People's pictures: square, in three sizes, beside all that they have written, at once."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from sampark.chat import quotas
from tests.databases import in_every_storage
from tests.files.clamd import EICAR, running_clamd
from tests.files.pictures import is_near, moving, scene, written
from tests.support import Answer, Site, count

pytestmark = in_every_storage

PNG = written(scene(600, 300), "PNG")


def face(html: str) -> str:
    [address, *_] = re.findall(r'<img src="(/files/[^"]+)" alt="" width="48"', html)
    return str(address).replace("&amp;", "&")


def picture(answer: Answer) -> Image.Image:
    assert answer.status == 200
    return Image.open(io.BytesIO(answer.body)).convert("RGB")


async def test_a_new_picture_appears_everywhere_at_once_and_goes_again(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    await asha.say(room, "hello")
    stream = await ravi.stream(room)
    await stream.wait_for_version(1)
    assert (await asha.upload("/profile", ("picture", "me.png", PNG), form={"display_name": "asha"})).status == 303
    await stream.wait_for_version(2)
    address = face((await ravi.room(room)).articles[1])
    assert address in stream.text.replace("&amp;", "&")
    for path in ("/profile", f"/rooms/{room}", f"/rooms/{room}/members"):
        assert face((await asha.get(path)).text) == address
    assert picture(await ravi.get(address)).size == (96, 96)
    assert picture(await ravi.get(address.replace("size=96", "size=48"))).size == (48, 48)
    assert picture(await ravi.get(address.partition("?")[0])).size == (256, 256)
    assert (await asha.post("/profile", {"remove_picture": "1"})).status == 303
    await stream.wait_for_version(3)
    assert "/files/" not in (await ravi.room(room)).articles[1]
    assert (await asha.get(address)).status == 404
    assert await count("files") == await count("blobs") == 0


async def test_it_is_cut_from_the_middle_or_where_the_page_says(site: Site) -> None:
    asha = await site.person("asha")
    await asha.upload("/profile", ("picture", "me.png", PNG))
    middle = picture(await asha.get(face((await asha.get("/profile")).text)))
    assert is_near(middle.getpixel((10, 10)), (220, 30, 30))
    assert is_near(middle.getpixel((85, 10)), (30, 200, 40))
    await asha.upload("/profile", ("picture", "me.png", PNG), form={"crop": "0.5 0 0.4"})
    right = picture(await asha.get(face((await asha.get("/profile")).text)))
    assert is_near(right.getpixel((10, 10)), (30, 200, 40))
    assert is_near(right.getpixel((85, 85)), (30, 200, 40))
    for senseless in ("1 2", "a b c", "nan 0 1", "-1 0 1", "0 0 0", "0 0 1e309"):
        assert (await asha.upload("/profile", ("picture", "me.png", PNG), form={"crop": senseless})).status == 303
    assert await count("files") == 1


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        ("me.txt", b"no picture", 415),
        ("me.png", PNG[:200], 422),
        ("me.png", b"", 422),
        ("me.png", PNG + b"x" * (10 * 1024 * 1024), 413),
    ],
)
async def test_what_is_no_picture_changes_nothing(site: Site, name: str, data: bytes, status: int) -> None:
    asha = await site.person("asha")
    await asha.upload("/profile", ("picture", "me.png", PNG))
    before = face((await asha.get("/profile")).text)
    answer = await asha.upload("/profile", ("picture", name, data), form={"display_name": "Asha Verma"})
    assert answer.status == status
    assert answer.alert
    assert face((await asha.get("/profile")).text) == before
    assert await count("files") == 1


async def test_an_animation_becomes_a_still_picture(site: Site) -> None:
    asha = await site.person("asha")
    assert (await asha.upload("/profile", ("picture", "me.gif", moving("GIF", 5)))).status == 303
    image = Image.open(io.BytesIO((await asha.get(face((await asha.get("/profile")).text))).body))
    assert getattr(image, "n_frames", 1) == 1


async def test_strangers_see_no_picture(site: Site) -> None:
    asha = await site.person("asha")
    await asha.upload("/profile", ("picture", "me.png", PNG))
    address = face((await asha.get("/profile")).text)
    assert (await site.stranger().get(address)).status == 303
    assert (await site.stranger().upload("/profile", ("picture", "me.png", PNG))).status == 303
    assert await count("files") == 1


async def test_an_infected_picture_is_never_shown_and_the_old_one_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await site.person("asha")
    await asha.upload("/profile", ("picture", "me.png", PNG))
    before = face((await asha.get("/profile")).text)
    infected = written(scene(500, 400), "PNG") + EICAR
    # Unscanned it would do: what is behind a picture's end is not looked at.
    unscanned = await site.person("ravi")
    assert (await unscanned.upload("/profile", ("picture", "odd.png", infected))).status == 303
    assert await count("files") == 2
    async with running_clamd() as clamd:
        monkeypatch.setattr(site.parts.attachments._inspection, "_clamd", clamd.url)
        answer = await asha.upload("/profile", ("picture", "odd.png", infected), form={"display_name": "Asha Verma"})
        assert answer.status == 422
        assert "“odd.png” was not sent: the virus scanner knows it." in answer.alert
        assert 'value="Asha Verma"' in answer.text
        assert clamd.seen == [infected]
        assert face((await asha.get("/profile")).text) == before
        assert await count("files") == 2
        clamd.most = 1000
        answer = await asha.upload("/profile", ("picture", "me.png", PNG))
        assert answer.status == 413
        assert "too large to be checked for viruses" in answer.alert
        clamd.most = 25_000_000
        assert (await asha.upload("/profile", ("picture", "me.png", written(scene(400, 400), "PNG")))).status == 303
        now = face((await asha.get("/profile")).text)
        assert now != before
    answer = await asha.upload("/profile", ("picture", "me.png", PNG))
    assert answer.status == 503
    assert "cannot be checked for viruses just now" in answer.alert
    assert face((await asha.get("/profile")).text) == now
    assert await count("files") == 2


@pytest.mark.parametrize("is_seen_early", [True, False])
async def test_a_picture_that_finds_no_room_is_told_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, is_seen_early: bool
) -> None:
    asha = await site.person("asha")
    monkeypatch.setattr(site.parts.attachments, "quotas", quotas.Quotas(0, 10))
    if not is_seen_early:

        async def nothing_known(*_: object) -> None:
            """As when somebody else fills the last place meanwhile."""

        monkeypatch.setattr(quotas.Quotas, "left", nothing_known)
    answer = await asha.upload("/profile", ("picture", "me.png", PNG))
    assert answer.status == 413
    assert "There is no room for it" in answer.alert
    assert "MB" in answer.alert
    assert await count("files") == 0
