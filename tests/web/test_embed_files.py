"""Files of a room in another site's page: for whoever may read there, by that room's addresses alone, and for as long as they may."""

from __future__ import annotations

import html
import re

from sampark import db
from tests.databases import on_sqlite
from tests.embeds import CLUB, OURS, Frame, choose, embedded, new_key, token
from tests.files.pictures import scene, written
from tests.files.sounds import make, make_video, tone
from tests.support import Browser, Site, count, multipart

pytestmark = on_sqlite

SENT = (
    ("files", "hill.jpg", written(scene(), "JPEG")),
    ("files", "film.webm", make_video()),
    ("files", "minutes.txt", b"What was said"),
)


async def with_files(asha: Browser, code: str) -> None:
    answer = await asha.upload(f"/rooms/{code}/messages", *SENT, form={"key": "files"})
    assert answer.status == 303
    answer = await asha.upload(f"/rooms/{code}/messages", ("voice", "v.webm", make("webm", tone(1))), form={"key": "v"})
    assert answer.status == 303


def addresses(page: str, way: str = "") -> set[str]:
    """All places of files in it: whole ones, smaller ones, posters."""
    return {html.unescape(found) for found in re.findall(rf'(?<=["\s]){way}/files/[^"\s]+', page)}


async def statuses(frame: Frame, places: set[str]) -> set[int]:
    return {(await frame.get(place)).status for place in places}


async def vouched_frame(site: Site, asha: Browser, code: str) -> Frame:
    frame = Frame(site, code)
    await frame.load()
    await frame.follow(await frame.vouch(token(code, await new_key(asha, code))))
    return frame


async def test_a_vouched_person_has_them_until_they_are_removed(site: Site) -> None:
    asha = await site.person("asha")
    code, other = await embedded(site, asha, "vouched"), await site.room(asha)
    await with_files(asha, code)
    await with_files(asha, other)
    frame = await vouched_frame(site, asha, code)
    places = addresses(frame.page, frame.way)
    for made in ("?size=small", "?size=large", "?size=poster", "?download", "hill.jpg", "v.webm"):
        assert any(place.endswith(made) for place in places), made
    for place in places:
        answer = await frame.get(place)
        assert answer.status == 200
        assert f"frame-ancestors 'self' {CLUB}" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        # The app's own address is for sessions of the app.
        assert (await frame.get(place.removeprefix(frame.way))).status == 303
        # Nobody else has them by the same address.
        assert (await Frame(site, code).get(place)).status == 404
    theirs = {f"{frame.way}{place}" for place in addresses((await asha.room(other)).text)}
    assert len(theirs) >= 6
    assert await statuses(frame, theirs) == {404}
    guest_id = (await db.fetch("SELECT id FROM embed_guests"))[0]["id"]
    await asha.post(f"/rooms/{code}/embed/guests/{guest_id}/remove")
    assert await statuses(frame, places) == {404}


async def test_nobody_has_them_once_the_message_or_the_permission_is_gone(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, "guests")
    await with_files(asha, code)
    guest = Frame(site, code)
    await guest.join()
    places = addresses(guest.page, guest.way)
    assert await statuses(guest, places) == {200}
    seq = next(seq for seq, article in (await asha.room(code)).articles.items() if "hill.jpg" in article)
    deleted = addresses((await asha.room(code)).articles[seq])
    await asha.unsay(code, seq)
    assert await statuses(guest, {f"{guest.way}{place}" for place in deleted}) == {404}
    [voice] = [place for place in places if place.endswith("v.webm")]
    assert await statuses(guest, {voice}) == {200}
    await choose(asha, code, is_on="")
    assert await statuses(guest, {voice}) == {404}


async def test_no_frame_takes_files(site: Site) -> None:
    asha = await site.person("asha")
    code = await embedded(site, asha, "vouched")
    frame = await vouched_frame(site, asha, code)
    for field, name, data in (*SENT, ("voice", "v.webm", make("webm", tone(1)))):
        body, kind = multipart({"text": "words", "key": "k"}, [(field, name, data)])
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in frame.cookies.items()),
            "Content-Type": kind,
            "Sec-Fetch-Site": "same-origin",
            "Origin": OURS,
            "Referer": f"{OURS}{frame.way}",
        }
        for path in (f"{frame.way}/messages", f"/rooms/{code}/messages"):
            response = await frame.client.open(path, method="POST", headers=headers, data=body)
            assert response.status_code == (422 if path.startswith(frame.way) else 303)
    assert await count("files") == await count("blobs") == 0
    assert [path for path in (site.settings.data_dir / "files").rglob("*") if path.is_file()] == []
