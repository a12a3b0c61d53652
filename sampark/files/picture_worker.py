"""The process in which files of strangers are opened. It opens none itself: each one gets a child that is forked for it
and ends with it, so that nothing of one file, neither memory nor a decoder gone mad, is there when the next one comes.

Runs as `python -m sampark.files.picture_worker`, started by `sampark.files.workshop`. A request on standard input is four
bytes, big endian, and so many bytes of JSON: `{"job", "arguments", "seconds"}`. The answer on standard output has the same
frame, `{"facts", "blobs": [[name, size], …]}` or `{"error"}`, and behind it the blobs' bytes. The process ends when standard
input does, or when a child has died without an answer.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from sampark.files.problems import CannotRead

Job = Callable[..., tuple[dict[str, Any], dict[str, bytes]]]
"""A path and named arguments, all of JSON, in; facts (JSON) and blobs out. Errors: `CannotRead`."""

JOBS = {
    "image": "sampark.files.images:render",
    "avatar": "sampark.files.images:avatar",
    "sound": "sampark.files.audio:render",
    "preview": "sampark.files.previews:render",
    "video": "sampark.files.video:render",
}
"""All that can be asked for. Whoever writes requests cannot name code."""

MOST_MEMORY = 768 * 1024 * 1024
"""Bytes of data for one file: a picture of 40 million pixels takes 160 MB, and twice that while it is turned or converted."""
MOST_ADDRESSES = 4 * 1024 * 1024 * 1024
"""Bytes of address space, with libraries and threads' stacks: for systems that do not count data alone."""
MOST_ANSWER = 26 * 1024 * 1024
"""Bytes of all blobs together: the server holds them in memory, twice for a moment."""
MOST_HEADER = 256 * 1024
"""Bytes of JSON, either way."""


def main() -> None:
    """Serve requests until standard input ends."""
    requests, answers = _own_pipes()
    _limit_process()
    while request := _request(requests):
        try:
            job = _job(request["job"])
        except Exception as fault:
            _send(answers, {"error": f"no such job ({type(fault).__name__})"}, [])
            continue
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _work(job, request, requests, answers, parent)
        _, status = os.waitpid(child, 0)
        if status != 0:
            # Part of an answer may have been written: only a new pair of pipes makes sense of what follows.
            os._exit(os.waitstatus_to_exitcode(status) % 256)


def _own_pipes() -> tuple[int, int]:
    """Standard input and output under other numbers, so that what a library prints does not get between the answers."""
    # uvloop leaves open what is inheritable (no `close_fds` there): the sockets that the server was given.
    os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), 65_536))
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return requests, answers


def _limit_process() -> None:
    _limit("RLIMIT_CORE", 0)  # a core file would hold somebody's picture
    _limit("RLIMIT_FSIZE", 0)  # writes no files; pipes do not count
    _limit("RLIMIT_NOFILE", 64)
    os.nice(10)  # whoever waits for a message comes before whoever waits for a thumbnail


def _limit(name: str, value: int) -> None:
    """As far as the system knows this limit."""
    number = getattr(resource, name, None)
    if number is None:
        return
    _, hard = resource.getrlimit(number)
    if hard == resource.RLIM_INFINITY or value < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(number, (value, value))


def _request(requests: int) -> dict[str, Any] | None:
    head = _read(requests, 4)
    size = int.from_bytes(head, "big")
    body = _read(requests, size) if len(head) == 4 and size <= MOST_HEADER else b""
    return json.loads(body) if body and len(body) == size else None


def _read(source: int, size: int) -> bytes:
    parts = b""
    while len(parts) < size and (part := os.read(source, size - len(parts))):
        parts += part
    return parts


def _job(name: str) -> Job:
    """Imported before the fork: each module is loaded once, and only when it is needed."""
    module, _, function = JOBS[name].partition(":")
    job: Job = getattr(importlib.import_module(module), function)
    return job


def _work(job: Job, request: dict[str, Any], requests: int, answers: int, parent: int) -> NoReturn:
    """In the child: do it, answer, end. Whatever happens, it never returns into the loop of its parent."""
    try:
        os.close(requests)
        _end_with(parent)
        _limit_job(float(request["seconds"]))
        header, blobs = _answer(job, request["arguments"])
        _send(answers, header, blobs)
        os._exit(0)
    finally:
        os._exit(1)


def _end_with(parent: int) -> None:
    """Where the system can (Linux, prctl(2)): killed as soon as its parent is. Elsewhere its own timer ends it."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


_PR_SET_PDEATHSIG = 1


def _limit_job(seconds: float) -> None:
    # The default of SIGALRM ends the process even inside a decoder's loop, and even when nobody is left to kill it.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    _limit("RLIMIT_CPU", int(seconds) * 2 + 2)  # decoders may use two threads
    _limit("RLIMIT_AS", MOST_ADDRESSES)
    _limit("RLIMIT_DATA", MOST_MEMORY)


def _answer(job: Job, arguments: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    try:
        facts, blobs = job(**arguments)
    except CannotRead as fault:
        return {"error": fault.reason}, []
    except MemoryError:
        return {"error": "needs too much memory"}, []
    except Exception as fault:  # decoders raise whatever they like; their words may hold parts of the file
        return {"error": f"cannot be decoded ({type(fault).__name__})"}, []
    if sum(map(len, blobs.values())) > MOST_ANSWER:
        return {"error": "grows too large"}, []
    return {"facts": facts, "blobs": [[name, len(blob)] for name, blob in blobs.items()]}, [*blobs.values()]


def _send(answers: int, header: dict[str, Any], blobs: list[bytes]) -> None:
    body = json.dumps(header).encode()
    for part in (len(body).to_bytes(4, "big") + body, *blobs):
        left = memoryview(part)
        while left:
            left = left[os.write(answers, left) :]


if __name__ == "__main__":
    main()
