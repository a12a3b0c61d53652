"""Emoji: the sheet by mouse, by keyboard and by touch, names while typing, in both languages, and without JavaScript."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CHOICES = ".emoji-choice"
NAMES = "#emoji-names [role=option]"
CARET = "document.querySelector('#text').selectionStart"


async def in_a_room(visit: Visit, **more: bool) -> Visitor:
    asha = await visit(**more)
    await asha.arrive("asha")
    await asha.open_room("Garden")
    if more.get("scripts", True):
        # app.js puts the focus there when the page is whole; from then on it stays where the test puts it.
        await expect(asha.page.locator("#text")).to_be_focused()
    return asha


async def in_hindi(asha: Visitor) -> None:
    await asha.page.context.request.post(
        f"{asha.base}/preferences", form={"language": "hi"}, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
    )
    await asha.page.reload()
    await expect(asha.page.locator("#text")).to_be_focused()


async def open_sheet(page: Page) -> None:
    await page.locator("#emoji-button").click()
    await expect(page.locator("#emoji-query")).to_be_focused()


async def test_a_press_puts_it_where_the_caret_stands(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    await text.fill("one two")
    await text.press("Home")
    for _ in range(3):
        await text.press("ArrowRight")
    await open_sheet(page)
    await expect(page.locator("#emoji-button")).to_have_attribute("aria-expanded", "true")
    await page.locator(f'{CHOICES}[value="😀"]').click()
    await expect(text).to_have_value("one😀 two")
    await expect(text).to_be_focused()
    assert await page.evaluate(CARET) == 5
    await expect(page.locator("#emoji")).to_have_count(0)
    await expect(page.locator("#emoji-button")).to_have_attribute("aria-expanded", "false")
    await text.press("Control+z")
    await expect(text).to_have_value("one two")
    await text.press("Control+Shift+z")
    await page.reload()
    await expect(text).to_have_value("one😀 two")
    await text.press("Enter")
    await expect(asha.text("one😀 two")).to_be_visible()


async def test_it_is_searched_and_walked_by_keyboard(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    await page.locator("#emoji-button").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#emoji-query")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(CHOICES).first).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(CHOICES).nth(1)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    below = await page.evaluate("[document.activeElement.value, document.activeElement.offsetLeft]")
    second = await page.locator(CHOICES).nth(1).evaluate("one => [one.value, one.offsetLeft]")
    assert below[0] != second[0]
    assert below[1] == second[1]
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(CHOICES).nth(1)).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.locator(CHOICES).last).to_be_focused()
    said = await page.locator(CHOICES).last.evaluate("one => getComputedStyle(one, '::after').content")
    assert re.fullmatch(r'".+ :[a-z0-9_]+:"', said), "its name, for who cannot point"
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#emoji-query")).to_be_focused()
    assert await page.locator(f'{CHOICES}[tabindex="0"]').count() == 1, "one stop for the Tab key"
    await page.keyboard.type("tada")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "🎉")
    await page.keyboard.press("Shift+Enter")
    await expect(text).to_have_value("🎉")
    await expect(page.locator("#emoji-query")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Shift+Enter")
    await expect(text).to_have_value("🎉🎉")
    await expect(page.locator(CHOICES).first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("🎉🎉🎉")
    await expect(text).to_be_focused()
    await expect(page.locator("#emoji")).to_have_count(0)


async def test_escape_and_a_click_elsewhere_close_it(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page = asha.page
    await open_sheet(page)
    await page.keyboard.press("Escape")
    await expect(page.locator("#emoji")).to_have_count(0)
    await expect(page.locator("#text")).to_be_focused()
    await open_sheet(page)
    await page.locator("#emoji-button").click()
    await expect(page.locator("#emoji")).to_have_count(0)
    await open_sheet(page)
    await page.locator("#gif-button").click()
    await expect(page.locator("#emoji")).to_have_count(0)
    await expect(page.get_by_label("Search GIFs")).to_be_focused()
    await page.locator("#emoji-button").click()
    await expect(page.locator("#emoji-query")).to_be_focused()
    await expect(page.locator("#gif-place .gifs")).to_have_count(0)


async def test_groups_skin_tone_and_the_last_ones(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page = asha.page
    await open_sheet(page)
    await expect(page.locator(".emoji-recent")).to_be_hidden()
    people = page.get_by_role("button", name="People", exact=True)
    await people.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "👋")
    await expect(people).to_be_focused()
    await expect(people).to_have_attribute("aria-current", "true")
    await page.locator(".emoji-tone summary").click()
    await page.get_by_role("button", name="Medium dark skin tone").click()
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "👋🏾")
    await page.locator(CHOICES).first.click()
    await page.keyboard.press("Enter")
    await expect(asha.text("👋🏾")).to_be_visible()
    await open_sheet(page)
    await expect(page.locator(".emoji-recent .emoji-choice")).to_have_attribute("value", "👋🏾")
    await page.reload()
    await expect(page.locator("#text")).to_be_focused()
    await open_sheet(page)
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "👋🏾")


async def test_a_name_is_completed_and_enter_does_not_send(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    await text.press_sequentially("well :smi")
    await expect(page.locator(NAMES).first).to_have_attribute("data-emoji", "😄")
    await expect(page.locator(NAMES).first).to_have_attribute("aria-selected", "true")
    await expect(text).to_have_attribute("aria-controls", "emoji-names")
    await expect(text).to_have_attribute("aria-activedescendant", "emoji-name-1")
    await page.keyboard.press("ArrowDown")
    await expect(text).to_have_attribute("aria-activedescendant", "emoji-name-2")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(text).to_have_attribute("aria-activedescendant", "emoji-name-8")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("well 😄 ")
    await expect(page.locator(NAMES)).to_have_count(0)
    assert await text.get_attribute("aria-activedescendant") is None
    await text.press_sequentially(":tad")
    await expect(page.locator(NAMES).first).to_have_attribute("data-emoji", "🎉")
    await page.keyboard.press("Tab")
    await expect(text).to_have_value("well 😄 🎉 ")
    await expect(text).to_be_focused()
    await expect(page.locator("#messages .message:not(.system)")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(asha.text("well 😄 🎉")).to_be_visible()


async def test_escape_keeps_the_text_and_the_list_stays_away(visit: Visit) -> None:
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    await text.press_sequentially(":smi")
    await expect(page.locator(NAMES).first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(NAMES)).to_have_count(0)
    await text.press_sequentially("le: and :hea")
    await expect(page.locator(NAMES).first).to_have_attribute("data-emoji", "❤️")
    await expect(text).to_have_value(":smile: and :hea")
    await page.locator(NAMES).first.click()
    await expect(text).to_have_value(":smile: and ❤️ ")
    await expect(text).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(asha.text("😄 and ❤️")).to_be_visible()


@pytest.mark.parametrize("has_list", [True, False])
async def test_escape_also_sends_away_names_that_are_still_on_their_way(visit: Visit, has_list: bool) -> None:
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    release = asyncio.Event()

    async def late(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await page.route("**/emoji/names?q=smi", late)
    if has_list:
        await text.press_sequentially(":sm")
        await expect(page.locator(NAMES).first).to_be_visible()
        await text.press_sequentially("i")
    else:
        await text.fill(":smi")
    await page.keyboard.press("Escape")
    async with page.expect_response("**/emoji/names?q=smi") as answer:
        release.set()
    await (await answer.value).finished()
    await page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    await expect(page.locator(NAMES)).to_have_count(0)


async def test_in_hindi_everything_is_the_same(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await in_hindi(asha)
    page, text = asha.page, asha.page.locator("#text")
    await text.press_sequentially("वाह :हँस")
    await expect(page.locator(NAMES).first).to_have_attribute("data-emoji", "🤣")
    await expect(page.locator(NAMES).first).to_contain_text("हँसते")
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("वाह 🤣 ")
    await page.get_by_role("button", name="इमोजी", exact=True).click()
    await expect(page.get_by_label("इमोजी खोजें")).to_be_focused()
    await page.keyboard.type("नमस्ते")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "🙏")
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("वाह 🤣 🙏")


async def test_no_list_where_no_emoji_is_meant(visit: Visit) -> None:
    """The last one opens it: so the others had their chance."""
    asha = await in_a_room(visit)
    page, text = asha.page, asha.page.locator("#text")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/emoji/names" in request.url else None)
    for written in ("at 10:30", "http://ab", "`a :sm", "```\n:smile", "key:value", ":s", ": smile", "नाम:रा"):
        await text.fill(written)
        await text.press("End")
        await text.dispatch_event("input")
    assert asked == []
    await text.fill("`a` :smi")
    await expect(page.locator(NAMES).first).to_be_visible()


async def test_without_an_answer_one_types_on_and_the_server_knows_the_name(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected.append("ERR_FAILED")
    text = asha.page.locator("#text")
    await asha.page.route("**/emoji/names*", lambda route: route.abort())
    async with asha.page.expect_event("requestfailed"):
        await text.press_sequentially(":smile")
    await text.press_sequentially(":")
    await text.press("Enter")
    await expect(asha.text("😄")).to_be_visible()


async def test_on_a_phone_the_keyboard_stays_away_and_the_sheet_open(chromium: Browser, server: ServerProcess) -> None:
    context = await chromium.new_context(
        base_url=server.url, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    try:
        asha = Visitor(await context.new_page(), server.url)
        await asha.arrive("asha")
        await asha.open_room("Garden")
        page = asha.page
        await expect(page.locator("#emoji-button[data-htmx-powered]")).to_be_visible()
        await page.locator("#emoji-button").tap()
        await page.locator(f'{CHOICES}[value="😀"]').tap()
        await page.locator(f'{CHOICES}[value="😃"]').tap()
        await expect(page.locator("#text")).to_have_value("😀😃")
        assert await page.evaluate("document.activeElement.id") != "text"
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.locator(".emoji-tone > summary").tap()
        controls = page.locator("#emoji").locator("button:visible, summary, input:not([type=hidden])")
        sizes = await controls.evaluate_all(
            "all => all.map(one => { const box = one.getBoundingClientRect(); return [one.outerHTML, box.width, box.height]; })"
        )
        assert len(sizes) > 9 + 6 + 40, "groups, skin tones, emoji"
        assert [size for size in sizes if min(size[1:]) < 44] == []
        await page.get_by_role("button", name="GIF", exact=True).tap()
        await expect(page.locator(".gif-choice").first).to_be_visible()
        await expect(page.locator("#emoji")).to_have_count(0)
        asha.assert_undisturbed()
    finally:
        await context.close()


async def test_it_is_drawn_in_colour_and_plain_signs_are_not(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await asha.say("☺️ ❤️ 😀")
    saturation = """sign => {
      const canvas = Object.assign(document.createElement('canvas'), {width: 60, height: 60});
      const pen = canvas.getContext('2d');
      pen.font = '40px ' + getComputedStyle(document.querySelector('.message-text')).fontFamily;
      pen.fillText(sign, 5, 45);
      const {data} = pen.getImageData(0, 0, 60, 60);
      let colourful = 0;
      for (let at = 0; at < data.length; at += 4) {
        const colour = [data[at], data[at + 1], data[at + 2]];
        if (data[at + 3] > 100 && Math.max(...colour) - Math.min(...colour) > 60) colourful += 1;
      }
      return colourful;
    }"""
    for sign in ("😀", "❤\ufe0f", "☺\ufe0f", "☀\ufe0f", "🇮🇳"):
        assert await asha.page.evaluate(saturation, sign) > 100, sign
    for sign in ("❤\ufe0e", "A", "7", "#", "न"):
        assert await asha.page.evaluate(saturation, sign) == 0, sign


async def test_without_scripts_a_press_keeps_what_is_written(visit: Visit) -> None:
    asha = await in_a_room(visit, scripts=False)
    page, text = asha.page, asha.page.locator("#text")
    await asha.go(f"{page.url.partition('#')[0]}?plain=1")
    await expect(page.locator("#emoji-button")).to_be_hidden()
    await text.fill("मेरे शब्द")
    await page.locator(".emoji-tray summary").click()
    await page.locator('.emoji-tray button[value="🎉"]').click()
    await expect(text).to_have_value("मेरे शब्द 🎉")
    await expect(text).to_be_focused()
    await page.locator(".emoji-tray summary").click()
    await asha.press("All emoji")
    await expect(page.locator(".emoji-text")).to_have_text("मेरे शब्द 🎉")
    await asha.press("Food and drink")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "🍇")
    await asha.fill(Search_emoji="क्रिकेट")
    await asha.press("Search")
    await page.locator(".emoji-tone summary").click()
    await asha.press("Dark skin tone")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "🏏")
    await page.locator(CHOICES).first.click()
    await expect(text).to_have_value("मेरे शब्द 🎉🏏")
    await asha.press("Send")
    await expect(asha.read.get_by_text("मेरे शब्द 🎉🏏")).to_be_visible()
    cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}  # type: ignore[typeddict-item]
    assert unquote(cookies["emoji"]).split(".") == ["🏏", "🎉"]
    assert await page.locator(".emoji-tray button").first.get_attribute("value") == "🏏"
    await asha.go(re.sub(r"#.*", "", page.url) + "/emoji?q=smile")
    await expect(page.locator(CHOICES).first).to_have_attribute("value", "😄")
