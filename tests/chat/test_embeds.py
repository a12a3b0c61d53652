"""A room's settings for other sites' pages, the doors behind them, and what ends when they change."""

from __future__ import annotations

import dataclasses

import pytest

from sampark import access, db, embed_access
from sampark.access import OpenRoom, Seat, Ticket
from sampark.chat import embeds, guests, messages, rooms, sessions, vouched
from sampark.chat.embeds import Choices
from sampark.chat.guests import Place
from sampark.embed_access import Embed, Visitor
from sampark.text.problems import Forbidden, Invalid, NotFound, Taken
from sampark.text.vouching import Claims, Refused
from tests.support import Browser, Site, count

CLUB = "https://club.example"
OPEN = Choices(is_on=True, level="guests")


async def embedded(site: Site, asha: Browser, wanted: Choices = OPEN) -> tuple[OpenRoom, Embed]:
    code = await site.room(asha)
    room = await access.room_for(await asha.person(), code)
    await embeds.add_origin(room, CLUB)
    await embeds.change(room, wanted, site.hub.bell)
    return room, await embed_access.embed_of(code)


def place(embed: Embed, address: str | None = "an address", *, unknown: bool = False) -> Place:
    origin_id = None if unknown else embed.origin_of(CLUB)
    return Place(origin_id, "" if unknown else "club.example", "tests", address)


async def visitor(embed: Embed, token: str) -> Visitor:
    found = await embed_access.embedded_for(token, embed)
    assert found is not None
    return found


def claims(name: str = "Meera", subject: str = "42", jti: str = "1") -> Claims:
    return Claims(CLUB, subject, name, jti, "kid", 4_000_000_000)


async def test_a_room_is_embedded_nowhere_until_its_creator_says_so(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    code = await site.room(asha, ravi)
    room = await access.room_for(await asha.person(), code)
    with pytest.raises(NotFound):
        await embed_access.embed_of(code)
    assert await embeds.choices(room) == Choices()
    await embeds.change(room, Choices(is_on=True, accent="#0E4C56"), site.hub.bell)
    assert await embeds.choices(room) == Choices(is_on=True, accent="#0e4c56")
    assert (await embed_access.embed_of(code)).room.name == "Lighthouse"
    others = await access.room_for(await ravi.person(), code)
    for refused in (
        embeds.change(others, Choices(), site.hub.bell),
        embeds.add_origin(others, CLUB),
        embeds.add_key(others, "HS256", ""),
        embeds.remove_key(others, 1, site.hub.bell),
        embeds.remove_origin(others, 1, site.hub.bell),
        guests.decide(others, 1, "ban", site.hub.bell),
    ):
        with pytest.raises(Forbidden):
            await refused
    for wrong in ({"level": "all"}, {"theme": "pink"}, {"accent": "red"}, {"accent": "#12345"}):
        with pytest.raises(Invalid):
            await embeds.change(room, dataclasses.replace(OPEN, **wrong), site.hub.bell)  # type: ignore[arg-type]


async def test_sites_are_listed_once_and_not_without_end(site: Site) -> None:
    [asha] = await site.people("asha")
    room, _ = await embedded(site, asha)
    await embeds.add_origin(room, CLUB + ":443/")
    assert [row["origin"] for row in await embeds.origins_of(room)] == [CLUB]
    for number in range(embeds.MOST_ORIGINS - 1):
        await embeds.add_origin(room, f"https://{number}.example")
    with pytest.raises(Invalid, match="20"):
        await embeds.add_origin(room, "https://more.example")
    with pytest.raises(Invalid):
        await embeds.add_origin(room, "https://a.example;script-src *")


async def test_two_keys_at_most_and_the_secret_is_said_once(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    first = await embeds.add_key(room, "HS256", "")
    assert first.secret
    await embeds.add_key(room, "HS256", "")
    with pytest.raises(Taken):
        await embeds.add_key(room, "HS256", "")
    with pytest.raises(Invalid):
        await embeds.add_key(room, "none", "")
    assert first.secret not in repr(await embeds.keys_of(room))
    key_id, key = (await embeds.verifying_keys(embed.id))[first.kid]
    assert key.material == first.secret
    await embeds.remove_key(room, key_id, site.hub.bell)
    assert first.kid not in await embeds.verifying_keys(embed.id)


async def test_a_guest_is_a_member_here_and_nobody_anywhere_else(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    token = await guests.come(embed, "  Priya ", place(embed), site.hub.bell)
    priya = await visitor(embed, token)
    assert (priya.person.display_name, priya.kind, priya.may_write) == ("Priya", "guest", True)
    assert await access.person_for(token) is None
    _, other = await embedded(site, asha)
    assert await embed_access.embedded_for(token, other) is None
    assert priya.room
    row = await messages.post(priya.person, priya.room, "hello", "", site.hub.bell)
    assert (row["kind"], row["site"]) == ("guest", "club.example")
    await rooms.create_global("Everybody")
    assert await count("memberships", f"user_id = {priya.person.id}") == 1
    await rooms.leave(await asha.person(), room, site.hub.bell)
    assert await count("memberships", "role = 'creator'") == 1, "a guest never looks after the room"


async def test_an_app_session_opens_no_frame(site: Site) -> None:
    [asha] = await site.people("asha")
    _, embed = await embedded(site, asha)
    token = await sessions.begin(asha.id, "tests")
    assert await embed_access.embedded_for(token, embed) is None
    own = await guests.come_with_account(embed, asha.id, place(embed))
    assert (await visitor(embed, own)).kind == "person"
    assert await access.person_for(own) is None
    [ravi] = await site.people("ravi")
    with pytest.raises(Forbidden):
        await guests.come_with_account(embed, ravi.id, place(embed))


async def test_names_of_members_are_not_given_away(site: Site) -> None:
    asha = await site.person("asha", display_name="Asha Rao")
    _, embed = await embedded(site, asha)
    for name in ("asha", "ASHA", "asha rao"):
        with pytest.raises(Taken):
            await guests.come(embed, name, place(embed), site.hub.bell)
    for name in ("", "   ", "\u200b", "n" * 51):
        with pytest.raises(Invalid):
            await guests.come(embed, name, place(embed), site.hub.bell)


async def test_a_guest_waits_until_the_creator_has_let_them_in(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha, dataclasses.replace(OPEN, needs_approval=True))
    token = await guests.come(embed, "Priya", place(embed), site.hub.bell)
    waiting = await visitor(embed, token)
    assert waiting.waits
    assert waiting.room is None
    [row] = await guests.those_of(room)
    await guests.decide(room, row["id"], "approve", site.hub.bell)
    assert (await visitor(embed, token)).may_write
    second = await guests.come(embed, "Zara", place(embed), site.hub.bell)
    await embeds.change(room, OPEN, site.hub.bell)
    assert (await visitor(embed, second)).may_write


async def test_who_is_banned_does_not_come_back_the_same_day(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    token = await guests.come(embed, "Priya", place(embed), site.hub.bell)
    [row] = await guests.those_of(room)
    await guests.decide(room, row["id"], "mute", site.hub.bell)
    muted = await visitor(embed, token)
    assert muted.is_muted
    assert not muted.may_write
    await guests.decide(room, row["id"], "ban", site.hub.bell)
    assert await embed_access.embedded_for(token, embed) is None
    with pytest.raises(Forbidden):
        await guests.come(embed, "Somebody else", place(embed), site.hub.bell)
    await guests.come(embed, "A neighbour", place(embed, "another address"), site.hub.bell)
    await guests.decide(room, row["id"], "unban", site.hub.bell)
    await guests.come(embed, "Priya", place(embed), site.hub.bell)
    for wrong in ("promote", ""):
        with pytest.raises(NotFound):
            await guests.decide(room, row["id"], wrong, site.hub.bell)


async def test_nothing_is_left_of_guests_who_never_wrote(site: Site) -> None:
    [asha] = await site.people("asha")
    _, embed = await embedded(site, asha)
    quiet = await visitor(embed, await guests.come(embed, "Quiet", place(embed), site.hub.bell))
    loud = await visitor(embed, await guests.come(embed, "Loud", place(embed), site.hub.bell))
    assert loud.room
    await messages.post(loud.person, loud.room, "hello", "", site.hub.bell)
    for one in (quiet, loud):
        await guests.go(embed, one, site.hub.bell)
    assert await count("users", "kind = 'guest'") == 1
    assert await count("memberships") == 1
    assert await count("sessions", "embed_id IS NOT NULL") == 0


async def test_a_vouched_person_is_the_same_one_each_time(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha, Choices(is_on=True, level="vouched"))
    await embeds.add_key(room, "HS256", "")
    [(key_id, _)] = (await embeds.verifying_keys(embed.id)).values()
    first = await visitor(embed, await vouched.come(embed, claims(), key_id, place(embed), site.hub.bell))
    assert first.room
    await messages.post(first.person, first.room, "hello", "", site.hub.bell)
    token = await vouched.come(embed, claims("Meera Nair"), key_id, place(embed), site.hub.bell)
    again = await visitor(embed, token)
    assert again.person.id == first.person.id
    assert again.person.display_name == "Meera Nair"
    assert (await access.room_for(await asha.person(), room.code)).version == 2, "what she wrote shows her new name"
    await embeds.remove_key(room, key_id, site.hub.bell)
    assert await embed_access.embedded_for(token, embed) is None
    assert await count("memberships") == 1


async def test_a_banned_vouched_person_stays_out_with_any_token(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    await embeds.add_key(room, "HS256", "")
    [(key_id, _)] = (await embeds.verifying_keys(embed.id)).values()
    await vouched.come(embed, claims(), key_id, place(embed), site.hub.bell)
    [row] = await guests.those_of(room)
    await guests.decide(room, row["id"], "ban", site.hub.bell)
    with pytest.raises(Forbidden):
        await vouched.come(embed, claims(jti="2"), key_id, place(embed), site.hub.bell)


async def test_a_token_is_spent_once(site: Site) -> None:
    [asha] = await site.people("asha")
    _, embed = await embedded(site, asha)
    _, other = await embedded(site, asha)
    await vouched.spend(embed.id, "one", 4_000_000_000)
    await vouched.spend(other.id, "one", 4_000_000_000)
    with pytest.raises(Refused):
        await vouched.spend(embed.id, "one", 4_000_000_000)
    await vouched.spend(embed.id, "old", 1)
    await vouched.spend(embed.id, "two", 4_000_000_000)
    assert await count("used_tokens") == 3, "what is too old to be used anyhow is forgotten"


async def test_what_is_struck_off_ends_what_came_through_it(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    await embeds.add_origin(room, "https://other.example")
    embed = await embed_access.embed_of(room.code)
    club, other = sorted(embed.origins)
    through = {}
    for name, origin_id in (("club", club), ("other", other), ("unknown", None)):
        token = await guests.come(embed, name, Place(origin_id, "", "tests"), site.hub.bell)
        found = await visitor(embed, token)
        through[name] = Seat(found.person.session_id, found.person.id)
        through[f"reader of {name}"] = Seat(0, 0, Ticket(embed.id, origin_id or 0, embed.epoch))
    seats = {*through.values()}
    assert await access.who_may_stay(room.id, seats) == seats
    await embeds.remove_origin(room, club, site.hub.bell)
    stays = await access.who_may_stay(room.id, seats)
    assert {name for name, seat in through.items() if seat in stays} == {"other", "reader of other"}
    await embeds.change(room, dataclasses.replace(OPEN, is_on=False), site.hub.bell)
    assert await access.who_may_stay(room.id, seats) == set()
    assert await access.live_sessions({seat.session_id for seat in seats}) == set()


async def test_tickets_hold_where_a_room_is_open_to_reading(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    club = embed.origin_of(CLUB + "/page?x")
    assert club is not None
    assert embed.origin_of("https://elsewhere.example/") is None
    assert embed.origin_of(None) is None
    good = Ticket(embed.id, club, embed.epoch)
    assert embed_access.ticket_for(embed, good) == good
    assert embed_access.ticket_for(embed, None) == Ticket(embed.id, 0, embed.epoch)
    for bad in (Ticket(embed.id + 1, club, 0), Ticket(embed.id, club + 1, 0), Ticket(embed.id, 0, embed.epoch + 1)):
        with pytest.raises(NotFound):
            embed_access.ticket_for(embed, bad)
    await embeds.change(room, Choices(is_on=True, level="vouched"), site.hub.bell)
    assert await access.live_tickets({good}) == set()
    with pytest.raises(NotFound):
        embed_access.ticket_for(await embed_access.embed_of(room.code), good)


async def test_closing_a_level_turns_guests_out_and_a_deleted_room_is_gone(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    token = await guests.come(embed, "Priya", place(embed), site.hub.bell)
    await embeds.change(room, Choices(is_on=True, level="read"), site.hub.bell)
    assert await embed_access.embedded_for(token, embed) is None
    ticket = Ticket(embed.id, embed.origin_of(CLUB) or 0, 0)
    assert await access.live_tickets({ticket}) == {ticket}
    await rooms.delete(await asha.person(), room, site.hub.bell, site.parts.attachments.clear)
    assert await access.live_tickets({ticket}) == set()
    with pytest.raises(NotFound):
        await embed_access.embed_of(room.code)
    assert await count("embeds") == 0
    assert await db.fetch("SELECT id FROM embed_origins") == []


async def test_what_was_struck_off_a_moment_ago_lets_nobody_in(site: Site) -> None:
    [asha] = await site.people("asha")
    room, embed = await embedded(site, asha)
    await embeds.add_key(room, "HS256", "")
    [(key_id, _)] = (await embeds.verifying_keys(embed.id)).values()
    there = place(embed)
    assert there.origin_id
    await embeds.remove_origin(room, there.origin_id, site.hub.bell)
    with pytest.raises(NotFound):
        await guests.come(embed, "Priya", there, site.hub.bell)
    with pytest.raises(NotFound):
        await guests.come_with_account(embed, asha.id, there)
    with pytest.raises(NotFound):
        await vouched.come(embed, claims(), key_id, there, site.hub.bell)
    assert await count("users") == 1
    assert await count("sessions", "embed_id IS NOT NULL") == 0
