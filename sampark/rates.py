"""How often is too often: every limit, its default, and why. `SAMPARK_RATE_<NAME>=count/seconds[/burst]` changes one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FORM = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,6})(?:/([1-9]\d{0,6}))?")


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` in `period` seconds on average, `burst` at once."""

    count: int
    period: int
    burst: int


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits of an instance."""

    sign_in_account: Limit = Limit(10, 600, 10)  # failures only: guessing one person's password
    sign_in_address: Limit = Limit(50, 600, 50)  # failures only: guessing many people's; a school shares one address
    register: Limit = Limit(60, 3600, 60)  # a class signs up in one lesson from one address
    post: Limit = Limit(20, 10, 60)  # faster than anyone types, slow enough for everyone else to read
    upload: Limit = Limit(60, 3600, 60)  # files: a term's photographs at once, but no warehouse
    join: Limit = Limit(30, 3600, 30)  # wrong IDs only: 31¹² IDs are not guessed at this pace
    open_room: Limit = Limit(60, 3600, 60)  # nobody needs a new room every minute
    typing: Limit = Limit(20, 10, 20)  # the page sends one in three seconds
    rename: Limit = Limit(20, 3600, 20)  # each one shows all of a person's messages anew
    guest: Limit = Limit(60, 3600, 60)  # new guests of embedded rooms, per address: a class comes at once from one
    guest_post: Limit = Limit(6, 10, 15)  # nobody knows them, so they write a little slower than people with an account
    site: Limit = Limit(600, 60, 600)  # what comes by one site's pages: guests, tokens and messages together
    vouch: Limit = Limit(120, 600, 120)  # tokens, per address: sites make one each time they show their page
    feed: Limit = Limit(300, 600, 300)  # per address: one collector fetches the feeds of many rooms for many readers
    streams: int = 30  # open at once, per person: a browser with as many tabs (SAMPARK_RATE_STREAMS=30)
    readers: int = 300  # open at once without an account, per address and process: several classes behind one address


def from_environment(environ: Mapping[str, str]) -> Rates:
    """Errors: `ValueError` with the variable's name, its value and the mend."""
    chosen: dict[str, Limit | int] = {}
    for name in Rates.__slots__:
        variable = f"SAMPARK_RATE_{name.upper()}"
        text = environ.get(variable)
        if text:
            chosen[name] = _count(variable, text) if name in {"streams", "readers"} else _limit(variable, text)
    return Rates(**chosen)  # type: ignore[arg-type]


def _limit(variable: str, text: str) -> Limit:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{variable}={text!r} cannot be used: give count/seconds or count/seconds/burst, such as 20/10/60."
        )
    count, period, burst = match.groups()
    return Limit(int(count), int(period), int(burst or count))


def _count(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise ValueError(f"{variable}={text!r} cannot be used: give a whole number, such as 30.")
    return int(text)
