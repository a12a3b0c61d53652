"""A voice message from a microphone to another person's ears, and the same file from a plain form."""

from __future__ import annotations

import asyncio
import os
import re
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Playwright, Response, expect

from tests.browser.conftest import Visit, launch
from tests.browser.visitor import Visitor, somebody
from tests.browser.voice_desk import FAKE, GRANT
from tests.files.sounds import Part, make, saved
from tests.people import Person
from tests.servers import ServerProcess
from tests.support import multipart

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def microphone(playwright: Playwright, tmp_path: Path) -> AsyncIterator[Browser]:
    """It hears a tone that comes and goes."""
    sound = saved(
        tmp_path, make("wav", [(440.0, 0.3, 0.6), (0.0, 0.4, 0.0), (440.0, 0.2, 0.2), (0.0, 0.3, 0.0)]), "heard.wav"
    )
    browser = await launch(playwright, FAKE, GRANT, f"--use-file-for-fake-audio-capture={sound}")
    yield browser
    await browser.close()


BARS = 64
SOUND = """async (audio) => {
  const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(await (await fetch(audio.src)).arrayBuffer());
  const samples = sound.getChannelData(0);
  const loudness = (piece) => Math.sqrt(piece.reduce((sum, one) => sum + one * one, 0) / piece.length);
  const at = (part) => Math.floor(part * samples.length / 64);
  return [sound.duration, Array.from({ length: 64 }, (_, part) => loudness(samples.subarray(at(part), at(part + 1))))];
}"""
"""What the browser hears in a file: its length in seconds, and how loud each of 64 parts of it is."""


async def shape(message: Locator) -> list[float]:
    """The heights of the bars of a voice message."""
    heights = (
        await message.locator(".waveform")
        .first.locator("rect")
        .evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('height')))")
    )
    assert len(heights) == BARS
    return list(heights)


def assert_follows(heights: list[float], loudness: list[float]) -> None:
    """Where the sound is loud the bars are high, where it is soft they are low."""
    in_order = sorted(range(BARS), key=lambda part: loudness[part])
    soft, loud = in_order[: BARS // 4], in_order[-BARS // 8 :]
    assert loudness[loud[0]] > 3 * loudness[soft[-1]], "the sound is the same throughout: it shows nothing"
    assert statistics.mean(heights[part] for part in loud) > 2 * statistics.mean(heights[part] for part in soft)
    # Loudness as people feel it (Stevens): about the square root of the pressure.
    assert statistics.correlation(heights, [part**0.6 for part in loudness]) > 0.8
    assert max(heights) == 40


async def seek_to(visitor: Visitor, message: Locator, share: float) -> None:
    """Press on the waveform: it plays on from there."""
    slider = message.get_by_role("slider")
    box = await slider.bounding_box()
    assert box is not None
    audio = message.locator("audio")
    length = float(await message.locator("voice-note").get_attribute("data-duration") or 0)
    await audio.evaluate("audio => { audio.pause(); audio.currentTime = 0; }")
    await slider.click(position={"x": box["width"] * share, "y": 5})
    place = await audio.evaluate("audio => audio.currentTime")
    assert abs(place - share * length) < 0.05 * length + 0.05
    await message.get_by_role("button", name="Play").click()
    await visitor.page.wait_for_function(
        "([audio, place]) => audio.ended || audio.currentTime > place + 0.2",
        arg=[await audio.element_handle(), place],
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
    heard: list[Response] = []
    ravi.page.on("response", lambda answer: heard.append(answer) if "/files/" in answer.url else None)

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
    decoded, loudness = await audio.evaluate(SOUND)
    assert abs(decoded - length) < 0.1
    assert_follows(await shape(message), loudness)
    parts = [answer for answer in heard if answer.request.resource_type == "media"]
    assert parts
    assert {answer.status for answer in parts} == {206}
    await seek_to(ravi, message, 0.6)

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


async def test_one_jumps_in_a_long_message_without_fetching_all_that_lies_between(
    visit: Visit, server: ServerProcess
) -> None:
    """Every second is louder than the one before, as its bars are; and the bytes come from where one presses."""
    parts: list[Part] = [(440.0, 1.0, 0.02 * second) for second in range(1, 51)]
    body, kind = multipart({"text": "", "key": os.urandom(6).hex()}, [("voice", "long.wav", make("wav", parts))])
    asha = Person.at(server.url).signed_up(somebody("asha"))
    room = asha.open_room("Choir")
    sent = asha.request(
        "POST", f"/rooms/{room}/messages", body, {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    )
    assert sent.status == 303, sent.text
    ravi = await visit()
    await ravi.enter(Person.at(server.url).signed_up(somebody("ravi")).join(room))
    asked: list[Response] = []
    ravi.page.on("response", lambda answer: asked.append(answer) if "long.wav" in answer.url else None)
    await ravi.go(f"/rooms/{room}")
    message = ravi.page.locator('.message[data-kind="voice"]')
    await expect(message).to_be_visible()
    assert asked == []  # not before somebody wants to hear it
    heights = await shape(message)
    assert heights == sorted(heights)
    assert heights[0] < heights[BARS // 2] < heights[-1] == 40
    await message.get_by_role("button", name="Play").click()
    await ravi.page.wait_for_function("() => document.querySelector('.message audio').currentTime > 0.1")
    await seek_to(ravi, message, 0.95)
    assert {answer.status for answer in asked} == {206}
    size = len(make("wav", parts))
    starts = {int(re.findall(r"bytes (\d+)-\d+/(\d+)", answer.headers["content-range"])[0][0]) for answer in asked}
    assert 0 in starts
    assert max(starts) > size / 2, "it fetched all from the beginning"
    audio = message.locator("audio")
    assert abs(await audio.evaluate("audio => audio.duration") - len(parts)) < 0.1
    handed = await ravi.page.request.get(str(await audio.get_attribute("src")), headers={"Range": f"bytes={size - 5}-"})
    assert (handed.status, await handed.body()) == (206, make("wav", parts)[-5:])
