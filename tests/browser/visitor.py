"""A person with a web browser, who finds things by what they are called, and notices whatever goes wrong in it."""

from __future__ import annotations

import itertools
import re
from typing import Any, Self

from playwright.async_api import ConsoleMessage, FrameLocator, Locator, Page, Request, expect

from sampark.text import language
from tests.people import PASSWORD, Person

_numbers = itertools.count(1)


def somebody(name: str) -> str:
    """A username that nobody has yet."""
    return f"{name}{next(_numbers)}"


class Visitor:
    def __init__(self, page: Page, base: str, speaks: str = "en", is_touch: bool = False) -> None:
        self.page = page
        self.base = base
        self.speaks = speaks
        self.is_touch = is_touch
        self.name = ""
        self.expected: list[str] = []
        """Patterns of console lines that the test brings about on purpose."""
        self._noticed: list[str] = []
        self.listen(page)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._noticed.append(f"script failed: {error}"))
        page.on("request", self._request)
        page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._noticed.append(f"{message.type} on the console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self._noticed.append(f"asked another host: {request.url}")

    async def _dialog(self, dialog: Any) -> None:
        self._noticed.append(f"a dialog said: {dialog.message}")
        await dialog.dismiss()

    def assert_undisturbed(self) -> None:
        wrong = [line for line in self._noticed if not any(re.search(pattern, line) for pattern in self.expected)]
        assert not wrong, wrong

    def called(self, name: str) -> str:
        """What the page calls it, in the visitor's language."""
        return str(language.sentences(self.speaks).gettext(name))

    # What people do.

    async def use(self, thing: Locator) -> None:
        await (thing.tap() if self.is_touch else thing.click())

    async def type_into(self, field: Locator, text: str) -> None:
        await field.fill(text)

    async def go(self, path: str, **more: Any) -> Self:
        await self.page.goto(path, **more)
        return self

    async def fill(self, **fields: str) -> Self:
        for label, value in fields.items():
            await self.type_into(self.page.get_by_label(self.called(label.replace("_", " ")), exact=True), value)
        return self

    async def press(self, button: str) -> Self:
        await self.use(self.page.get_by_role("button", name=self.called(button), exact=True))
        return self

    async def register(self, name: str) -> Self:
        await self.go("/register")
        await self.fill(Username=name, Email=f"{name}@example.org", Password=PASSWORD)
        await self.press("Create account")
        await expect(self.page).to_have_url(f"{self.base}/login")
        self.name = name
        return self

    async def sign_in(self, name: str = "") -> Self:
        self.name = name or self.name
        if not self.page.url.startswith(f"{self.base}/login"):
            await self.go("/login")
        await self.fill(Username_or_email=self.name, Password=PASSWORD)
        await self.press("Sign in")
        await expect(self.page.get_by_role("button", name=self.called("Sign out"))).to_be_visible()
        return self

    async def arrive(self, name: str) -> Self:
        """Stand before one's rooms, with a new account; how to get there with the forms is another test."""
        await self.enter(Person.at(self.base).signed_up(somebody(name)))
        return await self.go("/")

    async def enter(self, person: Person) -> Self:
        """Be somebody who signed in elsewhere: with the same cookies."""
        cookies = [{"name": key, "value": value, "url": self.base} for key, value in person.cookies.items()]
        await self.page.context.add_cookies(cookies)  # type: ignore[arg-type]
        self.name = person.name
        return self

    async def open_room(self, name: str) -> str:
        """The ID as the page shows it."""
        await self.go("/")
        await self.fill(Room_name=name, Description="")
        await self.press("Create room")
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()
        return (await self.page.locator(".room-id").first.text_content() or "").strip()

    async def invite(self, *, has_sheet: bool = True) -> tuple[str, str]:
        """From the room's menu; the link and the ID that stand in the sheet over the room, or without a script on its page."""
        page = self.page
        if has_sheet:
            await expect(page.locator(".room-menu .copy")).to_have_count(
                1
            )  # its scripts have run: the button is theirs
        await self.open_menu()
        await self.use(page.locator(".room-menu").get_by_role("link", name=self.called("Invite people")))
        sheet = page.get_by_role("dialog", name=self.called("Invite people")) if has_sheet else page.locator("main")
        await expect(sheet.locator("#invite-link")).to_be_visible()
        link = await sheet.locator("#invite-link").get_attribute("href")
        shown = await sheet.locator("#invite-id").text_content()
        assert link
        assert shown
        way_back = "Close" if has_sheet else "Back to the room"
        role: Any = "button" if has_sheet else "link"
        await self.use(sheet.get_by_role(role, name=self.called(way_back), exact=True))
        await expect(page.locator("#invite-link")).to_have_count(0)
        return link, shown

    async def join(self, typed: str) -> Self:
        await self.go("/")
        await self.fill(Room_ID=typed)
        await self.press("Join room")
        await expect(self.page.locator("#messages")).to_be_visible()
        return self

    async def join_framed(self, typed: str) -> Self:
        """As `join`, without JavaScript: the room is two frames."""
        await self.go("/")
        await self.fill(Room_ID=typed)
        await self.press("Join room")
        await expect(self.read.locator("#messages")).to_be_visible()
        return self

    async def say(self, text: str) -> Self:
        await self.fill(Message=text)
        await self.press("Send")
        await expect(self.text(text)).to_be_visible()
        return self

    async def open_menu(self) -> Self:
        await self.use(self.page.locator(".room-menu > summary"))
        return self

    async def look(self) -> Self:
        """See what is new: without JavaScript there is a link for it."""
        link = self.page.get_by_role("link", name=self.called("Look for new messages"))
        if await link.is_visible():
            await self.use(link)
        return self

    async def unsay(self, text: str) -> Self:
        await self.use(self.message(text).get_by_role("button", name=self.called("Delete message")))
        await expect(self.text(text)).to_have_count(0)
        return self

    async def leave_room(self) -> Self:
        await self.open_menu()
        await self.press("Leave room")
        await expect(self.page).to_have_url(f"{self.base}/")
        return self

    async def delete_room(self) -> Self:
        await self.open_menu()
        await self.use(self.page.locator(".danger > summary"))
        await self.press("Delete room")
        await expect(self.page).to_have_url(f"{self.base}/")
        return self

    async def sign_out(self) -> Self:
        await self.press("Sign out")
        await expect(self.page).to_have_url(f"{self.base}/login")
        return self

    # What people see.

    def text(self, text: str) -> Locator:
        return self.page.locator(".message-text", has_text=re.compile(f"^\\s*{re.escape(text)}\\s*$"))

    def message(self, text: str) -> Locator:
        return self.page.locator(".message", has=self.page.locator(".message-text", has_text=text))

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.called("Message"), exact=True)

    def member(self, name: str) -> Locator:
        return self.page.locator(f'#members [data-username="{name}"]')

    @property
    def read(self) -> FrameLocator:
        """Without JavaScript: where messages come."""
        return self.page.frame_locator(".live-frame")

    @property
    def write(self) -> FrameLocator:
        """Without JavaScript: where they are written."""
        return self.page.frame_locator(".compose-frame")

    def alert(self) -> Locator:
        return self.page.get_by_role("alert")

    async def seqs(self) -> list[int]:
        return await self.page.locator("#messages > .message").evaluate_all(
            "all => all.map(one => Number(one.dataset.seq))"
        )

    async def room(self) -> str:
        found = re.search(r"/rooms/([a-z0-9]{12})", self.page.url)
        assert found, self.page.url
        return found[1]

    async def mark(self) -> None:
        """Leave a sign in this document, so that a reload would show."""
        await self.page.evaluate("window.sameDocument = true")

    async def assert_not_reloaded(self) -> None:
        assert await self.page.evaluate("window.sameDocument") is True
