"""Files opened in a process of their own: whatever happens there, the server goes on, and so does the next file."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pictures import black_png, put, scene, written

from sampark.files import workshop as workshops
from sampark.files.picture_worker import MOST_ANSWER, MOST_HEADER
from sampark.files.workshop import Busy, CannotRead, Workshop

COMMAND = (sys.executable, "-B", str(Path(__file__).with_name("hostile_worker.py")))


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    made = Workshop(command=COMMAND)
    yield made
    await made.close()


@pytest.fixture
async def real() -> AsyncIterator[Workshop]:
    made = Workshop()
    yield made
    await made.close()


def pids(workshop: Workshop) -> list[int]:
    return [bench._process.pid for bench in workshop._all]


def children(pid: int) -> list[int]:
    every = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for listed in every for child in listed.read_text().split()]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what other processes do sets no event
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def works(workshop: Workshop) -> bool:
    facts, blobs = await workshop.run("echo", path="next", letter="आ")
    return facts == {"path": "next", "arguments": {"letter": "आ"}} and blobs == {"first": b"", "second": b"\0\xff"}


async def test_no_process_runs_before_the_first_job(workshop: Workshop) -> None:
    assert pids(workshop) == []
    assert await works(workshop)
    (first,) = pids(workshop)
    assert await works(workshop)
    assert pids(workshop) == [first]


async def test_large_blobs_come_whole(workshop: Workshop) -> None:
    _, blobs = await workshop.run("echo", path="", size=10_000_001)
    assert blobs["first"] == b"1" * 10_000_001
    assert blobs["second"] == b"\0\xff"


async def test_a_decoder_that_never_ends_is_killed_and_the_next_file_read(workshop: Workshop) -> None:
    await works(workshop)
    (parent,) = pids(workshop)
    asked = asyncio.create_task(workshop.run("loop", path="x", seconds=1))
    await until(lambda: children(parent))
    (decoder,) = children(parent)
    with pytest.raises(CannotRead, match="longer than 1 s"):
        await asked
    await until(lambda: is_gone(parent) and is_gone(decoder))
    assert await works(workshop)


async def test_a_decoder_that_takes_all_memory_is_stopped(workshop: Workshop) -> None:
    with pytest.raises(CannotRead, match="too much memory"):
        await workshop.run("grow", path="x")
    assert await works(workshop)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGALRM])
async def test_a_decoder_that_crashes_takes_only_its_file_along(workshop: Workshop, number: signal.Signals) -> None:
    with pytest.raises(CannotRead, match="ended the process"):
        await workshop.run("crash", path="x", number=int(number))
    assert await works(workshop)


async def test_a_process_killed_from_outside_in_the_middle_is_replaced(workshop: Workshop) -> None:
    asked = asyncio.create_task(workshop.run("sleep", path="x", seconds=2))
    await until(lambda: pids(workshop) and children(pids(workshop)[0]))
    (parent,) = pids(workshop)
    (decoder,) = children(parent)
    os.kill(decoder, signal.SIGKILL)
    with pytest.raises(CannotRead):
        await asked
    assert await works(workshop)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the decoder's own timer ends it")
async def test_a_parent_killed_in_the_middle_is_replaced_and_takes_its_decoder_along(workshop: Workshop) -> None:
    asked = asyncio.create_task(workshop.run("sleep", path="x"))
    await until(lambda: pids(workshop) and children(pids(workshop)[0]))
    (parent,) = pids(workshop)
    (decoder,) = children(parent)
    os.kill(parent, signal.SIGKILL)
    with pytest.raises(CannotRead):
        await asked
    await until(lambda: is_gone(decoder))
    assert await works(workshop)


async def test_a_process_killed_between_two_jobs_is_no_fault_of_the_next_file(workshop: Workshop) -> None:
    await works(workshop)
    (parent,) = pids(workshop)
    os.kill(parent, signal.SIGKILL)
    await until(lambda: not any(bench.is_ready for bench in workshop._all))
    assert await works(workshop)
    assert pids(workshop) != [parent]


async def test_whoever_gives_up_leaves_no_work_behind(workshop: Workshop) -> None:
    asked = asyncio.create_task(workshop.run("sleep", path="x"))
    await until(lambda: pids(workshop) and children(pids(workshop)[0]))
    (parent,) = pids(workshop)
    (decoder,) = children(parent)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await until(lambda: is_gone(parent) and is_gone(decoder))
    assert await works(workshop)


async def test_reasons_say_nothing_of_the_file(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"^because$"):
        await workshop.run("refuse", path="x")
    with pytest.raises(CannotRead, match=r"^cannot be decoded \(RuntimeError\)$"):
        await workshop.run("fail", path=put(tmp_path, "secret", b"the content"))
    with pytest.raises(CannotRead, match="no such job"):
        await workshop.run("os:system", path="x")
    first = pids(workshop)
    assert await works(workshop)
    assert pids(workshop) == first  # none of these needs a new process


async def test_what_libraries_print_does_not_get_between_the_answers(workshop: Workshop) -> None:
    assert (await workshop.run("babble", path="x")).facts == {"said": True}
    assert await works(workshop)


@pytest.mark.parametrize("size", [80, 20, 0, MOST_HEADER + 1, 2**32 - 1])
async def test_an_answer_that_makes_no_sense_is_not_believed(workshop: Workshop, size: int) -> None:
    with pytest.raises(CannotRead):
        await workshop.run("lie", path="x", size=size, seconds=1)
    assert await works(workshop)


async def test_an_answer_has_a_largest_size(workshop: Workshop) -> None:
    assert len((await workshop.run("swell", path="x", size=MOST_ANSWER)).blobs["blob"]) == MOST_ANSWER
    with pytest.raises(CannotRead, match="too large"):
        await workshop.run("swell", path="x", size=MOST_ANSWER + 1)


async def test_the_process_sees_nothing_of_the_server(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPARK_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://name:password@host/")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        facts, _ = await workshop.run("surroundings", path="x")
        assert (await workshop.run("sockets", path="x")).facts == {"addresses": []}
    assert {*facts["environ"]} <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE"}
    assert all(
        target == os.devnull or target.startswith(("pipe:", "socket:", "/proc/")) for target in facts["files"].values()
    )
    assert not {"quart", "tortoise", "asyncio", "sampark.app", "sampark.settings"} & {*facts["modules"]}


async def test_nothing_of_one_file_is_there_for_the_next(workshop: Workshop) -> None:
    assert (await workshop.run("remember", path="first")).facts == {"before": []}
    assert (await workshop.run("remember", path="second")).facts == {"before": []}


async def test_the_process_writes_no_files(workshop: Workshop, tmp_path: Path) -> None:
    assert (await workshop.run("write", path=str(tmp_path / "new"))).facts["fault"] is not None
    assert (tmp_path / "new").read_bytes() == b""


async def test_an_idle_process_is_stopped_and_started_again() -> None:
    workshop = Workshop(command=COMMAND, idle=0.05)
    await works(workshop)
    (parent,) = pids(workshop)
    await until(lambda: is_gone(parent))
    assert pids(workshop) == []
    assert await works(workshop)
    await workshop.close()


async def test_closing_ends_all_processes_also_those_at_work() -> None:
    workshop = Workshop(2, command=COMMAND)
    asked = [asyncio.create_task(workshop.run("sleep", path="x", seconds=600)) for _ in range(2)]
    await until(lambda: len(pids(workshop)) == 2 and all(children(pid) for pid in pids(workshop)))
    parents = pids(workshop)
    decoders = [child for pid in parents for child in children(pid)]
    await workshop.close()
    assert all(is_gone(pid) for pid in parents)
    await until(lambda: all(map(is_gone, decoders)))
    assert all(isinstance(fault, CannotRead) for fault in await asyncio.gather(*asked, return_exceptions=True))
    with pytest.raises(Busy):
        await workshop.run("echo", path="x")
    await workshop.close()


async def test_jobs_wait_for_their_turn_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshops, "MOST_WAITING", 2)
    workshop = Workshop(command=COMMAND, patience=0.2)
    asked = asyncio.create_task(workshop.run("sleep", path="x"))
    await until(lambda: pids(workshop) and children(pids(workshop)[0]))
    late = [asyncio.create_task(workshop.run("echo", path="x")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="too many"):
        await workshop.run("echo", path="x")
    assert [str(fault) for fault in await asyncio.gather(*late, return_exceptions=True)] == ["waited too long"] * 2
    asked.cancel()
    await asyncio.wait([asked])
    assert await works(workshop)
    await workshop.close()


async def test_many_files_are_read_one_after_the_other(workshop: Workshop) -> None:
    made = await asyncio.gather(*(workshop.run("echo", path=str(number)) for number in range(50)))
    assert [facts["path"] for facts, _ in made] == [str(number) for number in range(50)]
    assert len(pids(workshop)) == 1


async def test_a_program_that_is_not_there_is_no_fault_of_the_file() -> None:
    with pytest.raises(Busy):
        await Workshop(command=("/nowhere/python",)).run("echo", path="x")


async def test_pictures_and_bombs_through_the_real_process(real: Workshop, tmp_path: Path) -> None:
    photo = put(tmp_path, "photo", written(scene(1000, 750), "JPEG"))
    facts, blobs = await real.run("image", path=photo)
    assert (facts["width"], {*blobs}) == (1000, {"small", "large", "clean"})
    for hostile in (black_png(50_000, rows=50), written(scene(), "TIFF"), written(scene(), "JPEG")[:2_000], b""):
        with pytest.raises(CannotRead):
            await real.run("image", path=put(tmp_path, "hostile", hostile))
    with pytest.raises(CannotRead, match="FileNotFoundError"):
        await real.run("image", path=str(tmp_path / "gone"))
    _, faces = await real.run("avatar", path=photo, x=0.1, y=0.1, side=0.5)
    assert [*faces] == ["48", "96", "256"]
    assert (await real.run("preview", path=put(tmp_path, "text", b"hello\n"))).facts["lines"] == ["hello"]


async def test_the_loop_does_none_of_the_work(real: Workshop, tmp_path: Path) -> None:
    path = put(tmp_path, "photo", written(scene(4000, 3000), "PNG"))
    await real.run("image", path=path)
    before = time.thread_time()
    facts, _ = await real.run("image", path=path)
    assert facts["width"] == 4000
    # Processor time of this thread, which no other process on a busy machine adds to: decoding takes a hundred times as long.
    assert time.thread_time() - before < 0.1


def test_it_is_the_same_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def run() -> None:
        workshop = Workshop(command=COMMAND)
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.set_inheritable(True)  # as a supervisor hands it to the processes that serve
            assert (await workshop.run("sockets", path="x")).facts == {"addresses": []}
        with pytest.raises(CannotRead, match="longer than"):
            await workshop.run("loop", path="x", seconds=1)
        assert await works(workshop)
        for hostile, arguments in (("grow", {}), ("crash", {"number": int(signal.SIGSEGV)}), ("lie", {"size": 20})):
            with pytest.raises(CannotRead):
                await workshop.run(hostile, path="x", **arguments)
            assert await works(workshop)
        _, blobs = await workshop.run("echo", path="", size=10_000_001)
        assert blobs["first"] == b"1" * 10_000_001
        left = pids(workshop)
        await workshop.close()
        assert all(map(is_gone, left))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
