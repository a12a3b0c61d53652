"""Chromium and one server for all tests of this folder. Everything asynchronous here lives in one event loop, the session's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from tests.browser.visitor import Visitor
from tests.machine import chromium_path
from tests.servers import ServerProcess

Visit = Callable[..., Awaitable[Visitor]]

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
)

SHORT_GRACE = "import sampark.live.presence as presence\npresence.Presence.__init__.__defaults__ = (1.0,)\n"
"""Who closed their page is offline after a second, not after ten."""

WENT_WRONG = """
from sampark.web import errors, health, people
@health.blueprint.get("/went-wrong/<int:status>")
@people.public
async def went_wrong(status):
    return await errors.answer(status)
"""
"""The pages of errors that no address brings about: they are the same, whatever brings them about."""
EVERY_PAGE = SHORT_GRACE + WENT_WRONG

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess(folder, prelude=EVERY_PAGE, SAMPARK_DEBUG="on") as process:
        yield process
        assert "Traceback" not in process.errors, process.errors


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Fresh, and the test's to stop."""
    with ServerProcess(tmp_path_factory.mktemp("own-server"), prelude=SHORT_GRACE) as process:
        yield process


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


async def launch(playwright: Playwright, *flags: str) -> Browser:
    return await playwright.chromium.launch(executable_path=chromium_path(), args=[*QUIET, *flags])


THIRD_PARTY_COOKIES_BLOCKED = "--test-third-party-cookie-phaseout"


@pytest_asyncio.fixture(loop_scope="session")
async def abroad(playwright: Playwright) -> AsyncIterator[Page]:
    """A page for other people's sites, in a browser of its own that blocks third-party cookies."""
    browser = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED)
    context = await browser.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    yield await context.new_page()
    await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def unpatching(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser that does not know `<template for>`, as Firefox and Safari do not yet."""
    browser = await launch(playwright, "--disable-blink-features=DocumentPatching")
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium: Browser, server: ServerProcess) -> AsyncIterator[Visit]:
    """`await visit()`: somebody new, in a browser profile of their own. At the end each of them must have seen no error."""
    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:

        async def make(
            *,
            scripts: bool = True,
            frames: bool = True,
            at: ServerProcess = server,
            browser: Browser = chromium,
            speaks: str = "en-GB",
            kind: type[Visitor] = Visitor,
            **more: Any,
        ) -> Visitor:
            context = await browser.new_context(java_script_enabled=scripts, base_url=at.url, locale=speaks, **more)
            stack.push_async_callback(context.close)
            context.set_default_timeout(20_000)
            if not scripts and frames:
                await context.add_cookies([{"name": "frames", "value": "on", "url": at.url}])
            is_touch = bool(more.get("has_touch"))
            visitor = kind(await context.new_page(), at.url, speaks.partition("-")[0], is_touch)
            visitors.append(visitor)
            return visitor

        yield make
        for visitor in visitors:
            visitor.assert_undisturbed()
