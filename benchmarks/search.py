"""The highest rate that a server holds."""

from __future__ import annotations

import contextlib
import math
from typing import Protocol, Self

from benchmarks.generator import Generator, Session, Step, Target
from benchmarks.scale import Scale

COARSE = 2.0
HIGHEST = 4_000_000  # deliveries per second; nothing on one core does that


class Judge(Protocol):
    """Sees each step, held or not."""

    def __call__(self, target: Target, step: Step, *, is_search: bool) -> None: ...


class Streams:
    """Readers of one server, whose streams stay open from step to step.

    A step that was not held may have cost readers their streams and leaves work behind: after it they are opened anew.
    """

    def __init__(self, generator: Generator, target: Target, readers: int, settle: float, judge: Judge) -> None:
        self.readers = readers
        self._generator = generator
        self._target = target
        self._settle = settle
        self._judge = judge
        self._session: Session | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = self._stack.enter_context(
                self._generator.session(self._target, self.readers, settle=self._settle)
            )
        return self._session

    def post(self, rate: float, seconds: float, *, is_search: bool = True) -> Step:
        # At a low rate a step must be long enough for more than a message or two.
        step = self.session.post(rate, max(seconds, min(8.0, 4 / rate)))
        self._judge(self._target, step, is_search=is_search)
        if not step.is_held:
            self._stack.close()
            self._session = None
        return step


class Search:
    """Looks for the rate between one that was held and one that was not."""

    def __init__(self, streams: Streams, scale: Scale) -> None:
        self._streams = streams
        self._seconds = scale.seconds
        self._fine = scale.fine
        self._best: Step | None = None
        self._is_first = True

    def highest(self, start: float, *, is_first: bool) -> Step | None:
        """The best step that was held. The first search may begin far away, later ones begin where that ended.

        `start` is in deliveries per second.
        """
        self._is_first = is_first
        found = self._bracket(start / self._streams.readers, COARSE if is_first else self._fine)
        if found is None:
            return None
        low, high = found
        while high / low > self._fine * 1.01:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if self._holds(middle) else (low, middle)
        return self._best

    def _bracket(self, rate: float, factor: float) -> tuple[float, float] | None:
        """(held, not held), `factor` apart."""
        if self._holds(rate):
            while rate * self._streams.readers < HIGHEST:
                if not self._holds(rate * factor):
                    return rate, rate * factor
                rate *= factor
            return rate, rate
        while rate * self._streams.readers > 200:
            if self._holds(rate / factor):
                return rate / factor, rate
            rate /= factor
        return None

    def _holds(self, rate: float) -> bool:
        step = self._streams.post(rate, self._seconds)
        if self._is_first and not step.is_held and not step.is_far_beyond:
            step = self._streams.post(rate, self._seconds)  # somebody else may have had the machine for a moment
        if step.is_held and (self._best is None or step.per_s > self._best.per_s):
            self._best = step
        return step.is_held
