"""The server that the scripts of voice messages are tried against: small pages of their own."""

from __future__ import annotations

import email
import email.policy
import functools
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.async_api import Browser, Locator, Page

from tests.files.sounds import make, tone

STATIC = Path(__file__).parents[2] / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'none'; img-src 'self' data:; media-src 'self' blob:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""As strict as the application's."""
FAKE = "--use-fake-device-for-media-stream"
GRANT = "--use-fake-ui-for-media-stream"

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>x</title><link rel=icon href="data:,"><body data-me="me">
<script defer src=/player.js></script><script defer src=/voice.js></script>
<div id=alerts></div><div id=messages>{messages}</div>{composer}{end}</body></html>"""

COMPOSER = """<form id=composer method=post action=/messages enctype=multipart/form-data {htmx}>{problem}
<textarea id=text name=text required aria-label=Message>a draft</textarea>
<voice-recorder data-aside="#text, .post" data-seconds="{seconds}" data-bytes="{bytes}"
 data-start="Record voice message" data-stop="Stop recording" data-discard="Discard" data-send="Send"
 data-recording="Recording" data-ready="Recorded: {{time}}" data-discarded="Thrown away" data-sent="Sent"
 data-refused="The microphone is blocked." data-missing="There is no microphone." data-busy="The microphone is in use."
 data-limit="That is all that fits." data-large="Too large."
 data-play="Play" data-pause="Pause" data-seek="Position" data-at="{{at}} of {{all}}" data-rate="Speed" data-failed="It cannot be played.">
<label>Voice message <input type=file name=voice accept="audio/*" capture></label></voice-recorder>
<button class=post>Send</button></form>"""

HTMX = "hx-post=/messages hx-target=#messages hx-swap='beforeend' hx-status:4xx='target:#composer swap:outerHTML'"

NOTE = """<article id="message-{n}" data-author="{author}"><voice-note class="voice" data-file="file{n}" data-duration="{duration}"
 data-play="Play" data-pause="Pause" data-seek="Position" data-at="{{at}} of {{all}}" data-rate="Speed" data-unheard="Not heard yet"
 data-failed="It cannot be played."><svg class="waveform" viewBox="0 0 8 40" width=200 height=40 aria-hidden="true">
<rect x="1" width="3" height="9"/></svg>
<audio controls preload="none" src="/sound{n}"></audio><span class="voice-duration">0:20</span></voice-note></article>"""


@dataclass
class Desk:
    """The server's side: what it shows, what it was sent, and how it answers."""

    url: str = ""
    messages: str = ""
    composer: dict[str, str] = field(default_factory=dict)
    answer: int = 201
    posts: list[dict[str, EmailMessage]] = field(default_factory=list)

    def content(self, name: str, post: int = 0) -> bytes:
        """What a field of a post held."""
        body = self.posts[post][name].get_payload(decode=True)
        assert isinstance(body, bytes)
        return body

    def page(self) -> str:
        htmx = self.composer.get("htmx", "")
        end = "<script src=/vendor/htmx-4.0.1.min.js></script>" if htmx else ""
        return PAGE.format(messages=self.messages, composer=self.form(), end=end)

    def form(self, problem: str = "") -> str:
        usual = {"htmx": "", "seconds": "300", "bytes": "5000000"}
        return COMPOSER.format(**usual | self.composer, problem=problem)


@functools.cache
def sounds() -> dict[str, bytes]:
    """1 has no index and no duration, as older recorders leave it; 3 is in fragments; 4 is none."""
    bodies = [make(way, tone(20.0)) for way in ("webm-live", "webm", "mp4-fragmented")]
    return {f"/sound{at}": body for at, body in enumerate([*bodies, b"<script>"], 1)}


@contextmanager
def open_desk() -> Iterator[Desk]:
    desk = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            if self.path in sounds():
                return self.send_sound(sounds()[self.path])
            script = next((file for file in (STATIC / path, STATIC / "js" / path) if file.is_file()), None)
            if script is not None:
                return self.answer(200, script.read_bytes(), "text/javascript")
            return self.answer(200, desk.page().encode(), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = email.message_from_bytes(head + body, policy=email.policy.HTTP)
            desk.posts.append(
                {str(part.get_param("name", header="Content-Disposition")): part for part in parts.iter_parts()}
            )
            if not self.headers["HX-Request"]:
                return self.answer(303, b"", "text/html", {"Location": "/"})
            html = "<p>posted</p>" if desk.answer == 201 else desk.form("<p role=alert>The server refused it.</p>")
            return self.answer(desk.answer, html.encode(), "text/html")

        def send_sound(self, body: bytes) -> None:
            first, _, last = (self.headers["Range"] or "").removeprefix("bytes=").partition("-")
            if not first:
                return self.answer(200, body, "audio/webm", {"Accept-Ranges": "bytes"})
            start, stop = int(first), int(last or len(body) - 1)
            return self.answer(
                206, body[start : stop + 1], "audio/webm", {"Content-Range": f"bytes {start}-{stop}/{len(body)}"}
            )

        def answer(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            headers = {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                "Content-Security-Policy": POLICY,
            }
            for name, value in (headers | (more or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    desk.url = f"http://127.0.0.1:{server.server_port}/"
    yield desk
    server.shutdown()
    server.server_close()


@asynccontextmanager
async def quiet_page(browser: Browser) -> AsyncIterator[Page]:
    """Whoever uses it must have caused no error of a script or of the policy."""
    context = await browser.new_context()
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda line: wrong.append(line.text) if line.type == "error" and "status of" not in line.text else None,
    )
    # Which microphones were opened, to see that each one is let go.
    await page.add_init_script(
        "window.tracks = []; const get = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);"
        "if (get) navigator.mediaDevices.getUserMedia = async (wish) => "
        "{ const stream = await get(wish); tracks.push(...stream.getTracks()); return stream; };"
    )
    yield page
    assert not wrong, wrong
    await context.close()


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)
