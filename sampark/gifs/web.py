"""Asking a provider over HTTP, and believing nothing of the answer.

The addresses asked are ours, never a reader's: a provider's base and a path. Redirects are not followed, so that an answer
cannot lead elsewhere (into our own network, say); answers are taken without compression, so that their size is what it is.
"""

import asyncio
import json
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sampark.gifs.provider import ProviderAway

if TYPE_CHECKING:
    import aiohttp

PATIENCE = 3.0
"""Seconds for one answer, from the first look-up to the last byte."""
MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 2_000
_LONGEST_ADDRESS = 2_000
_LONGEST_REST = 300.0
"""Seconds for which a provider that said 429 is left alone, whatever it says."""
_FAILED_REST = 4.0
"""Seconds of peace after any other failure: typing on must not cost three seconds a letter."""


class Web:
    """One provider's API. Holds a session from the first question on; belongs to one event loop."""

    def __init__(
        self,
        base: str,
        *,
        patience: float = PATIENCE,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = base.rstrip("/")
        self._patience = patience
        self._most_bytes = most_bytes
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._resting_until = 0.0
        self._resting_for = ""

    async def json(self, path: str, parameters: Mapping[str, str | int]) -> Any:
        """The decoded answer to `GET base + path`, None for 404. Raises ProviderAway."""
        if self._clock() < self._resting_until:
            raise ProviderAway(self._resting_for)
        body, reason, rest = await self._ask(path, parameters)
        if reason == "not-found":
            return None
        if not reason:
            try:
                return json.loads(body)
            except (ValueError, RecursionError):
                reason, rest = "nonsense", _FAILED_REST
        self._resting_for, self._resting_until = reason, self._clock() + rest
        raise ProviderAway(reason)

    async def _ask(self, path: str, parameters: Mapping[str, str | int]) -> tuple[bytes, str, float]:
        """The body; or why there is none, and for how many seconds not to ask again.

        Returns instead of raising: an exception raised in an `except` block keeps the first one with its address, and in
        the address stands the key.
        """
        import aiohttp

        try:
            async with asyncio.timeout(self._patience):
                session = self._open_session()
                async with session.get(self._base + path, params=parameters, allow_redirects=False) as response:
                    return await self._read(response)
        except TimeoutError:
            return b"", "slow", _FAILED_REST
        except (aiohttp.ClientError, OSError, ValueError):
            return b"", "unreachable", _FAILED_REST

    def _open_session(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "SamparkSetu"},
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=8),
                auto_decompress=False,
            )
        return self._session

    async def _read(self, response: "aiohttp.ClientResponse") -> tuple[bytes, str, float]:
        if response.status == 404:
            return b"", "not-found", 0
        if response.status == 429:
            return b"", "busy", _rest(response.headers.get("Retry-After", ""))
        if response.status in {401, 403}:
            return b"", "refused", _FAILED_REST
        if response.status != 200 or response.headers.get("Content-Encoding", "identity") != "identity":
            return b"", "broken", _FAILED_REST
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._most_bytes:
                return b"", "too-large", _FAILED_REST
        return bytes(body), "", 0

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _rest(retry_after: str) -> float:
    """RFC 9110, section 10.2.3; a date counts as a minute."""
    return min(float(retry_after), _LONGEST_REST) if re.fullmatch("[0-9]{1,6}", retry_after) else 60.0


def media_address(value: object, origins: tuple[str, ...]) -> str | None:
    """The address if it is https on one of the origins, else None. Query strings stay: GIPHY forbids taking them away."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ADDRESS:
        return None
    if not re.fullmatch(r"https://[!#-\[\]^-~]+", value):
        return None  # spaces, controls, quotes, backslashes and other scripts are read differently by different readers
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None or port not in {None, 443}:
        return None
    return value if f"https://{parts.hostname}" in origins else None


def size(width: object, height: object) -> tuple[int, int] | None:
    """Pixels from numbers or strings of digits, made smaller in proportion if need be; None for anything else."""
    across, down = _number(width), _number(height)
    if not across or not down:
        return None
    shrink = min(1.0, MOST_PIXELS / max(across, down))
    return max(1, round(across * shrink)), max(1, round(down * shrink))


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000 else 0


def words(value: object, most: int) -> str:
    """One line of plain text without controls and direction marks, at most so many characters; empty if it is none."""
    if not isinstance(value, str):
        return ""
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in value[: most * 4])
    return " ".join(kept.split())[:most].strip()


def inside(value: object, *path: str) -> Any:
    """What stands at the end of a path through decoded JSON objects; None where the path breaks off."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value: object, most: int) -> list[Any]:
    """A list from an answer. Raises ProviderAway if it is none: then the answer is not what it should be."""
    if not isinstance(value, list):
        raise ProviderAway("nonsense")
    return value[:most]
