"""Rings: "something changed in room R", and nothing more. In one process here; between processes in `redis_doorbell`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from sampark.chat.bell import Change

CHANGED: Literal["v"] = "v"
PEOPLE: Literal["p"] = "p"
ACCESS: Literal["a"] = "a"
TYPING: Literal["t"] = "t"
SIGNED_OUT: Literal["s"] = "s"
READ: Literal["r"] = "r"
KINDS = frozenset((CHANGED, PEOPLE, ACCESS, TYPING, SIGNED_OUT, READ))


@dataclass(frozen=True, slots=True)
class Ring:
    """`subject` is a room's id, or for `SIGNED_OUT` a person's. `value`: the version, or for `TYPING` and `READ`
    the person's id, else 0.

    `change` never comes from another process: nothing that arrives by Redis is ever shown.
    """

    kind: str
    subject: int
    value: int = 0
    change: Change | None = None


Answer = Callable[[Ring], None]


class Doorbell(Protocol):
    """A `chat.bell.Bell` with a far side. Nothing here waits; a lost ring costs moments, because every pump also looks by itself."""

    @property
    def is_whole(self) -> bool:
        """Whether rings reach everyone just now."""

    async def start(self, answer: Answer) -> None: ...
    async def stop(self) -> None: ...
    def listen(self, room_id: int) -> None: ...
    def unlisten(self, room_id: int) -> None: ...
    def changed(self, room_id: int, version: int, change: Change | None = None) -> None: ...
    def people(self, room_id: int) -> None: ...
    def access(self, room_id: int) -> None: ...
    def signed_out(self, user_id: int) -> None: ...
    def typing(self, room_id: int, user_id: int) -> None: ...
    def read(self, room_id: int, user_id: int) -> None: ...


class Ringer(ABC):
    """The verbs' side of every doorbell, in terms of `ring`."""

    @abstractmethod
    def ring(self, ring: Ring) -> None:
        """Pass it on, here and to the other processes."""

    def changed(self, room_id: int, version: int, change: Change | None = None) -> None:
        self.ring(Ring(CHANGED, room_id, version, change))

    def people(self, room_id: int) -> None:
        self.ring(Ring(PEOPLE, room_id))

    def access(self, room_id: int) -> None:
        self.ring(Ring(ACCESS, room_id))

    def signed_out(self, user_id: int) -> None:
        self.ring(Ring(SIGNED_OUT, user_id))

    def typing(self, room_id: int, user_id: int) -> None:
        """With `user_id` negative: this person has stopped."""
        self.ring(Ring(TYPING, room_id, user_id))

    def read(self, room_id: int, user_id: int) -> None:
        """What this person has read in this room changed, or may have: their other tabs may show a mark too many or too few."""
        self.ring(Ring(READ, room_id, user_id))


class LocalDoorbell(Ringer):
    """One process: a ring is a function call."""

    is_whole = True

    def __init__(self) -> None:
        self._answer: Answer = lambda ring: None

    async def start(self, answer: Answer) -> None:
        self._answer = answer

    async def stop(self) -> None:
        self._answer = lambda ring: None

    def listen(self, room_id: int) -> None:
        """Everything is heard anyway."""

    def unlisten(self, room_id: int) -> None:
        """Everything is heard anyway."""

    def ring(self, ring: Ring) -> None:
        self._answer(ring)
