"""The four sites of `examples/`, started as `make examples` starts them, and used."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, expect

from tests.browser.conftest import THIRD_PARTY_COOKIES_BLOCKED, launch
from tests.people import Person
from tests.servers import ROOT, wait_for
from tests.services import die_with_parent
from tools.examples_rooms import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """By name the address of each, and of the chat."""
    folder = tmp_path_factory.mktemp("examples")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.examples", "--port", "0", "--data", str(folder / "data")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        try:
            wait_for(lambda: process.poll() is not None or b"Stop with Ctrl-C." in log.read_bytes(), "the examples", 90)
            assert process.poll() is None, log.read_text()
            addresses = re.findall(r"^(http://\S+) ", log.read_text(), re.MULTILINE)
            yield dict(zip(("card", "frame", "element", "fragments", "chat"), addresses, strict=True))
        finally:
            process.terminate()
            code = process.wait(30)
    assert code == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest_asyncio.fixture(loop_scope="session", params=["scripts", "no scripts"])
async def browser(request: pytest.FixtureRequest, playwright: Playwright) -> AsyncIterator[Browser]:
    flags = ["--blink-settings=scriptEnabled=false"] if request.param == "no scripts" else []
    started = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED, *flags)
    yield started
    await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(playwright: Playwright) -> AsyncIterator[Page]:
    started = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED)
    yield await page_in(started)
    await started.close()


async def page_in(browser: Browser) -> Page:
    context = await browser.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    return await context.new_page()


def meera(sites: dict[str, str]) -> Person:
    person = Person.at(sites["chat"])
    answer = person.send("/login", username="meera", password=PASSWORD)
    assert answer.status == 303
    return person


def room_of(person: Person, name: str) -> str:
    found = re.search(rf'href="/rooms/(\w{{12}})"[^>]*>(?:(?!</a>).)*{name}', person.get("/").text, re.DOTALL)
    assert found, f"no room {name}"
    return found[1]


async def test_link_and_card(browser: Browser, sites: dict[str, str]) -> None:
    page = await page_in(browser)
    await page.goto(sites["card"])
    await expect(page.get_by_role("heading", name="Harvest festival", level=2)).to_be_visible()
    await expect(page.get_by_text("Seeds in paper bags, please")).to_be_visible()
    await page.get_by_role("link", name="Read and join the talk").click()
    await expect(page.get_by_role("heading", name="Harvest festival")).to_be_visible()
    await page.get_by_role("link", name="Read along").click()
    await expect(page.locator("#messages")).to_be_attached()
    await expect(page.get_by_role("button", name="Send")).to_have_count(0)


async def test_a_guest_beside_the_timetable(browser: Browser, sites: dict[str, str]) -> None:
    page = await page_in(browser)
    await page.goto(sites["frame"])
    chat = page.frame_locator("iframe.room")
    await chat.get_by_label("Your name here").fill("Leela")
    await chat.get_by_role("button", name="Join").click()
    await chat.get_by_label("Message", exact=True).fill("Is the scarf blue?")
    await chat.get_by_role("button", name="Send").click()
    teacher = meera(sites)
    room = room_of(teacher, "Class 7B")
    for _ in range(200):
        shown = teacher.get(f"/rooms/{room}").text
        if "Is the scarf blue?" in shown:
            break
        await page.wait_for_timeout(100)
    assert "Is the scarf blue?" in shown
    assert "Leela" in shown
    await page.reload()
    await expect(chat.get_by_text("You are Leela")).to_be_visible()


async def test_a_shop_knows_its_customers(page: Page, sites: dict[str, str]) -> None:
    await page.goto(sites["element"])
    await page.get_by_role("button", name="I am Asha Verma").click()
    await page.get_by_role("button", name="Open Help desk").click()
    chat = page.frame_locator("sampark-room iframe")
    await expect(chat.get_by_text("You are Asha Verma")).to_be_visible()
    box = chat.get_by_role("textbox", name="Message", exact=True)
    await box.fill("Where is my parcel?")
    await box.press("Enter")
    await expect(chat.locator(".message-text", has_text="Where is my parcel?")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    helper = meera(sites)
    assert helper.send(f"/rooms/{room_of(helper, 'Help desk')}/messages", text="On its way!").status == 303
    await expect(page.locator("#unread")).to_have_text("1")
    await page.get_by_role("button", name="Open Help desk, 1 unread").click()
    await expect(chat.locator(".message-text", has_text="On its way!")).to_be_visible()
    await expect(page.locator("#unread")).to_be_hidden()


async def test_an_intranet_in_its_own_looks(page: Page, sites: dict[str, str]) -> None:
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: noticed.append(str(error)))
    await page.goto(sites["fragments"])
    log = page.get_by_role("log")
    await expect(log.locator(".message-text", has_text="The copier on the first floor")).to_be_visible()
    teacher = meera(sites)
    room = room_of(teacher, "Staff room")
    sent = teacher.send(f"/rooms/{room}/messages", text="The globe is found")
    assert sent.status == 303
    await expect(log.locator(".message-text", has_text="The globe is found")).to_be_visible()
    assert teacher.send(f"/rooms/{room}/messages/{sent.location.rpartition('-')[2]}/delete").status == 303
    await expect(log.locator(".message-text", has_text="The globe is found")).to_have_count(0)
    assert await page.locator("iframe").count() == 0
    wrong = [line for line in noticed if "favicon" not in line and "404" not in line]
    assert not wrong, wrong
