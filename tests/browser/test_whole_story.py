"""Register, sign in, create, invite, join, talk, delete, leave, sign out: by keyboard alone, in Hindi, on a phone.

Without scripts: `test_no_script`.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import KeyboardVisitor
from tests.browser.visitor import Visitor, somebody

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}

WAYS: dict[str, dict[str, Any]] = {
    "keyboard": {"kind": KeyboardVisitor},
    "hindi": {"speaks": "hi-IN"},
    "phone": PHONE,
    "hindi-phone": {**PHONE, "speaks": "hi-IN"},
}


@pytest.mark.parametrize("way", WAYS)
async def test_the_whole_story(way: str, visit: Visit) -> None:
    asha, ravi = await visit(**WAYS[way]), await visit(**WAYS[way])
    for one, name in ((asha, "asha"), (ravi, "ravi")):
        await one.register(somebody(name))
        await one.sign_in()
        await expect(one.page.locator("html")).to_have_attribute("lang", one.speaks)
    await asha.open_room("Garden")
    link, shown = await asha.invite()
    await ravi.join(link if asha.is_touch else shown.upper())  # a finger takes the link, who types takes the ID
    await expect((await asha.look()).page.locator(".message.system")).to_contain_text(ravi.name)
    await asha.say("namaste")
    await expect((await ravi.look()).text("namaste")).to_be_visible()
    await ravi.say("hello")
    await expect((await asha.look()).text("hello")).to_be_visible()
    await asha.unsay("namaste")
    await expect((await ravi.look()).text("namaste")).to_have_count(0)
    await expect(ravi.text("hello")).to_be_visible()
    await fits(asha)
    await ravi.leave_room()
    await expect((await asha.look()).page.locator(".message.system")).to_have_count(2)
    await asha.delete_room()
    for one in (asha, ravi):
        await fits(one)
        await one.sign_out()


async def fits(visitor: Visitor) -> None:
    """Nothing sticks out at the side."""
    assert await visitor.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
