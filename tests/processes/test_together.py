"""Several processes on one PostgreSQL and one Redis are one chat."""

from __future__ import annotations

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.people import PASSWORD, Person, Reader
from tests.processes.conftest import Start
from tests.servers import ServerProcess, ask, children, finished, new_database, run, run_to_end, wait_for
from tests.services import PostgresServer, RedisServer

ONLY_RINGS = "import sampark.live.hub as hub\nhub.LOOK_EVERY = 3600.0\n"
"""What arrives has been rung for: no look by the way can have found it."""

SHORT_LEASES = "import sampark.live.leases as leases\nleases.LIFETIME = 4\n"


@pytest.fixture
def two(start: Start, shared: dict[str, str]) -> tuple[ServerProcess, ServerProcess]:
    return start(prelude=ONLY_RINGS, **shared), start(prelude=ONLY_RINGS, **shared)


def test_what_is_said_on_one_is_read_on_the_other(two: tuple[ServerProcess, ServerProcess]) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    with ExitStack() as stack:
        readers = [stack.enter_context(person.follow(room)) for person in (asha, ravi) for _ in range(3)]
        readers += [
            stack.enter_context(person.elsewhere(url).follow(room)) for person, url in ((asha, b.url), (ravi, a.url))
        ]
        for reader in readers:
            reader.wait_for(1)

        def talk(person: Person) -> None:
            for number in range(30):
                person.post(room, f"{person.name} says {number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(talk, [asha, ravi, asha.elsewhere(b.url), ravi.elsewhere(a.url)]))
        for reader in readers:
            reader.wait_for(121).assert_saw_everything(room)
        assert asha.messages(room) == ravi.messages(room)
        asha.delete(room, next(seq for seq, text in asha.messages(room).items() if 'data-author="asha"' in text))
        for reader in readers:
            reader.wait(lambda reader: len(reader.page) == 120, "the deleted message is gone")
    for server in two:
        server.stop().assert_clean()


def test_typing_and_presence_cross_processes(two: tuple[ServerProcess, ServerProcess]) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    with asha.follow(room) as hers, ravi.follow(room) as his:
        hers.wait(lambda reader: reader.online == {"asha", "ravi"}, "both are online")
        his.wait(lambda reader: reader.online == {"asha", "ravi"}, "both are online")
        # The page says it again and again, too: what is said before the other process listens to this room is lost.
        wait_for(
            lambda: asha.send(f"/rooms/{room}/typing").status == 204 and his.typing == "asha is typing…",
            "she is typing",
        )
        assert hers.typing == ""
        his.wait(lambda reader: reader.typing == "", "she stopped")


def test_what_is_read_on_one_is_marked_on_none(two: tuple[ServerProcess, ServerProcess]) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    garden, kitchen = asha.open_room("Garden"), asha.open_room("Kitchen")
    ravi = Person.at(b.url).signed_up("ravi").join(garden).join(kitchen)
    marked = f'[data-room=\'{garden}\'] .unread" hx-swap="innerHTML">New<'
    cleared = f'[data-room=\'{garden}\'] .unread" hx-swap="innerHTML"><'
    with Reader(ravi, "/events", since=0) as home, ravi.elsewhere(a.url).follow(garden) as reading:
        reading.wait(lambda reader: "ravi" in reader.online, "ravi reads on the other process")
        seq = asha.post(garden, "read at once")
        asha.post(kitchen, "not read")
        reading.wait_for(seq)
        home.wait(lambda reader: kitchen in reader.text.rpartition(">New<")[0], "the mark of the other room")
        assert marked not in home.text
        row = re.search(f'data-room="{garden}".*?</li>', ravi.get("/").text)
        assert row
        assert '<span class="unread"></span>' in row[0]
        reading.close()
        # Until the other process knows that nobody reads there any more, and what was read, there is nothing new.
        wait_for(lambda: asha.post(garden, "nobody there") and marked in home.text, "the mark")
        before = home.text.count(cleared)
        ravi.elsewhere(a.url).get(f"/rooms/{garden}")
        home.wait(lambda reader: reader.text.count(cleared) > before, "no mark")


@pytest.mark.parametrize(
    ("deed", "reason", "then"),
    [
        (lambda person, room: person.leave(room), "left", 404),
        (lambda person, room: person.sign_out(), "signed-out", 401),
        (lambda person, room: person.delete_room(room), "deleted", 404),
        (lambda person, room: change_password(person), "signed-out", 401),
    ],
    ids=["leaves", "signs out", "deletes the room", "changes the password elsewhere"],
)
def test_who_may_not_stay_is_told_on_every_process(
    deed: object, reason: str, then: int, two: tuple[ServerProcess, ServerProcess]
) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    asha.post(room, "one")
    with asha.elsewhere(b.url).follow(room, returns=False) as reader, asha.elsewhere(b.url).watch(room) as watcher:
        reader.wait_for(1)
        watcher.wait(lambda watcher: watcher.seqs(), "the document is open")
        before = asha.elsewhere(b.url)
        cookies = dict(asha.cookies)
        deed(asha, room)  # type: ignore[operator]
        for connection in (reader, watcher):
            ended = connection.wait(lambda connection: connection.endings, "the end", seconds=2)
            assert ended.endings[0].complete
        assert (reader.last.event, reader.last.data) == ("gone", reason)
        assert 'role="alert"' in watcher.text
    before.cookies.update(cookies)  # even with the cookie from before
    with before.follow(room, returns=False) as reader:
        assert reader.wait_end().status == then


def change_password(person: Person) -> None:
    """In another browser, which alone stays signed in."""
    fields = {"current_password": PASSWORD, "password": PASSWORD + " too"}
    assert person.signed_in(person.name).send("/profile/password", **fields).status == 303


def test_a_removed_person_hears_nothing_more_while_others_talk(two: tuple[ServerProcess, ServerProcess]) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    with ravi.follow(room, returns=False) as his, asha.follow(room) as hers:
        his.wait_for(1)
        hers.wait_for(1)
        ravi.elsewhere(a.url).leave(room)
        asha.post(room, "a secret after he left")
        assert his.wait_end().complete
        # That he came and went is one line, changed where it stands; what was said after it is the second message.
        hers.wait_for(2).assert_saw_everything(room)
        assert hers.version == 3
        assert "left" in hers.page[1]
        assert "secret" not in his.text
        assert his.last.event == "gone"


def test_who_was_on_a_killed_process_is_not_online_for_ever(start: Start, shared: dict[str, str]) -> None:
    a, b = (start(prelude=SHORT_LEASES, **shared) for _ in range(2))
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    with asha.follow(room) as hers, ravi.follow(room, returns=False) as his:
        hers.wait(lambda reader: reader.online == {"asha", "ravi"}, "both are online")
        his.wait_for(1)
        b.kill()
        assert not his.wait_end().complete
        asha.post(room, "are you there?")
        hers.wait(lambda reader: reader.online == {"asha"}, "he is offline")
        with ravi.elsewhere(a.url).follow(room, since=his.version) as back:
            hers.wait(lambda reader: reader.online == {"asha", "ravi"}, "he is back on the other process")
            back.wait_for(2)
            assert back.arrived == [2]
        hers.assert_saw_everything(room)
    a.stop().assert_clean()


def test_a_killed_process_loses_nothing(start: Start, shared: dict[str, str]) -> None:
    a, b = start(**shared), start(**shared)
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    with asha.elsewhere(b.url).follow(room) as far, asha.follow(room) as near:
        for number in range(1, 101):
            asha.post(room, f"message {number}")
            if number == 30:
                b.kill()
            if number == 60:
                b.start()
        for reader in (far, near):
            reader.wait_for(100).assert_saw_everything(room)
        assert len(far.endings) > 1


def test_limits_are_counted_together(start: Start, shared: dict[str, str]) -> None:
    a, b = (start(SAMPARK_RATE_SCALE="1", **shared) for _ in range(2))
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    statuses = [
        asha.elsewhere(url).send(f"/rooms/{room}/messages", text=f"{number} {url}").status
        for number in range(50)
        for url in (a.url, b.url)
    ]
    refused = statuses.count(429)
    assert refused, "each process counts for itself"
    assert refused + statuses.count(303) == 100


def test_two_workers_serve_and_a_dead_one_is_replaced(start: Start, shared: dict[str, str]) -> None:
    server = start("--workers", "2", **shared)
    wait_for(lambda: len(children(server.pid)) == 2, "two children")
    wait_for(lambda: "Sampark Setu is ready" in server.said, "it says that it is ready")
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    with ExitStack() as stack:
        readers = [stack.enter_context(asha.follow(room)) for _ in range(12)]
        for reader in readers:
            reader.wait(lambda reader: reader.blocks, "the stream is open")
        asha.post(room, "one")
        for reader in readers:
            reader.wait_for(1)
        victim, other = children(server.pid)
        for dying in (victim, other):  # each in its turn, so that each of the two carried everybody once
            os.kill(dying, signal.SIGKILL)
            wait_for(lambda dying=dying: dying not in (now := children(server.pid)) and len(now) == 2, "a new child")  # type: ignore[misc]
            wait_for(lambda: server.readiness()[0] == 200, "it is ready")
        wait_for(lambda: all(reader.is_alive() for reader in readers), "all readers live")
        for number in range(2, 21):
            post_until_taken(asha, room, f"message {number}")
        for reader in readers:
            reader.wait_for(20).assert_saw_everything(room)
    stopped = server.stop()
    assert stopped.code == 0, stopped.errors
    assert "Traceback" not in stopped.errors
    assert server.said.count("Sampark Setu is ready") == 1


def test_workers_that_cannot_start_are_given_up_with_an_exit_code(tmp_path: Path) -> None:
    """Whoever watches over the parent (systemd, Docker) must see that it did not work."""
    settings = {"DATABASE_URL": "postgres://sampark@127.0.0.1:1/sampark", "REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = run_to_end(tmp_path, "serve", "--port", "0", "--workers", "2", **settings)
    assert ended.code == 1
    assert "DATABASE_URL" in ended.errors or "database does not answer" in ended.errors
    assert "Traceback" not in ended.errors


def test_a_parent_that_is_killed_leaves_no_children(start: Start, shared: dict[str, str]) -> None:
    server = start("--workers", "2", **shared)
    wait_for(lambda: len(children(server.pid)) == 2, "two children")
    orphans = children(server.pid)
    server.kill()
    wait_for(lambda: not any(alive(pid) for pid in orphans), "they noticed and stopped")


def post_until_taken(person: Person, room: str, text: str) -> None:
    """With a key, as the page does: a connection that broke may have been heard."""
    key = text.replace(" ", "-")
    limit = time.monotonic() + 30
    while True:
        try:
            person.post(room, text, key=key)
        except OSError:
            assert time.monotonic() < limit, "nobody takes it"
            time.sleep(0.05)
        else:
            return


def test_workers_stop_with_open_streams(start: Start, shared: dict[str, str]) -> None:
    server = start("--workers", "2", **shared)
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    asha.post(room, "one")
    with ExitStack() as stack:
        readers = [stack.enter_context(asha.follow(room, returns=False)) for _ in range(20)]
        for reader in readers:
            reader.wait_for(1)
        pids = children(server.pid)
        stopped = server.stop()
        assert all(reader.wait_end().complete for reader in readers)
        assert {reader.last.event for reader in readers} == {"bye"}
    assert stopped.code == 0, stopped.errors
    assert stopped.seconds < 10
    assert "Traceback" not in stopped.errors, stopped.errors
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_everybody_may_migrate_a_new_database_at_once(
    lasting: tuple[PostgresServer, RedisServer], tmp_path: Path
) -> None:
    postgres, redis = lasting
    settings = {"DATABASE_URL": new_database(postgres), "REDIS_URL": redis.url, "SAMPARK_DATA_DIR": str(tmp_path)}
    settings |= {"SAMPARK_BCRYPT_COST": "4"}
    began = time.monotonic()
    logs = [(tmp_path / f"migrate-{number}.out", tmp_path / f"migrate-{number}.err") for number in range(2)]
    migrations = [run("migrate", out=out, err=err, settings=settings) for out, err in logs]
    with ServerProcess(tmp_path, **settings) as one, ServerProcess(tmp_path, **settings) as other:
        ended = [finished(process, *log, began) for process, log in zip(migrations, logs, strict=True)]
        assert [done.code for done in ended] == [0, 0], ended
        asha = Person.at(one.url).signed_up("asha")
        # No secret was set: both took the one that the first of them made.
        assert asha.elsewhere(other.url).get("/profile").status == 200
    again = run_to_end(tmp_path, "migrate", **settings)
    assert (again.code, again.said) == (0, "The database is up to date.\n")


def test_only_one_of_those_who_come_first_is_the_administrator(two: tuple[ServerProcess, ServerProcess]) -> None:
    def register(number: int) -> int:
        fields = {"username": f"first{number}", "email": f"first{number}@example.org", "password": PASSWORD}
        return Person.at(two[number % 2].url).send("/register", **fields).status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(register, range(8))) == [303] * 8
    admins = ask(two[0].settings["DATABASE_URL"], "SELECT username FROM users WHERE is_admin")
    assert len(admins) == 1
