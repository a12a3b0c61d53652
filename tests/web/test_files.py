"""Serving files: whole and in parts, with headers under which nothing in them can act."""

from __future__ import annotations

import re

import pytest

from sampark.files.storage import StorageAway
from tests.databases import in_every_storage
from tests.files.hostile_files import GOOD
from tests.files.pictures import scene, written
from tests.support import Browser, Site

pytestmark = in_every_storage

JPEG = written(scene(), "JPEG")


async def sent(site: Site, *files: tuple[str, str, bytes]) -> tuple[Browser, list[str]]:
    asha = await site.person("asha")
    room = await site.room(asha)
    assert (await asha.upload(f"/rooms/{room}/messages", *files)).status == 303
    article = (await asha.room(room)).articles[1]
    return asha, [address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="(/files/[^"]+)"', article)]


async def test_a_file_is_sent_so_that_it_can_do_nothing(site: Site) -> None:
    asha, addresses = await sent(site, ("files", "a.txt", b"<b>text</b>"), ("files", "b.jpg", JPEG))
    for address in addresses:
        answer = await asha.get(address)
        headers = answer.headers
        assert answer.status == 200
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert re.fullmatch(r'"[0-9a-f]{64}(-[a-z0-9]+)?"', headers["ETag"])
        inline = headers["Content-Type"].startswith("image/")
        assert headers["Content-Disposition"].startswith("inline" if inline else "attachment")
        assert int(headers["Content-Length"]) == len(answer.body)


UNSAFE = {"scan.tiff", "phone.heic", "general.heif"}
"""What says where it was taken, and cannot be drawn anew."""


@pytest.mark.parametrize("name", sorted(GOOD.keys() - UNSAFE))
async def test_only_what_no_browser_runs_is_shown(site: Site, name: str) -> None:
    _, data = GOOD[name]
    asha, addresses = await sent(site, ("files", name, data))
    for address in addresses:
        answer = await asha.get(address)
        assert answer.status == 200
        if answer.headers["Content-Disposition"].startswith("inline"):
            assert re.match(
                r"(image/(jpeg|png|gif|webp|avif)|video/(mp4|webm)|audio/(webm|mpeg|ogg|mp4|wav))$",
                answer.headers["Content-Type"],
            )
        else:
            assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_parts_are_sent_when_they_are_asked_for(site: Site) -> None:
    data = b"".join(b"%06d\n" % number for number in range(100_000))
    asha, [address] = await sent(site, ("files", "numbers.txt", data))
    whole = await asha.get(address)
    assert whole.body == data
    assert whole.headers["Accept-Ranges"] == "bytes"
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=7-13", 7, 14),
        ("bytes=699993-", 699_993, 700_000),
        ("bytes=-7", 699_993, 700_000),
        ("bytes=0-99999999", 0, 700_000),
    ):
        part = await asha.get(address, Range=asked)
        assert (part.status, part.body) == (206, data[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/700000"
    assert (await asha.get(address, Range="bytes=700000-")).status == 416
    assert (await asha.get(address, Range="bytes=700000-")).headers["Content-Range"] == "bytes */700000"
    for senseless in ("bytes=9-3", "lines=1-2", "bytes=x", "bytes=0-1,5-6"):
        assert (await asha.get(address, Range=senseless)).status == 200
    etag = whole.headers["ETag"]
    assert (await asha.get(address, **{"Range": "bytes=0-0", "If-Range": etag})).status == 206
    assert (await asha.get(address, **{"Range": "bytes=0-0", "If-Range": '"another"'})).status == 200
    again = await asha.get(address, **{"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")


async def test_a_head_says_what_a_get_would(site: Site) -> None:
    asha, [address] = await sent(site, ("files", "a.txt", b"text"))
    head, whole = await asha.send("HEAD", address), await asha.get(address)
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "ETag", "Content-Disposition", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]


async def test_an_address_is_no_way_anywhere_else(site: Site) -> None:
    asha, [address] = await sent(site, ("files", "a.txt", b"text"))
    public_id = address.split("/")[2]
    for path in (
        f"/files/{public_id}/a.txt?size=small",
        f"/files/{public_id}/a.txt?size=../../secret",
        f"/files/{public_id[:-1]}/a.txt",
        "/files/..%2f..%2fsecret/a.txt",
        "/files/%00/a.txt",
        f"/files/{'0' * 64}/a.txt",
    ):
        assert (await asha.get(path)).status == 404, path
    # The name is for people: whatever stands there, the bytes are the same.
    assert (await asha.get(f"/files/{public_id}/b.html")).headers["Content-Type"].startswith("text/plain")


async def test_what_has_vanished_from_the_storage_is_not_there(site: Site) -> None:
    asha, [address] = await sent(site, ("files", "a.txt", b"text"))
    store = site.parts.attachments.store
    stored = store.keys()
    for key in [key async for key, _ in stored]:
        await store.delete(key)
    assert (await asha.get(address)).status == 404
    assert await site.parts.attachments.missing() == ["a.txt"]


@pytest.mark.parametrize("name", sorted(UNSAFE))
async def test_a_picture_that_cannot_be_made_safe_is_refused(site: Site, name: str) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    answer = await asha.upload(f"/rooms/{room}/messages", ("files", name, GOOD[name][1]), form={"text": "my words"})
    assert answer.status == 415
    assert "JPEG" in answer.alert
    assert "my words" in answer.text


async def test_a_storage_that_is_away_is_told_for_every_size(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, addresses = await sent(site, ("files", "b.jpg", JPEG))

    async def away(*_: object, **__: object) -> None:
        raise StorageAway("gone")

    for name in ("open", "size"):
        monkeypatch.setattr(type(site.parts.attachments.store), name, away)
    for address in addresses:
        answer = await asha.get(address)
        assert answer.status == 503
        assert answer.headers["Retry-After"]
