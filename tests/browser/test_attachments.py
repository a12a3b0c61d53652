"""Files in messages: chosen, pasted, dropped, sent, shown, in Chromium."""

from __future__ import annotations

import asyncio
import base64
import gzip
import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.files.pictures import scene, written
from tests.servers import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STATIC = Path(__file__).parents[2] / "static"
POSTS = "**/messages"
TROUBLE = "Failed to load resource"

# Files as paste and drop bring them: bytes in base64, made into a DataTransfer in the page.
BRING = """([event, on, files, text, html]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files) data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  if (text) data.setData("text/plain", text);
  if (html) data.setData("text/html", html);
  const how = event === "paste" ? new ClipboardEvent(event, { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  return !document.querySelector(on).dispatchEvent(how);
}"""


def photo(width: int = 640, height: int = 480) -> bytes:
    return written(scene(width, height), "JPEG")


def file(name: str, data: bytes, kind: str = "") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


def garden(name: str = "garden.jpg", width: int = 640, height: int = 480) -> FilePayload:
    return file(name, photo(width, height), "image/jpeg")


def notes(name: str = "notes.txt", size: int = 0) -> FilePayload:
    return file(name, b"line\n" * (size // 5 or 3), "text/plain")


async def bring(page: Page, event: str, on: str, *files: FilePayload, text: str = "", html: str = "") -> bool:
    """Whether the page took care of it, so that the browser does nothing of its own."""
    await page.locator(".drop-zone").wait_for(state="attached")  # drop.js has run
    brought = [(one["name"], one["mimeType"], base64.b64encode(one["buffer"]).decode()) for one in files]
    return bool(await page.evaluate(BRING, [event, on, brought, text, html]))


async def choose(visitor: Visitor, *files: FilePayload) -> None:
    async with visitor.page.expect_file_chooser() as asked:
        await visitor.press("Attach files")
    await (await asked.value).set_files([*files])


def chips(visitor: Visitor) -> Locator:
    return visitor.page.locator("#composer .chip")


def pending(visitor: Visitor) -> Locator:
    return visitor.page.locator(".pending")


def pictures(visitor: Visitor) -> Locator:
    return visitor.page.locator("#messages a.picture")


async def in_a_room(visit: Visit, scripts: bool = True) -> Visitor:
    asha = await visit(scripts=scripts)
    await asha.arrive("asha")
    await asha.open_room("Garden")
    return asha


async def slow(visitor: Visitor, bytes_a_second: int) -> None:
    line = await visitor.page.context.new_cdp_session(visitor.page)
    await line.send("Network.enable")
    await line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second},
    )


@pytest.mark.parametrize(("name", "most"), [("upload.js", 4096), ("drop.js", 1024), ("lightbox.js", 1536)])
async def test_the_scripts_are_small(name: str, most: int) -> None:
    assert len(gzip.compress((STATIC / "js" / name).read_bytes(), 9)) <= most


async def test_files_and_text_arrive_at_another_person(visit: Visit) -> None:
    asha, ravi = await visit(), await visit()
    await asha.arrive("asha")
    shown = await asha.open_room("Garden")
    await (await ravi.arrive("ravi")).join(shown)
    await choose(asha, garden(), notes("बगीचा <b>.txt"))
    await expect(chips(asha)).to_have_count(2)
    await expect(asha.page.get_by_role("status").filter(has_text="2 files attached")).to_have_count(1)
    await expect(chips(asha).first.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    await expect(chips(asha).last.locator("bdi")).to_have_text("बगीचा <b>.txt")
    await expect(chips(asha).last).to_contain_text("15 byte")
    await expect(asha.composer).to_be_focused()
    await asha.page.keyboard.type("look")
    await asha.page.keyboard.press("Enter")
    for one in (asha, ravi):
        await expect(one.text("look")).to_have_count(1)
        await expect(one.message("look").locator("a.picture img")).to_be_visible()
        await expect(one.message("look").locator(".file-name")).to_have_text("बगीचा <b>.txt")
        await expect(one.message("look").locator(".file-lines")).to_contain_text("line")
    await expect(asha.composer).to_have_value("")
    await expect(asha.composer).to_be_focused()
    await expect(pending(asha)).to_have_count(0)
    await expect(asha.page.get_by_role("status").filter(has_text="Sent")).to_have_count(1)
    await asha.page.reload()
    await expect(asha.composer).to_have_value("")


async def test_text_alone_is_posted_small(visit: Visit) -> None:
    asha = await in_a_room(visit)
    async with asha.page.expect_request(
        lambda request: request.method == "POST" and "/messages" in request.url
    ) as post:
        await asha.say("plain")
    assert (await post.value).headers["content-type"].startswith("application/x-www-form-urlencoded")


async def test_nothing_at_all_is_refused_by_the_server(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE, "422"]
    await asha.press("Send")
    await expect(asha.alert()).to_contain_text("nothing to send")
    # The new form can do all that the old one could.
    await choose(asha, notes())
    await asha.press("Send")
    await expect(asha.page.locator("#messages .file-card")).to_have_count(1)


async def test_paste(visit: Visit) -> None:
    asha = await in_a_room(visit)
    assert await bring(asha.page, "paste", "#text", garden("image.png"))
    await expect(chips(asha)).to_have_count(1)
    # Cells of a spreadsheet come as a picture too; words are pasted as ever.
    assert not await bring(asha.page, "paste", "#text", garden(), text="a\tb", html="<table></table>")
    assert not await bring(asha.page, "paste", "#text", text="words")
    await expect(chips(asha)).to_have_count(1)
    assert await bring(asha.page, "paste", "#text", text="word " * 2001)
    await expect(chips(asha)).to_have_count(2)
    await expect(asha.alert().filter(visible=True)).to_contain_text("too long for a message")
    await asha.press("Send")
    await expect(pictures(asha)).to_have_count(1)
    await expect(asha.page.locator(".file-name")).to_have_text("text.txt")


async def test_drop_anywhere_on_the_room(visit: Visit) -> None:
    asha = await in_a_room(visit)
    zone = asha.page.locator(".drop-zone")
    for event, on in (("dragenter", "#messages"), ("dragenter", ".room-head"), ("dragleave", "#messages")):
        await bring(asha.page, event, on, garden())
        await expect(zone).to_be_visible()
    await bring(asha.page, "dragleave", ".room-head", garden())
    await expect(zone).to_be_hidden()
    await bring(asha.page, "dragenter", ".room-head", text="words")
    await expect(zone).to_be_hidden()
    await bring(asha.page, "dragenter", "#messages", garden())
    assert await bring(asha.page, "dragover", "#messages", garden())
    assert await bring(asha.page, "drop", "#messages", garden(), notes())
    await expect(zone).to_be_hidden()
    await expect(chips(asha)).to_have_count(2)
    await asha.press("Send")
    await expect(pictures(asha)).to_have_count(1)


async def test_limits_are_told_before_anything_is_sent(visit: Visit) -> None:
    asha = await in_a_room(visit)
    posts: list[str] = []
    asha.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    wrong = asha.page.get_by_role("alert").filter(visible=True)
    await asha.page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(50 * 1048576 + 1)], "large.zip"));
      const field = document.querySelector("#files");
      field.files = data.files;
      field.dispatchEvent(new Event("change"));
    }""")
    await expect(wrong).to_have_text("“large.zip” is too large: a file may have 50 MB here.")
    await choose(asha, file("nothing.txt", b""))
    await expect(wrong).to_have_text("“nothing.txt” is empty.")
    await choose(asha, *(notes(f"{number}.txt") for number in range(12)))
    await expect(wrong).to_contain_text("Up to 10 files")
    await expect(chips(asha)).to_have_count(10)
    assert not posts
    # The keyboard stays where the chip was, and at the end is at the button that brings new ones.
    await asha.page.get_by_role("button", name="Remove 9.txt").press("Enter")
    await expect(asha.page.get_by_role("button", name="Remove 8.txt")).to_be_focused()
    await expect(wrong).to_have_count(0)
    for _ in range(9):
        await asha.page.keyboard.press("Enter")
    await expect(chips(asha)).to_have_count(0)
    await expect(asha.page.get_by_role("button", name="Attach files")).to_be_focused()


async def test_cancel_one_of_two_while_they_are_sent(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = ["ERR_ABORTED"]
    await slow(asha, 400_000)
    await choose(asha, notes("small.txt", 100_000), notes("large.txt", 4_000_000))
    await asha.composer.fill("both")
    await asha.press("Send")
    small, large = pending(asha).locator(".chip").first, pending(asha).locator(".chip").last
    # In the order of the body: the first one is whole while the second one goes on.
    await expect(small).to_contain_text("100% sent")
    await expect(large).not_to_contain_text("100% sent")
    # The composer is free meanwhile.
    await asha.say("and this")
    await asha.page.get_by_role("button", name="Do not send large.txt").click()
    await expect(asha.text("both")).to_have_count(1)
    await expect(asha.message("both").locator(".file-name")).to_have_text("small.txt")
    await expect(pending(asha)).to_have_count(0)
    assert await asha.seqs() == [1, 2]


async def test_what_is_cancelled_whole_is_never_sent(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = ["ERR_ABORTED"]
    await slow(asha, 200_000)
    await choose(asha, notes("large.txt", 4_000_000))
    await asha.press("Send")
    await asha.page.get_by_role("button", name="Do not send large.txt").click()
    await expect(pending(asha)).to_have_count(0)
    await slow(asha, -1)
    await asha.say("after")
    assert await asha.seqs() == [1]


async def test_offline_then_retry_makes_one_message(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE, "htmx:sse:error", "Failed to fetch"]
    await choose(asha, garden(), notes())
    await asha.composer.fill("out of the tunnel")
    await asha.page.context.set_offline(True)
    await asha.press("Send")
    await expect(pending(asha).get_by_role("alert")).to_contain_text("There is no connection")
    await expect(pending(asha)).to_contain_text("out of the tunnel")
    await asha.page.get_by_role("button", name="Retry").click()
    await expect(pending(asha).get_by_role("alert")).to_contain_text("There is no connection")
    await asha.page.context.set_offline(False)
    await asha.page.get_by_role("button", name="Retry").click()
    await expect(asha.text("out of the tunnel")).to_have_count(1)
    await expect(pending(asha)).to_have_count(0)
    assert await asha.seqs() == [1]


async def test_an_answer_that_is_lost_makes_one_message(visit: Visit) -> None:
    """The post arrived, its answer did not: the key says that it is the same one."""
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE]

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await asha.page.route(POSTS, lose, times=1)
    await choose(asha, notes())
    await asha.composer.fill("once")
    await asha.press("Send")
    await asha.page.get_by_role("button", name="Retry").click()
    await expect(pending(asha)).to_have_count(0)
    await expect(asha.text("once")).to_have_count(1)
    await asha.page.reload()
    await expect(asha.text("once")).to_have_count(1)


async def test_a_refused_text_and_a_refused_file_do_not_get_in_each_others_way(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = ["422"]
    refusal = asha.page.locator("#composer").get_by_role("alert").filter(visible=True)
    await asha.say("words")
    await choose(asha, file("nothing.txt", b""))
    await expect(refusal).to_have_text("“nothing.txt” is empty.")
    await choose(asha, notes())
    await expect(refusal).to_have_count(0)
    # The text is refused by the server, and a new form comes: the file goes with it.
    await asha.page.get_by_role("button", name="Remove notes.txt").click()
    await asha.composer.fill("word " * 2001)
    await asha.press("Send")
    await expect(refusal).to_contain_text("too long by 4")
    await choose(asha, notes())
    await asha.press("Send")
    await expect(pending(asha).get_by_role("alert")).to_contain_text("too long by 4")
    await asha.press("Discard")
    await asha.say("short now")
    await expect(refusal).to_have_count(0)
    await choose(asha, file("nothing.txt", b""))
    await expect(refusal).to_have_text("“nothing.txt” is empty.")


async def test_who_was_signed_out_signs_in_and_finds_the_text(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE, "401", "sse:error", "Failed to fetch"]
    room = await asha.room()
    await choose(asha, notes())
    await asha.composer.fill("a long story")

    async def signed_out(route: Route) -> None:
        await route.fulfill(status=401, headers={"HX-Redirect": f"/login?next=/rooms/{room}"})

    await asha.page.route(POSTS, signed_out, times=1)
    async with asha.page.expect_navigation():
        await asha.press("Send")
    await asha.go(f"/rooms/{room}")
    await expect(asha.composer).to_have_value("a long story")


async def test_the_server_says_what_is_wrong(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE]
    await choose(asha, notes(), file("page.html", b"<html><script>alert(1)</script>", "text/html"))
    await asha.composer.fill("two")
    await asha.press("Send")
    await expect(pending(asha).get_by_role("alert")).to_contain_text("“page.html” is of a kind that is not accepted")
    await asha.page.get_by_role("button", name="Remove page.html").click()
    await asha.page.get_by_role("button", name="Retry").click()
    await expect(asha.message("two").locator(".file-name")).to_have_text("notes.txt")
    await choose(asha, file("page.html", b"<html><script>alert(1)</script>", "text/html"))
    await asha.press("Send")
    await asha.page.get_by_role("button", name="Discard").click()
    await expect(pending(asha)).to_have_count(0)
    await expect(asha.composer).to_be_focused()


async def test_what_is_refused_is_marked_and_the_rest_goes_without_it(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = [TROUBLE]
    page = file("page.html", b"<html><script>alert(1)</script>", "text/html")
    said, rest = pending(asha).get_by_role("alert"), asha.page.get_by_role("button", name="Send the rest")
    marked = pending(asha).locator(".chip").filter(has_text="Not accepted")
    await choose(asha, page, garden(), {**page, "name": "other.html"}, notes())
    await asha.composer.fill("the rest")
    await asha.press("Send")
    await expect(said).to_contain_text("“page.html”, “other.html”. Accepted are pictures, videos, sound")
    await expect(marked.locator("bdi")).to_have_text(["page.html", "other.html"])
    await expect(said.get_by_text("jpg, png, gif")).to_be_hidden()
    await said.get_by_text("The exact list").click()
    await expect(said.get_by_text("jpg, png, gif")).to_be_visible()
    await rest.click()
    await expect(asha.message("the rest").locator(".file-name")).to_have_text("notes.txt")
    await expect(asha.message("the rest").locator("a.picture")).to_have_count(1)
    await expect(pending(asha)).to_have_count(0)
    # Only the text is left: it goes. Nothing is left: the button is not offered, nor where nothing is marked any more.
    await choose(asha, page)
    await asha.composer.fill("only words")
    await asha.press("Send")
    await rest.click()
    await expect(asha.text("only words")).to_have_count(1)
    await expect(pending(asha)).to_have_count(0)
    await choose(asha, page, notes())
    await asha.press("Send")
    await expect(rest).to_be_visible()
    await asha.page.get_by_role("button", name="Remove notes.txt").click()
    await expect(marked).to_have_count(1)
    await expect(rest).to_be_hidden()
    await asha.press("Discard")
    assert await asha.seqs() == [1, 2]


async def test_without_a_script_a_refusal_names_the_file_and_keeps_the_text(visit: Visit) -> None:
    asha = await in_a_room(visit, scripts=False)
    asha.expected = [TROUBLE]
    await asha.write.locator("summary", has_text="Attach files").click()
    await asha.write.locator("#files").set_input_files([notes(), file("page.html", b"<html><script>", "text/html")])
    await asha.write.locator("#text").fill("kept")
    await asha.write.get_by_role("button", name="Send").click()
    await expect(asha.write.get_by_role("alert")).to_contain_text("“page.html” is of a kind")
    await expect(asha.write.get_by_role("alert")).to_be_in_viewport(ratio=0.5)
    await expect(asha.write.locator("#text")).to_have_value("kept")


async def test_a_room_that_is_full_says_so_before_all_is_sent(visit: Visit, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, SAMPARK_ROOM_QUOTA_MB="1") as server:
        asha = await visit(at=server)
        asha.expected = [TROUBLE, "ERR_CONNECTION_REFUSED", "htmx:sse:error", "Failed to fetch"]
        await asha.arrive("asha")
        await asha.open_room("Garden")
        await choose(asha, notes("small.txt"), notes("large.txt", 8_000_000))
        await asha.press("Send")
        await expect(pending(asha).get_by_role("alert")).to_contain_text("1.0 MB are left here for files")
        await asha.page.get_by_role("button", name="Remove large.txt").click()
        await asha.page.get_by_role("button", name="Retry").click()
        await expect(asha.page.locator("#messages .file-name")).to_have_text("small.txt")


async def test_where_the_stream_is_down_the_answer_is_shown(visit: Visit, own_server: ServerProcess) -> None:
    asha = await visit(at=own_server)
    asha.expected = ["ERR_", TROUBLE, "htmx:sse:error", "Failed to fetch"]
    await asha.arrive("asha")
    await asha.open_room("Garden")
    await asha.page.route("**/events*", lambda route: route.abort())
    await asha.page.reload()
    await choose(asha, notes())
    await asha.press("Send")
    await expect(asha.page.locator("#messages .file-card")).to_have_count(1)
    await expect(pending(asha)).to_have_count(0)


async def test_who_leaves_while_sending_is_asked_and_keeps_the_text(visit: Visit) -> None:
    asha = await in_a_room(visit)
    asha.expected = ["beforeunload", "a dialog said", "ERR_"]
    assert not await asha.page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    await slow(asha, 100_000)
    await choose(asha, notes("large.txt", 4_000_000))
    await asha.composer.fill("with care")
    await asha.press("Send")
    await expect(pending(asha)).to_contain_text("% sent")
    assert await asha.page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    await asha.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    await expect(asha.composer).to_have_value("with care")


async def test_files_wait_for_a_text_that_is_under_way(visit: Visit) -> None:
    asha = await in_a_room(visit)
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await asha.page.route(POSTS, hold, times=1)
    await asha.composer.fill("first")
    await asha.press("Send")
    await choose(asha, notes())
    await asha.press("Send")
    await expect(chips(asha)).to_have_count(1)
    release.set()
    await expect(asha.page.locator("#messages .file-card")).to_have_count(1)
    await expect(asha.text("first")).to_have_count(1)
    assert await asha.seqs() == [1, 2]


async def test_the_lightbox_by_keyboard(visit: Visit) -> None:
    asha = await in_a_room(visit)
    await choose(asha, garden("one.jpg", 2000, 1500), garden("two.jpg", 300, 900))
    await asha.press("Send")
    await expect(pictures(asha)).to_have_count(2)
    await pictures(asha).first.focus()
    await asha.page.keyboard.press("Enter")
    box = asha.page.get_by_role("dialog")
    await expect(box.locator("img")).to_have_attribute("alt", "one.jpg")
    await expect(box).to_contain_text("1 of 2")
    await asha.page.wait_for_function("() => document.querySelector('.lightbox img').naturalWidth === 2000")
    await asha.page.keyboard.press("ArrowRight")
    await expect(box.locator("img")).to_have_attribute("alt", "two.jpg")
    await asha.page.keyboard.press("ArrowRight")
    await expect(box.locator("img")).to_have_attribute("alt", "one.jpg")
    await asha.page.keyboard.press("ArrowLeft")
    await expect(box.locator("img")).to_have_attribute("alt", "two.jpg")
    href = await box.get_by_role("link", name="Download").get_attribute("href") or ""
    assert href.endswith("two.jpg?download")
    await asha.page.keyboard.press("Escape")
    await expect(box).to_have_count(0)
    await expect(pictures(asha).first).to_be_focused()
    await pictures(asha).last.click()
    await asha.page.get_by_role("button", name="Previous picture").click()
    await expect(box.locator("img")).to_have_attribute("alt", "one.jpg")
    await asha.page.mouse.click(3, 400)
    await expect(box).to_have_count(0)
    async with asha.page.context.expect_page() as opened:
        await pictures(asha).first.click(modifiers=["ControlOrMeta"])
    assert "/files/" in (await opened.value).url


@pytest.mark.parametrize("width", [320, 1440])
async def test_nothing_moves_when_pictures_load(visit: Visit, server: ServerProcess, width: int) -> None:
    asha = await in_a_room(visit)
    for number, files in enumerate((
        [garden("wide.jpg", 1600, 200)],
        [garden("tall.jpg", 300, 1500)],
        [garden(f"{number}.jpg", 400 + 100 * number, 800 - 60 * number) for number in range(5)],
        [garden("tiny.jpg", 20, 20)],
    )):  # fmt: skip
        await choose(asha, *files)
        await asha.composer.fill(f"number {number}")
        await asha.press("Send")
        await expect(asha.text(f"number {number}")).to_have_count(1)
    gate = asyncio.Event()

    async def hold(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await asha.page.set_viewport_size({"width": width, "height": 900})
    await asha.page.route("**/files/**", hold)
    await asha.page.reload()
    await expect(asha.text("number 3")).to_be_visible()
    await asha.page.wait_for_timeout(300)
    places = (
        "() => [...document.querySelectorAll('#messages > .message')].map((one) => one.getBoundingClientRect().top)"
    )
    before = await asha.page.evaluate(places)
    await asha.page.evaluate("""() => {
      window.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: "layout-shift" });
    }""")
    gate.set()
    await asha.page.wait_for_function(
        "() => [...document.querySelectorAll('#messages img')].filter((one) => one.complete && one.naturalWidth).length >= 3"
    )
    await asha.page.locator("#message-1").scroll_into_view_if_needed()
    await asha.page.locator("#messages img").first.evaluate("(one) => one.decode()")
    await asha.page.evaluate("document.querySelector('.scroller').scrollTop = 0")
    await asha.page.wait_for_timeout(200)
    assert await asha.page.evaluate(places) == before
    assert await asha.page.evaluate("shifts") == []
    edges = "() => [...document.querySelectorAll('.attachments *')].map((one) => one.getBoundingClientRect().right)"
    assert max(await asha.page.evaluate(edges)) <= width


async def test_one_picture_keeps_its_proportions(visit: Visit) -> None:
    asha = await in_a_room(visit)
    for width, height in ((1600, 400), (400, 1600)):
        await choose(asha, garden(f"{width}.jpg", width, height))
        await asha.press("Send")
        box = await pictures(asha).filter(has=asha.page.get_by_alt_text(f"Picture: {width}.jpg")).bounding_box()
        assert box
        assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.02)
        assert box["width"] <= 352.5


async def test_a_plain_form_does_it_too(visit: Visit) -> None:
    asha = await in_a_room(visit, scripts=False)
    await asha.go(f"/rooms/{await asha.room()}?plain=1")
    asha.expected = ["Applying inline style"]  # Chromium's own page round a picture, under the file's strict policy
    await asha.page.locator(".attach > summary").click()
    await asha.page.get_by_label("Attach files", exact=True).set_input_files([garden(), notes()])
    await asha.composer.fill("by hand")
    await asha.press("Send")
    await expect(asha.message("by hand").locator("a.picture img")).to_be_visible()
    await expect(asha.message("by hand").locator(".file-name")).to_have_text("notes.txt")
    await expect(asha.page).to_have_url(f"{asha.base}/rooms/{await asha.room()}?plain=1#message-1")
    await pictures(asha).click()
    await expect(asha.page).to_have_url(re.compile("/files/[^/]+/garden.jpg$"))
