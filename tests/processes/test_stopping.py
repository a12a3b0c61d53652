"""SIGTERM: streams get a last block, requests in flight finish, nothing is cut, exit code 0."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.people import PASSWORD, Connection, Person
from tests.processes.conftest import Start
from tests.servers import ServerProcess, run_to_end, wait_for

WITHIN = 10
"""Seconds from SIGTERM to the end (contract, section 1)."""


WAITS_FOR_GO = """
import asyncio, os, pathlib, sampark.live.hub
folder = pathlib.Path(os.environ["SAMPARK_DATA_DIR"])
def before_go(work):
    async def wait(*values, **named):
        answer = await work(*values, **named)
        while not (folder / "go").exists():
            await asyncio.sleep(0.02)
        return answer
    return wait
def noted(work):
    def note(*values):
        with open(folder / "noted", "a") as file:
            file.write("x")
        return work(*values)
    return note
"""
"""For a server: what is wrapped takes until the test says go, so that what lies between can be seen."""


def go(server: ServerProcess) -> None:
    (server.folder / "data" / "go").touch()


def open_streams(person: Person, room: str, stack: ExitStack, each: int = 25) -> list[Connection]:
    streams: list[Connection] = [person.follow(room, returns=False) for _ in range(each)]
    streams += [person.watch(room) for _ in range(each)]
    for stream in streams:
        stack.enter_context(stream)
    for stream in streams:
        stream.wait(lambda stream: 'id="message-1"' in stream.text, "the stream is open")
    return streams


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_fifty_streams_end_cleanly(database: str, start: Start, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue("shared") if database == "postgres" else {}
    server = start(**settings)
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    asha.post(room, "one")
    with ExitStack() as stack:
        streams = open_streams(asha, room, stack)
        stopped = server.stop()
        assert [stream.wait_end().complete for stream in streams] == [True] * 50
    stopped.assert_clean()
    assert stopped.seconds < WITHIN
    byes = [stream.last for stream in streams[:25]]  # type: ignore[attr-defined]
    assert {bye.event for bye in byes} == {"bye"}
    assert all(bye.retry is not None and 1000 <= bye.retry <= 4000 and bye.data for bye in byes)
    assert len({bye.retry for bye in byes}) > 10, "everybody would come back in one moment"
    assert all(stream.text.rstrip().endswith("</html>") for stream in streams[25:])


def test_while_draining_it_says_so_and_new_streams_end_at_once(start: Start) -> None:
    server = start(prelude=WAITS_FOR_GO + "sampark.live.hub.Hub.empty = before_go(sampark.live.hub.Hub.empty)")
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    asha.post(room, "one")
    server.terminate()
    wait_for(lambda: server.readiness() == (503, "stopping\n"), "/readyz says that it stops")
    assert asha.get("/healthz").status == 200
    with asha.follow(room, returns=False) as reader, asha.watch(room) as watcher:
        assert reader.wait_end().complete
        assert reader.last.event == "bye"
        assert watcher.wait_end().complete
        assert watcher.text.rstrip().endswith("</html>")
    asha.post(room, "still taken")
    go(server)
    server.ended().assert_clean()


def half_upload(server: ServerProcess, person: Person, room: str) -> socket.socket:
    """A form that never ends."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    lines = [f"POST /rooms/{room}/messages HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Cookie: {person.cookie}"]
    lines += ["Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 5000"]
    connection.sendall("\r\n".join([*lines, "", "text=never"]).encode())
    return connection


def idle_keep_alive(server: ServerProcess) -> socket.socket:
    """A connection that has had its answer and waits for more."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    return connection


def test_an_endless_upload_and_idle_connections_do_not_keep_it(start: Start) -> None:
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    asha.post(room, "one")
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(half_upload(server, asha, room))
            stack.enter_context(idle_keep_alive(server))
        reader = stack.enter_context(asha.follow(room, returns=False))
        reader.wait_for(1)
        stopped = server.stop()
        assert reader.wait_end().complete
    stopped.assert_clean()
    assert stopped.seconds < WITHIN


def test_idle_connections_alone_cost_no_time(start: Start) -> None:
    server = start()
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(idle_keep_alive(server))
        stopped = server.stop()
    stopped.assert_clean()
    assert stopped.seconds < WITHIN / 2


def test_requests_in_flight_are_answered(start: Start) -> None:
    """Whoever waits for an answer when the server is told to stop gets it."""
    prelude = "import sampark.chat.accounts\nsampark.chat.accounts._email = noted(sampark.chat.accounts._email)\n"
    prelude += "import sampark.chat.passwords\npasswords = sampark.chat.passwords\n"
    server = start(prelude=WAITS_FOR_GO + prelude + "passwords.hashed = before_go(passwords.hashed)")
    somebody = Person.at(server.url)

    def register(number: int) -> int:
        name = f"person{number}"
        return somebody.send("/register", username=name, email=f"{name}@example.org", password=PASSWORD).status

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(register, number) for number in range(4)]
        noted = server.folder / "data" / "noted"
        wait_for(lambda: noted.exists() and len(noted.read_text()) == 4, "all four are being answered")
        server.terminate()
        # Whoever comes now is refused at once, not left to wait for a process that takes nobody any more.
        wait_for(lambda: "refused" in server.readiness()[1], "it takes no new connections")
        go(server)
        assert [answer.result() for answer in answers] == [303] * 4
    server.ended().assert_clean()
    server.start()
    assert Person.at(server.url).signed_in("person3").get("/").status == 200


def test_a_restart_keeps_everything(start: Start) -> None:
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    for number in range(1, 121):
        asha.post(room, f"message {number}")
    asha.delete(room, 7)
    before = asha.messages(room)
    with asha.follow(room) as reader:
        reader.wait_for(120)
        server.restart().assert_clean()
        # The same cookie, the same ID, the same bytes.
        assert asha.messages(room) == before
        assert asha.post(room, "after") == 121
        reader.wait_for(121)
        assert reader.page == asha.messages(room)
        assert reader.arrived == [*range(1, 7), *range(8, 122)]
    server.stop().assert_clean()


def test_a_second_server_on_the_same_folder_is_refused(start: Start, tmp_path: Path) -> None:
    server = start()
    refused = run_to_end(tmp_path / "data", "serve", "--port", "0")
    assert refused.code == 1
    assert refused.errors.count("\n") == 1
    assert "another Sampark already serves" in refused.errors
    assert "SAMPARK_DATA_DIR" in refused.errors
    assert server.readiness()[0] == 200
    server.kill()
    # A crash leaves nothing behind that has to be cleaned by hand.
    server.start()
    server.stop().assert_clean()


def test_a_taken_port_and_two_workers_on_sqlite_are_refused_with_a_sentence(start: Start, tmp_path: Path) -> None:
    server = start()
    taken = run_to_end(tmp_path / "other", "serve", "--port", str(server.port))
    two = run_to_end(tmp_path / "other", "serve", "--port", "0", "--workers", "2")
    for refused, word in ((taken, f"PORT={server.port}"), (two, "--workers=2")):
        assert refused.code == 1
        assert refused.errors.count("\n") == 1
        assert word in refused.errors
