"""The README's pictures, made from the demonstration: `make screenshots` writes docs/images.

A server of its own on a free port, data in a temporary folder, the demonstration as if it were a certain Friday, and room IDs
that stay: a picture changes when what it shows has changed, and for no other reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import io
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, async_playwright

from tests.machine import chromium_path
from tests.text_browsers.browsers import Lynx
from tools.uv import say

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NOW = "2026-11-20T12:04"
"""UTC, a Friday's afternoon in India."""
PUBLIC = "https://chat.school.example"
CODES = ("evry2ne7here", "k3f9x2mq7hpt", "w8t4dncb5ysz", "sp6rtsdayq2m", "rash4h5nkqz7", "ch3rvwz8k2pd", "c6mpq7tr9xyf")


@dataclass
class Stage:
    url: str
    password: str
    rooms: dict[str, str]
    """By the first word of their names."""


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """The demonstration, served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "SAMPARK_DATA_DIR": str(folder), "SAMPARK_SECRET_KEY": "for pictures only, of people who are none",
        "SAMPARK_BCRYPT_COST": "4", "SAMPARK_RATE_SCALE": "0", "SAMPARK_PUBLIC_URL": PUBLIC, "PORT": str(port),
        "DATABASE_URL": "", "REDIS_URL": "",
    }  # fmt: skip
    environ = {**os.environ, **settings}
    sampark = [sys.executable, "-m", "sampark"]
    seeded = subprocess.run(
        [*sampark, "seed-demo", "--at", NOW], env=environ, capture_output=True, text=True, check=True
    )
    [password] = re.findall(r": (\w+-\w+-\w+-\w+-\d{4})$", seeded.stdout, re.MULTILINE)
    rooms = {}
    with contextlib.closing(sqlite3.connect(folder / "sampark.db")) as database, database:
        for code, (room_id, name) in zip(
            CODES, database.execute("SELECT id, name FROM rooms ORDER BY id").fetchall(), strict=True
        ):
            database.execute("UPDATE rooms SET code = ? WHERE id = ?", (code, room_id))
            rooms[name.split()[0]] = code
    with subprocess.Popen(
        [*sampark, "serve"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            if server.stdout is None or "ready" not in server.stdout.readline():
                raise RuntimeError("the server did not start")
            yield Stage(f"http://127.0.0.1:{port}", password, rooms)
        finally:
            server.terminate()


@dataclass
class Studio:
    browser: Browser
    stage: Stage

    @contextlib.asynccontextmanager
    async def visit(self, who: str, width: int, height: int, **more: Any) -> AsyncIterator[Page]:
        """Somebody signed in, for whom it is that Friday."""
        context = await self.browser.new_context(
            base_url=self.stage.url, viewport={"width": width, "height": height}, timezone_id="Asia/Kolkata",
            reduced_motion="reduce", **{"locale": "en-IN", "device_scale_factor": 2, **more},
        )  # fmt: skip
        await context.clock.set_fixed_time(f"{NOW}:30Z")
        page = await context.new_page()
        await page.goto("/login")
        await page.locator("#username").fill(who)
        await page.locator("#password").fill(self.stage.password)
        await page.locator("main .primary").click()
        await page.locator("[data-room]").first.wait_for()
        for place in ("home", "room"):
            await page.request.post("/hints/seen", form={"place": place}, headers={"Sec-Fetch-Site": "same-origin"})
        yield page
        await context.close()

    async def room(self, page: Page, name: str, last: str = "") -> None:
        """Open a room, and wait until all in it is drawn; `last` is some of the words of the message at the lower edge."""
        await page.goto(f"/rooms/{self.stage.rooms[name]}")
        if last:
            await page.locator(".message", has_text=last).last.evaluate(
                "message => message.scrollIntoView({block: 'end'})"
            )
        await page.evaluate("document.activeElement.blur()")
        await self.settled(page)

    async def settled(self, page: Page) -> None:
        # Not for silence on the line: a room's stream never ends.
        await page.evaluate(
            "Promise.all([...document.images].filter(image => image.getBoundingClientRect().bottom > 0 && image.checkVisibility())"
            ".map(image => image.decode().catch(() => {})))"
        )

    async def desktop(self) -> None:
        """Class 8B in a wide window, with others there."""
        async with contextlib.AsyncExitStack() as others:
            for who in ("fatima", "emily", "meera"):
                other = await others.enter_async_context(self.visit(who, 800, 600))
                await other.goto(f"/rooms/{self.stage.rooms['Class']}", wait_until="domcontentloaded")
                await other.locator("#live").wait_for(state="attached")
            async with self.visit("asha", 1280, 860, color_scheme="light", device_scale_factor=1.5) as page:
                await page.goto(f"/rooms/{self.stage.rooms['Class']}")
                await page.locator("#people-count", has_text="4").wait_for()
                rangoli = page.locator(".message", has_text="रंगोली बन गई")
                await rangoli.evaluate("message => message.scrollIntoView({block: 'start'})")
                await self.settled(page)
                await page.evaluate("document.activeElement.blur()")
                store(Image.open(io.BytesIO(await page.screenshot())), "room.png")

    async def phones(self) -> None:
        """Three telephones side by side: rooms, a room in Hindi, the sheet that asks others in."""
        phone = {"has_touch": True, "is_mobile": True}
        shots = []
        async with self.visit("asha", 360, 740, color_scheme="light", **phone) as page:
            await page.goto("/")
            shots.append(await self.shot(page))
            await self.room(page, "Class")
            await page.locator(".room-menu > summary").click()
            await page.locator(".room-menu .primary").click()
            await page.locator("#invite .qr").wait_for()
            sheet = await self.shot(page)
        async with self.visit("sunita", 360, 740, color_scheme="dark", locale="hi-IN", **phone) as page:
            await self.room(page, "खेल", "0")
            shots.append(await self.shot(page))
        store(beside(*shots, sheet), "phones.png")

    async def shot(self, page: Page) -> Image.Image:
        await self.settled(page)
        return Image.open(io.BytesIO(await page.screenshot(animations="disabled")))

    async def terminal(self, folder: Path) -> None:
        """The same room in lynx, as it comes out of it."""
        async with self.visit("asha", 960, 620) as page:
            lynx = Lynx(self.stage.url, folder)
            lynx.jar.write_text("".join(
                "\t".join(("127.0.0.1", "FALSE", "/", "FALSE", "2000000000", cookie["name"], cookie["value"])) + "\n"
                for cookie in await page.context.cookies()
            ))  # fmt: skip
            dumped = await asyncio.to_thread(lynx.read, f"/rooms/{self.stage.rooms['Class']}")
            lines = dumped.replace(self.stage.url, PUBLIC).splitlines()
            end = max(at for at, line in enumerate(lines) if "stuck at the same place" in line)
            screen = html.escape("\n".join(lines[end - 24 : end + 10]))
            screen_page = await page.context.new_page()  # the room's own page allows no styles but its own
            await screen_page.set_content(_TERMINAL.format(title=f"lynx {PUBLIC}/rooms/{CODES[1]}", screen=screen))
            store(Image.open(io.BytesIO(await screen_page.locator("main").screenshot())), "lynx.png")


_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: none }} main {{ margin: 0; width: 900px; overflow: hidden; background: #14201f }}
header {{ padding: 10px 16px; font: 500 13px system-ui, "Noto Sans", sans-serif; color: #a9bcb8; background: #1e2e2c }}
header::before {{ content: ""; display: inline-block; width: 11px; height: 11px; margin-right: 44px; border-radius: 9px;
  background: #e5735f;
  box-shadow: 18px 0 #e9b44c, 36px 0 #6fb07f }}
pre {{ margin: 0; padding: 14px 18px 18px; color: #dfe9e3;
  font: 14px/1.5 "Noto Sans Mono", "DejaVu Sans Mono", "Noto Sans Devanagari", monospace }}
</style><main><header>{title}</header><pre>{screen}</pre></main>"""


def beside(*shots: Image.Image) -> Image.Image:
    """On sand, with round corners."""
    gap, edge, (width, height) = 72, 88, shots[0].size
    whole = Image.new("RGB", (len(shots) * (width + gap) - gap + 2 * edge, height + 2 * edge), "#ead9b5")
    corners = Image.new("L", (width * 2, height * 2))
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), 96, fill=255)
    mask = corners.resize((width, height), Image.Resampling.LANCZOS)
    for at, shot in enumerate(shots):
        whole.paste(shot.convert("RGB"), (edge + at * (width + gap), edge), mask)
    return whole


def store(picture: Image.Image, name: str) -> None:
    """With 256 colours, which are enough for a page and a third of the bytes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    drawn = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    drawn.save(IMAGES / name, optimize=True)
    say(f"{name}: {picture.width} × {picture.height}, {(IMAGES / name).stat().st_size // 1000} kB")


async def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, stage(Path(temporary)) as ready:
        async with async_playwright() as started:
            browser = await started.chromium.launch(
                executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
            )
            studio = Studio(browser, ready)
            await studio.desktop()
            await studio.phones()
            await studio.terminal(Path(temporary))
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
