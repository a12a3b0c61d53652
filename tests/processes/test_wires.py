"""Streams over real sockets, once on connections that are taken over from hypercorn and once the public way: nobody sees a difference."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.people import Person, Reader
from tests.processes.conftest import Start
from tests.servers import ServerProcess, wait_for

PUBLIC = "import sampark.takeover\nsampark.takeover.fits = lambda: False\n"
"""As with a hypercorn that is made otherwise."""


@pytest.fixture(params=["", PUBLIC], ids=["taken over", "public way"])
def server(request: pytest.FixtureRequest, start: Start) -> ServerProcess:
    made = start(prelude=request.param)
    assert ("streams_go_the_slow_way" in made.errors) == bool(request.param)
    return made


@pytest.fixture
def asha(server: ServerProcess) -> Person:
    return Person.at(server.url).signed_up("asha")


def test_the_law_holds_while_people_talk_delete_and_come_back(server: ServerProcess, asha: Person) -> None:
    ravi = Person.at(server.url).signed_up("ravi")
    room = asha.open_room("Garden")
    ravi.join(room)
    with ExitStack() as stack:
        readers = [stack.enter_context(person.follow(room)) for person in (asha, ravi) for _ in range(5)]
        watcher = stack.enter_context(asha.watch(room))
        for reader in readers:
            reader.wait_for(1)

        def talk(person: Person) -> None:
            for number in range(40):
                seq = person.post(room, f"{person.name} says {number}")
                if number % 10 == 3:
                    person.delete(room, seq)

        def come_and_go(reader: Reader) -> None:
            for _ in range(6):
                time.sleep(0.1)
                line = reader._socket
                if line is not None:
                    with contextlib.suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)

        with ThreadPoolExecutor(6) as pool:
            work = [pool.submit(talk, person) for person in (asha, ravi)]
            work += [pool.submit(come_and_go, reader) for reader in readers[:3]]
            for done in work:
                done.result()
        last = asha.post(room, "the last one")
        for reader in readers:
            reader.wait(lambda reader: reader.page and max(reader.page) == last, "the last one has come")
            now = asha.messages(room)
            reader.wait(lambda reader, now=now: reader.page == now, "it is where the page is")  # type: ignore[misc]
            assert reader.arrived == sorted({*reader.arrived}), "something came twice, or out of order"
        assert len(readers[0].endings) > 1
        watcher.wait(lambda watcher: last in watcher.seqs(), "the document, too")
    server.stop().assert_clean()


def test_a_thousand_letters_arrive_whole_and_in_order(server: ServerProcess, asha: Person) -> None:
    room = asha.open_room("Letters")
    text = "नमस्ते दुनिया " * 700
    for number in range(60):
        asha.post(room, f"{number} {text}")
    with asha.follow(room) as reader, asha.follow(room, since=59) as near:
        reader.wait_for(60).assert_saw_everything(room)
        assert reader.arrived == list(range(1, 61))
        near.wait_for(60)
        assert near.arrived == [60]
        assert reader.endings == [], "one block, however large, is no reason to end a stream"
    server.stop().assert_clean()


class OldReader(threading.Thread):
    """Asks as HTTP/1.0 does, where the connection's end is the body's."""

    def __init__(self, person: Person, path: str) -> None:
        super().__init__(daemon=True)
        self.address = urlsplit(person.base)
        self.request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nCookie: {person.cookie}\r\n\r\n".encode()
        self.raw = b""
        self.has_ended = False

    def run(self) -> None:
        with socket.create_connection((self.address.hostname, self.address.port), timeout=30) as line:
            line.sendall(self.request)
            while piece := line.recv(65536):
                self.raw += piece
            self.has_ended = True


def test_http_1_0_is_served_without_chunks(server: ServerProcess, asha: Person) -> None:
    room = asha.open_room("Garden")
    reader = OldReader(asha, f"/rooms/{room}/events?since=0")
    reader.start()
    wait_for(lambda: b"id: 0\n\n" in reader.raw, "the opening")
    for number in range(5):
        asha.post(room, f"message {number}")
    wait_for(lambda: b"message 4" in reader.raw, "the last message")
    server.stop().assert_clean()
    reader.join(10)
    assert reader.has_ended
    head, _, body = reader.raw.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body.startswith(b"id: 0\n\n")
    assert [int(seq) for seq in re.findall(rb'<article id="message-(\d+)"', body)] == [1, 2, 3, 4, 5]
    assert re.search(rb"event: bye\nretry: \d+\ndata: bye\n\n\Z", body)


@pytest.fixture
def curl() -> str:
    path = shutil.which("curl")
    assert path, "the test needs curl"
    told = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    assert "HTTP2" in told, f"the test needs a curl that speaks HTTP/2, and this one says {told}"
    return path


def test_http_2_is_served_the_public_way(server: ServerProcess, asha: Person, curl: str, tmp_path: Path) -> None:
    """Where one connection carries many streams, none of them can have it for itself."""
    room = asha.open_room("Garden")
    heads, body = tmp_path / "heads", tmp_path / "body"
    command = [curl, "--http2-prior-knowledge", "-sN", "-D", str(heads), "-o", str(body), "-b", asha.cookie]
    reading = subprocess.Popen([*command, f"{server.url}/rooms/{room}/events?since=0"])
    try:
        wait_for(lambda: body.exists() and b"id: 0\n\n" in body.read_bytes(), "the opening")
        assert heads.read_text().startswith("HTTP/2 200")
        with asha.follow(room) as reader:
            for number in range(20):
                asha.post(room, f"message {number}")
            reader.wait_for(20).assert_saw_everything(room)
        wait_for(lambda: b"message 19" in body.read_bytes(), "the last message")
        server.stop().assert_clean()
        assert reading.wait(10) == 0, "the response was not whole"
    finally:
        reading.kill()
    text = body.read_text()
    assert [int(seq) for seq in re.findall(r'<article id="message-(\d+)"', text)] == list(range(1, 21))
    assert "event: bye" in text


@contextlib.contextmanager
def deaf_readers(asha: Person, room: str, count: int) -> Iterator[list[socket.socket]]:
    """Open streams that nobody reads from, on lines that take next to nothing by themselves."""
    address = urlsplit(asha.base)
    with ExitStack() as stack:
        lines = []
        for _ in range(count):
            line = stack.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(30)
            line.connect((address.hostname, address.port))
            request = f"GET /rooms/{room}/events HTTP/1.1\r\nHost: localhost\r\nCookie: {asha.cookie}\r\n\r\n"
            line.sendall(request.encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
            lines.append(line)
        yield lines


def resident(server: ServerProcess) -> int:
    """Megabytes."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(server.pid)], capture_output=True, text=True, check=True)
    return int(shown.stdout) // 1024


def test_readers_that_never_read_cost_a_bounded_amount_and_hold_nobody_up(server: ServerProcess, asha: Person) -> None:
    room = asha.open_room("Garden")
    with asha.follow(room) as reader, deaf_readers(asha, room, 60):
        asha.post(room, "one")
        reader.wait_for(1)
        before = resident(server)
        for _ in range(700):  # 7 MB for each of them, of which the kernel takes a part
            last = asha.post(room, "x" * 10_000)
        reader.wait_for(last).assert_saw_everything(room)
        assert resident(server) - before < 100
    server.stop().assert_clean()


def test_readers_that_never_read_do_not_keep_a_server_from_stopping(server: ServerProcess, asha: Person) -> None:
    """From Python 3.12 on it would wait for every connection that it ever accepted."""
    room = asha.open_room("Garden")
    with asha.follow(room, returns=False) as reader, deaf_readers(asha, room, 5) as lines:
        for line in lines:
            line.settimeout(0.1)
        for _ in range(40):
            last = asha.post(room, "x" * 10_000)
        reader.wait_for(last)
        stopped = server.stop()
        assert reader.wait_end().complete
    stopped.assert_clean()
    assert stopped.seconds < 8


def test_a_frozen_client_that_wakes_up_again_misses_nothing(server: ServerProcess, asha: Person) -> None:
    """Its connection may have been given up meanwhile; it comes back by version."""
    room = asha.open_room("Garden")
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.people import Person\n"
        "person, room = Person(sys.argv[1], 'asha', {}), sys.argv[2]\n"
        "person.cookies.update(pair.split('=', 1) for pair in sys.argv[3].split('; '))\n"
        "with person.follow(room) as reader:\n"
        "    print('ready', flush=True)\n"
        "    last = int(input())\n"
        "    reader.wait_for(last).assert_saw_everything(room)\n"
        "    print('whole', flush=True)\n"
    )
    import sys

    client = subprocess.Popen(
        [sys.executable, "-c", script, server.url, room, asha.cookie],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert client.stdin
        assert client.stdout
        assert client.stdout.readline() == "ready\n"
        client.send_signal(signal.SIGSTOP)
        for _ in range(150):
            last = asha.post(room, "x" * 10_000)
        client.send_signal(signal.SIGCONT)
        client.stdin.write(f"{last}\n")
        client.stdin.flush()
        assert client.stdout.readline() == "whole\n"
    finally:
        client.kill()
        client.wait()
    server.stop().assert_clean()


def test_streams_that_end_for_a_reason_say_it_and_are_whole(server: ServerProcess, asha: Person) -> None:
    ravi = Person.at(server.url).signed_up("ravi")
    room = asha.open_room("Garden")
    ravi.join(room)
    with ravi.follow(room, returns=False) as left, asha.follow(room, returns=False) as deleted:
        left.wait_for(1)
        deleted.wait_for(1)
        ravi.leave(room)
        assert left.wait(lambda reader: reader.endings, "the end", seconds=2).endings[0].complete
        assert (left.last.event, left.last.data) == ("gone", "left")
        asha.delete_room(room)
        assert deleted.wait(lambda reader: reader.endings, "the end", seconds=2).endings[0].complete
        assert (deleted.last.event, deleted.last.data) == ("gone", "deleted")
    server.stop().assert_clean()
