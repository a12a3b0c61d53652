"""What a room's page weighs on its first visit: everything that it names, compressed as it travels."""

from __future__ import annotations

import re

from tests.databases import on_sqlite
from tests.embeds import embedded
from tests.support import Browser, Site

MOST, MOST_OWN = 100 * 1024, 30 * 1024
MOST_IN_A_FRAME = 60 * 1024
PACKED = {"Accept-Encoding": "gzip, deflate"}
"""As browsers ask over plain HTTP; over https brotli makes it less."""


async def weights(asha: Browser, path: str) -> dict[str, int]:
    """Address → bytes."""
    page = await asha.get(path, **PACKED)
    text = (await asha.get(path)).text
    shown = re.sub(r"<noscript>.*?</noscript>", "", text, flags=re.DOTALL)
    files = {*re.findall(r'<(?:link|script|img)\b[^>]*?(?:src|href)="(/[^"]+)"', shown)}
    assert any(file.endswith("/app.css") for file in files)
    found = {path: len(page.body)}
    for file in files:
        answer = await asha.get(file, **PACKED)
        assert answer.status == 200, file
        found[file] = len(answer.body)
    return found


@on_sqlite
async def test_a_room_is_light(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for number in range(50):
        await asha.say(room, f"Line {number} of a talk that is neither long nor short, as people write them.")
    found = await weights(asha, f"/rooms/{room}")
    for file, size in sorted(found.items(), key=lambda one: -one[1]):
        print(f"{size:8,}  {file}")  # noqa: T201 - the figures are asked for
    own = sum(size for file, size in found.items() if re.match(r"/static/\w+/js/", file))
    print(f"{sum(found.values()):8,}  in all\n{own:8,}  scripts of our own")  # noqa: T201
    assert sum(found.values()) <= MOST, found
    assert 0 < own <= MOST_OWN, found


@on_sqlite
async def test_a_frame_in_another_sites_page_is_lighter(site: Site) -> None:
    asha = await site.person("asha")
    room = await embedded(site, asha)
    for number in range(50):
        await asha.say(room, f"Line {number} of a talk that is neither long nor short, as people write them.")
    found = await weights(asha, f"/embed/rooms/{room}")
    for file, size in sorted(found.items(), key=lambda one: -one[1]):
        print(f"{size:8,}  {file}")  # noqa: T201 - the figures are asked for
    print(f"{sum(found.values()):8,}  in all")  # noqa: T201
    assert sum(found.values()) <= MOST_IN_A_FRAME, found


@on_sqlite
async def test_no_letters_are_fetched(site: Site) -> None:
    """The device's own fonts are there at once, for every script."""
    asha = await site.person("asha")
    page = (await asha.get("/")).text
    [sheet] = re.findall(r'href="(/static/[^"]+/app\.css)"', page)
    css = (await asha.get(sheet)).text
    assert not re.search(r"@font-face[^}]*url\(", css)  # what the device has, by its name
    assert "@import" not in css
    assert not re.search(r"url\((?!\"data:image/)", css)
    assert not re.search(r"\.(woff2?|ttf|otf)\b", page)
