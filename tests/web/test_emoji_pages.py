"""Choosing an emoji: the sheet, the page without JavaScript, names while typing, and what a browser remembers."""

from __future__ import annotations

import gzip
import re
from urllib.parse import quote, unquote

from sampark.emoji.catalogue import COMMON
from tests.support import Answer, Browser, Site, count, field_value, plain, statements

_CHOICE = re.compile(r'<button class="emoji-choice" name="emoji" value="([^"]+)" aria-label="([^"]+)"')


async def asha_and_room(site: Site) -> tuple[Browser, str]:
    asha = await site.person("asha")
    return asha, await site.room(asha)


def choices(answer: Answer) -> list[str]:
    return [sign for sign, _ in _CHOICE.findall(answer.text)]


async def test_the_sheet_shows_one_group_at_a_time_and_is_small(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for group, sign in {"": "😀", "people": "👋", "food": "🍎", "flags": "🇮🇳"}.items():
        answer = await asha.get(f"/rooms/{room}/emoji?group={group}", htmx=True)
        assert answer.status == 200
        assert sign in choices(answer)
        assert "<html" not in answer.text
        assert len(gzip.compress(answer.body)) < 15_000
    assert len(_CHOICE.findall((await asha.get(f"/rooms/{room}/emoji?group=nonsense")).text)) > 80


async def test_both_languages_find_at_once_and_names_come_in_one_s_own(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for query in ("cricket game", "क्रिकेट"):
        assert choices(await asha.get(f"/rooms/{room}/emoji?q={quote(query)}", htmx=True))[0] == "🏏"
    english = dict(_CHOICE.findall((await asha.get(f"/rooms/{room}/emoji?q=heart", htmx=True)).text))["❤️"]
    await asha.post("/preferences", {"language": "hi"})
    hindi = dict(_CHOICE.findall((await asha.get(f"/rooms/{room}/emoji?q=heart", htmx=True)).text))["❤️"]
    assert (english, hindi) == ("red heart", "लाल दिल")
    assert "कुछ नहीं मिला" in (await asha.get(f"/rooms/{room}/emoji?q=qzxq", htmx=True)).text


async def test_only_members_and_nobody_unknown(site: Site) -> None:
    asha, zoya = await site.people("asha", "zoya")
    room = await site.room(asha)
    for browser, status in ((zoya, 404), (site.stranger(), 303)):
        assert (await browser.get(f"/rooms/{room}/emoji")).status == status
        assert (await browser.post(f"/rooms/{room}/emoji", {"emoji": "😀"})).status == status
        assert (await browser.post(f"/rooms/{room}/messages", {"emoji": "😀"})).status == status
    assert (await site.stranger().get("/emoji/names?q=smi")).status == 303
    assert (await site.stranger().get("/emoji/names?q=smi", htmx=True)).status == 401


async def test_it_costs_the_check_of_access_only(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for path, most in ((f"/rooms/{room}/emoji", 2), ("/emoji/names?q=smi", 1)):
        await asha.get(path, htmx=True)
        with statements() as seen:
            await asha.get(path, htmx=True)
        assert len(seen) <= most, seen


async def test_it_is_kept_by_the_browser(site: Site) -> None:
    asha, room = await asha_and_room(site)
    answer = await asha.get(f"/rooms/{room}/emoji", htmx=True)
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in answer.headers["Vary"]
    again = await asha.get(f"/rooms/{room}/emoji", htmx=True, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    page = await asha.get(f"/rooms/{room}/emoji")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["ETag"] != answer.headers["ETag"]


async def test_a_press_puts_it_behind_the_text_and_sends_nothing(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for path in ("messages", "emoji"):
        for text, wanted in (
            ("", "🎉"), ("hello", "hello 🎉"), ("two\r\nlines ", "two\r\nlines 🎉"), ("so 👍🏽", "so 👍🏽🎉"), ("<b>&", "<b>& 🎉"),
        ):  # fmt: skip
            answer = await asha.post(f"/rooms/{room}/{path}", {"text": text, "emoji": "🎉", "key": "k"})
            assert answer.status == 200
            assert field_value(answer.text, "text").split() == wanted.split()
            assert field_value(answer.text, "text").replace("\n", "").endswith(wanted.replace("\r\n", "")[-5:])
            assert re.search(r'<textarea id="text"[^>]* autofocus', answer.text)
    assert await count("messages") == 0


async def test_what_is_no_emoji_is_refused_and_the_text_stays(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for emoji in ("x", "👍👍", "<script>", "x" * 3000):
        answer = await asha.post(f"/rooms/{room}/messages", {"text": "my words", "emoji": emoji})
        assert answer.status == 422
        assert field_value(answer.text, "text") == "my words"
        assert "<script>" not in answer.text.replace("<script defer", "").replace("<script src", "")
    assert await count("messages") == 0


async def test_the_page_of_all_keeps_the_text(site: Site) -> None:
    asha, room = await asha_and_room(site)
    text = 'my "words"\n<b>second</b> line'
    answer = await asha.post(f"/rooms/{room}/messages", {"text": text, "emoji": "all"})
    for form in ({"q": "cricket"}, {"group": "food"}, {"tone": "3"}):
        assert field_value(answer.text, "text") == text
        assert 'method="get"' not in answer.text, "a text does not belong into an address"
        answer = await asha.post(f"/rooms/{room}/emoji", {"text": field_value(answer.text, "text"), **form})
        assert answer.status == 200
    answer = await asha.post(f"/rooms/{room}/emoji", {"text": field_value(answer.text, "text"), "emoji": "🏏"})
    assert field_value(answer.text, "text") == f"{text} 🏏"
    plain_page = (await asha.get(f"/rooms/{room}/emoji")).text
    assert 'role="search"' in plain_page
    assert 'method="get"' in plain_page


async def test_files_that_were_chosen_are_asked_for_again(site: Site) -> None:
    asha, room = await asha_and_room(site)
    for emoji in ("🎉", "all"):
        answer = await asha.upload(
            f"/rooms/{room}/messages", ("files", "a.txt", b"hello"), form={"text": "x", "emoji": emoji}
        )
        assert answer.status == 200
        assert "choose your files again" in answer.alert
    assert await count("files") == 0


async def test_the_last_ones_are_those_that_were_sent(site: Site) -> None:
    asha, room = await asha_and_room(site)
    await asha.say(room, "नमस्ते")
    assert "emoji" not in asha.cookies
    await asha.say(room, "good 🏏 and :tada: and 👍🏽")
    await asha.say(room, "🇮🇳 *👍🏽*")
    assert unquote(asha.cookies["emoji"]).split(".") == ["👍🏽", "🇮🇳", "🎉", "🏏"]
    assert choices(await asha.get(f"/rooms/{room}/emoji", htmx=True))[:5] == ["👍🏽", "🇮🇳", "🎉", "🏏", "😀"]
    few = re.findall(r'<button name="emoji" value="([^"]+)" aria-label', (await asha.room(room)).text)
    assert few[:4] == ["👍🏽", "🇮🇳", "🎉", "🏏"]
    assert len(few) == len({*few}) == len(COMMON)
    for number in range(30):
        await asha.say(room, chr(0x1F600 + number))
    assert len(unquote(asha.cookies["emoji"]).split(".")) == 18


async def test_a_forged_cookie_shows_nothing_but_emoji(site: Site) -> None:
    asha, room = await asha_and_room(site)
    asha.client.set_cookie("localhost", "emoji", quote("<b>.evil.👍." + "x" * 100 + '.".🎉'))
    asha.client.set_cookie("localhost", "tone", "9")
    answer = await asha.get(f"/rooms/{room}/emoji", htmx=True)
    assert choices(answer)[:3] == ["👍", "🎉", "😀"]
    page = (await asha.room(room)).text
    assert "<b>" not in page.partition('<div class="composer-more">')[2]
    assert (await asha.post(f"/rooms/{room}/emoji", {"tone": "9"})).status == 200


async def test_the_skin_tone_is_remembered(site: Site) -> None:
    asha, room = await asha_and_room(site)
    answer = await asha.post(f"/rooms/{room}/emoji", {"tone": "4", "group": "people"}, htmx=True)
    assert "👋🏾" in choices(answer)
    assert "👋🏾" in choices(await asha.get(f"/rooms/{room}/emoji?group=people", htmx=True))
    assert 'data-emoji="👍🏾"' in (await asha.get("/emoji/names?q=%2B1")).text
    await asha.post(f"/rooms/{room}/emoji", {"tone": "0"}, htmx=True)
    assert "👋" in choices(await asha.get(f"/rooms/{room}/emoji?group=people", htmx=True))


async def test_signing_out_takes_both_along(site: Site) -> None:
    asha, room = await asha_and_room(site)
    await asha.say(room, "🏏")
    await asha.post(f"/rooms/{room}/emoji", {"tone": "4"})
    assert {"emoji", "tone"} <= {*asha.cookies}
    await asha.post("/logout")
    assert not {"emoji", "tone"} & {*asha.cookies}


async def test_names_while_typing(site: Site) -> None:
    asha, _ = await asha_and_room(site)
    answer = await asha.get("/emoji/names?q=smi")
    options = re.findall(r'<li role="option" id="emoji-name-(\d)" data-emoji="([^"]+)">(.*?)</li>', answer.text)
    assert [number for number, *_ in options] == [str(number) for number in range(1, 9)]
    assert options[0][1] == "😄"
    assert ":smile:" in plain(options[0][2])
    assert all("smi" in plain(text).lower() for *_, text in options), "each says why it is there"
    assert 'data-emoji="😂"' in (await asha.get(f"/emoji/names?q={quote('हंसी')}")).text
    assert (await asha.get("/emoji/names?q=qzxq")).text.strip() == ""
    assert (await asha.get("/emoji/names")).text.strip() == ""
    assert (await asha.get(f"/emoji/names?q={'x' * 4000}")).status == 200


async def test_a_message_is_posted_with_its_emoji_by_name(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    await asha.say(room, "well done :tada: `:tada:`")
    await stream.wait_for("well done 🎉 <code>:tada:</code>")
