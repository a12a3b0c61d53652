"""The parts that break things, and those that judge, do what they say: else every schedule would pass."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.chaos import judge
from tests.chaos.clock import PRELUDE, Clock
from tests.chaos.disk import Disk, LimitedFiles, small_disk
from tests.chaos.posters import Poster, Sent
from tests.chaos.rings import LossyRedis, end_of_value, is_ring
from tests.chaos.schedule import BY_NAME, KINDS, make
from tests.chaos.wire import Unchunked


@pytest.mark.parametrize("seed", range(50))
def test_a_seed_is_a_schedule(seed: int) -> None:
    schedule = make(seed)
    assert make(seed) == schedule
    for place, fault in enumerate(schedule.faults):
        assert fault.end < schedule.seconds
        assert schedule.shape in BY_NAME[fault.kind].shapes
        for other in schedule.faults[place + 1 :]:
            touches = {*BY_NAME[fault.kind].touches} & {*BY_NAME[other.kind].touches}
            assert not touches or other.at >= fault.end


def test_chance_chooses_every_kind() -> None:
    chosen = {fault.kind for seed in range(200) for fault in make(seed).faults}
    assert chosen == {kind.name for kind in KINDS}


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_chunks_are_put_together_however_they_were_cut(step: int) -> None:
    sent = b"5\r\nid: 1\r\n3;x=y\r\n\r\n\n\r\n0\r\n\r\n"
    chunks = Unchunked()
    got = b"".join(chunks.feed(sent[at : at + step]) for at in range(0, len(sent), step))
    assert got == b"id: 1\r\n\n"
    assert chunks.is_whole


@pytest.mark.parametrize(
    "value", [b"+OK\r\n", b":12\r\n", b"$-1\r\n", b"$3\r\na\r\n\r\n", b"*2\r\n:1\r\n*0\r\n", b"%1\r\n+a\r\n+b\r\n", b"*-1\r\n", b"_\r\n"]
)  # fmt: skip
def test_one_answer_of_redis_is_told_from_the_next(value: bytes) -> None:
    assert end_of_value(value + b"+next\r\n") == len(value)
    assert all(end_of_value(value[:cut]) is None for cut in range(len(value)))
    assert not is_ring(value)


@pytest.mark.parametrize("protocol", [2, 3])
async def test_every_third_ring_is_lost_and_nothing_else(protocol: int, redis_url: str) -> None:
    async with LossyRedis(redis_url) as lossy, Redis.from_url(lossy.url, protocol=protocol) as redis:
        async with redis.pubsub() as listening:
            await listening.subscribe("chaos-parts")
            lossy.drops = True
            for number in range(9):
                await redis.publish("chaos-parts", number)
            heard = []
            while (message := await listening.get_message(timeout=0.5)) is not None:
                heard.append(message["data"])
        assert heard == [1, b"0", b"1", b"3", b"4", b"6", b"7"]
        assert await redis.ping()


def written(disk: Disk, text: str) -> bool:
    """Whether a process that sees the disk can write a file there."""
    command = [*disk.before, "sh", "-c", 'printf "%s" "$1" > "$2"', "sh", text, str(disk.inside / "file")]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def test_a_small_disk_is_full_and_empty_again(tmp_path: Path) -> None:
    disk = small_disk(tmp_path / "data")
    if isinstance(disk, LimitedFiles):
        pytest.skip("this machine lets nobody mount; files are limited instead")
    try:
        assert written(disk, "a")
        assert not (disk.inside / "file").exists(), "only those who begin with `before` see it"
        disk.fill(0)
        assert not written(disk, "x" * 5000)
        disk.free(0)
        assert written(disk, "x" * 5000)
        assert (disk.outside / "file").read_text() == "x" * 5000
    finally:
        disk.close()


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    disk = LimitedFiles(tmp_path)
    writes = f"import time\nwith open({str(tmp_path / 'file')!r}, 'wb', 0) as file:\n while True: file.write(bytes(4096)); time.sleep(0.01)"
    with subprocess.Popen(["python3", "-c", writes], stderr=subprocess.PIPE) as process:
        disk.fill(process.pid)
        assert b"File too large" in process.communicate()[1]


def rows(*numbers: tuple[int, int, int]) -> list[dict[str, Any]]:
    return [
        {"seq": seq, "version": version, "posted_version": posted, "content": f"asha-{seq}. x", "is_deleted": False}
        for seq, posted, version in numbers
    ]


GOOD = rows((1, 1, 1), (2, 2, 4), (3, 3, 3))


@pytest.mark.parametrize(
    ("messages", "version", "is_right"),
    [
        (GOOD, 4, True),
        (GOOD, 5, False),  # a version that nothing has
        (rows((1, 1, 1), (3, 2, 2)), 2, False),  # a number is missing
        (rows((1, 2, 2), (2, 1, 1)), 2, False),  # one order of numbers, another of versions
        (rows((1, 1, 1), (2, 2, 4)), 4, False),
    ],
)
def test_gaps_are_noticed(messages: list[dict[str, Any]], version: int, is_right: bool) -> None:
    room = {"version": version, "last_seq": len(messages)}
    assert (judge.numbers(room, messages, 0, 0) == []) is is_right


@pytest.mark.parametrize(
    ("sent", "deleted", "is_right"),
    [
        (((1, 1), (2, 2), (3, 3)), {}, True),
        (((1, 1), (2, 2)), {}, False),  # one is there that was never acknowledged
        (((1, 1), (2, 2), (3, 3), (4, 4)), {}, False),  # one was acknowledged and is not there
        (((1, 1), (3, 2), (2, 3)), {}, False),  # under another number, and out of order
        (((1, 1), (2, 2), (3, 3)), {2: 0.0}, False),  # deleted, and there all the same
    ],
)
def test_losses_are_noticed(sent: tuple[tuple[int, int], ...], deleted: dict[int, float], is_right: bool) -> None:
    poster = Poster("asha", "", "", [], random.Random(0), False, False)
    poster.sent = [Sent(f"asha-{number}.", seq, 0.0, 0.0) for number, seq in sent]
    poster.deleted = deleted
    assert (judge.acknowledged([poster], GOOD) == []) is is_right


async def test_nothing_is_left_of_a_lossy_redis(redis_url: str) -> None:
    before = asyncio.all_tasks()
    async with LossyRedis(redis_url) as lossy, Redis.from_url(lossy.url) as redis:
        await redis.ping()
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == before


LOOKS_AT_CLOCKS = """
import pathlib, sys, time
before = time.time(), time.monotonic()
pathlib.Path(sys.argv[1]).write_text("-3600\\n")
end = time.monotonic() + 5
while time.time() > before[0] - 1800 and time.monotonic() < end:
    pass
time.sleep(0.1)
print(time.time() - before[0], time.monotonic() - before[1])
"""


def test_the_clock_steps_back_and_the_monotonic_one_does_not(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + LOOKS_AT_CLOCKS, str(tmp_path / "clock")],
        env={**os.environ, **clock.environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    wall, monotonic = map(float, done.stdout.split())
    assert -3600 < wall < -3590
    assert 0 < monotonic < 10
