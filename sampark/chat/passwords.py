"""Passwords: strength, hashing and checking, off the event loop in a small pool of their own."""

import asyncio
import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

import bcrypt

from sampark.text.language import N_
from sampark.text.problems import Invalid, TooMany

SHORTEST, LONGEST = 8, 1024
"""In bytes of UTF-8."""

# bcrypt releases the GIL; two threads keep sign-ins going without starving the loop of both cores. A flood of
# sign-ins is told to wait instead of queueing for minutes.
_POOL = ThreadPoolExecutor(2, thread_name_prefix="bcrypt")
_LONGEST_QUEUE = 100
_queue = 0

P = ParamSpec("P")
R = TypeVar("R")

_SCHEME = "1$"
_TAG = b"sampark-setu password 1"


def _digest(password: str) -> bytes:
    # bcrypt refuses more than 72 bytes, which is 24 Hindi letters: hash first, base64 so that no NUL byte is left.
    normal = unicodedata.normalize("NFKC", password).encode()
    return base64.b64encode(hmac.digest(_TAG, normal, hashlib.sha256))


def _hash(password: str, cost: int) -> str:
    return _SCHEME + bcrypt.hashpw(_digest(password), bcrypt.gensalt(cost)).decode()


def _matches(password: str, stored: str) -> bool:
    return bcrypt.checkpw(_digest(password), stored.removeprefix(_SCHEME).encode())


@lru_cache
def _nobody(cost: int) -> str:
    return _hash("nobody has this password", cost)


async def hashed(password: str, cost: int) -> str:
    """What to store for a password; `cost` is bcrypt's. Errors: `TooMany`."""
    return await _in_pool(_hash, password, cost)


async def matches(password: str, stored: str | None, cost: int) -> bool:
    """Whether it is the password. With None stored (nobody has that name) it takes the same time and says no. Errors: `TooMany`."""
    if stored is None:
        await _in_pool(_matches, password, await _in_pool(_nobody, cost))
        return False
    return await _in_pool(_matches, password, stored)


async def _in_pool(work: Callable[P, R], *values: P.args, **named: P.kwargs) -> R:
    global _queue
    if _queue >= _LONGEST_QUEUE:
        raise TooMany(N_("Very many people are signing in just now. Please try again in a few seconds."), retry_after=5)
    _queue += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_POOL, partial(work, *values, **named))
    finally:
        _queue -= 1


async def check_strength(password: str, *personal: str) -> None:
    """Errors: `Invalid` with a helpful sentence, for the wrong length and for what is guessed within a thousand tries."""
    size = len(password.encode())
    if size < SHORTEST:
        raise Invalid(
            N_(
                "The password is too short: it needs at least 8 characters. Three or four random words are easy to remember."
            ),
            "password",
        )
    if size > LONGEST:
        raise Invalid(
            N_("The password is too long by %(over)s bytes; 1,024 are the most."), "password", over=size - LONGEST
        )
    if await _in_pool(_is_obvious, password, personal):
        raise Invalid(
            N_("This password is among the first that anyone would guess. Three or four random words are a good one."),
            "password",
        )


def _is_obvious(password: str, personal: tuple[str, ...]) -> bool:
    # Its dictionaries weigh 12 MB, and on most days nobody sets a password.
    from zxcvbn import zxcvbn

    # zxcvbn's time grows with the cube of the length; what the first forty characters do not give away is strong.
    return bool(zxcvbn(password[:40], user_inputs=[word[:40] for word in personal])["score"] == 0)
