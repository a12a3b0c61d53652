"""Hostile cases 6 to 10 against a real server: whatever is sent, it stays quick and small, and serves nothing as a page of its own.

How long the event loop is kept busy is counted in processor time of its thread, which does not depend on what else the machine does.
"""

from __future__ import annotations

import http.client
import io
import os
import re
import urllib.parse
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.files import hostile_files, sounds
from tests.files.hostile_files import HTML, REFUSED, many_members
from tests.files.pictures import black_png, gif, lzw, moving, scene, told_everything, written
from tests.people import PATIENCE, Person
from tests.processes.conftest import Start
from tests.processes.test_files_between import MEGABYTE, PLACE, blobs, memory
from tests.servers import ServerProcess, wait_for
from tests.support import multipart

MOST_BUSY = 0.05
"""Seconds."""
WATCH = """
import asyncio, time
from quart import Quart
started = Quart.startup
async def startup(app):
    loop = asyncio.get_running_loop()
    last, log = time.thread_time(), open({path!r}, "a", buffering=1)
    def tick():
        nonlocal last
        now = time.thread_time()
        if now - last > 0.01:
            log.write(f"{{now - last:.3f}}\\n")
        last = time.thread_time()
        loop.call_later(0.001, tick)
    tick()
    await started(app)
Quart.startup = startup
"""

INLINE = re.compile(r"image/(jpeg|png|gif|webp|avif)|video/(mp4|webm)|audio/.*")


def frames(count: int) -> bytes:
    """A GIF of so many frames of one pixel."""
    return gif([((0, 0, 1, 1), 1, 1, lzw([0]))] * count, (1, 1))


def packed(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", b"\0" * 5_000_000)
    return out.getvalue()


def pdf(pages: int) -> bytes:
    """One whose tree of pages is its own child, with so many entries."""
    kids = b" ".join(b"2 0 R" for _ in range(pages))
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 999999/Kids[" + kids + b"]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def files() -> dict[str, bytes]:
    return {
        **REFUSED,
        "bomb.png": black_png(50_000, rows=100),
        "large.png": black_png(6_300),
        "largest.jpg": written(scene(6_300, 6_300), "JPEG"),
        "frames.gif": frames(10_000),
        "moving.webp": moving("WEBP", 200),
        "tiff.png": written(scene(), "TIFF"),
        "place.jpg": told_everything("JPEG"),
        "cut.jpg": written(scene(3000, 2000), "JPEG")[:20_000],
        "members.zip": many_members(65_000),
        "bomb.zip": packed(20),
        "many.docx": hostile_files.office("word/document.xml", **{f"{n}.xml": b"<x/>" for n in range(5_000)}),
        "loop.pdf": pdf(50_000),
        "lines.txt": b"x" * 40 * MEGABYTE,
        "rows.csv": b'"' * 10 * MEGABYTE,
        "words.txt": ("नमस्ते \u202e <script>" * 100_000).encode(),
        "a\u202egnp.exe.txt": b"right to left",
        '"quotes" & <b>.txt': b"name",
        "😀" * 60 + ".txt": b"name",
        "double.jpg.zip": packed(1),
        "polyglot.gif": frames(3) + b"/*<script>alert(1)</script>*/",
        "empty.txt": b"",
    }


def voices() -> dict[str, bytes]:
    return {
        "day.webm": sounds.webm([(0, b"\xfc"), (86_400_000, b"\xfc")]),
        "clusters.webm": sounds.webm([(number, b"\xfc") for number in range(100_000)]),
        "page.webm": HTML,
        "empty.webm": b"",
        "codec.webm": sounds.webm([(0, b"x")], codec=b"A_AC3"),
        "depth.mp4": sounds.box(b"ftyp", b"M4A ") + sounds.box(b"moov") * 200_000,
        "good.webm": sounds.make("webm", sounds.tone(240.0)),
    }


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    return tmp_path / "busy"


@pytest.fixture
def server(start: Start, busy: Path) -> Iterator[ServerProcess]:
    server = start(prelude=WATCH.format(path=str(busy)), SAMPARK_RATE_SCALE="0")
    yield server
    server.stop().assert_clean()


class Costs:
    """What each request cost a server: by how much its memory grew, and how long it kept the event loop busy."""

    def __init__(self, server: ServerProcess, busy: Path) -> None:
        self._server, self._busy = server, busy
        self._grown: dict[str, int] = {}
        self._too_busy: dict[str, list[str]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        self._busy.write_text("")
        before = memory(self._server)
        yield
        if (more := memory(self._server) - before) > 60 * MEGABYTE:
            self._grown[name] = more
        if worst := [seconds for seconds in self._busy.read_text().split() if float(seconds) > MOST_BUSY]:
            self._too_busy[name] = worst

    def assert_small(self) -> None:
        assert self._grown == {}
        assert self._too_busy == {}


def send(person: Person, room: str, field: str, name: str, data: bytes) -> int:
    body, kind = multipart({"text": "", "key": os.urandom(6).hex()}, [(field, name, data)])
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(person.base).netloc, timeout=PATIENCE * 3)
    headers = {"Cookie": person.cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    connection.request("POST", f"/rooms/{room}/messages", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_whatever_is_sent_the_server_stays_quick_small_and_serves_no_page(server: ServerProcess, busy: Path) -> None:
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    # What is loaded once is loaded.
    send(asha, room, "files", "first.jpg", written(scene(), "JPEG"))
    send(asha, room, "files", "first.html", HTML)
    send(asha, room, "voice", "first.webm", sounds.make("webm", sounds.tone(1.0)))
    costs = Costs(server, busy)
    for field, hostile in (("files", files()), ("voice", voices())):
        for name, data in hostile.items():
            with costs.of(name):
                assert send(asha, room, field, name, data) in {303, 413, 415, 422}, name
    costs.assert_small()
    for address in {found.replace("&amp;", "&") for found in PLACE.findall("".join(asha.messages(room).values()))}:
        assert_no_page(asha, address)


FIELDS, FILES = 10_000, 1_000


def forms() -> dict[str, tuple[bytes, str]]:
    """Hostile case 8: bodies of too many parts, and their types."""
    words = {f"field-{number}": "x" for number in range(FIELDS)}
    line = "application/x-www-form-urlencoded"
    return {
        "fields": multipart(words, []),
        "files": multipart({}, [("files", f"{number}.txt", b"words" * 10_000) for number in range(FILES)]),
        "fields and files": multipart(words, [("files", f"{number}.txt", b"words") for number in range(FILES)]),
        "nothing chosen": multipart({}, [("files", "", b"")] * FILES),
        "voices": multipart({}, [("voice", "blob", sounds.make("webm", sounds.tone(1.0)))] * FILES),
        "fields in a line": (urllib.parse.urlencode(words).encode(), line),
        "half a million": (b"a&" * 500_000, line),
    }


def answered(person: Person, path: str, body: bytes, kind: str, *, share: int = 1) -> int:
    """The answer's status, to the first of so many equal shares of a body; the rest is never sent."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(person.base).netloc, timeout=PATIENCE)
    connection.putrequest("POST", path)
    for name, value in (
        ("Cookie", person.cookie),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
    ):
        connection.putheader(name, value)
    connection.endheaders(body[: len(body) // share])
    answer = connection.getresponse()
    if share == 1:
        answer.read()
    connection.close()
    return answer.status


def test_ten_thousand_parts_and_a_thousand_files_are_refused_early_and_leave_nothing(
    server: ServerProcess, busy: Path, tmp_path: Path
) -> None:
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    # What is loaded once is loaded.
    assert send(asha, room, "files", "first.txt", b"words") == 303
    assert send(asha, room, "voice", "first.webm", sounds.make("webm", sounds.tone(2.0))) == 303
    stored = {*blobs(tmp_path)}
    said = asha.messages(room)
    stranger = Person.at(server.url)
    costs = Costs(server, busy)
    for name, (body, kind) in forms().items():
        with costs.of(name):
            path = f"/rooms/{room}/messages"
            assert answered(asha, path, body, kind) == 413, name
            if kind.startswith("multipart"):
                assert answered(asha, path, body, kind, share=10) == 413, f"{name}: not before all has come"
            else:
                assert answered(stranger, "/login", body, kind) == 413, name
                assert answered(asha, "/profile", body, kind) == 413, name
            wait_for(lambda: {*blobs(tmp_path)} == stored, f"{name}: nothing is left of it")
    for letter in ("क", "&", "a"):
        with costs.of(f"words of {letter} that a stranger shares"):
            words = urllib.parse.urlencode({"text": letter * 100_000}).encode()
            assert answered(stranger, "/share", words, "application/x-www-form-urlencoded") == 413
    costs.assert_small()
    assert asha.messages(room) == said
    asha.post(room, "and all is well")


def assert_no_page(person: Person, address: str) -> None:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(person.base).netloc, timeout=PATIENCE)
    connection.request("GET", address, headers={"Cookie": person.cookie})
    answer = connection.getresponse()
    assert answer.status == 200, address
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    is_inline = answer.headers["Content-Disposition"].startswith("inline")
    assert not is_inline or INLINE.fullmatch(kind), (address, kind)
    connection.close()
