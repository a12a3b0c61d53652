"""The secret that signs cookies and form tokens, where the operator gives none: made at the first start and kept in a file."""

import contextlib
import errno
import os
import secrets
import tempfile
import time
from pathlib import Path

SHORTEST = 32
"""Characters: 128 bits as hexadecimal digits."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""What file systems say that know no second name of a file, such as FAT and some shares of a network."""


def kept(path: Path) -> str:
    """The secret in this file, made there first if need be; all processes that start at once agree on one.

    Errors: `OSError` where the folder cannot be written, `ValueError` for a file that holds too little.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path)
    secret = _read(path)
    if len(secret) < SHORTEST:
        raise ValueError(path)
    return secret


def _read(path: Path) -> str:
    for _ in range(20):
        if secret := path.read_text().strip():
            return secret
        time.sleep(0.05)  # without links the file is there a moment before what it holds
    return ""


def _make(path: Path) -> None:
    """Under a name of its own first, so that nobody sees half of it: process ids may be the same in two containers."""
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        _fill(number)
        with contextlib.suppress(FileExistsError):
            _name(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _name(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except OSError as fault:
        if fault.errno not in _NO_LINKS:
            raise
        _fill(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _fill(number: int) -> None:
    with os.fdopen(number, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
