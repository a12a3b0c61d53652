"""What the page after leaving a room says, and what its members are told of other sites."""

from __future__ import annotations

import pytest

from sampark import access
from sampark.chat import embeds
from sampark.chat.embeds import Choices
from sampark.text import room_ids
from tests.support import PASSWORD, Site

CLUB = "https://club.example"


async def test_who_has_left_reads_how_to_come_back(site: Site) -> None:
    [asha] = await site.people("asha")
    code = await site.room(asha, name="<b>100%(id)s</b>")
    assert (await asha.post(f"/rooms/{code}/leave")).status == 303
    home = await asha.get("/")
    assert (
        f"You have left \u2068&lt;b&gt;100%(id)s&lt;/b&gt;\u2069. Should you want to come back, its ID is {room_ids.shown(code)}."
        in home.text
    )
    assert "You have left" not in (await asha.get("/")).text
    code = await site.room(asha, name="बगीचा")
    await asha.post(f"/rooms/{code}/leave")
    await asha.post("/preferences", {"language": "hi"})
    assert (
        f"आपने \u2068बगीचा\u2069 छोड़ दिया है। लौटना चाहें तो इसकी आईडी {room_ids.shown(code)} है।"
        in (await asha.get("/")).text
    )


async def test_a_creator_reads_who_looks_after_the_room_then(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(asha, ravi)
    said = "The member who has been here longest then looks after the room"
    assert said in (await asha.get(f"/rooms/{code}")).text
    assert said not in (await ravi.get(f"/rooms/{code}")).text


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("read", "Anyone who has the address of this room can read everything in it, the past too."),
        (
            "guests",
            "Anyone who has the address of this room can read everything in it, the past too, and write as a guest.",
        ),
        ("vouched", "Whom these sites have signed in read everything in this room, the past too, and write."),
    ],
)
async def test_members_are_told_who_reads_from_other_sites(site: Site, level: str, said: str) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(asha, ravi)
    room = await access.room_for(await asha.person(), code)
    await embeds.add_origin(room, CLUB)
    assert CLUB not in (await ravi.get(f"/rooms/{code}/members")).text
    await embeds.change(room, Choices(is_on=True, level=level), site.hub.bell)
    shown = (await ravi.get(f"/rooms/{code}/members")).text
    assert said in shown
    assert CLUB in shown
    await embeds.change(room, Choices(is_on=False, level=level), site.hub.bell)
    assert said not in (await ravi.get(f"/rooms/{code}/members")).text


async def test_what_is_to_be_told_waits_for_a_page_that_is_no_error(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(asha, ravi)
    await ravi.post(f"/rooms/{code}/leave")
    gone, never = await ravi.get(f"/rooms/{code}"), await ravi.get(f"/rooms/{room_ids.new()}")
    assert gone.status == never.status == 404
    assert "You have left" not in gone.text + never.text
    assert "You have left" in (await ravi.get("/")).text


async def test_the_next_person_at_this_browser_is_not_told(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(ravi, asha)
    await ravi.post(f"/rooms/{code}/leave")
    await ravi.post("/logout")
    assert "You have left" not in (await ravi.get("/login")).text
    code = await site.room(asha)
    await asha.post(f"/rooms/{code}/leave")
    await asha.post("/login", {"username": "ravi", "password": PASSWORD})
    home = (await asha.get("/")).text
    assert "ravi" in home
    assert "You have left" not in home
