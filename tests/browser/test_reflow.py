"""Small windows, large letters, thick fingers and forced colours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.village import Village, each_page, founded, opened
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def village(server: ServerProcess) -> Village:
    return founded(server.url)


WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  const hidden = ".sr, .skip, svg, .message-author";
  const shown = [...document.querySelectorAll("body *")].filter(one => one.checkVisibility() && !one.closest(hidden));
  const out = shown.filter(one => {
    const { left, right, width, height } = one.getBoundingClientRect();
    if (!width || !height || (right <= innerWidth + 1 && left >= -1)) return false;
    for (let box = one.parentElement; box; box = box.parentElement) if (getComputedStyle(box).overflowX !== "visible") return false;
    return true;
  });
  return [wide > 0 ? `the page is ${wide} px too wide` : "", ...out.slice(0, 3).map(one => one.outerHTML.slice(0, 150))].filter(Boolean);
}"""
"""What sticks out of the window, and is not inside something that cuts it off or scrolls on purpose."""


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize(("width", "height", "letters"), [(320, 640, 100), (640, 400, 100), (1280, 800, 200)])
async def test_nothing_sticks_out(
    width: int, height: int, letters: int, language: str, chromium: Browser, village: Village
) -> None:
    """320 px, half of a small laptop's window, which is what 200 % zoom leaves of it, and letters twice their size."""
    found: list[str] = []
    size = {"width": width, "height": height}
    async for name, page in each_page(village, chromium, language, viewport=size):
        await page.evaluate("size => { document.documentElement.style.fontSize = `${size}%`; }", letters)
        found += [f"{name}: {complaint}" for complaint in await page.evaluate(WIDE)]
    assert not found, "\n".join(found)


SMALL = """most => {
  const found = [];
  const targets = "a, button, summary, select, textarea, input:not([type=hidden]), [role=option], [role=slider]";
  for (const one of document.querySelectorAll(targets)) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: false }) || one.closest(".sr, .skip")) continue;
    const label = one.matches("[type=checkbox], [type=radio]") ? one.closest("label") : null;
    const { width, height } = (label ?? one).getBoundingClientRect();
    // Links inside a sentence, and what the author of a message wrote, are as high as their line (WCAG 2.5.8, inline).
    const isInline = one.matches("a") && getComputedStyle(one).display === "inline" && !one.matches(".message-time");
    const isMain = !isInline && !one.matches(".message-time, .keys-link");
    const least = isInline ? 0 : isMain ? most : 24;
    if (Math.min(width, height) < least - 0.5) found.push(`${Math.round(width)}×${Math.round(height)}: ${one.outerHTML.slice(0, 140)}`);
  }
  return found;
}"""


PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


async def test_targets_are_large_enough_for_a_finger(chromium: Browser, village: Village) -> None:
    found: list[str] = []
    async for name, page in each_page(village, chromium, "en", **PHONE):
        found += [f"{name}: {complaint}" for complaint in await page.evaluate(SMALL, 44)]
    assert not found, "\n".join(sorted(set(found)))


async def menu(page: Page) -> None:
    await page.locator(".room-menu > summary").tap()


async def emoji(page: Page) -> None:
    await expect(page.locator("#emoji-button[data-htmx-powered]")).to_be_visible()
    await page.locator("#emoji-button").tap()
    await expect(page.locator(".emoji-groups button")).to_have_count(9)
    await page.locator(".emoji-tone > summary").tap()


async def invitation(page: Page) -> None:
    await expect(page.locator(".room-menu .copy")).to_have_count(1)  # its scripts have run
    await menu(page)
    await page.locator(".room-menu [href$='/invite']").tap()
    await expect(page.locator("dialog#invite .copies").first).to_be_visible()


@pytest.mark.parametrize("open_", [menu, emoji, invitation])
async def test_what_opens_in_the_room_is_large_enough_and_whole(
    open_: Callable[[Page], Awaitable[None]], chromium: Browser, village: Village
) -> None:
    village.speak("en")
    page = await opened(chromium, village.asha, "en", **PHONE)
    await page.goto(f"/rooms/{village.room}")
    await open_(page)
    assert await page.evaluate(SMALL, 44) == []
    for width in (360, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        assert await page.evaluate(WIDE) == [], width
    await page.context.close()


async def test_with_a_mouse_no_target_is_smaller_than_24_px(chromium: Browser, village: Village) -> None:
    village.speak("en")
    page = await opened(chromium, village.asha, "en")
    await page.set_viewport_size({"width": 1440, "height": 900})
    found: list[str] = []
    for name in ("home", "room", "members", "message", "profile"):
        await page.goto(village.pages[name][1])
        found += [f"{name}: {complaint}" for complaint in await page.evaluate(SMALL, 24)]
    await page.context.close()
    assert not found, "\n".join(sorted(set(found)))


INVISIBLE = """() => {
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    if (!one.checkVisibility()) continue;
    for (const part of ["::before", "::after"]) {
      const style = getComputedStyle(one, part);
      const isIcon = style.maskImage !== "none" && style.maskImage !== "" || style.clipPath.startsWith("polygon");
      if (style.content === "none" || !isIcon || one.matches(".bar, .brand, .foot, .room-start, .empty")) continue;
      let ground = one;
      while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
      const { backgroundColor } = getComputedStyle(ground ?? document.body);
      if (style.backgroundColor === backgroundColor) found.push(`${one.className || one.id}${part}`);
    }
  }
  return [...new Set(found)];
}"""
"""Icons are drawn with a ground through a mask; forced colours take the ground away."""


async def test_forced_colours_show_icons_focus_and_states(chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.asha, "en")
    for scheme in ("light", "dark"):
        await page.emulate_media(forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
        for width in (360, 1440):
            await page.set_viewport_size({"width": width, "height": 800})
            for name in ("home", "room", "profile"):
                await page.goto(village.pages[name][1])
                if name == "room":
                    await expect(page.locator(".voice-play").first).to_be_attached()
                assert await page.evaluate(INVISIBLE) == [], (scheme, width, name)
    # What one's own colours tell elsewhere: mine, the room that is open, the option that Enter takes.
    await page.goto(f"/rooms/{village.room}")
    await expect(page.locator("#announcer")).to_be_attached()
    assert await outlined(page, f'.message[data-author="{village.asha.name}"]:not(.system) .message-text')
    assert not await outlined(page, f'.message[data-author="{village.ravi.name}"]:not(.system) .message-text')
    assert await outlined(page, ".rooms [aria-current]")
    assert not await outlined(page, ".rooms a:not([aria-current])")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    assert await outlined(page, "[role=option][aria-selected=true]")
    assert not await outlined(page, "[role=option][aria-selected=false]")
    await page.context.close()


async def outlined(page: Page, selector: str) -> bool:
    """Whether something stands round it, or beside it."""
    return bool(
        await page.locator(selector).first.evaluate(
            "one => { const s = getComputedStyle(one); return s.outlineStyle !== 'none' || parseFloat(s.borderInlineStartWidth) > 0; }"
        )
    )


MOVING = """() => {
  const times = ({ transitionDuration, animationName, animationDuration }) =>
    [transitionDuration, animationName === "none" ? "0s" : animationDuration].join().split(",");
  const moves = (one, part) => times(getComputedStyle(one, part)).some(time => parseFloat(time) > 0);
  const all = [...document.querySelectorAll("body *")];
  return all.filter(one => [null, "::before", "::after"].some(part => moves(one, part))).map(one => one.outerHTML.slice(0, 120));
}"""


async def test_who_wants_no_motion_gets_none(chromium: Browser, village: Village) -> None:
    page = await opened(chromium, village.asha, "en")
    for name in ("home", "room", "profile"):
        await page.goto(village.pages[name][1])
        assert await page.evaluate(MOVING) == [], name
    await page.keyboard.press("Control+/")
    await expect(page.locator("#shortcuts kbd").first).to_be_visible()
    assert await page.evaluate(MOVING) == []
    await page.emulate_media(reduced_motion="no-preference")
    assert await page.evaluate(MOVING) != [], "the test would not notice"
    await page.context.close()
