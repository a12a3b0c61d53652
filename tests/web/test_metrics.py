"""What the operator can measure: the names, what is counted, that nobody is named, and that it is one process' or all workers'."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sampark import supervisor
from sampark.metrics import Metrics
from sampark.rates import Rates
from sampark.settings import Settings
from sampark.web.metrics import together
from tests.databases import on_sqlite, serving
from tests.machine import promtool_path
from tests.people import Person
from tests.servers import ServerProcess, children, wait_for
from tests.support import PASSWORD, Site

TOKEN = "a token for metrics"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

FAMILIES = {
    "sampark_messages": "counter",
    "sampark_message_fanout_seconds": "histogram",
    "sampark_streams_open": "gauge",
    "sampark_stream_queue_dropped": "counter",
    "sampark_stream_resume": "counter",
    "sampark_stream_lifetime_seconds": "histogram",
    "sampark_redis_pubsub_lag_seconds": "histogram",
    "sampark_rooms_active": "gauge",
    "sampark_http_request_duration_seconds": "histogram",
    "sampark_rate_limited": "counter",
}

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def series(text: str) -> Series:
    """Each line's value, by its name and labels; none stands there twice."""
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


def value(text: str, name: str, **labels: str) -> float:
    """The sum of all lines of this name that have these labels."""
    found = series(text)
    return sum(
        number for (known, has), number in found.items() if known == f"sampark_{name}" and labels.items() <= {*has}
    )


def assert_approved(text: str) -> None:
    """By Prometheus' own checker, which also knows the conventions on names."""
    done = subprocess.run([promtool_path(), "check", "metrics"], input=text.encode(), capture_output=True, timeout=60)
    said = (done.stdout + done.stderr).decode()
    assert (done.returncode, said) == (0, ""), said


@pytest.fixture
async def measured(settings: Settings, quick: None) -> AsyncIterator[Site]:
    async with serving(dataclasses.replace(settings, metrics_token=TOKEN, rate_scale=1.0)) as site:
        yield site


async def scrape(site: Site) -> str:
    answer = await site.stranger().get("/metrics", **BEARER)
    assert answer.status == 200
    return answer.text


def test_each_method_moves_its_own_metric() -> None:
    metrics = Metrics()
    before = series(metrics.text())
    metrics.posted("text")
    metrics.fanout(0.002)
    metrics.stream_opened("sse")
    metrics.stream_opened("html")
    metrics.stream_closed("html", 61.0)
    metrics.resumed("replayed")
    metrics.resumed("reset", 3)
    metrics.dropped()
    metrics.dropped(4)
    metrics.ring_lag(0.004)
    metrics.watch_rooms(lambda: 7)
    metrics.refused("post")
    metrics.request("/", "GET", 200, 0.03)
    after = series(metrics.text())
    changed = {
        (name, *labels): number
        for (name, labels), number in after.items()
        if name.startswith("sampark_")
        and not name.endswith(("_bucket", "_sum"))
        and number != before.get((name, labels), 0)
    }
    assert changed == {
        ("sampark_messages_total", ("kind", "text")): 1,
        ("sampark_message_fanout_seconds_count",): 1,
        ("sampark_streams_open", ("transport", "sse")): 1,
        ("sampark_stream_lifetime_seconds_count",): 1,
        ("sampark_stream_resume_total", ("result", "replayed")): 1,
        ("sampark_stream_resume_total", ("result", "reset")): 3,
        ("sampark_stream_queue_dropped_total",): 5,
        ("sampark_redis_pubsub_lag_seconds_count",): 1,
        ("sampark_rooms_active",): 7,
        ("sampark_rate_limited_total", ("scope", "post")): 1,
        (
            "sampark_http_request_duration_seconds_count",
            *(("method", "GET"), ("route", "/"), ("status", "200")),
        ): 1,
    }
    assert_approved(metrics.text())


def test_each_app_measures_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.posted("text")
    assert value(first.text(), "messages_total") == 1
    assert value(second.text(), "messages_total") == 0


def test_the_names_are_those_that_are_documented_and_no_others() -> None:
    """Nothing that no feature moves yet: a line that is always 0 tells the operator something false."""
    text = Metrics().text()
    kinds = dict(re.findall(r"# TYPE (sampark_\w+) (\w+)", text))
    assert {name.removesuffix("_total"): kind for name, kind in kinds.items()} == FAMILIES
    others = {name.partition("_")[0] for name in re.findall(r"# TYPE (\w+)", text)} - {"sampark"}
    assert others == {"process", "python"}
    assert "_created" not in text
    # There from the start, so that the first one is seen as a rise.
    scopes = set(re.findall(r'rate_limited_total\{scope="(\w+)"\}', text))
    assert scopes == {*Rates.__slots__}


async def test_a_real_scrape_is_approved_and_names_nobody(measured: Site) -> None:
    asha, ravi = await measured.people("asha-the-person", "ravi-the-person")
    room = await measured.room(asha, ravi, name="Secret room")
    stream = await ravi.stream(room)
    live = await ravi.stream(room, live=True)
    await asha.post(f"/rooms/{room}/messages", {"text": "secret words"})
    await stream.wait_for("secret words")
    await live.wait_for("secret words")
    await asha.get(f"/rooms/{room}")
    await asha.get("/rooms/k3f9x2mq7hpt")
    await asha.get("/secret-address?secret=1")
    text = await scrape(measured)
    assert_approved(text)
    assert value(text, "messages_total", kind="text") == 1
    for word in ("asha", "ravi", room, "k3f9x2mq7hpt", "ecret"):
        assert word not in text
    labels = {label for _, has in series(text) for label, _ in has}
    assert labels == {
        *("kind", "transport", "result", "scope", "route", "method", "status", "le"),
        *("generation", "implementation", "major", "minor", "patchlevel", "version"),
    }


async def test_requests_are_measured_by_route_method_and_status(measured: Site) -> None:
    asha = await measured.person("asha")
    room = await measured.room(asha, say=1)

    async def requests(**labels: str) -> float:
        return value(await scrape(measured), "http_request_duration_seconds_count", **labels)

    await asha.get(f"/rooms/{room}")
    await asha.get(f"/rooms/{room}?before=5")
    await asha.send("HEAD", f"/rooms/{room}")
    await asha.get("/rooms/k3f9x2mq7hpt")
    await asha.post(f"/rooms/{room}/messages", {"text": ""})
    assert await requests(route="/rooms/<room>", method="GET", status="200") == 2
    assert await requests(route="/rooms/<room>", method="HEAD", status="200") == 1
    assert await requests(route="/rooms/<room>", method="GET", status="404") == 1
    assert await requests(route="/rooms/<room>/messages", method="POST", status="422") == 1
    # Those who are sent to sign in, and those who are refused before any page is made, took time as well.
    await measured.stranger().get("/profile")
    await asha.post(f"/rooms/{room}/messages", {"text": "x"}, site="cross-site")
    assert await requests(route="/profile", status="303") == 1
    assert await requests(route="/rooms/<room>/messages", status="403") == 1


@on_sqlite
async def test_strangers_cannot_make_series_without_end(measured: Site) -> None:
    visitor = measured.stranger()
    for number in range(20):
        await visitor.get(f"/no-such-address/{number}")
        await visitor.send(f"METHOD{number}", "/login")
        await visitor.send(f"METHOD{number}", f"/no-such-address/{number}", data=b"x")
    found = series(await scrape(measured))
    routes = {dict(has).get("route") for name, has in found if name == "sampark_http_request_duration_seconds_count"}
    methods = {dict(has).get("method") for name, has in found if name == "sampark_http_request_duration_seconds_count"}
    assert routes == {"none"}
    assert methods <= {"GET", "other"}


async def test_streams_are_no_requests(measured: Site) -> None:
    asha = await measured.person("asha")
    room = await measured.room(asha)
    for live in (False, True):
        stream = await asha.stream(room, live=live)
        await stream.close()
    assert (await asha.get("/rooms/k3f9x2mq7hpt/events")).status == 404
    text = await scrape(measured)
    assert value(text, "http_request_duration_seconds_count", route="/rooms/<room>/live") == 0
    # One that was refused never became a stream.
    assert value(text, "http_request_duration_seconds_count", route="/rooms/<room>/events") == 1
    assert value(text, "http_request_duration_seconds_count", route="/rooms/<room>/events", status="404") == 1


async def test_refusals_are_counted_by_their_limit(measured: Site) -> None:
    await measured.person("asha")
    visitor = measured.stranger()
    for _ in range(12):
        await visitor.post("/login", {"username": "asha", "password": "wrong"})
    await visitor.post("/login", {"username": "asha", "password": PASSWORD}, htmx=True)
    ravi = await measured.person("ravi")
    room = await measured.room(ravi)
    # All at once: one by one, a busy machine is too slow to be too quick.
    await asyncio.gather(*(ravi.post(f"/rooms/{room}/typing") for _ in range(60)))
    text = await scrape(measured)
    assert value(text, "rate_limited_total", scope="sign_in_account") == 3
    assert value(text, "rate_limited_total", scope="typing") >= 1
    assert value(text, "rate_limited_total") == 3 + value(text, "rate_limited_total", scope="typing")
    with pytest.MonkeyPatch.context() as patch:

        async def very_many(*_: Any) -> int:
            return 30

        patch.setattr(measured.hub.presence, "reserve", very_many)
        assert (await ravi.get(f"/rooms/{room}/events")).status == 429
    assert value(await scrape(measured), "rate_limited_total", scope="streams") == 1


def test_texts_of_workers_become_one_that_is_approved() -> None:
    workers = {}
    for number in range(3):
        metrics = Metrics()
        for _ in range(number):
            metrics.posted("text")
            metrics.request("/", "GET", 200, 0.1)
        metrics.request(f"/only-{number}", "GET", 200, 0.1)
        workers[str(number)] = metrics.text()
    text = together(workers)
    assert_approved(text)
    assert [value(text, "messages_total", worker=str(number)) for number in range(3)] == [0, 1, 2]
    assert value(text, "http_request_duration_seconds_count", worker="1", route="/only-1", status="200") == 1
    assert value(text, "http_request_duration_seconds_count", worker="0", route="/only-1") == 0
    assert all(dict(has)["worker"] in workers for _, has in series(text))
    assert text.count("# TYPE sampark_messages_total counter") == 1
    assert together({}) == ""


@pytest.mark.timeout(240)
def test_any_worker_that_is_asked_tells_of_all(tmp_path: Path, empty_postgres: str, redis_url: str) -> None:
    # Short, because a socket's address has at most a hundred characters.
    with (
        tempfile.TemporaryDirectory() as place,
        ServerProcess(
            tmp_path,
            *("--workers", "2"),
            DATABASE_URL=empty_postgres,
            REDIS_URL=redis_url,
            SAMPARK_METRICS_TOKEN=TOKEN,
            TMPDIR=place,
        ) as server,
    ):
        asha = Person.at(server.url).signed_up("asha")
        room = asha.open_room("Garden")
        for number in range(20):
            asha.post(room, f"message {number}")

        def ask() -> str:
            return asha.get("/metrics", **BEARER).text

        def both_tell() -> bool:
            return {dict(has)["worker"] for _, has in series(ask())} == {"0", "1"}

        wait_for(both_tell, "both workers tell")
        for _ in range(10):  # whichever of them answers
            text = ask()
            assert value(text, "messages_total", kind="text") == 20
        assert_approved(text)
        assert asha.get("/metrics").status == 404

        os.kill(children(server.pid)[0], signal.SIGKILL)
        wait_for(lambda: server.readiness()[0] == 200 and len(children(server.pid)) == 2, "a new worker")
        wait_for(both_tell, "the new worker tells in the dead one's place")
        assert value(ask(), "messages_total", kind="text") <= 20
        [folder] = Path(place).glob("sampark-*")
        assert folder.stat().st_mode & 0o077 == 0, "nobody else may ask"
        stopped = server.stop()
        assert stopped.code == 0, stopped.errors
        assert "no setting" not in stopped.errors
        assert not folder.exists()


@on_sqlite
async def test_a_worker_that_hangs_or_is_gone_is_left_out(measured: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampark.web.metrics._PATIENCE", 0.2)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2)
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"# HELP up One.\n# TYPE up gauge\nup 1\n")
        writer.close()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        monkeypatch.setenv("SAMPARK_WORKERS", name)
        async with (
            await asyncio.start_unix_server(hang, folder / "0"),
            await asyncio.start_unix_server(answer, folder / "1"),
        ):
            (folder / "2").touch()
            assert await scrape(measured) == '# HELP up One.\n# TYPE up gauge\nup{worker="1"} 1\n'
    # Its parent has gone, and all sockets with it.
    assert "sampark_messages_total" in await scrape(measured)


def test_without_a_place_to_meet_workers_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> str:
        raise OSError("read-only file system")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with supervisor._meeting_place() as folder:
        assert folder == ""
