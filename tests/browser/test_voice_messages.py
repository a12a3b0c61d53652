"""A voice message from a microphone to another person's ears, and the same file from a plain form."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, expect

from tests.browser.conftest import Visit, launch
from tests.browser.visitor import Visitor
from tests.browser.voice_desk import FAKE, GRANT
from tests.people import Person
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def microphone(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright, FAKE, GRANT)
    yield browser
    await browser.close()


async def shape(visitor: Visitor) -> list[str]:
    """The heights of the bars of the newest voice message."""
    return (
        await visitor.page.locator(".message .waveform")
        .first.locator("rect")
        .evaluate_all("bars => bars.slice(0, 64).map(bar => bar.getAttribute('height'))")
    )


async def test_what_one_records_the_other_hears(
    visit: Visit, microphone: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    asha = await visit(browser=microphone)
    await asha.arrive("asha")
    room = await asha.open_room("Choir")
    ravi = await visit()
    await ravi.arrive("ravi")
    await ravi.join(room)

    await asha.composer.fill("a draft that stays")
    await asha.press("Record voice message")
    await expect(asha.page.get_by_role("timer")).to_be_visible()
    await asyncio.sleep(2)
    await asha.press("Stop recording")
    await expect(asha.page.get_by_role("button", name="Discard")).to_be_visible()
    await asha.press("Send")

    message = ravi.page.locator('.message[data-kind="voice"]')
    await expect(message).to_have_count(1)
    await expect(asha.page.locator('.message[data-kind="voice"]')).to_have_count(1)
    await expect(asha.composer).to_have_value("a draft that stays")
    length = float(await message.locator("voice-note").get_attribute("data-duration") or 0)
    assert 1.5 < length < 4

    await message.get_by_role("button", name="Play").click()
    audio = message.locator("audio")
    await ravi.page.wait_for_function("audio => audio.currentTime > 0.3", arg=await audio.element_handle())
    decoded = await audio.evaluate(
        "async audio => (await new OfflineAudioContext(1, 48000, 48000)"
        ".decodeAudioData(await (await fetch(audio.src)).arrayBuffer())).duration"
    )
    assert abs(decoded - length) < 0.1

    # The same file from a plain form looks the same.
    sound = await (await ravi.page.request.get(str(await audio.get_attribute("src")))).body()
    plain = await visit(scripts=False)
    zoya = Person.at(server.url).signed_up("zoya-of-the-choir")
    await plain.enter(zoya)
    await plain.join_framed(room)
    await plain.go(f"/rooms/{await plain.room()}?plain=1")
    (tmp_path / "voice.webm").write_bytes(sound)
    await plain.page.locator('input[name="voice"]').set_input_files(tmp_path / "voice.webm")
    await plain.press("Send")
    await expect(plain.page.locator('.message[data-kind="voice"]')).to_have_count(2)
    shapes = await plain.page.locator('.message[data-kind="voice"] .waveform').evaluate_all(
        "all => all.map(one => one.outerHTML)"
    )
    assert shapes[0] == shapes[1]
    lengths = re.findall(r'data-duration="([^"]+)"', await plain.page.content())
    assert len(lengths) == 2
    assert lengths[0] == lengths[1]
