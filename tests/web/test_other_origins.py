"""Media that a browser fetches from elsewhere: only from where the operator has said, and files only by an address that lasts a minute."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from sampark.gifs.giphy import Giphy
from sampark.settings import Settings
from tests.files.pictures import scene, written
from tests.support import Site

JPEG = written(scene(), "JPEG")


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return dataclasses.replace(settings, **request.param)


def sources(policy: str, kind: str) -> list[str]:
    return next(part for part in policy.split("; ") if part.startswith(kind)).split()[1:]


@pytest.mark.parametrize("database", ["bucket"], indirect=True)
@pytest.mark.parametrize("settings", [{"storage_redirect": True}], indirect=True, ids=["redirect"])
async def test_a_reader_is_sent_to_the_bucket_for_a_minute_and_nobody_else_is(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    assert (
        await asha.upload(f"/rooms/{room}/messages", ("files", "a.jpg", JPEG), ("files", "b.txt", b"words"))
    ).status == 303
    page = await ravi.room(room)
    addresses = [one.replace("&amp;", "&") for one in re.findall(r'(?:href|src)="(/files/[^"]+)"', page.text)]
    [text] = {one for one in addresses if one.partition("?")[0].endswith(".txt")}
    answer = await ravi.get(text)
    assert answer.status == 302
    there = urlsplit(answer.headers["Location"])
    assert parse_qs(there.query)["X-Amz-Expires"] == ["60"]
    assert "attachment" in parse_qs(there.query)["response-content-disposition"][0]
    assert "public" not in answer.headers["Cache-Control"]
    assert there.path.endswith(f"/{hashlib.sha256(b'words').hexdigest()}")
    for kind in ("img-src", "media-src"):
        assert f"{there.scheme}://{there.netloc}" in sources(page.headers["Content-Security-Policy"], kind)
    # What we have made of a picture comes from us; and every request is asked who it is.
    small = next(one for one in addresses if "size=" in one)
    assert (await ravi.get(small)).status == 200
    await ravi.post(f"/rooms/{room}/leave")
    assert (await ravi.get(text)).status == 404
    [seq] = re.findall(r'data-seq="(\d+)"[^>]* data-kind="(?:image|file)"', page.text)
    await asha.post(f"/rooms/{room}/messages/{seq}/delete")
    assert (await asha.get(text)).status == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("settings", [{}, {"giphy_api_key": "k"}], indirect=True, ids=["no key", "key"])
async def test_a_providers_origins_are_open_with_its_key_only(site: Site) -> None:
    asha = await site.person("asha")
    policy = (await asha.room(await site.room(asha))).headers["Content-Security-Policy"]
    ours = ["'self'", "data:", "blob:"]
    expected = list(Giphy.media_origins) if site.settings.giphy_api_key else []
    assert sources(policy, "img-src") == [*ours, *expected]
    for kind in ("script-src", "connect-src", "frame-src", "form-action"):
        assert sources(policy, kind) == ["'self'"]
