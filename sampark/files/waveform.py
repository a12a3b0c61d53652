"""The shape of a sound as a list of loudnesses from 0 to 255: for the database, and for drawing."""

import base64
import binascii
from collections.abc import Sequence


def bars(values: Sequence[int], count: int = 64) -> list[int]:
    """As many loudnesses as there are bars to draw, each the loudest of its part; all 0 for no values."""
    if not values:
        return [0] * count
    total = len(values)
    parts = ((at * total // count, max(at * total // count + 1, -((at + 1) * total // -count))) for at in range(count))
    return [max(values[start:stop]) for start, stop in parts]


def to_text(values: Sequence[int]) -> str:
    """One byte for each value, in base64 for URLs without padding (RFC 4648, section 5): 134 characters for 100 values.

    Errors: `ValueError` for a value outside 0 to 255.
    """
    return base64.urlsafe_b64encode(bytes(values)).decode().rstrip("=")


def from_text(text: str) -> list[int]:
    """What `to_text` made. Errors: `ValueError` for anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise ValueError(str(fault)) from None
    return [*raw]
