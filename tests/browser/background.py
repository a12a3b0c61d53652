"""Tabs in the background, and what they do to be noticed. A headless browser shows every page, so a page is told that it is hidden."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Frame, Page

_LOOK = """([isHidden, isFocused]) => {
  for (const [name, value] of [["hidden", isHidden], ["visibilityState", isHidden ? "hidden" : "visible"]])
    Object.defineProperty(document, name, { configurable: true, get: () => value });
  const wasFocused = document.hasFocus();
  document.hasFocus = () => isFocused;
  if (wasFocused !== isFocused) dispatchEvent(new Event(isFocused ? "focus" : "blur"));
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""

_BORN_HIDDEN = """
Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
document.hasFocus = () => false;
"""

_SPIES = """
window.heard = []; window.shown = []; window.asked = 0; window.badges = [];
navigator.setAppBadge = async (count) => { badges.push(count ?? "some"); };
navigator.clearAppBadge = async () => { badges.push("none"); };
HTMLMediaElement.prototype.play = function () { heard.push(this.src.replace(/.*\\/|\\..*/g, "")); return Promise.resolve(); };
ServiceWorkerRegistration.prototype.showNotification = async function (title, more) { shown.push({ title, ...more }); };
Notification.requestPermission = async () => { asked += 1; return Notification.permission; };
"""


async def spy(context: BrowserContext) -> None:
    """From now on `heard`, `shown`, `badges` and `asked` of each page say what it played, showed and put on the app's icon, and
    whether it asked."""
    await context.add_init_script(_SPIES)


async def hide(page: Page | Frame) -> None:
    await page.evaluate(_LOOK, [True, False])


async def leave(page: Page) -> None:
    """In view, but another window has the keyboard."""
    await page.evaluate(_LOOK, [False, False])


async def show(page: Page | Frame) -> None:
    await page.evaluate(_LOOK, [False, True])


async def born_hidden(page: Page) -> Page:
    await page.add_init_script(_BORN_HIDDEN)
    return page
