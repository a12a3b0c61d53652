"""What plays in the page, and what shows its first lines there."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pytest
from playwright.async_api import Response, expect

from tests.browser.conftest import Visit
from tests.files.documents import pdf
from tests.files.pictures import scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS = 20


def film(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libvpx", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt, pictures.bit_rate = 640, 480, "yuv420p", 4_000_000
        for _ in range(SECONDS * 10):
            container.mux(pictures.encode(av.VideoFrame.from_image(scene(640, 480))))
        container.mux(pictures.encode())
    return path


async def test_a_film_is_fetched_when_it_is_played_and_from_where_one_jumps_to(visit: Visit, tmp_path: Path) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    fetched: list[Response] = []
    asha.page.on("response", lambda answer: fetched.append(answer) if "film.webm" in answer.url else None)
    await asha.page.locator("#files").set_input_files(film(tmp_path / "film.webm"))
    await asha.press("Send")
    video = asha.page.locator("#messages video")
    await expect(video).to_be_visible()
    await expect(video).to_have_attribute("preload", "none")
    await expect(video).to_have_attribute("poster", re.compile(r"^/files/.*size=poster$"))
    assert [answer for answer in fetched if "size=poster" not in answer.url] == []
    await video.evaluate("film => { film.muted = true; return film.play(); }")
    await asha.page.wait_for_function("() => document.querySelector('#messages video').currentTime > 0.2")
    assert abs(await video.evaluate("film => film.duration") - SECONDS) < 0.5
    await video.evaluate(f"film => {{ film.currentTime = {SECONDS - 3}; }}")
    await asha.page.wait_for_function(f"() => document.querySelector('#messages video').currentTime > {SECONDS - 2.9}")
    parts = [answer for answer in fetched if "size=poster" not in answer.url]
    assert parts
    assert {answer.status for answer in parts} == {206}
    assert {answer.headers["accept-ranges"] for answer in parts} == {"bytes"}


async def test_a_pdf_shows_its_first_lines_and_is_only_saved(visit: Visit, tmp_path: Path) -> None:
    asha = await visit()
    await asha.arrive("asha")
    await asha.open_room("Garden")
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(pdf("Minutes of the meeting\nPresent: eleven", "Second page"))
    await asha.page.locator("#files").set_input_files(minutes)
    await asha.press("Send")
    card = asha.page.locator("#messages .file-card")
    await expect(card).to_contain_text("Minutes of the meeting")
    await expect(card).to_contain_text("Present: eleven")
    await expect(card).to_contain_text("2 pages")
    async with asha.page.expect_download() as saved:
        await card.get_by_role("link", name="minutes.pdf").click()
    assert (await (await saved.value).path()).read_bytes() == minutes.read_bytes()
