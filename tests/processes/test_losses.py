"""What others can take away: Redis killed, PostgreSQL restarted, a reader far behind. Everybody still gets everything."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from tests.people import PASSWORD, Person, words
from tests.processes.conftest import Start
from tests.servers import ROOT, SECRET, ServerProcess, ask, new_database, wait_for
from tests.services import PostgresServer, RedisServer, Services

QUICK = 2.0
"""Seconds that a post may take while Redis is away; its own limits are far below, its patience for Redis far above."""


@pytest.fixture
def redis(mortal: Services, tmp_path: Path) -> RedisServer:
    return mortal.start_redis(tmp_path, own=True)


@pytest.fixture
def two(
    start: Start, redis: RedisServer, lasting: tuple[PostgresServer, RedisServer]
) -> tuple[ServerProcess, ServerProcess]:
    # With limits, because they ask Redis too; so wide that nobody meets them.
    settings = {"DATABASE_URL": new_database(lasting[0]), "REDIS_URL": redis.url, "SAMPARK_RATE_SCALE": "1000"}
    return start(**settings), start(**settings)


def test_redis_is_killed_while_people_talk(two: tuple[ServerProcess, ServerProcess], redis: RedisServer) -> None:
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    with ExitStack() as stack:
        readers = [stack.enter_context(person.follow(room)) for person in (asha, ravi) for _ in range(3)]
        for reader in readers:
            reader.wait_for(1)
        said = 1
        for person in (asha, ravi) * 5:
            said = person.post(room, f"before {said}")
        redis.kill()
        for person in (asha, ravi) * 5:
            began = time.monotonic()
            said = person.post(room, f"without Redis {said}")
            assert time.monotonic() - began < QUICK, "a dead Redis must not keep anyone waiting"
        for reader in readers:
            reader.wait_for(said)
        for server in two:
            status, text = server.readiness()
            assert status == 503
            assert "redis" in text
            assert "degraded" in text
        assert asha.elsewhere(b.url).get(f"/rooms/{room}").status == 200
        late = [stack.enter_context(person.follow(room)) for person in (asha, ravi)]
        for reader in late:
            reader.wait_for(said)
        redis.start()
        for server in two:
            wait_for(lambda server=server: server.readiness() == (200, "ready\n"), "ready again without a restart")  # type: ignore[misc]
        for person in (asha, ravi) * 5:
            said = person.post(room, f"after {said}")
        for reader in [*readers, *late]:
            reader.wait_for(said).assert_saw_everything(room)
            assert len(reader.endings) == 0, "no stream had to end for it"
    for server in two:
        server.stop().assert_clean()


def test_rings_cross_again_after_redis_came_back(
    start: Start, redis: RedisServer, lasting: tuple[PostgresServer, RedisServer]
) -> None:
    """The looks by the way are hours apart here, so that only a subscription made anew can bring the message."""
    settings = {"DATABASE_URL": new_database(lasting[0]), "REDIS_URL": redis.url}
    prelude = "import sampark.live.hub as hub\nhub.LOOK_EVERY = 3600.0\n"
    a, b = start(prelude=prelude, **settings), start(prelude=prelude, **settings)
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    with asha.elsewhere(b.url).follow(room) as reader:
        asha.post(room, "one")
        reader.wait_for(1)
        redis.kill()
        asha.post(room, "two")  # nothing rings for it: the new subscription says that something may have been missed
        redis.start()
        reader.wait_for(2)
        wait_for(lambda: b.readiness()[0] == 200 and a.readiness()[0] == 200, "both are ready")
        for number in range(3, 20):
            asha.post(room, str(number))
            reader.wait_for(number)
        reader.assert_saw_everything(room)


@pytest.mark.parametrize("has_limits", [False, True], ids=["without limits", "with limits"])
def test_redis_that_hangs_is_as_good_as_away(
    has_limits: bool, start: Start, redis: RedisServer, lasting: tuple[PostgresServer, RedisServer]
) -> None:
    """It keeps its connections and says nothing: worse than dead. Rings wait for it off the requests' path."""
    settings = {"DATABASE_URL": new_database(lasting[0]), "REDIS_URL": redis.url}
    a, b = (start(SAMPARK_RATE_SCALE="1000" if has_limits else "0", **settings) for _ in range(2))
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")

    def timed(number: int) -> float:
        began = time.monotonic()
        assert asha.post(room, str(number)) == number
        return time.monotonic() - began

    with asha.elsewhere(b.url).follow(room) as far, asha.follow(room) as near:
        before = [timed(number) for number in range(1, 11)]
        far.wait_for(10)
        redis.freeze()
        try:
            meanwhile = [timed(number) for number in range(11, 31)]
            for reader in (near, far):
                reader.wait_for(30)
            for server in (a, b):
                status, text = server.readiness()
                assert status == 503
                assert "redis" in text
                assert "degraded" in text
        finally:
            redis.resume()
        # Limits are counted in Redis: whoever first finds it silent waits for half a second, and the others for nothing.
        assert median(meanwhile) < median(before) + 0.2, f"posts took {meanwhile} while Redis hung"
        assert max(meanwhile) < max(before) + (0.8 if has_limits else 0.2), f"posts took {meanwhile} while Redis hung"
        for server in (a, b):
            wait_for(lambda server=server: server.readiness() == (200, "ready\n"), "ready again without a restart")  # type: ignore[misc]
        asha.post(room, "and on")
        for reader in (near, far):
            reader.wait_for(31).assert_saw_everything(room)
            assert reader.endings == []
    for server in (a, b):
        server.stop().assert_clean()


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_who_may_not_stay_goes_although_redis_is_away_at_that_moment(
    fault: str, two: tuple[ServerProcess, ServerProcess], redis: RedisServer
) -> None:
    """Nothing rings in the other process: it has to find out by itself, within fifteen seconds."""
    a, b = two
    asha = Person.at(a.url).signed_up("asha")
    room, doomed = asha.open_room("Garden"), asha.open_room("Short-lived")
    ravi, mina, kiran, tara = (
        Person.at(a.url).signed_up(name).join(room) for name in ("ravi", "mina", "kiran", "tara")
    )
    ravi.join(doomed)
    kiran_at_home = kiran.signed_in("kiran")
    places = [(ravi, room), (mina, room), (kiran, room), (tara, room), (ravi, doomed)]
    with ExitStack() as stack:
        readers = [
            stack.enter_context(person.elsewhere(b.url).follow(place, returns=False)) for person, place in places
        ]
        documents = [stack.enter_context(person.elsewhere(b.url).watch(place)) for person, place in places]
        stays = stack.enter_context(asha.elsewhere(b.url).follow(room))
        for connection in [*readers, *documents, stays]:
            connection.wait(lambda connection: connection.text, "it is open")
        (redis.kill if fault == "killed" else redis.freeze)()
        try:
            began = time.monotonic()
            ravi.leave(room)
            mina.sign_out()
            changed = kiran_at_home.send("/profile/password", current_password=PASSWORD, password=PASSWORD + " too")
            assert changed.status == 303
            sign_out_by_command(b, "tara")
            asha.delete_room(doomed)
            for connection in [*readers, *documents]:
                assert connection.wait_end().complete
            assert time.monotonic() - began < 15
        finally:
            if fault == "frozen":
                redis.resume()
        reasons = [reader.last.data for reader in readers]
        assert reasons == ["left", "signed-out", "signed-out", "signed-out", "deleted"]
        assert {reader.last.event for reader in readers} == {"gone"}
        last = asha.post(room, "who is left?")
        stays.wait_for(last)
        assert not any("who is left?" in connection.text for connection in [*readers, *documents])


def sign_out_by_command(server: ServerProcess, name: str) -> None:
    """As an operator does it whom somebody has asked for help."""
    ended = subprocess.run(
        [sys.executable, "-m", "sampark", "user", "password", name],
        input=PASSWORD + " once more\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "SAMPARK_DATA_DIR": str(server.folder), "SAMPARK_SECRET_KEY": SECRET}
        | server.settings
        | {"SAMPARK_BCRYPT_COST": "4"},
    )
    assert ended.returncode == 0, ended.stderr
    assert "signed out everywhere" in ended.stdout


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_who_is_signed_out_by_the_command_line_is_gone_within_two_seconds(
    database: str, start: Start, request: pytest.FixtureRequest
) -> None:
    """It rings no bell: it is another process, and with SQLite there is nothing to ring with."""
    server = start(**(request.getfixturevalue("shared") if database == "postgres" else {}))
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(server.url).signed_up("ravi").join(room)
    with ravi.follow(room, returns=False) as his, ravi.watch(room) as document, asha.follow(room) as hers:
        for connection in (his, document, hers):
            connection.wait(lambda connection: connection.text, "it is open")
        sign_out_by_command(server, "ravi")
        for connection in (his, document):
            ending = connection.wait(lambda connection: connection.endings, "the end", seconds=2).endings[0]
            assert ending.complete
        assert (his.last.event, his.last.data) == ("gone", "signed-out")
        assert hers.endings == []
    assert ravi.get(f"/rooms/{room}/events").status == 401
    server.stop().assert_clean()


def test_postgresql_is_restarted_while_a_server_runs(
    start: Start, mortal: Services, tmp_path: Path, lasting: tuple[PostgresServer, RedisServer]
) -> None:
    postgres = mortal.start_postgres(tmp_path, own=True)
    server = start(DATABASE_URL=new_database(postgres), REDIS_URL=lasting[1].url)
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    with asha.follow(room) as reader, asha.watch(room) as watcher:
        for number in range(1, 6):
            asha.post(room, f"before {number}")
        reader.wait_for(5)
        postgres.stop()
        page = asha.get(f"/rooms/{room}")
        assert page.status == 503
        assert "Retry-After" in page.headers
        assert 'role="alert"' in page.text
        assert "<h1>" in page.text
        refused = asha.send(f"/rooms/{room}/messages", text="lost?")
        assert refused.status == 503
        assert asha.get("/healthz").status == 200
        status, text = server.readiness()
        assert (status, "database" in text) == (503, True)
        postgres.start()
        wait_for(lambda: server.readiness()[0] == 200, "ready again without a restart")
        for number in range(6, 11):
            assert asha.post(room, f"after {number}") == number
        reader.wait_for(10).assert_saw_everything(room)
        assert reader.endings == [], "the stream outlived it"
        watcher.wait(lambda watcher: watcher.seqs() == list(range(1, 11)), "the document goes on")
    server.stop().assert_clean()


def test_a_database_that_is_killed_comes_back(
    start: Start, mortal: Services, tmp_path: Path, lasting: tuple[PostgresServer, RedisServer]
) -> None:
    postgres = mortal.start_postgres(tmp_path, own=True)
    server = start(DATABASE_URL=new_database(postgres), REDIS_URL=lasting[1].url)
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    with asha.follow(room) as reader:
        asha.post(room, "one")
        reader.wait_for(1)
        ask(postgres.url, "CHECKPOINT")  # the tests' server forgets on a crash what it has not written yet
        statuses: list[int] = []
        is_over = threading.Event()

        def look() -> None:
            while not is_over.is_set():
                statuses.append(asha.get(f"/rooms/{room}").status)

        with ThreadPoolExecutor(6) as pool:
            people = [pool.submit(look) for _ in range(6)]
            wait_for(lambda: len(statuses) > 30, "people look at the room")
            postgres.kill()
            wait_for(lambda: 503 in statuses, "somebody was told")
            postgres.start()
            wait_for(lambda: statuses[-20:] == [200] * 20, "everybody sees the room again")
            is_over.set()
        assert [person.exception() for person in people] == [None] * 6
        wait_for(lambda: server.readiness()[0] == 200, "ready again without a restart")
        asha.post(room, "two")
        reader.wait_for(2).assert_saw_everything(room)
        assert {*statuses} == {200, 503}


def test_a_server_without_its_database_does_not_start_and_says_why(start: Start, tmp_path: Path) -> None:
    away = "postgres://sampark@127.0.0.1:1/sampark"
    with pytest.raises(RuntimeError, match=r"DATABASE_URL.*ConnectionRefused|database does not answer"):
        start(DATABASE_URL=away, REDIS_URL="redis://127.0.0.1:1/0")


def test_a_server_starts_without_redis_and_is_degraded_until_it_comes(
    start: Start, mortal: Services, tmp_path: Path, lasting: tuple[PostgresServer, RedisServer]
) -> None:
    redis = mortal.start_redis(tmp_path, own=True)
    redis.kill()
    server = ServerProcess(tmp_path, DATABASE_URL=new_database(lasting[0]), REDIS_URL=redis.url)
    server.start(wait=False)
    try:
        wait_for(lambda: server.readiness()[0] == 503, "it answers")
        asha = Person.at(server.url).signed_up("asha")
        room = asha.open_room("Garden")
        with asha.follow(room) as reader:
            asha.post(room, "one")
            reader.wait_for(1)
            redis.start()
            wait_for(lambda: server.readiness()[0] == 200, "ready")
            asha.post(room, "two")
            reader.wait_for(2).assert_saw_everything(room)
    finally:
        stopped = server.stop()
    stopped.assert_clean()


LONG = "नमस्ते दुनिया " * 700
"""Almost as long as a message may be, and three times as many bytes."""


def long_room(asha: Person, count: int) -> str:
    room = asha.open_room("Long letters")
    for number in range(count):
        asha.post(room, f"{number} {LONG}")
    return room


@pytest.mark.parametrize("count", [30, 120])
def test_a_reader_far_behind_long_messages_catches_up(count: int, start: Start) -> None:
    """What waits for a reader is bounded; one answer larger than the bound must still arrive, or it never catches up."""
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room = long_room(asha, count)
    with asha.follow(room) as reader:
        reader.wait_for(count, seconds=20).assert_saw_everything(room)
    server.stop().assert_clean()


def test_over_two_hundred_behind_gets_the_newest_page(start: Start) -> None:
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    for number in range(1, 251):
        asha.post(room, f"message {number}")
    with asha.follow(room) as reader, asha.follow(room, since=60) as nearer:
        reader.wait_for(250)
        nearer.wait_for(250)
        assert list(reader.page) == list(range(201, 251))
        assert nearer.arrived == list(range(61, 251))
        asha.post(room, "and on")
        reader.wait_for(251)
        assert list(reader.page) == list(range(201, 252))
    assert words(reader.page[251]) == "and on"
