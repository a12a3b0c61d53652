"""People for whom a site vouches, as a room's creator looks after them: what they are is said beside their name, and they can be
muted, removed and banned. A new token of the site's undoes none of that."""

from __future__ import annotations

import re
from typing import Any

from sampark import db
from tests.databases import on_sqlite
from tests.embeds import CLUB, Frame, embedded, new_key, token
from tests.support import Answer, Browser, Site

BADGE = '<span class="badge">from <bdi>club.example</bdi></span>'
NO_MORE = "lets you write no more"


class Club:
    """A room with its creator, and the site whose people come into it."""

    def __init__(self, site: Site, asha: Browser, code: str, key: tuple[str, str]) -> None:
        self.site, self.asha, self.code, self.key = site, asha, code, key

    @classmethod
    async def open(cls, site: Site, level: str = "vouched") -> Club:
        asha = await site.person("asha")
        code = await embedded(site, asha, level)
        return cls(site, asha, code, await new_key(asha, code))

    async def frame(self, **claims: Any) -> Frame:
        """Of a person of the club; Meera, if nobody else is named."""
        frame = Frame(self.site, self.code)
        await frame.load()
        await frame.follow(await self.vouch(frame, **claims))
        return frame

    async def vouch(self, frame: Frame, **claims: Any) -> Answer:
        return await frame.vouch(token(self.code, self.key, **claims))

    async def decide(self, action: str, who: Browser | None = None) -> Answer:
        """About Meera."""
        [row] = await db.fetch(
            "SELECT g.id FROM embed_guests g JOIN users u ON u.id = g.user_id WHERE u.display_name = 'Meera'"
        )
        return await (who or self.asha).post(f"/rooms/{self.code}/embed/guests/{row['id']}/{action}")

    async def line(self, path: str, name: str = "Meera") -> str:
        """Hers in a list of people, or nothing."""
        lines = re.findall(r"<li\b.*?</li>", (await self.asha.get(f"/rooms/{self.code}{path}")).text, re.DOTALL)
        return "".join(line for line in lines if f"<bdi>{name}</bdi>" in line)


async def test_they_are_listed_as_what_they_are(site: Site) -> None:
    club = await Club.open(site)
    app = await club.asha.stream(club.code)
    frame = await club.frame()
    seq = await frame.say("hello")
    for path in ("/members", "", "/embed"):
        line = await club.line(path)
        assert BADGE in line, path
        assert "Guest" not in line
    assert BADGE not in await club.line("/members", "asha")
    await app.wait(lambda: BADGE in app.text.rpartition('hx-target="#members"')[2], "the list in the stream")
    # A frame says how many people are there and no more; who they are stands beside what they wrote.
    shown = await frame.load()
    assert 'id="members"' not in shown.text
    assert BADGE in shown.articles[seq]
    assert BADGE in (await club.asha.room(club.code)).articles[seq]


async def test_who_is_muted_reads_and_a_new_token_does_not_change_that(site: Site) -> None:
    club = await Club.open(site)
    frame = await club.frame()
    await frame.say("too much")
    stream = await frame.stream()
    assert (await club.decide("mute")).status == 303
    for htmx in (False, True):
        refused = await frame.post("messages", {"text": "more", "key": "k"}, htmx=htmx)
        assert refused.status == 403
        assert NO_MORE in refused.text
    await club.asha.say(club.code, "she still hears")
    await stream.wait_for("she still hears")
    assert "may only read" in await club.line("/embed")
    other = await club.frame()
    for muted in (frame, other):
        page = await muted.load()
        assert NO_MORE in page.text
        assert "too much" in page.text
        assert 'id="composer"' not in page.text
        assert (await muted.post("messages", {"text": "by the back door", "key": "l"})).status == 403
    assert (await club.decide("unmute")).status == 303
    await frame.load()
    await frame.say("thank you")
    await other.load()
    await other.say("and here, too")
    assert "by the back door" not in (await club.asha.room(club.code)).text


async def test_who_is_removed_is_gone_until_the_site_sends_them_again(site: Site) -> None:
    club = await Club.open(site)
    frame, other = await club.frame(), await club.frame(sub="43", name="Noor")
    seq = await frame.say("the lamp is lit")
    streams = [await frame.stream(), await other.stream()]
    assert (await club.decide("remove")).status == 303
    await streams[0].gone()
    assert await club.line("/members") == ""
    assert (await frame.post("messages", {"text": "still here?", "key": "k"})).status == 404
    assert "the lamp is lit" not in (await frame.load()).text, "the room is for whom the site has signed in"
    await other.say("others stay")
    await streams[1].wait_for("others stay")
    assert not streams[1].ended
    back = await frame.follow(await club.vouch(frame))
    assert "You are <bdi>Meera</bdi>" in back.text
    again = await frame.say("back again")
    wrote = (await club.asha.room(club.code)).articles
    author = re.compile(r'data-author="([^"]*)"')
    assert author.findall(wrote[again]) == author.findall(wrote[seq]), (
        "the same person of the same site is the same one"
    )


async def test_who_is_banned_stays_out_whatever_the_site_says(site: Site) -> None:
    club = await Club.open(site)
    frame, other = await club.frame(), await club.frame(sub="43", name="Noor")
    seq = await frame.say("something bad")
    stream = await frame.stream()
    assert (await club.decide("ban")).status == 303
    await stream.gone()
    assert await club.line("/members") == ""
    assert "banned" in await club.line("/embed")
    assert (await frame.post("messages", {"text": "more", "key": "k"})).status == 404
    for claims in ({}, {"name": "Somebody new"}):
        new = Frame(site, club.code)
        refused = await club.vouch(new, **claims)
        assert refused.status == 403
        assert "cannot write in this room any more" in refused.alert
        assert f"frame-ancestors 'self' {CLUB}" in refused.headers["Content-Security-Policy"]
        assert not new.cookies
        assert "something bad" not in refused.text
    traded = await new.send("POST", f"{new.way}/token", {"token": token(club.code, club.key)}, {"Origin": CLUB})
    assert traded.status == 403
    assert "cannot write in this room any more" in traded.text
    assert ">Meera</bdi>" in (await club.asha.room(club.code)).articles[seq], "a name is something said, too"
    await other.say("others stay")
    assert (await club.decide("unban")).status == 303
    assert "You are <bdi>Meera</bdi>" in (await frame.follow(await club.vouch(frame))).text


async def test_who_is_banned_does_not_come_back_as_a_guest(site: Site) -> None:
    club = await Club.open(site, "guests")
    frame = await club.frame()
    await club.decide("ban")
    await frame.load()
    refused = await frame.post("guest", {"name": "Nobody you know"})
    assert refused.status == 403
    assert "cannot write" in refused.alert
    await club.decide("unban")
    assert (await frame.post("guest", {"name": "Nobody you know"})).status == 303


@on_sqlite
async def test_only_the_creator_decides_about_them(site: Site) -> None:
    club = await Club.open(site)
    member, stranger = await site.people("ravi", "stranger")
    await member.join(club.code)
    frame = await club.frame()
    for action in ("mute", "remove", "ban"):
        assert (await club.decide(action, member)).status == 403
        assert (await club.decide(action, stranger)).status == 404
        assert (await frame.post(f"embed/guests/1/{action}")).status == 404
    await frame.say("nothing has changed")
