"""The player of voice messages, in Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, expect

from tests.browser.conftest import launch
from tests.browser.voice_desk import NOTE, Desk, open_desk, quiet_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def speaker(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright, "--autoplay-policy=no-user-gesture-required")
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(speaker: Browser) -> AsyncIterator[Page]:
    async with quiet_page(speaker) as page:
        yield page


def notes(count: int = 2, author: str = "other") -> str:
    return "".join(NOTE.format(n=n, author=author, duration=20) for n in range(1, count + 1))


async def playing(page: Page, number: int) -> None:
    await page.wait_for_function(
        "(id) => { const sound = document.querySelector(id + ' audio'); return !sound.paused && sound.currentTime > 0; }",
        arg=f"#message-{number}",
    )


async def paused(page: Page, number: int) -> bool:
    return bool(await page.evaluate("(id) => document.querySelector(id + ' audio').paused", f"#message-{number}"))


async def silent(page: Page, number: int) -> None:
    await page.wait_for_function("(id) => document.querySelector(id + ' audio').paused", arg=f"#message-{number}")


async def at(page: Page, number: int) -> float:
    return float(await page.evaluate("(id) => document.querySelector(id + ' audio').currentTime", f"#message-{number}"))


async def test_only_one_plays_and_each_remembers_its_place(page: Page, desk: Desk) -> None:
    desk.messages = notes()
    await page.goto(desk.url)
    first, second = page.locator("#message-1"), page.locator("#message-2")
    await first.get_by_role("button", name="Play").click()
    await playing(page, 1)
    await expect(first.get_by_role("button", name="Pause")).to_be_visible()
    await second.get_by_role("button", name="Play").click()
    await playing(page, 2)
    await silent(page, 1)
    place = await at(page, 1)
    assert place > 0
    await first.get_by_role("button", name="Play").click()
    await playing(page, 1)
    await silent(page, 2)
    assert await at(page, 1) >= place


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_keys_and_clicks_seek(number: int, page: Page, desk: Desk) -> None:
    desk.messages = NOTE.format(n=number, author="other", duration=20)
    await page.goto(desk.url)
    slider = page.get_by_role("slider", name="Position")
    await expect(slider).to_have_attribute("aria-valuetext", "0:00 of 0:20")
    await slider.focus()
    for key, value in [
        ("ArrowRight", 1),
        ("ArrowUp", 2),
        ("PageUp", 4),
        ("ArrowLeft", 3),
        ("ArrowDown", 2),
        ("Home", 0),
    ]:
        await page.keyboard.press(key)
        await expect(slider).to_have_attribute("aria-valuenow", str(value))
    box = await slider.bounding_box()
    assert box is not None
    await slider.click(position={"x": box["width"] / 2, "y": 5})
    await expect(slider).to_have_attribute("aria-valuetext", "0:10 of 0:20")
    assert await page.locator("voice-note").evaluate("(note) => note.style.getPropertyValue('--played')") == "50.00%"
    await page.keyboard.press("Space")
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 10.2")
    await page.keyboard.press("Space")
    assert await paused(page, number)
    assert 10 < await at(page, number) < 20


async def test_it_ends_and_begins_again(page: Page, desk: Desk) -> None:
    desk.messages = notes(1)
    await page.goto(desk.url)
    await page.get_by_role("slider").focus()
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    await expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", "0")


async def test_the_speed_is_for_all_and_remembered(page: Page, desk: Desk) -> None:
    desk.messages = notes()
    await page.goto(desk.url)
    speed = page.locator("#message-1").get_by_role("button", name="Speed")
    for shown in ("1.5×", "2×", "1×", "1.5×"):
        await speed.click()
        await expect(speed).to_have_text(shown)
        await expect(page.locator("#message-2 .voice-rate")).to_have_text(shown)
    await page.reload()
    await page.locator("#message-2").get_by_role("button", name="Play").click()
    await playing(page, 2)
    assert await page.evaluate("document.querySelector('#message-2 audio').playbackRate") == 1.5


async def test_the_dot_goes_when_it_was_heard_and_stays_away(page: Page, desk: Desk) -> None:
    desk.messages = notes()
    await page.goto(desk.url)
    dots = page.get_by_role("img", name="Not heard yet")
    await expect(dots).to_have_count(2)
    await page.locator("#message-1").get_by_role("button", name="Play").click()
    await expect(dots).to_have_count(1)
    await page.reload()
    await expect(dots).to_have_count(1)
    await page.locator("#message-2").get_by_role("button", name="Play").click()
    await expect(dots).to_have_count(0)


async def test_ones_own_message_has_no_dot(page: Page, desk: Desk) -> None:
    desk.messages = notes(1, author="me")
    await page.goto(desk.url)
    await expect(page.get_by_role("slider")).to_be_visible()
    await expect(page.get_by_role("img", name="Not heard yet")).to_have_count(0)


UPSERT = """(later) => {
  const next = document.createElement("template");
  next.innerHTML = sessionStorage.note;
  const old = document.querySelector("#message-1");
  if (!later) return old.replaceWith(next.content);
  const after = old.nextSibling;
  old.remove();
  return new Promise((done) => setTimeout(() => { after.before(next.content); done(); }, 50));
}"""


@pytest.mark.parametrize("later", [False, True])
async def test_a_message_replaced_while_it_sounds_goes_on(later: bool, page: Page, desk: Desk) -> None:
    desk.messages = notes()
    await page.goto(desk.url)
    await page.evaluate("(note) => { sessionStorage.note = note; }", notes(1))
    await page.locator("#message-1").get_by_role("button", name="Play").click()
    await playing(page, 1)
    place = await at(page, 1)
    await page.evaluate(UPSERT, later)
    await playing(page, 1)
    assert await at(page, 1) >= place
    await expect(page.locator("#message-1").get_by_role("button", name="Pause")).to_be_visible()
    await expect(page.locator("#message-1 audio")).to_have_count(1)
    await page.locator("#message-1").get_by_role("button", name="Pause").click()
    assert await paused(page, 1)
    place = await at(page, 1)
    await page.evaluate(UPSERT, later)
    await expect(page.locator("#message-1").get_by_role("button", name="Play")).to_be_visible()
    assert await at(page, 1) == pytest.approx(place)


async def test_a_deleted_message_falls_silent(page: Page, desk: Desk) -> None:
    desk.messages = notes()
    await page.goto(desk.url)
    await page.locator("#message-1").get_by_role("button", name="Play").click()
    await playing(page, 1)
    sound = await page.query_selector("#message-1 audio")
    await page.evaluate("document.querySelector('#message-1').remove()")
    await page.wait_for_function("(sound) => sound.paused", arg=sound)


async def test_one_that_arrives_later_is_a_player_too(page: Page, desk: Desk) -> None:
    await page.goto(desk.url)
    await page.evaluate("(note) => document.querySelector('#messages').insertAdjacentHTML('beforeend', note)", notes(1))
    await page.get_by_role("button", name="Play").click()
    await playing(page, 1)


async def test_what_cannot_be_played_says_so(page: Page, desk: Desk) -> None:
    desk.messages = NOTE.format(n=4, author="other", duration=2)
    await page.goto(desk.url)
    await page.get_by_role("button", name="Play").click()
    await expect(page.get_by_role("alert")).to_have_text("It cannot be played.")
    await expect(page.locator("audio")).to_be_visible()


async def test_without_scripts_it_is_an_audio_player(speaker: Browser, desk: Desk) -> None:
    desk.messages = notes(1)
    context = await speaker.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(desk.url)
    await expect(page.locator("audio[controls]")).to_be_visible()
    await expect(page.locator("svg.waveform")).to_be_visible()
    await expect(page.get_by_label("Voice message", exact=True)).to_be_visible()
    await context.close()
