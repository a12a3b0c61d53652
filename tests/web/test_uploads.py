"""Files in messages: sent by a plain form, kept, shown, and refused where they must be."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import html
import io
import random
import re

import pytest
from PIL import Image

from sampark import db
from sampark.chat import quotas
from sampark.chat.attachments import Attachments
from sampark.files import stripping
from sampark.files.problems import CannotRead
from sampark.files.storage import StorageAway, is_key
from sampark.files.workshop import Made
from sampark.web import body as body_module
from sampark.web import uploads
from tests.databases import in_every_storage
from tests.files.clamd import EICAR, running_clamd
from tests.files.hostile_files import REFUSED
from tests.files.pictures import PLACE, moving, scene, told_everything, written
from tests.files.sounds import make, make_video, tone
from tests.support import Answer, Browser, Site, count, multipart, send_raw

pytestmark = in_every_storage

JPEG = written(scene(), "JPEG")


def places(html: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="(/files/[^"]+)"', html)]


async def kept(site: Site) -> list[str]:
    """All blobs in the storage, and what is left over of uploads."""
    folder = site.settings.data_dir / "files"
    left = [path.name for path in folder.rglob("*") if path.is_file() and not is_key(path.name)]
    stored = site.parts.attachments.store.keys()
    return left + [key async for key, _ in stored]


async def content(site: Site, key: str) -> bytes:
    return b"".join([piece async for piece in await site.parts.attachments.store.open(key)])


async def asha_and_room(site: Site) -> tuple[Browser, str]:
    asha = await site.person("asha")
    return asha, await site.room(asha)


async def send(browser: Browser, room: str, *files: tuple[str, str, bytes], text: str = "", key: str = "k") -> Answer:
    return await browser.upload(f"/rooms/{room}/messages", *files, form={"text": text, "key": key})


def blamed(answer: Answer) -> str:
    """Which of the files that were sent are to blame, as upload.js reads it."""
    [places] = re.findall(r'role="alert" data-files="([^"]*)"', answer.text)
    return str(places)


async def test_files_and_text_make_one_message_that_everyone_sees_the_same(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    answer = await send(asha, room, ("files", "hill.jpg", JPEG), ("files", "notes.txt", b"one\ntwo"), text="Look!")
    assert answer.status == 303
    assert answer.location == f"/rooms/{room}#message-1"
    await stream.wait_for("notes.txt")
    page = await ravi.room(room)
    article = page.articles[1]
    assert 'data-kind="file"' in article
    assert "Look!" in article
    assert article in stream.text.replace("\ndata: ", "\n")
    for address in places(article):
        for person in (asha, ravi):
            assert (await person.get(address)).status == 200
    assert await count("files") == 2


@pytest.mark.parametrize(
    ("field", "name", "data", "kind"),
    [
        ("files", "hill.jpg", JPEG, "image"),
        ("files", "sound.ogg", make("ogg", tone(1)), "file"),
        ("files", "notes.txt", b"hello", "file"),
        ("voice", "voice.webm", make("webm", tone(2)), "voice"),
    ],
)
async def test_a_message_is_of_the_kind_of_its_files(site: Site, field: str, name: str, data: bytes, kind: str) -> None:
    asha, room = await asha_and_room(site)
    assert (await send(asha, room, (field, name, data))).status == 303
    assert f'data-kind="{kind}"' in (await asha.room(room)).articles[1]


async def test_a_voice_message_lasts_five_minutes_at_most(site: Site) -> None:
    asha, room = await asha_and_room(site)
    quiet = tone(1, 0)
    long = await send(asha, room, ("voice", "blob", make("webm", quiet * 302)), text="")
    assert long.status == 422
    assert "five minutes" in long.alert
    assert (await send(asha, room, ("voice", "blob", make("webm", quiet * 298)))).status == 303
    page = (await asha.room(room)).text
    assert 'data-seconds="300" data-bytes="5000000"' in page


async def test_a_voice_message_has_its_true_length_and_its_shape(site: Site) -> None:
    asha, room = await asha_and_room(site)
    assert (await send(asha, room, ("voice", "blob", make("webm", [*tone(1, 0), *tone(2), *tone(1, 0)])))).status == 303
    article = (await asha.room(room)).articles[1]
    [duration] = re.findall(r'data-duration="([0-9.]+)"', article)
    assert abs(float(duration) - 4) < 0.1
    heights = [float(height) for height in re.findall(r'<rect[^>]* height="([0-9.]+)"', article)]
    assert len(heights) == 64
    assert max(heights[:12]) < 5 < 20 < min(heights[20:44])
    assert max(heights[-12:]) < 5


async def test_what_a_camera_adds_is_not_shown_to_others(site: Site) -> None:
    asha, room = await asha_and_room(site)
    data = told_everything("JPEG")
    assert PLACE in data
    assert (await send(asha, room, ("files", "home.jpg", data))).status == 303
    for address in places((await asha.room(room)).articles[1]):
        assert PLACE not in (await asha.get(address)).body
    for key in await kept(site):
        assert PLACE not in await content(site, key)


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
async def test_a_file_that_is_too_large_is_refused_on_its_way(site: Site, chunked: bool) -> None:
    asha, room = await asha_and_room(site)
    most = site.settings.max_upload_mb * 1024 * 1024
    body, kind = multipart({"text": "my words", "key": "k"}, [("files", "b.txt", b"x" * (most + 1))])
    answer = await send_raw(asha, f"/rooms/{room}/messages", body, kind, chunked=chunked)
    assert answer.status == 413
    assert str(site.settings.max_upload_mb) in answer.alert
    assert "my words" in answer.text
    assert await kept(site) == []


async def test_one_that_stands_still_is_ended_and_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    monkeypatch.setattr(body_module, "STALL", 0.2)
    body, kind = multipart({"text": "my words", "key": "k"}, [("files", "b.txt", b"x" * 500_000)])
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Sec-Fetch-Site": "same-origin"}
    connection = asha.client.request(f"/rooms/{room}/messages", method="POST", headers=headers)  # type: ignore[arg-type]
    async with connection:
        await connection.send(body[:300_000])
    response = await asyncio.wait_for(connection.as_response(), 10)
    assert response.status_code == 408
    assert await kept(site) == []
    assert (await asha.room(room)).articles == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "moving PNG", "WEBP", "moving WEBP", "GIF", "moving GIF"])
async def test_a_photograph_too_large_to_draw_tells_no_place_either(
    site: Site, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    asha, room = await asha_and_room(site)

    async def too_large(*_: object, **__: object) -> None:
        raise CannotRead("too many pixels")

    monkeypatch.setattr(site.parts.attachments._inspection._pictures, "run", too_large)
    data = told_everything(kind)
    assert (await send(asha, room, ("files", f"home.{kind.split()[-1].lower()}", data))).status == 303
    [address] = places((await asha.room(room)).articles[1])
    answer = await asha.get(address)
    assert PLACE not in answer.body
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert Image.open(io.BytesIO(answer.body)).size == Image.open(io.BytesIO(data)).size


def too_large_to_draw(data: bytes) -> bytes:
    """A JPEG that says it has 400 million pixels."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + (20_000).to_bytes(2, "big") * 2 + data[at + 4 :]


FILM = b"\0\0\0\x18ftypmp42\xa9xyz+28.6139+077.2090/" + random.Random(1).randbytes(1_000_000) + b"\xff\xd9"


@pytest.mark.parametrize("behind", [told_everything("JPEG"), FILM], ids=["a second picture", "a film"])
async def test_what_a_phone_put_behind_a_photograph_too_large_to_draw_is_not_passed_on(
    site: Site, behind: bytes
) -> None:
    asha, room = await asha_and_room(site)
    assert PLACE in behind
    assert (await send(asha, room, ("files", "home.jpg", too_large_to_draw(JPEG) + behind))).status == 303
    [address] = places((await asha.room(room)).articles[1])
    assert (await asha.get(address)).body == too_large_to_draw(JPEG)


async def test_a_photograph_that_still_tells_its_place_when_it_is_bare_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, room = await asha_and_room(site)
    monkeypatch.setattr(stripping, "jpeg", lambda path: path.read_bytes())
    told = too_large_to_draw(told_everything("JPEG"))
    answer = await send(asha, room, ("files", "home.jpg", told), text="my words")
    assert answer.status == 415
    assert "cannot be freed of the place" in answer.alert
    assert "my words" in answer.text


async def test_what_cannot_be_freed_of_its_place_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)

    async def too_large(*_: object, **__: object) -> None:
        raise CannotRead("too many pixels")

    monkeypatch.setattr(site.parts.attachments._inspection._pictures, "run", too_large)
    broken = told_everything("PNG")
    for name, data in (("home.avif", told_everything("AVIF")), ("cut.png", broken[: broken.index(b"IDAT") + 20])):
        answer = await send(asha, room, ("files", name, data))
        assert answer.status == 415
        assert "cannot be freed of the place" in answer.alert
    # One that tells nothing stays a file to be saved, whatever it is.
    for name, data in (("plain.avif", written(scene(), "AVIF")), ("cut.png", written(scene(), "PNG")[:200])):
        assert (await send(asha, room, ("files", name, data))).status == 303


async def test_the_same_bytes_may_be_a_face_and_a_picture(site: Site) -> None:
    asha, room = await asha_and_room(site)
    await asha.upload("/profile", ("picture", "me.jpg", JPEG))
    face = next(address for address in places((await asha.get("/profile")).text) if "picture.webp" in address)
    whole = await asha.get(face.partition("?")[0])
    await send(asha, room, ("files", "copy.webp", whole.body))
    assert (await asha.get(face)).status == 200
    for address in places((await asha.room(room)).articles[1]):
        assert (await asha.get(address)).status == 200


async def test_nobody_changes_what_was_made_of_a_picture_that_another_one_has_sent(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, room = await asha_and_room(site)
    await send(asha, room, ("files", "hill.jpg", JPEG))
    small = next(address for address in places((await asha.room(room)).articles[1]) if "size=small" in address)
    before = await asha.get(small)
    workshop = site.parts.attachments._inspection._pictures
    run = workshop.run

    async def drawn_otherwise(job: str, **arguments: object) -> Made:
        facts, blobs = await run(job, **arguments)  # type: ignore[arg-type]
        return Made(facts, {**blobs, "small": b"\0\0\0\0ftyp", "large": b"other"})

    monkeypatch.setattr(workshop, "run", drawn_otherwise)
    ravi = await site.person("ravi")
    assert (await send(ravi, await site.room(ravi), ("files", "hill.jpg", JPEG))).status == 303
    after = await asha.get(small)
    assert await count("blobs") == 1
    assert (after.status, after.body, after.headers["Content-Type"]) == (
        200,
        before.body,
        before.headers["Content-Type"],
    )
    # What has got lost in the storage comes back with the next one.
    [key] = [key for key in await kept(site) if key.endswith("-small")]
    await site.parts.attachments.store.delete(key)
    monkeypatch.undo()
    await send(asha, room, ("files", "hill.jpg", JPEG), key="k2")
    assert (await asha.get(small)).body == before.body


@pytest.mark.parametrize("name", REFUSED)
async def test_what_could_be_a_page_or_a_program_is_refused_and_nothing_is_kept(site: Site, name: str) -> None:
    asha, room = await asha_and_room(site)
    answer = await send(asha, room, ("files", name, REFUSED[name]), text="my words")
    assert answer.status in {415, 422}
    assert "my words" in answer.text
    assert answer.alert
    assert await kept(site) == []
    assert await count("files") == await count("messages") == 0


async def test_a_name_that_lies_is_told_from_a_kind_that_is_not_taken(site: Site) -> None:
    asha, room = await asha_and_room(site)
    assert "not what its name says" in (await send(asha, room, ("files", "photo.png", REFUSED["photo.png"]))).alert
    assert "of a kind that is not accepted" in (await send(asha, room, ("files", "run.sh", REFUSED["run.sh"]))).alert


async def test_a_refusal_says_which_files_are_to_blame_and_what_is_accepted(site: Site) -> None:
    asha, room = await asha_and_room(site)
    good, page = ("files", "good.txt", b"good"), ("files", "<b>.html", REFUSED["run.sh"])
    answer = await send(asha, room, good, page, text="my words")
    assert answer.status == 415
    assert "“<b>.html” is of a kind that is not accepted here. Accepted are pictures, videos, sound" in answer.alert
    assert "jpg, png, gif" in answer.alert
    assert "my words" in answer.text
    assert "“&lt;b&gt;.html”" in answer.text
    assert blamed(answer) == "1"
    # All that are of a wrong kind are named at once.
    answer = await send(asha, room, page, good, ("files", "photo.png", REFUSED["photo.png"]))
    assert "“<b>.html”, “photo.png”." in answer.alert
    assert blamed(answer) == "0 2"
    most = site.settings.max_upload_mb * 1024 * 1024
    for wrong in (("files", "empty.txt", b""), ("files", "large.txt", b"x" * (most + 1))):
        answer = await send(asha, room, good, good, wrong)
        assert wrong[1] in answer.alert
        assert blamed(answer) == "2"
    assert "data-files" not in (await send(asha, room, good, text="word " * 2001)).text
    hindi = await asha.upload(
        f"/rooms/{room}/messages", page, form={"text": "", "key": "k"}, **{"Accept-Language": "hi"}
    )
    assert "PDF, ऑफ़िस दस्तावेज़" in hindi.alert
    assert await kept(site) == []


async def test_too_much_is_refused_with_the_figure_and_nothing_is_left(site: Site) -> None:
    asha, room = await asha_and_room(site)
    most = site.settings.max_upload_mb * 1024 * 1024
    answer = await send(
        asha, room, ("files", "a.txt", b"small"), ("files", "b.txt", b"x" * (most + 1)), text="my words"
    )
    assert answer.status == 413
    assert str(site.settings.max_upload_mb) in answer.alert
    assert "my words" in answer.text
    assert await kept(site) == []
    answer = await send(asha, room, *[("files", f"{number}.txt", b"x") for number in range(11)], text="my words")
    assert answer.status == 413
    assert "10" in answer.alert
    assert (await send(asha, room, *[("files", f"{number}.txt", b"x") for number in range(1_000)])).status == 413
    assert (await send(asha, room, ("voice", "v.webm", b"x" * (5 * 1024 * 1024 + 1)))).status == 413
    assert await kept(site) == []


async def test_rooms_and_instances_have_quotas(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    monkeypatch.setattr(site.parts.attachments, "quotas", quotas.Quotas(1_000_000, 0))
    text = b"".join(b"%07d\n" % line for line in range(100_000))
    assert (await send(asha, room, ("files", "a.txt", text), key="a")).status == 303
    answer = await send(asha, room, ("files", "b.txt", text), text="my words", key="b")
    assert answer.status == 413
    assert "MB" in answer.alert
    assert "my words" in answer.text
    other = await site.room(asha)
    assert (await send(asha, other, ("files", "b.txt", text), key="b")).status == 303
    assert "800 kB of 1 MB" in (await asha.get(f"/rooms/{room}/members")).text


async def test_all_rooms_together_have_a_quota(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    other = await site.room(asha)
    monkeypatch.setattr(site.parts.attachments, "quotas", quotas.Quotas(0, 1_000_000))
    texts = [b"".join(b"%07d\n" % line for line in range(first, first + 100_000)) for first in (0, 200_000)]
    assert (await send(asha, room, ("files", "a.txt", texts[0]), key="a")).status == 303
    answer = await send(asha, other, ("files", "b.txt", texts[1]), text="my words", key="b")
    assert answer.status == 413
    assert "MB" in answer.alert
    assert "my words" in answer.text
    assert "data-files" not in answer.text  # no file is to blame


async def test_uploads_are_counted_for_each_person(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    monkeypatch.setattr(site.parts.limits, "_scale", 1.0)
    monkeypatch.setattr(
        site.parts.limits,
        "_rates",
        dataclasses.replace(site.settings.rates, upload=type(site.settings.rates.post)(2, 3600, 2)),
    )
    assert (await send(asha, room, ("files", "a.txt", b"a"), ("files", "b.txt", b"b"))).status == 303
    answer = await send(asha, room, ("files", "c.txt", b"c"), text="my words", key="c")
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "my words" in answer.text
    assert (await send(asha, room, text="only words", key="d")).status == 303


async def test_the_same_post_again_is_the_same_message(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for _ in range(3):
        assert (await send(asha, room, ("files", "a.jpg", JPEG), text="once")).location.endswith("#message-1")
    assert await count("messages") == await count("files") == await count("blobs") == 1
    assert len(await kept(site)) == 3  # the picture, small and large


async def test_strangers_and_ex_members_send_and_get_nothing(site: Site) -> None:
    asha, ravi, zoya = await site.people("asha", "ravi", "zoya")
    room = await site.room(asha, ravi)
    assert (await send(asha, room, ("files", "a.jpg", JPEG))).status == 303
    addresses = places((await ravi.room(room)).articles[1])
    assert len(addresses) > 1
    await ravi.leave(room)
    for person in (ravi, zoya):
        nowhere = await person.get("/files/AAAAAAAAAAAAAAAAAAAAAA/a.jpg")
        assert (await send(person, room, ("files", "b.jpg", JPEG))).status == 404
        for address in addresses:
            answer = await person.get(address)
            assert answer.status == 404
            assert answer.same_headers() == nowhere.same_headers()
    for address in addresses:
        assert (await site.stranger().get(address)).status == 303
    assert (await site.stranger().upload(f"/rooms/{room}/messages", ("files", "b.jpg", JPEG))).status == 303
    assert await count("files") == 1


async def test_deleting_a_message_removes_its_bytes_unless_another_one_needs_them(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room, other = await site.room(asha, ravi), await site.room(ravi)
    await send(asha, room, ("files", "a.jpg", JPEG))
    await send(ravi, other, ("files", "same.jpg", JPEG))
    first, second = [places((await ravi.room(where)).articles[1]) for where in (room, other)]
    await asha.unsay(room, 1)
    for address in first:
        assert (await asha.get(address)).status == 404
    for address in second:
        assert (await ravi.get(address)).status == 200
    await ravi.unsay(other, 1)
    for address in second:
        assert (await ravi.get(address)).status == 404
    assert await kept(site) == []
    assert await count("files") == await count("blobs") == 0


async def test_whatever_was_made_of_a_file_has_the_same_door(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    still, moves = ("files", "hill.jpg", JPEG), ("files", "wave.gif", moving("GIF", 3))
    await send(
        asha, room, still, moves, ("files", "film.webm", make_video()), ("files", "sound.ogg", make("ogg", tone(1)))
    )
    article = (await ravi.room(room)).articles[1]
    addresses = {html.unescape(found) for found in re.findall(r"/files/[^\"\s]+", article)}
    for made in ("?size=small", "?size=large", "?size=still", "?size=poster", "?download"):
        assert any(address.endswith(made) for address in addresses), made
    assert len(addresses) >= 9

    async def answers(person: Browser) -> set[int]:
        asked = [("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-1"}), ("GET", {"If-None-Match": "*"})]
        return {
            (await person.send(method, address, headers=headers)).status
            for address in addresses
            for method, headers in asked
        }

    assert await answers(ravi) == {200, 206, 304}
    await ravi.leave(room)
    assert await answers(ravi) == {404}
    await asha.unsay(room, 1)
    assert await answers(asha) == {404}


async def test_deleting_a_room_removes_its_bytes(site: Site) -> None:
    asha, room = await asha_and_room(site)
    await send(asha, room, ("files", "a.jpg", JPEG), ("files", "b.txt", b"text"))
    assert await kept(site)
    assert (await asha.post(f"/rooms/{room}/delete")).status == 303
    assert await kept(site) == []
    assert await count("files") == await count("blobs") == 0


async def test_half_a_form_is_no_form(site: Site) -> None:
    asha, room = await asha_and_room(site)
    body, kind = multipart({"text": "my words"}, [("files", "a.txt", b"x" * 1000)])
    for cut in (len(body) - 30, len(body) - 500):
        answer = await asha.send("POST", f"/rooms/{room}/messages", data=body[:cut], headers={"Content-Type": kind})
        assert answer.status == 422
        assert "my words" in answer.text
    assert await kept(site) == []
    assert await count("messages") == 0


async def test_an_odd_form_does_no_harm(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for form in (
        [("other", "a.txt", b"x")],
        [("voice", "a.webm", make("webm", tone(1))), ("voice", "b.webm", make("webm", tone(1)))],
        [("voice", "a.webm", make("webm", tone(1))), ("files", "a.txt", b"x")],
        [("voice", "a.webm", b"<html>not a sound</html>")],
        [("files", "empty.txt", b"")],
    ):
        assert (await send(asha, room, *form, text="my words")).status in {415, 422}
    fields = {f"field-{number}": "x" for number in range(10_000)}
    assert (await asha.upload(f"/rooms/{room}/messages", form=fields)).status == 413
    assert (await asha.post(f"/rooms/{room}/messages", fields)).status == 413
    assert await kept(site) == []
    assert await count("messages") == 0


async def test_names_of_any_kind_are_shown_and_sent_as_text(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for number, name in enumerate(
        (
            "<svg onload=alert(1)>.txt",
            "a\u202etxt.exe.txt",
            "नमस्ते दुनिया.txt",
            "../../etc/passwd.txt",
            "😀" * 120 + ".txt",
        ),
        1,
    ):
        assert (await send(asha, room, ("files", name, b"text"), key=str(number))).status == 303
        article = (await asha.room(room)).articles[number]
        assert "<svg onload" not in article
        assert "\u202e" not in article
        assert ".." not in article
        for address in places(article):
            answer = await asha.get(address)
            assert answer.status == 200
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "\n" not in answer.headers["Content-Disposition"]


async def test_a_storage_that_is_away_loses_no_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)

    async def away(*_: object) -> None:
        raise StorageAway("gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.parts.attachments.store), "_store", away)
        answer = await send(asha, room, ("files", "a.jpg", JPEG), text="my words")
    assert answer.status == 503
    assert "my words" in answer.text
    assert await count("files") == await count("messages") == 0
    assert (await send(asha, room, ("files", "a.jpg", JPEG), text="my words")).status == 303


async def test_a_crash_leaves_nothing_that_tidying_does_not_find(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    await send(asha, room, ("files", "kept.jpg", JPEG), key="1")
    everything, none = site.parts.attachments, datetime.timedelta(0)

    async def killed(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Attachments, "give_up", killed)
        patch.setattr(type(everything.store), "_store", killed)  # entered, and not yet stored
        await send(asha, room, ("files", "a.txt", b"first"), key="2")
    with monkeypatch.context() as patch:
        patch.setattr(Attachments, "clear", killed)  # deleted, and the bytes still there
        await send(asha, room, ("files", "b.txt", b"second"), key="3")
        [seq] = [number for number, article in (await asha.room(room)).articles.items() if "b.txt" in article]
        await asha.post(f"/rooms/{room}/messages/{seq}/delete")
    with monkeypatch.context() as patch:
        patch.setattr(type(everything.store), "delete", killed)  # doomed, and not yet removed
        await send(asha, room, ("files", "c.txt", b"third"), key="4")
        [seq] = [number for number, article in (await asha.room(room)).articles.items() if "c.txt" in article]
        await asha.unsay(room, seq)
    stray = "a" * 64 + "-small"
    await everything.store.put(stray, b"of nobody")
    assert await count("blobs") == 4
    assert await everything.tidy() == 0  # too young: somebody may be at it
    assert await everything.tidy(none, none) == 3
    assert await everything.strays() == [stray]
    assert await count("blobs") == await count("files") == 1
    assert await everything.missing() == []
    for address in places((await asha.room(room)).articles[1]):
        assert (await asha.get(address)).status == 200


async def test_bytes_that_are_being_removed_are_kept_anew_for_whoever_sends_them_now(site: Site) -> None:
    asha, room = await asha_and_room(site)
    await send(asha, room, ("files", "a.txt", b"the same"), key="1")
    await db.run("UPDATE blobs SET state = 'dying'")
    again = asyncio.create_task(send(asha, room, ("files", "b.txt", b"the same"), key="2"))
    await asyncio.sleep(0.3)
    assert not again.done()
    await db.run("DELETE FROM blobs")
    assert (await again).status == 303


async def test_what_the_scanner_knows_is_not_sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, room = await asha_and_room(site)
    async with running_clamd() as clamd:
        monkeypatch.setattr(site.parts.attachments._inspection, "_clamd", clamd.url)
        assert (await send(asha, room, ("files", "good.txt", b"harmless"), key="1")).status == 303
        answer = await send(asha, room, ("files", "bad.txt", EICAR), text="my words", key="2")
        assert answer.status == 422
        assert "bad.txt" in answer.alert
    answer = await send(asha, room, ("files", "late.txt", b"harmless too"), text="my words", key="3")
    assert answer.status == 503
    assert "my words" in answer.text
    assert await count("files") == 1


VOICE = make("webm", tone(2))


async def test_an_infected_recording_is_not_sent_and_a_clean_one_is_heard(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    async with running_clamd() as clamd:
        monkeypatch.setattr(site.parts.attachments._inspection, "_clamd", clamd.url)
        infected = VOICE + EICAR
        answer = await send(asha, room, ("voice", "mine.webm", infected), key="1")
        assert answer.status == 422
        assert "“mine.webm” was not sent: the virus scanner knows it." in answer.alert
        assert clamd.seen == [infected]
        assert await kept(site) == []
        assert await count("files") == await count("messages") == 0
        assert (await send(asha, room, ("voice", "clean.webm", VOICE), key="2")).status == 303
        assert clamd.seen == [infected, VOICE]
    answer = await send(asha, room, ("voice", "late.webm", make("webm", tone(1))), key="3")
    assert answer.status == 503
    assert "cannot be checked for viruses just now" in answer.alert
    assert answer.headers["Retry-After"]
    await asha.say(room, "the end")
    await stream.wait_for("the end")
    assert [stream.text.count(name) > 0 for name in ("mine.webm", "clean.webm", "late.webm")] == [False, True, False]
    assert len(await kept(site)) == await count("files") == 1


async def test_nobody_hears_a_recording_before_the_scanner_has_answered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, room = await asha_and_room(site)
    async with running_clamd() as clamd:
        clamd.may_answer = asyncio.Event()
        monkeypatch.setattr(site.parts.attachments._inspection, "_clamd", clamd.url)
        sending = asyncio.create_task(send(asha, room, ("voice", "mine.webm", VOICE)))
        await asyncio.wait_for(clamd.has_heard.wait(), 30)
        await asyncio.sleep(0.3)
        assert not sending.done()
        assert await count("files") == await count("messages") == 0
        stored = site.parts.attachments.store.keys()
        assert [key async for key, _ in stored] == []
        clamd.may_answer.set()
        assert (await sending).status == 303
        for address in places((await asha.room(room)).articles[1]):
            assert (await asha.get(address)).body == VOICE


async def test_a_form_is_as_large_as_its_files_may_be(site: Site) -> None:
    three = dataclasses.replace(site.settings, max_upload_mb=3)
    assert 35 * 1024 * 1024 < uploads.largest(three) < 40 * 1024 * 1024
    assert site.app.config["LARGEST_UPLOAD"] == uploads.largest(site.settings)
