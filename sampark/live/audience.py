"""Readers who are told the same. A block is made and framed once for each kind of them, and then it is only written."""

from collections.abc import Callable, Iterable, Iterator

from sampark.live.frames import Frames
from sampark.live.reader import Reader
from sampark.live.wire import MOST_WAITING

Make = Callable[[Frames], bytes | None]
Write = Callable[[bytes], None]


class _Kind:
    """Readers of one language and framing. `writes` is made anew after a coming or going, not for each block."""

    __slots__ = ("readers", "writes")

    def __init__(self, readers: set[Reader] | None = None) -> None:
        self.readers: set[Reader] = readers or set()
        self.writes: list[Write] | None = None

    def all_writes(self) -> list[Write]:
        if self.writes is None:
            self.writes = [reader.wire.write for reader in self.readers if reader.wire is not None]
        return self.writes


class Audience:
    def __init__(self, dropped: Callable[[], None] = lambda: None) -> None:
        self._kinds: dict[tuple[object, ...], _Kind] = {}
        self._slow: set[Reader] = set()
        self._dropped = dropped

    def __len__(self) -> int:
        return sum(len(kind.readers) for kind in self._kinds.values()) + len(self._slow)

    def __iter__(self) -> Iterator[Reader]:
        for kind in [*self._kinds.values()]:
            yield from [*kind.readers]
        yield from [*self._slow]

    def __contains__(self, reader: object) -> bool:
        return isinstance(reader, Reader) and (
            reader in self._slow or any(reader in kind.readers for kind in self._kinds.values())
        )

    @classmethod
    def just(cls, *readers: Reader) -> "Audience":
        """These alone."""
        audience = cls()
        for reader in readers:
            audience.add(reader)
        return audience

    def but(self, user_ids: set[int]) -> "Audience":
        """All but these people."""
        return self._those(lambda reader: reader.seat.user_id not in user_ids) if user_ids else self

    def without(self, readers: set[Reader]) -> "Audience":
        """All but these."""
        return self._those(lambda reader: reader not in readers) if readers else self

    def _those(self, wanted: Callable[[Reader], bool]) -> "Audience":
        some = Audience(self._dropped)
        for key, kind in self._kinds.items():
            readers = {reader for reader in kind.readers if wanted(reader)}
            if readers:
                some._kinds[key] = _Kind(readers)
        some._slow = {reader for reader in self._slow if wanted(reader)}
        return some

    def add(self, reader: Reader) -> None:
        if reader.wire is not None and reader.wire.is_slow:
            self._slow.add(reader)
            return
        kind = self._kinds.setdefault(_key(reader), _Kind())
        kind.readers.add(reader)
        kind.writes = None

    def remove(self, reader: Reader) -> None:
        self._slow.discard(reader)
        kind = self._kinds.get(_key(reader))
        if kind is not None and reader in kind.readers:
            kind.readers.discard(reader)
            kind.writes = None
            if not kind.readers:
                del self._kinds[_key(reader)]

    def slow(self, reader: Reader) -> None:
        """Much waits for this reader: from now on it is looked at before each block."""
        if reader in self:
            self.remove(reader)
            self._slow.add(reader)

    def swift(self, reader: Reader) -> None:
        if reader in self._slow:
            self._slow.discard(reader)
            self.add(reader)

    def tell(self, make: Make) -> None:
        """A durable block. Who has not taken what is owed loses the connection; who cannot be brought up to date begins anew.

        What waits for many slow readers is one block in memory, too.
        """
        slow = [*self._slow]  # not those whom this very block makes slow: they have it
        framed: dict[tuple[object, ...], bytes | None] = {}
        for key, kind in [*self._kinds.items()]:
            block = framed[key] = _framed(next(iter(kind.readers)), make)
            if block is None:
                self._begin_anew(kind.readers)
            else:
                for write in kind.all_writes():
                    write(block)
        for reader in slow:
            key = _key(reader)
            if key not in framed:
                framed[key] = _framed(reader, make)
            self._tell_slow(reader, framed[key])

    def mention(self, make: Make) -> None:
        """A passing block (typing, presence, marks): not for those for whom much waits."""
        for kind in [*self._kinds.values()]:
            block = _framed(next(iter(kind.readers)), make)
            if block:
                for write in kind.all_writes():
                    write(block)

    def renew(self) -> None:
        """Those whose documents have grown long begin anew."""
        for kind in [*self._kinds.values()]:
            if next(iter(kind.readers)).frames.is_worn:
                self._begin_anew(kind.readers)

    def _tell_slow(self, reader: Reader, framed: bytes | None) -> None:
        if reader.wire is None or reader.wire.waiting > MOST_WAITING:
            self._slow.discard(reader)
            self._dropped()
            reader.abort()
        elif framed is None:
            self._begin_anew({reader})
        else:
            reader.wire.write(framed)

    def _begin_anew(self, readers: Iterable[Reader]) -> None:
        for reader in [*readers]:
            self.remove(reader)
            reader.end(reader.frames.bye())


def _framed(some: Reader, make: Make) -> bytes | None:
    block = make(some.frames)
    return some.wire.frame(block) if block and some.wire is not None else block


def _key(reader: Reader) -> tuple[object, ...]:
    return (reader.frames.kind, reader.wire.framing if reader.wire is not None else "")
