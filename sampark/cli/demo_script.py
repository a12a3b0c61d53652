"""How the demonstration's conversations are written down, and reading them.

[3 days ago, 16:05]        a talk begins: that many school days ago, at this time in India; or [25 minutes ago]
+ rohan, meera             they join the room
- kabir                    he leaves it
rohan: Page 84, 1 to 7.    a message; indented lines after it belong to it
rohan (deleted): Oops.     one that he deleted afterwards
meera: Look! {rangoli.webp}  one with files of `demo_files`, or with a GIF of the starter set, {gif:cheer}; the words may be missing
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

JOINS, LEAVES, SAYS, REGRETS = "joins", "leaves", "says", "regrets"

INDIA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))

_AGO = re.compile(r"\[(\d+) days ago, (\d\d):(\d\d)\]|\[(\d+) minutes ago\]")
_SAID = re.compile(r"([^\s:]+)( \(deleted\))?: (.*?) *(?:\{((?:gif:[\w-]+|[\w-]+\.\w+)(?:, [\w-]+\.\w+)*)\})?")
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody in the demonstration. `language` is what they chose for the interface, if anything."""

    username: str
    display_name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A room, who opened it (nobody: a global one), what is said there, and who has yet to read the end of it."""

    name: str
    description: str
    founder: str | None
    script: str
    unread_by: tuple[str, ...] = ()


@dataclass(slots=True)
class Line:
    """One thing that somebody did, and when."""

    when: datetime.datetime
    who: str
    what: str
    text: str
    things: tuple[str, ...] = ()
    """Names of files in `demo_files`, or a GIF."""


def read(script: str, now: datetime.datetime) -> list[Line]:
    """The script's lines in order; each is later than the one before, and none is later than `now`.

    Errors: `ValueError` for a line that is none.
    """
    lines: list[Line] = []
    clock = now - datetime.timedelta(days=30)
    gap = ""
    for row in script.splitlines():
        if row.startswith(_INDENT):
            lines[-1].text += f"{gap}\n{row.removeprefix(_INDENT)}"
        elif row.startswith("["):
            clock = max(clock, _moment(row, now))
        elif row:
            for who, what, text, things in _deeds(row):
                clock += datetime.timedelta(seconds=_pause(text, len(lines)))
                lines.append(Line(min(clock, now), who, what, text, things))
        gap = "" if row else "\n"
    return lines


def _deeds(row: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Who did what, in what words, with what files."""
    if row.startswith(("+ ", "- ")):
        for who in row[2:].split(", "):
            yield who, JOINS if row[0] == "+" else LEAVES, "", ()
        return
    said = _SAID.fullmatch(row)
    if said is None or not (said[3] or said[4]):
        raise ValueError(f"not a line of a script: {row}")
    yield said[1], REGRETS if said[2] else SAYS, said[3], tuple(said[4].split(", ")) if said[4] else ()


def _moment(row: str, now: datetime.datetime) -> datetime.datetime:
    found = _AGO.fullmatch(row)
    if found is None:
        raise ValueError(f"not a time of a script: {row}")
    if found[4]:
        return now - datetime.timedelta(minutes=int(found[4]))
    day = now.astimezone(INDIA).date()
    for _ in range(int(found[1])):
        day -= datetime.timedelta(days=1)
        while day.weekday() == 6:  # nobody goes to school on Sunday
            day -= datetime.timedelta(days=1)
    return datetime.datetime.combine(day, datetime.time(int(found[2]), int(found[3])), INDIA)


def _pause(text: str, place: int) -> int:
    """Seconds since the line before: longer for longer messages, uneven, and the same each time."""
    return 7 + min(len(text) // 4, 60) + place * 37 % 29
