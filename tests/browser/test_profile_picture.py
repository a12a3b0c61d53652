"""A profile picture: cut by dragging and zooming, and at once beside all that its owner has written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.files.pictures import is_near, scene, written

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_picture_is_dragged_zoomed_and_seen_by_others_at_once(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(written(scene(900, 600), "PNG"))
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    room = await asha.open_room("Garden")
    await asha.say("hello")
    await ravi.arrive("ravi")
    await ravi.join(room)
    await ravi.mark()

    await asha.go("/profile")
    await asha.page.get_by_label("Profile picture").set_input_files(tmp_path / "me.png")
    canvas = asha.page.locator(".crop canvas")
    await expect(canvas).to_be_visible()
    await asha.page.get_by_label("Size", exact=True).fill("2")
    box = await canvas.bounding_box()
    assert box
    # Far to the left and up: the upper right corner, which is green, comes into the square.
    await asha.page.mouse.move(box["x"] + 150, box["y"] + 100)
    await asha.page.mouse.down()
    for step in range(1, 11):
        await asha.page.mouse.move(box["x"] + 150 - 60 * step, box["y"] + 100 + 60 * step)
    await asha.page.mouse.up()
    await asha.page.get_by_role("button", name="Save", exact=True).click()
    await expect(asha.page.get_by_text("Your profile is saved.")).to_be_visible()

    face = ravi.message("hello").locator(".avatar img")
    await expect(face).to_have_count(1)
    await ravi.assert_not_reloaded()
    body = await (await ravi.page.request.get(str(await face.get_attribute("src")))).body()
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    assert is_near(picture.getpixel((20, 20)), (30, 200, 40))
    assert is_near(picture.getpixel((80, 20)), (30, 200, 40))

    await asha.page.get_by_label("Remove the picture").check()
    await asha.page.get_by_role("button", name="Save", exact=True).click()
    await expect(face).to_have_count(0)
    await ravi.assert_not_reloaded()


async def test_without_scripts_it_is_cut_from_the_middle(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(written(scene(900, 600), "PNG"))
    asha = await visit(scripts=False)
    await asha.arrive("asha")
    await asha.go("/profile")
    await asha.page.get_by_label("Profile picture").set_input_files(tmp_path / "me.png")
    await asha.page.get_by_role("button", name="Save", exact=True).click()
    await expect(asha.page.locator(".own-picture .avatar img")).to_have_count(1)
