"""The room's next version and number, and the system messages that say who came and went.

Such a notice is one line for all who come and go within a minute while nobody speaks, and one line for whoever comes and goes
again and again without a word, whoever else speaks. The line is an ordinary message that is changed in place. A line of one person
has a single word as its content: what became of them. A line of several has, for `partials/notice.html`, a line per group (what they
did, how many more, the first ones' names; tabs between), then an empty line, and behind it everyone, for whoever comes next:
`j1041 j1042:3 l1017:20`, the last two told of 3 and 20 seconds after the first. The first one's name is never among the names:
it is the author's of the row, and the row's number in `users` the first one here.
"""

import datetime
import re
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from sampark import db
from sampark.access import DELETED
from sampark.models.message import SYSTEM
from sampark.text.problems import NotFound

MINUTE = 60.0
"""Seconds in which a line takes others in, and in which somebody told of in it is told of nowhere else."""

MOST = 500
"""People in a line; the next one begins another, so that neither a row nor the cost of a change grows without limit."""

RECENT = 1_000
"""How many messages back a line is looked for, by number: it costs the same in a room of any size."""

_ALIVE = f" AND code NOT LIKE '{DELETED}%'"

JOINED, LEFT, VISITED, RETURNED = "joined", "left", "visited", "returned"
"""What became of somebody within a line. `visited`: came and left again; `returned`: left and came back."""

_FATES = {fate[0]: fate for fate in (JOINED, LEFT, VISITED, RETURNED)}
_TURNS = {
    (JOINED, LEFT): VISITED,
    (VISITED, JOINED): JOINED,
    (LEFT, JOINED): RETURNED,
    (RETURNED, LEFT): LEFT,
}
_PERSON = re.compile(r"([jlvr])(\d+)(?::(\d+))?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a room's order."""

    version: int
    seq: int


async def next_version(room_id: int, using: BaseDBAsyncClient, *, also_dying: bool = False) -> int:
    """Raise the room's version: the statement that orders a transaction among the room's writers.

    Errors: `NotFound` when the room is gone, or (unless `also_dying`) is being taken apart.
    """
    return (await _raised("version = version + 1", room_id, using, "" if also_dying else _ALIVE)).version


async def next_moment(room_id: int, using: BaseDBAsyncClient) -> Moment:
    """The same, with a number for one new message."""
    return await _raised("version = version + 1, last_seq = last_seq + 1", room_id, using)


async def append(room_id: int, user_id: int, what: str, using: BaseDBAsyncClient) -> Moment:
    """Say in the room that a person `joined` or `left`; the room's new version, and its newest message's number."""
    # The lines are read under the room's lock, and are what everyone before has made of them.
    moment = await _raised("version = version + 1", room_id, using)
    now = datetime.datetime.now(datetime.UTC)
    line = await _line_for(user_id, room_id, moment.seq, now, using)
    if line is None:
        return await _begin(room_id, user_id, what, now, moment.version, using)
    line.tell(user_id, what, now)
    await _rewrite(room_id, line, moment.version, using)
    return moment


async def show_new_name(room_id: int, user_id: int, version: int, using: BaseDBAsyncClient) -> None:
    """Write anew the lines of others that name a person, as a part of the change that `version` is.

    Further back than `RECENT` messages they stay as they were written; one's own lines show the name of now anyhow.
    """
    for line in await _recent_lines(room_id, "content LIKE ?", f"%\n\n%{user_id}%", using):
        if user_id in line.named():
            await _rewrite(room_id, line, version, using)


@dataclass(slots=True)
class _Told:
    fate: str
    after: int
    """Seconds since the line began."""

    def code(self, user_id: int) -> str:
        return f"{self.fate[0]}{user_id}" + (f":{self.after}" if self.after else "")


@dataclass(slots=True)
class _Line:
    """A notice: what became of whom, in the order in which they were first told of."""

    seq: int
    began: datetime.datetime
    people: dict[int, _Told]

    @classmethod
    def read(cls, row: db.Row) -> "_Line":
        content, several, people = row["content"].partition("\n\n")
        if not several:
            told = {int(row["user_id"]): _Told(content if content in _FATES.values() else LEFT, 0)}
        else:
            told = {int(who): _Told(_FATES[fate], int(after or 0)) for fate, who, after in _PERSON.findall(people)}
        return cls(int(row["seq"]), row["timestamp"], told)

    def has_just_told_of(self, user_id: int, now: datetime.datetime) -> bool:
        told = self.people.get(user_id)
        return told is not None and abs(self._age(now) - told.after) < MINUTE

    def takes_in_others(self, now: datetime.datetime) -> bool:
        return abs(self._age(now)) < MINUTE and len(self.people) < MOST

    def _age(self, now: datetime.datetime) -> float:
        # Below zero where a clock was set back; far below, the line is as strange as an old one.
        return (now - self.began).total_seconds()

    def tell(self, user_id: int, what: str, now: datetime.datetime) -> None:
        told = self.people.setdefault(user_id, _Told(what, max(0, int(self._age(now)))))
        told.fate = _TURNS.get((told.fate, what), told.fate)

    def named(self) -> list[int]:
        """Whose names are shown, but for the first one's."""
        return [user_id for shown, _ in self._groups().values() for user_id in shown][1:]

    def content(self, names: dict[int, str]) -> str:
        if len(self.people) == 1:
            return next(iter(self.people.values())).fate
        first, groups = next(iter(self.people)), []
        for fate, (shown, others) in self._groups().items():
            # An account that is gone has left its place in the line, without a name.
            known = [" ".join(names.get(user_id, "").split()) or "…" for user_id in shown if user_id != first]
            groups.append("\t".join([fate, str(others), *known]))
        everyone = " ".join(told.code(user_id) for user_id, told in self.people.items())
        return "\n".join(groups) + "\n\n" + everyone

    def _groups(self) -> dict[str, tuple[list[int], int]]:
        """By what they did, the first one's group first: who is named, and how many are not. Nobody is "1 other"."""
        groups: dict[str, list[int]] = {}
        for user_id, told in self.people.items():
            groups.setdefault(LEFT if told.fate == VISITED else told.fate, []).append(user_id)
        return {fate: (who, 0) if len(who) <= 3 else (who[:2], len(who) - 2) for fate, who in groups.items()}


async def _raised(counters: str, room_id: int, using: BaseDBAsyncClient, alive: str = _ALIVE) -> Moment:
    rows = await db.fetch(
        f"UPDATE rooms SET {counters} WHERE id = ?{alive} RETURNING version, last_seq",  # noqa: S608 - constants
        room_id,
        using=using,
    )
    if not rows:
        raise NotFound
    return Moment(int(rows[0]["version"]), int(rows[0]["last_seq"]))


async def _line_for(
    user_id: int, room_id: int, newest: int, now: datetime.datetime, using: BaseDBAsyncClient
) -> _Line | None:
    """The line that tells of them already, or the newest message if it is a line that takes others in."""
    lines = await _recent_lines(room_id, "timestamp > ?", now - datetime.timedelta(seconds=2 * MINUTE), using)
    for line in lines:
        # Above somebody's words it must not say that they had left.
        if line.has_just_told_of(user_id, now) and not await _has_spoken(user_id, room_id, line.seq, using):
            return line
    return next((line for line in lines if line.seq == newest and line.takes_in_others(now)), None)


async def _has_spoken(user_id: int, room_id: int, since: int, using: BaseDBAsyncClient) -> bool:
    spoken = await db.one(
        "SELECT seq FROM messages WHERE room_id = ? AND seq > ? AND user_id = ? AND message_type <> ? LIMIT 1",
        room_id, since, user_id, SYSTEM, using=using,
    )  # fmt: skip
    return spoken is not None


async def _recent_lines(room_id: int, condition: str, value: object, using: BaseDBAsyncClient) -> list[_Line]:
    """The newest first."""
    rows = await db.fetch(
        "SELECT user_id, seq, content, timestamp FROM messages"  # noqa: S608 - one of two constants
        " WHERE room_id = ? AND seq > (SELECT last_seq FROM rooms WHERE id = ?) - ?"
        f" AND message_type = ? AND deleted_at IS NULL AND {condition} ORDER BY seq DESC",
        room_id, room_id, RECENT, SYSTEM, value, using=using,
    )  # fmt: skip
    return [_Line.read(row) for row in rows]


async def _begin(
    room_id: int, user_id: int, what: str, now: datetime.datetime, version: int, using: BaseDBAsyncClient
) -> Moment:
    moment = await _raised("last_seq = last_seq + 1", room_id, using)
    await db.run(
        "INSERT INTO messages (room_id, user_id, seq, version, posted_version, message_type, content, html, timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)",
        room_id, user_id, moment.seq, version, version, SYSTEM, what, now, using=using,
    )  # fmt: skip
    return moment


async def _rewrite(room_id: int, line: _Line, version: int, using: BaseDBAsyncClient) -> None:
    rows = []
    if named := line.named():
        rows = await db.fetch(
            f"SELECT id, display_name FROM users WHERE id IN ({db.marks(named)})",  # noqa: S608 - question marks
            *named,
            using=using,
        )
    await db.run(
        "UPDATE messages SET content = ?, version = ? WHERE room_id = ? AND seq = ?",
        line.content({int(row["id"]): row["display_name"] for row in rows}), version, room_id, line.seq, using=using,
    )  # fmt: skip
