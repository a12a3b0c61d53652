"""How often is too often: 429 with Retry-After, the form kept, and whose requests count together."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from sampark import rates
from sampark.settings import Settings, SettingsError, from_environment
from sampark.web import limits
from sampark.web.limits import LocalStore, RedisStore, Store
from tests.databases import on_sqlite, serving
from tests.services import RedisServer, Services
from tests.support import PASSWORD, Answer, Browser, Site, count, field_value, until

Strict = Callable[..., Any]


@pytest.fixture
async def strict(settings: Settings, quick: None) -> AsyncIterator[Site]:
    """With the limits that an instance has if nobody says otherwise."""
    async with serving(dataclasses.replace(settings, rate_scale=1.0)) as site:
        yield site


def assert_too_often(answer: Answer) -> None:
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Retry-After"] in answer.alert


async def fail(who: Browser, name: str, times: int) -> list[int]:
    return [(await who.post("/login", {"username": name, "password": "wrong"})).status for _ in range(times)]


async def test_ten_wrong_passwords_then_the_account_rests(strict: Site) -> None:
    await strict.people("asha", "ravi")
    visitor = strict.stranger()
    assert await fail(visitor, "asha", 10) == [422] * 10
    for name in ("asha", "ASHA", "asha@example.org"):
        answer = await visitor.post("/login", {"username": name, "password": PASSWORD})
        assert_too_often(answer)
        assert field_value(answer.text, "username") == name
        assert_too_often(await visitor.post("/login", {"username": name, "password": PASSWORD}, htmx=True))
    assert (await strict.stranger().post("/login", {"username": "ravi", "password": PASSWORD})).status == 303


async def test_names_that_nobody_has_rest_as_well(strict: Site) -> None:
    """Else the limit itself would tell which accounts there are."""
    await strict.person("asha")
    answers: dict[str, list[int]] = {}
    for name in ("asha", "nobody"):
        tried = await fail(strict.stranger(), name, 11)
        tried += [
            (await strict.stranger().post("/login", {"username": other, "password": "x"})).status
            for other in (name.upper(), f" {name} ", f"{name}\u200b")
        ]
        answers[name] = tried
    assert answers["asha"] == answers["nobody"] == [422] * 10 + [429] * 4


async def test_successes_do_not_count(strict: Site) -> None:
    await strict.person("asha")
    visitor = strict.stranger()
    for _ in range(25):
        assert (await visitor.post("/login", {"username": "asha", "password": PASSWORD})).status == 303
    assert await fail(visitor, "asha", 9) == [422] * 9
    assert (await visitor.post("/login", {"username": "asha", "password": PASSWORD})).status == 303
    assert await fail(visitor, "asha", 2) == [422, 429]


async def test_a_hundred_guesses_at_once_do_not_slip_through(strict: Site) -> None:
    await strict.person("asha")
    answers = await asyncio.gather(
        *(strict.stranger().post("/login", {"username": "asha", "password": f"wrong {n}"}) for n in range(40))
    )
    assert sorted(answer.status for answer in answers) == [422] * 10 + [429] * 30


async def test_fifty_failures_of_one_address_and_it_rests_for_all_names(strict: Site) -> None:
    await strict.person("asha")
    visitor = strict.stranger()
    assert [(await fail(visitor, f"guess-{number}", 1))[0] for number in range(50)] == [422] * 50
    assert_too_often(await visitor.post("/login", {"username": "asha", "password": PASSWORD}))


async def test_a_class_that_signs_in_at_once_from_one_address_gets_in(strict: Site) -> None:
    """Sixty at the same moment; none of them fails, and successes do not count."""
    people = await strict.people(*(f"pupil-{number}" for number in range(60)))
    answers = await asyncio.gather(
        *(strict.stranger().post("/login", {"username": person.name, "password": PASSWORD}) for person in people)
    )
    assert [answer.status for answer in answers] == [303] * 60


@pytest.mark.parametrize(("hops", "rests"), [(0, True), (1, False)])
async def test_an_address_is_what_trusted_proxies_say_and_nobody_else(
    settings: Settings, hops: int, rests: bool
) -> None:
    async with serving(dataclasses.replace(settings, rate_scale=1.0, trusted_hops=hops)) as site:
        await site.person("asha")
        for number in range(50):
            visitor = site.stranger()
            visitor.headers["X-Forwarded-For"] = f"203.0.113.{number}"
            assert await fail(visitor, f"guess-{number}", 1) == [422]
        visitor = site.stranger()
        visitor.headers["X-Forwarded-For"] = "203.0.113.200"
        assert await fail(visitor, "asha", 1) == [429 if rests else 422]


async def test_behind_a_proxy_only_its_own_entry_counts(settings: Settings) -> None:
    """What the client put in front is its invention."""
    async with serving(dataclasses.replace(settings, rate_scale=1.0, trusted_hops=1)) as site:
        visitor = site.stranger()
        for number in range(50):
            visitor.headers["X-Forwarded-For"] = f"203.0.113.{number}, 198.51.100.7"
            assert await fail(visitor, f"guess-{number}", 1) == [422]
        visitor.headers["X-Forwarded-For"] = "203.0.113.99, 198.51.100.7"
        assert await fail(visitor, "another", 1) == [429]


@on_sqlite
@pytest.mark.parametrize(
    "header", ["", ",", "unknown", "x" * 5000, "2001:db8::1", '"[2001:db8::1]:80"', "1.2.3.4, , 5.6.7.8"]
)
async def test_a_strange_forwarded_header_breaks_nothing(settings: Settings, header: str) -> None:
    async with serving(dataclasses.replace(settings, trusted_hops=1)) as site:
        visitor = site.stranger()
        visitor.headers["X-Forwarded-For"] = header
        visitor.headers["X-Forwarded-Proto"] = header[:20] or "http"
        assert (await visitor.get("/healthz")).status == 200
        assert await fail(visitor, "nobody", 1) == [422]


async def test_posting_has_a_burst_of_sixty_and_keeps_what_was_typed(strict: Site) -> None:
    asha, ravi = await strict.people("asha", "ravi")
    room = await strict.room(asha, ravi)
    statuses = [
        answer.status
        for answer in await asyncio.gather(*(asha.post(f"/rooms/{room}/messages", {"text": "x"}) for _ in range(60)))
    ]
    assert statuses == [303] * 60
    refused: list[Answer] = []
    while len(refused) < 2:  # slowly filling again meanwhile
        answer = await asha.post(f"/rooms/{room}/messages", {"text": "not lost"}, htmx=bool(refused))
        if answer.status not in {201, 303}:
            refused.append(answer)
    for answer in refused:
        assert_too_often(answer)
        assert field_value(answer.text, "text") == "not lost"
    assert (await ravi.post(f"/rooms/{room}/messages", {"text": "somebody else"})).status == 303


async def test_thirty_wrong_room_ids_in_an_hour(strict: Site) -> None:
    asha, ravi = await strict.people("asha", "ravi")
    room = await strict.room(ravi)
    for _ in range(5):
        await asha.join(room)
        await asha.leave(room)
    statuses = [(await asha.post("/rooms/join", {"room": "k3f9x2mq7hpt"})).status for _ in range(30)]
    assert statuses == [404] * 30
    answer = await asha.post("/rooms/join", {"room": room})
    assert_too_often(answer)
    assert field_value(answer.text, "room") == room


async def test_guessing_by_address_is_counted_as_guessing_by_id(strict: Site) -> None:
    asha, ravi = await strict.people("asha", "ravi")
    room = await strict.room(ravi)
    statuses = [(await asha.post("/rooms/k3f9x2mq7hpt", {})).status for _ in range(30)]
    assert statuses == [404] * 30
    assert_too_often(await asha.post(f"/rooms/{room}", {}))
    assert_too_often(await asha.post("/rooms/join", {"room": room}))


async def test_a_class_can_register_from_one_address_but_not_a_flood(strict: Site) -> None:
    visitor = strict.stranger()
    forms = [{"username": f"pupil-{n}", "email": f"p{n}@example.org", "password": PASSWORD} for n in range(61)]
    statuses = [(await visitor.post("/register", form)).status for form in forms]
    assert statuses == [303] * 60 + [429]
    assert await count("users") == 60


async def test_rooms_and_names_have_their_limits(strict: Site) -> None:
    asha = await strict.person("asha")
    assert [(await asha.post("/rooms", {"name": "Room"})).status for _ in range(61)] == [303] * 60 + [429]
    assert [(await asha.post("/profile", {"display_name": f"Asha {n}"})).status for n in range(21)] == [303] * 20 + [
        429
    ]


async def test_typing_in_a_flood_is_refused_quietly(strict: Site) -> None:
    asha = await strict.person("asha")
    room = await strict.room(asha)
    statuses = [(await asha.post(f"/rooms/{room}/typing")).status for _ in range(40)]
    assert statuses[:20] == [204] * 20
    assert 429 in statuses


async def test_changing_the_password_counts_wrong_current_ones(strict: Site) -> None:
    asha = await strict.person("asha")
    form = {"current_password": "guessed", "password": "five newts balancing"}
    assert [(await asha.post("/profile/password", form)).status for _ in range(11)] == [422] * 10 + [429]


async def test_limits_count_over_all_processes(
    empty_postgres: str, redis_url: str, tmp_path: Path, quick: None
) -> None:
    from tests.databases import settings_for
    from tests.live.test_redis_doorbell import at, two_processes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "tests.live.test_redis_doorbell.settings_for", lambda *values: settings_for(*values, SAMPARK_RATE_SCALE=1)
        )
        async with two_processes(empty_postgres, redis_url, tmp_path) as (one, other):
            await one.person("asha")
            for turn in range(5):
                assert await fail(one.stranger(), "asha", 1) == [422], turn
                assert await fail(other.stranger(), "asha", 1) == [422], turn
            assert await fail(at(one, one.stranger()), "asha", 1) == [429]
            assert await fail(other.stranger(), "asha", 1) == [429]


async def test_scale_zero_turns_all_off(site: Site) -> None:
    await site.person("asha")
    assert {*await fail(site.stranger(), "asha", 80)} == {422}


@pytest.fixture(params=["local", "redis"])
async def store(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Store]:
    if request.param == "local":
        yield LocalStore()
        return
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
        yield RedisStore(redis)


async def test_a_burst_then_a_wait_of_one_interval(store: Store) -> None:
    waits = [await store.spend("k", 10.0, 20.0) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(9 < wait <= 10 for wait in waits[3:])
    assert await store.spend("another", 10.0, 20.0) == 0


async def test_what_is_given_back_can_be_spent_again_and_never_more(store: Store) -> None:
    for _ in range(10):
        assert await store.spend("k", 10.0, 20.0) == 0
        await store.give_back("k", 10.0)
    for _ in range(5):
        await store.give_back("k", 10.0)
    await store.give_back("never seen", 10.0)
    assert [await store.spend("k", 10.0, 20.0) > 0 for _ in range(4)] == [False, False, False, True]


async def test_many_at_once_get_exactly_the_burst(store: Store) -> None:
    waits = await asyncio.gather(*(store.spend("k", 100.0, 900.0) for _ in range(50)))
    assert len([wait for wait in waits if wait == 0]) == 10


async def test_time_heals(store: Store) -> None:
    assert await store.spend("k", 0.1, 0.0) == 0
    wait = await store.spend("k", 0.1, 0.0)
    assert 0 < wait <= 0.1
    await asyncio.sleep(wait + 0.01)
    assert await store.spend("k", 0.1, 0.0) == 0


async def test_without_redis_each_process_counts_for_itself() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0", retry=None) as redis:
        store = RedisStore(redis)
        assert [await store.spend("k", 10.0, 10.0) > 0 for _ in range(3)] == [False, False, True]
        await store.give_back("k", 10.0)
        assert await store.spend("k", 10.0, 10.0) == 0


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """A Redis that a test may freeze."""
    with Services() as services:
        yield await asyncio.to_thread(services.start_redis, tmp_path, own=True)


async def test_a_frozen_redis_is_waited_for_once(mortal: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is looked for again, and however long that takes."""
    monkeypatch.setattr(limits, "_PAUSE", 0.0)
    async with Redis.from_url(mortal.url, retry=None) as redis:
        store = RedisStore(redis)
        assert await store.spend("k", 10.0, 10.0) == 0
        mortal.freeze()
        try:
            assert await store.spend("k", 10.0, 10.0) == 0
            monkeypatch.setattr(limits, "_PATIENCE", 3600.0)
            waits = [await store.spend("k", 10.0, 10.0) for _ in range(3)]
            assert [wait > 0 for wait in waits] == [False, True, True]
            assert store._looking is not None
        finally:
            mortal.resume()
        await until(lambda: not store._is_away, "a Redis that is asked again")
        assert [await store.spend("later", 10.0, 0.0) > 0 for _ in range(2)] == [False, True]


async def test_many_streams_opened_in_one_moment_are_as_many_as_allowed(strict: Site) -> None:
    asha = await strict.person("asha")
    room = await strict.room(asha)
    browsers = [await asha.another() for _ in range(10)]
    asked = [browser.stream(room, live=bool(turn % 2)) for turn in range(3) for browser in browsers]
    asked += [browser.own_stream() for browser in browsers]
    streams = await asyncio.gather(*asked)
    refused = [stream for stream in streams if stream.status == 429]
    assert len(refused) == 10
    assert all(int(stream.headers["Retry-After"]) == 30 for stream in refused)
    assert await strict.hub.presence.streams_of((await asha.person()).id) == 30
    assert (await asha.get(f"/rooms/{room}/events")).status == 429
    still_open = next(stream for stream in streams if stream.status == 200)
    await still_open.close()

    async def has_room() -> bool:
        return (await asha.send("HEAD", f"/rooms/{room}/events")).status == 200

    await until(has_room, "room for another")
    assert await has_room()  # who asks for the head only takes no place
    assert (await asha.stream(room)).status == 200


def test_every_limit_is_a_setting(tmp_path: Path) -> None:
    environ = {
        "SAMPARK_DATA_DIR": str(tmp_path),
        "SAMPARK_RATE_POST": "5/10",
        "SAMPARK_RATE_JOIN": "7/60/9",
        "SAMPARK_RATE_STREAMS": "4",
    }
    chosen = from_environment(environ).rates
    assert (chosen.post, chosen.join, chosen.streams) == (rates.Limit(5, 10, 5), rates.Limit(7, 60, 9), 4)
    assert chosen.register == rates.Rates().register
    for name, value in (
        ("POST", "often"),
        ("POST", "0/10"),
        ("JOIN", "1/2/3/4"),
        ("STREAMS", "0"),
        ("REGISTER", "-1/5"),
    ):
        with pytest.raises(SettingsError) as refusal:
            from_environment({"SAMPARK_DATA_DIR": str(tmp_path), f"SAMPARK_RATE_{name}": value})
        assert f"SAMPARK_RATE_{name}={value!r} cannot be used" in str(refusal.value)
