"""Days in a room: named while one reads in the past, and gone to."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, somebody
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MIDDAY = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
A_DAY = 20


async def in_an_old_room(visit: Visit, server: ServerProcess, zone: str = "UTC") -> tuple[Visitor, str]:
    """Twenty messages on each of three days in March, two days apart; the reader's clock is that of the zone."""
    person = Person.at(server.url).signed_up(somebody("asha"))
    room = person.open_room("Archive")
    for number in range(3 * A_DAY):
        person.post(room, f"message {number}")
    with contextlib.closing(sqlite3.connect(server.folder / "sampark.db", timeout=30)) as connection, connection:
        rows = connection.execute(
            "SELECT m.id FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.code = ? ORDER BY m.seq", (room,)
        ).fetchall()
        for place, (id,) in enumerate(rows):
            moment = MIDDAY + datetime.timedelta(days=place // A_DAY * 2, seconds=place)
            connection.execute("UPDATE messages SET timestamp = ? WHERE id = ?", (moment.isoformat(" "), id))
    asha = await visit(timezone_id=zone)
    await asha.enter(person)
    await asha.go(f"/rooms/{room}")
    return asha, room


async def test_the_day_is_named_while_one_reads_in_the_past(visit: Visit, server: ServerProcess) -> None:
    asha, _ = await in_an_old_room(visit, server)
    day = asha.page.locator("button.day")
    await expect(asha.text(f"message {3 * A_DAY - 1}")).to_be_in_viewport()
    await expect(day).to_be_hidden()
    for seq, name in ((50, "5 March"), (30, "3 March"), (15, "1 March")):
        await asha.page.evaluate(
            "(seq) => document.querySelector(`#message-${seq}`).scrollIntoView({ block: 'start' })", seq
        )
        await expect(day).to_contain_text(name)
    await asha.page.evaluate("document.querySelector('.scroller').scrollTop = 0")
    await expect(day).to_be_hidden()


async def test_the_day_leads_to_another(visit: Visit, server: ServerProcess) -> None:
    asha, room = await in_an_old_room(visit, server)
    await asha.page.evaluate("document.querySelector('#message-15').scrollIntoView()")
    day = asha.page.get_by_role("button", name="1 March")
    await day.focus()
    await asha.page.keyboard.press("Enter")
    field = asha.page.get_by_label("Go to a day")
    await expect(field).to_be_focused()
    await field.fill("2026-03-04")
    await asha.page.keyboard.press("Enter")
    await expect(asha.page).to_have_url(f"{server.url}/rooms/{room}?around={2 * A_DAY + 1}#message-{2 * A_DAY + 1}")
    await expect(asha.page.locator(f"#message-{2 * A_DAY + 1}")).to_be_in_viewport()
    await expect(asha.page.locator(f"#message-{2 * A_DAY + 1}[data-day]")).to_have_count(1)


@pytest.mark.parametrize(("zone", "first"), [("Pacific/Kiritimati", 1), ("Pacific/Midway", A_DAY + 1)])
async def test_a_day_begins_at_the_readers_midnight(visit: Visit, server: ServerProcess, zone: str, first: int) -> None:
    """Midday of the first of March in UTC is two in the morning of the second in Kiritimati."""
    asha, room = await in_an_old_room(visit, server, zone)
    await asha.page.locator(".room-menu > summary").click()
    await asha.page.get_by_label("Go to a day").fill("2026-03-02")
    await asha.page.get_by_role("button", name="Go", exact=True).click()
    await expect(asha.page).to_have_url(f"{server.url}/rooms/{room}?around={first}#message-{first}")
