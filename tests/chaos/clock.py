"""A clock that a test can set, for the server's process alone: libfaketime answers it when it asks what time it is.

The clock steps while the process runs, as a wrong time server makes it step, and a process that starts meanwhile has the wrong
time as well. The monotonic clock goes on as it does on a real machine.
"""

from __future__ import annotations

import functools
from pathlib import Path

from tests.machine import Missing, Part, advice, install, unfold

_LIBRARIES = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
)
_PART = Part("libfaketime", lambda: next(iter(unfold(_LIBRARIES)), None), "faketime", "libfaketime", "libfaketime")


@functools.cache
def library() -> str:
    if not _PART.there():
        install([_PART])
    found = _PART.find()
    if found is None:
        raise Missing(f"libfaketime is not installed. {advice([_PART])}")
    return found


PRELUDE = "import threading, time\ntime.sleep = lambda seconds: threading.Event().wait(seconds) and None\n"
"""libfaketime takes its hour off the moment to which Python sleeps on the monotonic clock, which is nonsense then. Other waits work."""


class Clock:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0)

    def set(self, seconds: int) -> None:
        """So many seconds off the right time, from the next second on."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # its name in older versions
            # It mends waiting on the monotonic clock for programs whose monotonic clock is faked. Here it would make each wait a
            # busy one.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }
