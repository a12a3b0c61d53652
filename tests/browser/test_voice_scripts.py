"""The recorder of voice messages, in Chromium with a microphone that beeps."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, expect

from sampark.files import audio, media
from tests.browser.conftest import launch
from tests.browser.voice_desk import FAKE, GRANT, HTMX, STATIC, Desk, button, open_desk, quiet_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def microphone(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright, FAKE, GRANT)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(microphone: Browser) -> AsyncIterator[Page]:
    async with quiet_page(microphone) as page:
        yield page


async def record(page: Page, seconds: float = 1.2) -> None:
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("timer")).to_be_visible()
    await asyncio.sleep(seconds)
    await button(page, "Stop recording").click()
    await expect(button(page, "Discard")).to_be_visible()
    await expect(page.locator("voice-note")).to_be_visible()


async def live(page: Page) -> int:
    return int(await page.evaluate("tracks.filter((track) => track.readyState === 'live').length"))


@pytest.mark.parametrize(("name", "most"), [("voice.js", 4096), ("player.js", 3072)])
async def test_the_scripts_are_small(name: str, most: int) -> None:
    assert len(gzip.compress((STATIC / "js" / name).read_bytes(), 9)) <= most


async def test_record_listen_discard(page: Page, desk: Desk) -> None:
    await page.goto(desk.url)
    await expect(page.get_by_label("Voice message", exact=True)).to_be_hidden()
    assert await page.evaluate("tracks.length") == 0  # the microphone is asked for on the first press, not before
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("status")).to_have_text("Recording")
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await expect(page.get_by_label("Message", exact=True)).to_be_hidden()
    await page.wait_for_function(
        "() => Number(document.querySelector('.voice-level').style.getPropertyValue('--level')) > 0"
    )
    await expect(button(page, "Stop recording")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("status")).to_have_text("Recorded: 0:01")
    await expect(button(page, "Send")).to_be_focused()
    assert await live(page) == 0
    await button(page, "Play").click()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.3")
    await expect(page.locator("voice-note rect")).to_have_count(128)
    await button(page, "Discard").click()
    await expect(button(page, "Record voice message")).to_be_focused()
    await expect(page.get_by_role("status")).to_have_text("Thrown away")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("a draft")
    await expect(page.get_by_label("Message", exact=True)).to_be_enabled()
    assert desk.posts == []


async def test_record_and_send_by_the_plain_form(page: Page, desk: Desk, tmp_path: Path) -> None:
    await page.goto(desk.url)
    await record(page, 2.0)
    shown = float(await page.locator("voice-note").get_attribute("data-duration") or 0)
    await button(page, "Send").click()
    await expect(button(page, "Record voice message")).to_be_visible()
    assert len(desk.posts) == 1
    assert "text" not in desk.posts[0]  # the draft stays a draft
    assert desk.posts[0]["voice"].get_content_type() == "audio/webm"
    assert desk.posts[0]["voice"].get_filename() == "voice.webm"
    voice = desk.content("voice")
    found = media.read(io.BytesIO(voice))
    assert (found.container, [track.codec for track in found.tracks]) == ("webm", ["opus"])
    assert found.duration == pytest.approx(shown, abs=0.5)
    path = tmp_path / "voice"
    path.write_bytes(voice)
    facts, _ = audio.render(str(path))
    # A busy machine leaves gaps in a recording: the times in the file count them, the samples do not.
    assert facts["duration"] == pytest.approx(found.duration, abs=0.5)
    assert max(facts["waveform"]) == 255
    assert len(voice) < 32_000 / 8 * shown * 1.5


async def test_record_and_send_by_htmx(page: Page, desk: Desk) -> None:
    desk.composer["htmx"] = HTMX
    await page.goto(desk.url)
    await record(page)
    await button(page, "Send").click()
    await expect(page.locator("#messages")).to_have_text("posted")
    await expect(page.get_by_role("status")).to_have_text("Sent")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("a draft")
    assert media.read(io.BytesIO(desk.content("voice"))).is_audio_only
    await button(page, "Send").click()
    await expect(page.locator("#messages p")).to_have_count(2)
    assert desk.content("text", 1) == b"a draft"
    assert "voice" not in desk.posts[1] or not desk.content("voice", 1)


@pytest.mark.parametrize("status", [422, 503])
async def test_a_refused_recording_is_not_lost(status: int, page: Page, desk: Desk) -> None:
    desk.composer["htmx"] = HTMX
    desk.answer = status
    await page.goto(desk.url)
    if status == 503:
        await page.evaluate("htmx.config.noSwap = [204, 304, '5xx']")
    await record(page)
    await button(page, "Send").click()
    if status == 422:
        await expect(page.get_by_role("alert")).to_have_text("The server refused it.")
    await expect(button(page, "Send")).to_be_enabled()
    desk.answer = 201
    await button(page, "Send").click()
    await expect(page.locator("#messages")).to_have_text("posted")
    assert desk.content("voice", 0) == desk.content("voice", 1)


async def test_escape_throws_a_recording_away(page: Page, desk: Desk) -> None:
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("timer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(button(page, "Record voice message")).to_be_visible()
    assert await live(page) == 0


async def test_who_asked_for_less_motion_sees_no_level_dance(page: Page, desk: Desk) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    assert await page.locator(".voice-level").get_attribute("style") is None
    await page.keyboard.press("Escape")


async def test_the_limit_stops_it_and_says_so(page: Page, desk: Desk) -> None:
    desk.composer["seconds"] = "1"
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("alert")).to_have_text("That is all that fits.")
    await expect(button(page, "Send")).to_be_enabled()
    assert await live(page) == 0


async def test_what_is_too_large_cannot_be_sent(page: Page, desk: Desk) -> None:
    desk.composer["bytes"] = "100"
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("alert")).to_have_text("Too large.")
    await expect(button(page, "Send")).to_be_disabled()
    await button(page, "Discard").click()
    await expect(button(page, "Record voice message")).to_be_visible()


async def test_a_form_replaced_while_recording_lets_the_microphone_go_and_keeps_what_was_said(
    page: Page, desk: Desk
) -> None:
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await page.evaluate(
        "async () => { const text = await (await fetch('/')).text(); const next = new DOMParser().parseFromString(text, 'text/html');"
        " document.querySelector('form').replaceWith(document.adoptNode(next.querySelector('form'))); }"
    )
    await expect(button(page, "Send")).to_be_visible()
    assert await live(page) == 0


async def test_leaving_the_page_lets_the_microphone_go(page: Page, desk: Desk) -> None:
    await page.goto(desk.url)
    await button(page, "Record voice message").click()
    await expect(page.get_by_role("timer")).to_be_visible()
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert await live(page) == 0


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [((FAKE, "--deny-permission-prompts"), "The microphone is blocked."), ((GRANT,), "There is no microphone.")],
)
async def test_without_a_microphone_it_says_why_and_offers_the_file(
    flags: tuple[str, ...], sentence: str, playwright: Playwright, desk: Desk
) -> None:
    browser = await launch(playwright, *flags)
    async with quiet_page(browser) as page:
        await page.goto(desk.url)
        await button(page, "Record voice message").click()
        await expect(page.get_by_role("alert")).to_have_text(sentence)
        await expect(page.get_by_label("Voice message", exact=True)).to_be_visible()
        await expect(button(page, "Record voice message")).to_be_visible()
    await browser.close()


async def test_where_nothing_can_be_recorded_the_file_field_stays(page: Page, desk: Desk) -> None:
    await page.add_init_script("delete window.MediaRecorder")
    await page.goto(desk.url)
    await expect(page.get_by_label("Voice message", exact=True)).to_be_visible()
    await expect(button(page, "Record voice message")).to_have_count(0)
