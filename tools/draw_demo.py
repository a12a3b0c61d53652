"""Draw what the demonstration's people send each other, into sampark/cli/demo_files.

    python -m tools.draw_demo

Chromium turns the drawings of `demo_scenes`, `demo_papers` and `demo_faces` into pictures, and a page into a PDF; `demo_voices`
makes the recordings. They are kept in the repository: a demonstration needs neither a browser nor these fonts.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from tests.machine import chromium_path
from tools import demo_faces, demo_papers, demo_scenes, demo_voices

FOLDER = Path(__file__).resolve().parent.parent / "sampark" / "cli" / "demo_files"
PICTURES = {
    "rangoli": demo_scenes.rangoli,
    "poha": demo_scenes.poha,
    "canteen-tap": demo_scenes.tap,
    "lemon-tree": demo_scenes.lemons,
    "sports-day": demo_papers.poster,
    "winter-concert": demo_papers.concert,
    "litres-a-day": demo_papers.chart,
    "notice-board": demo_papers.board,
}

PROGRAMME = """<!doctype html><meta charset="utf-8"><title>Sports Day · खेल दिवस</title>
<style>@page { size: A5; margin: 14mm } body { font: 12pt "Noto Sans", "Noto Sans Devanagari", sans-serif; line-height: 1.5 }
h1 { font: 700 24pt "Noto Serif", "Noto Serif Devanagari", serif; margin: 0; color: #8d2b1a } td { padding: 1.5mm 5mm 1.5mm 0 }</style>
<h1>खेल दिवस · Sports Day</h1><p>शनिवार, सुबह आठ बजे से · Saturday, from eight</p>
<table><tr><td>8:00<td>प्रार्थना, ध्वज · Assembly<tr><td>8:30<td>100 मीटर दौड़ · 100 metres<tr><td>9:15<td>रस्साकशी · Tug of war
<tr><td>10:00<td>नींबू-चम्मच दौड़ · Lemon and spoon<tr><td>10:45<td>रिले, लाल और नीली · Relay<tr><td>11:30<td>माता-पिता की दौड़ · Parents’ race
<tr><td>12:00<td>पोहा, शरबत · Food for everyone</table><p>Bring a hat, a bottle with your name on it, and your voice.</p>"""


async def _picture(browser: Browser, svg: str, to: Path, quality: int) -> None:
    page = await browser.new_page(viewport={"width": 1200, "height": 1200})
    await page.set_content(f'<body style="margin:0">{svg}')
    drawn = Image.open(io.BytesIO(await page.locator("svg").screenshot())).convert("RGB")
    drawn.save(to, "WEBP", quality=quality, method=6)
    await page.close()


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as started:
        browser = await started.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        for name, scene in PICTURES.items():
            await _picture(browser, scene(), FOLDER / f"{name}.webp", 78)
        for face in demo_faces.FACES:
            await _picture(browser, face(), FOLDER / f"face-{face.__name__}.webp", 85)
        page = await browser.new_page()
        await page.set_content(PROGRAMME)
        (FOLDER / "programme.pdf").write_bytes(await page.pdf(prefer_css_page_size=True))
        await browser.close()
    demo_voices.draw(FOLDER)
    print(f"{sum(file.stat().st_size for file in FOLDER.iterdir()) // 1000} kB in {FOLDER}")


if __name__ == "__main__":
    asyncio.run(main())
