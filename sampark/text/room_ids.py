"""Room IDs: made, read from whatever people type or paste, and shown."""

import re
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 12

_FORM = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_LINK = re.compile(r"/rooms/([^/?#\s]+)", re.IGNORECASE)


def new() -> str:
    """A fresh ID: 31¹² possibilities (59 bits) from the system's secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read(typed: str) -> str | None:
    """The ID in what somebody typed: any case, with or without dashes and spaces, or a whole link. None if there is none."""
    link = _LINK.search(typed)
    bare = re.sub(r"[\s\-‐-―]", "", link.group(1) if link else typed).lower()
    return bare if _FORM.fullmatch(bare) else None


def shown(code: str) -> str:
    """`k3f9x2mq7hpt` as `k3f9-x2mq-7hpt`."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
