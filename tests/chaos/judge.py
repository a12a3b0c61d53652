"""What must hold when the dust has settled. Each function gives what does not, in sentences; an empty list is the good case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.faults import Play, Window
from tests.chaos.posters import Poster, Sent
from tests.chaos.readers import Reader
from tests.chaos.rows import Row
from tests.chaos.stage import Stage
from tests.chaos.wire import request
from tests.support import articles

AWAY_WITHIN = 3.0
"""Seconds from the acknowledgement of a post to its coming to every reader while Redis is dead: each process looks once a second."""
FROZEN_WITHIN = 8.0
"""The same while Redis hangs: at first nobody knows, and each process looks every five seconds as it always does."""

_MARKER = re.compile(r"^([\w-]+-\d+\.) ")


async def room_now(stage: Stage, room: str) -> Row:
    [row] = await stage.rows(f"SELECT id, version, last_seq FROM rooms WHERE code = '{room}'")
    return row


async def messages_in(stage: Stage, room: str) -> list[Row]:
    return await stage.rows(
        "SELECT m.seq, m.version, m.posted_version, m.content, m.message_type, m.deleted_at IS NOT NULL AS is_deleted"
        f" FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.code = '{room}' ORDER BY m.seq",
    )


def numbers(room: Row, messages: Sequence[Row], since: int, flaps: int) -> list[str]:
    """Numbers and versions have no gaps, and their orders are one order.

    Before `since` people joined, and `flaps` times somebody joined or left later: such lines may change in place, and then a
    message that has had several versions shows only its last one.
    """
    wrong = []
    seqs = [row["seq"] for row in messages]
    if seqs != list(range(1, len(seqs) + 1)) or room["last_seq"] != len(seqs):
        wrong.append(f"numbers have gaps: {_gaps(seqs)}; there are {len(seqs)}, the last is {room['last_seq']}")
    posted = [row["posted_version"] for row in messages]
    if posted != sorted({*posted}):
        wrong.append("messages have other versions than their order says")
    used = {row["posted_version"] for row in messages} | {row["version"] for row in messages}
    unused = {*range(since + 1, room["version"] + 1)} - used
    if len(unused) > flaps or max(used, default=0) > room["version"]:
        wrong.append(
            f"versions that nothing has: {sorted(unused)[:20]}; the room's is {room['version']}, {max(used)} was used"
        )
    return wrong


def _gaps(seqs: Sequence[int]) -> list[int]:
    return sorted({*range(1, max(seqs, default=0) + 1)} - {*seqs})[:20]


def acknowledged(posters: Sequence[Poster], messages: Sequence[Row]) -> list[str]:
    """Each acknowledged post is there once, under the number that was acknowledged; each one's posts are in the order of posting."""
    wrong = []
    by_seq = {row["seq"]: row for row in messages}
    markers = Counter(found[1] for row in messages if (found := _MARKER.match(row["content"])))
    for poster in posters:
        seqs = [sent.seq for sent in poster.sent]
        if seqs != sorted({*seqs}):
            wrong.append(f"{poster.name}'s posts are out of order: {seqs}")
        for sent in poster.sent:
            wrong += _one_post(sent, by_seq.get(sent.seq), markers[sent.marker], sent.seq in poster.deleted)
    known = {sent.marker for poster in posters for sent in poster.sent}
    wrong += [f"{marker} is there, and was never acknowledged" for marker in markers if marker not in known]
    return wrong


def _one_post(sent: Sent, row: Row | None, count: int, is_deleted: bool) -> list[str]:
    if row is None:
        return [f"{sent.marker} was acknowledged as {sent.seq}, and is not there"]
    if bool(row["is_deleted"]) != is_deleted:
        return [f"{sent.marker} ({sent.seq}): deleted is {row['is_deleted']}, should be {is_deleted}"]
    if not is_deleted and not row["content"].startswith(sent.marker + " "):
        return [f"{sent.marker} was acknowledged as {sent.seq}, where {row['content'][:40]!r} stands"]
    if not is_deleted and count != 1:
        return [f"{sent.marker} is there {count} times"]
    return []


class NoPage(Exception):
    """There is nothing to compare with."""


async def page_now(base: str, cookie: str, room: str, first: int) -> dict[int, str]:
    """The messages from this number on, as pages show them now.

    Errors: `NoPage`.
    """
    found: dict[int, str] = {}
    after = first - 1
    while True:
        answer = await request(base, "GET", f"/rooms/{room}/messages?after={after}&limit=100", cookie)
        if answer.status != 200:
            raise NoPage(f"the room's messages were answered with {answer.status}, when nothing is broken any more")
        page = articles(answer.text)
        if not page:
            return found
        found |= page
        after = max(page)


def law(reader: Reader, now: Mapping[int, str]) -> list[str]:
    """The reader's screen is what a page shows now, byte by byte."""
    shown = reader.screen.messages
    wanted = {seq: text for seq, text in now.items() if seq >= min(shown, default=1)}
    if shown == wanted:
        return []
    lost = sorted(wanted.keys() - shown.keys())[:20]
    ghosts = sorted(shown.keys() - wanted.keys())[:20]
    differs = sorted(seq for seq in shown.keys() & wanted.keys() if shown[seq] != wanted[seq])[:20]
    return [
        f"{reader.name} at version {reader.cursor}: lacks {lost}, shows {ghosts} that are not there, others differ: {differs}"
        + (f": {shown[differs[0]]!r} is now {wanted[differs[0]]!r}" if differs else "")
    ]


def passing(reader: Reader, page: str) -> list[str]:
    """Who is online and who is typing, as the page says it."""
    shows, wanted = reader.screen, type(reader.screen).of(page)
    wrong = []
    if shows.members and shows.members != wanted.members:
        wrong.append(f"{reader.name} shows other members than the page: {shows.members!r}, {wanted.members!r}")
    if shows.typing != wanted.typing:
        wrong.append(f"{reader.name} shows {shows.typing!r} as typing, the page {wanted.typing!r}")
    return wrong


def in_time(play: Play, lag: float) -> tuple[list[str], dict[str, float]]:
    """While Redis is away, every message comes to every reader soon all the same; and the slowest of each window."""
    wrong: list[str] = []
    slowest: dict[str, float] = {}
    for window in play.windows:
        within = {"redis": AWAY_WITHIN, "frozen redis": FROZEN_WITHIN}.get(window.what)
        if within is None:
            continue
        for delay, what in _delays(play, window, within):
            slowest[window.what] = max(slowest.get(window.what, 0), delay)
            if delay > within + lag:
                wrong.append(f"{window.what}: {what} {delay:.1f} s after its acknowledgement")
    return wrong, slowest


def _delays(play: Play, window: Window, within: float) -> list[tuple[float, str]]:
    others = [other for other in play.windows if other.what in {"database", "gap", "disk"}]
    found = []
    for poster in play.posters:
        for sent in poster.sent:
            until = sent.at + within
            if not window.begin <= sent.at <= until <= window.end or sent.seq in poster.deleted:
                continue
            if any(other.begin - 1 < until and sent.at < other.end + within for other in others):
                continue
            for reader in play.readers:
                if reader.was_there(sent.began - 0.5, until + 0.5) and not reader.was_stalled(sent.at, until):
                    delay = reader.came.get(sent.seq, float("inf")) - sent.at
                    found.append((delay, f"{sent.marker} came to {reader.name}"))
    return found
