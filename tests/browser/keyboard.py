"""A person who has no mouse: Tab, Enter, arrows and letters are all they use."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Locator, expect

from tests.browser.visitor import Visitor

MANY = 150
"""More presses of Tab than any page needs."""

HAS_FOCUS = "all => all.includes(document.activeElement)"
SHOWS_FOCUS = """() => {
  const one = document.activeElement;
  const frame = one.closest(".composer-box, .composer-row") ?? one;
  const style = getComputedStyle(one);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || getComputedStyle(frame).boxShadow !== "none";
}"""


class KeyboardVisitor(Visitor):
    async def reach(self, thing: Locator) -> None:
        """Tab until the thing has the focus, which must be seen."""
        await self.page.wait_for_load_state()
        for _ in range(MANY):
            if await thing.evaluate_all(HAS_FOCUS):
                assert await self.page.evaluate(SHOWS_FOCUS), f"focus does not show on {thing}"
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {thing}")

    async def use(self, thing: Locator) -> None:
        await self.reach(thing)
        await self.page.keyboard.press("Enter")

    async def type_into(self, field: Locator, text: str) -> None:
        await self.reach(field)
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.type(text)

    async def go(self, path: str, **more: Any) -> Self:
        """Where one is already, nothing is to be done."""
        if urlsplit(self.page.url).path != path:
            await super().go(path, **more)
        return self

    async def say(self, text: str) -> Self:
        await self.type_into(self.composer, text)
        await self.page.keyboard.press("Enter")
        await expect(self.text(text)).to_be_visible()
        return self

    async def walk_to(self, text: str) -> Locator:
        """Into the messages, and up to the one with this text."""
        message = self.message(text)
        await expect(self.page.locator("#announcer")).to_be_attached()  # keys.js has run
        for _ in range(4):
            if await self.page.locator("#messages").evaluate("log => log.contains(document.activeElement)"):
                break
            await self.page.keyboard.press("F6")
        for _ in range(MANY):
            if await message.evaluate_all(HAS_FOCUS):
                assert await self.page.evaluate(SHOWS_FOCUS)
                return message
            await self.page.keyboard.press("ArrowUp")
        raise AssertionError(f"the arrows never come to {text!r}")

    async def unsay(self, text: str) -> Self:
        message = await self.walk_to(text)
        await self.use(message.get_by_role("button", name=self.called("Delete message")))
        await expect(self.text(text)).to_have_count(0)
        return self
