"""What goes wrong and when: made from a seed alone, so that the same seed is the same schedule."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Shape = Literal["sqlite", "small disk", "two", "workers"]
"""One process on SQLite; the same on a disk that can be filled; two processes on PostgreSQL and Redis; one supervisor of two."""

SHAPES: tuple[Shape, ...] = ("sqlite", "small disk", "two", "workers")
_OFTEN: tuple[Shape, ...] = ("two", "two", "two", "sqlite", "small disk", "workers")

ALONE: tuple[Shape, ...] = ("sqlite", "small disk")
MANY: tuple[Shape, ...] = ("two", "workers")


@dataclass(frozen=True)
class Kind:
    """A kind of fault."""

    name: str
    does: str
    shapes: tuple[Shape, ...]
    touches: tuple[str, ...]
    """Two faults that touch the same thing do not overlap: Redis cannot be killed while it is frozen."""
    lasts: tuple[float, float]
    """Seconds, from … to …."""
    rest: float = 2.0
    """Seconds that what it touched is left alone afterwards."""


KINDS = (
    Kind("kill", "kill -9 of a server process; it is started again after", SHAPES, ("servers",), (0.1, 3.0)),
    Kind("restart", "SIGTERM to a server; it is started again after", ("sqlite", "two"), ("servers",), (0.1, 1.0)),
    Kind("redis-kill", "Redis is killed, and started again after", MANY, ("redis",), (3.0, 9.0), 3.0),
    Kind("redis-restart", "Redis is restarted", MANY, ("redis",), (0.0, 0.3), 2.0),
    Kind("redis-freeze", "Redis is stopped (SIGSTOP) for", MANY, ("redis",), (20.0, 20.0), 3.0),
    Kind("rings", "from here to the end every third ring is dropped", ("two",), ("rings",), (0.0, 0.0)),
    # A supervisor gives up on children that cannot start three times in a row, and they cannot without a database.
    Kind("postgres-restart", "PostgreSQL is stopped, and started again after", ("two",), ("postgres",), (0.0, 4.0)),
    Kind("postgres-kill", "PostgreSQL is killed, and started again after", ("two",), ("postgres",), (0.0, 2.0)),
    Kind("stall", "a reader stops reading for", SHAPES, ("letters",), (5.0, 9.0)),
    Kind("away", "a reader is away while messages come and are deleted, for", SHAPES, ("absence",), (3.0, 8.0)),
    Kind("gap", "10,000 changes while a reader is away, for", ("sqlite", "two"), ("postgres", "servers", "absence"), (4.0, 6.0)),
    Kind("clock", "the clock is set back by an hour for", ("sqlite", "two"), ("clock",), (30.0, 30.0)),
    Kind("disk", "the disk is full for", ("small disk",), ("disk", "servers"), (2.0, 5.0)),
    Kind("flap", "somebody joins and leaves, over and over, for", SHAPES, ("flap",), (3.0, 8.0)),
    Kind("ghost", "two leave for good, one of them because kill -9 ends the process", SHAPES, ("servers",), (0.0, 0.0)),
)  # fmt: skip

BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True)
class Fault:
    kind: str
    at: float
    """Seconds after the people have begun to talk."""
    lasts: float
    which: int
    """Of several (processes, readers) this one, counted round and round."""

    @property
    def end(self) -> float:
        return self.at + self.lasts

    def __str__(self) -> str:
        lasts = f" {self.lasts:.1f} s" if self.lasts else ""
        return f"{self.at:5.1f} s  {self.kind:16} {BY_NAME[self.kind].does}{lasts} (which: {self.which})"


@dataclass(frozen=True)
class Schedule:
    seed: int
    shape: Shape
    seconds: float
    posts_twice: bool
    """Every post is sent twice, at the same time, with one key."""
    faults: tuple[Fault, ...]
    waits_for_ghosts: bool = False
    """Wait 45 s at the end: whoever was gone by then must not appear online."""

    def has(self, kind: str) -> bool:
        return any(fault.kind == kind for fault in self.faults)

    def __str__(self) -> str:
        twice = ", every post sent twice" if self.posts_twice else ""
        first = f"seed {self.seed}: {self.shape}, {self.seconds:g} s{twice}"
        return "\n".join([first, *(f"  {fault}" for fault in self.faults)])


def make(
    seed: int,
    *,
    shape: Shape | None = None,
    kinds: Sequence[str] = (),
    only: Sequence[str] = (),
    seconds: float = 40.0,
    longest: float | None = None,
    waits_for_ghosts: bool = False,
) -> Schedule:
    """A schedule of these kinds, each once; without `kinds`, of some that chance chooses (among `only`, if given).

    Nothing lasts longer than `longest`, by default half of the time.
    """
    chance = random.Random(seed)
    played = chance.choice(_OFTEN) if shape is None else shape
    if kinds:
        chosen = [BY_NAME[name] for name in kinds]
    else:
        possible = [kind for kind in KINDS if played in kind.shapes and (not only or kind.name in only)]
        chosen = chance.choices(possible, k=chance.randint(4, 8)) if possible else []
        # Once each is enough for what has no end; the rest may come again.
        once = {"ghost", "clock", "gap", "redis-freeze", "rings"}
        chosen = [kind for place, kind in enumerate(chosen) if kind not in chosen[:place] or kind.name not in once]
    # The long ones first: the others find their place round them.
    chosen.sort(key=lambda kind: -kind.lasts[1])
    for _ in range(50):
        faults = _all_placed(chosen, chance, seconds, longest or seconds / 2)
        if len(faults) == len(chosen) or not kinds:
            ordered = tuple(sorted(faults, key=lambda fault: fault.at))
            return Schedule(seed, played, seconds, chance.random() < 0.5, ordered, waits_for_ghosts)
    raise ValueError(f"{seconds} s are too short for all of {kinds}")


def _all_placed(chosen: Sequence[Kind], chance: random.Random, seconds: float, longest: float) -> list[Fault]:
    """As many of them as find a place."""
    faults: list[Fault] = []
    for kind in chosen:
        fault = _placed(kind, faults, chance, seconds, longest)
        if fault is not None:
            faults.append(fault)
    return faults


def _placed(kind: Kind, others: Sequence[Fault], chance: random.Random, seconds: float, longest: float) -> Fault | None:
    """Somewhere in the time where it overlaps nothing that touches the same; None where there is no such place."""
    for _ in range(200):
        lasts = round(min(chance.uniform(*kind.lasts), longest), 1)
        latest = seconds - lasts - 1
        if latest < 1:
            return None
        fault = Fault(kind.name, round(chance.uniform(1, latest), 1), lasts, chance.randrange(12))
        if not any(_collide(fault, other) for other in others):
            return fault
    return None


def _collide(one: Fault, other: Fault) -> bool:
    mine, its = BY_NAME[one.kind], BY_NAME[other.kind]
    if not {*mine.touches} & {*its.touches}:
        return False
    return one.at < other.end + its.rest and other.at < one.end + mine.rest
