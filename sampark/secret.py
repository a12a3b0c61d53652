"""The secret that signs cookies and form tokens, where the operator gives none: made at the first start and kept in a file."""

import os
import secrets
from pathlib import Path

SHORTEST = 32
"""Characters: 128 bits as hexadecimal digits."""


def kept(path: Path) -> str:
    """The secret in this file, made there first if need be; two starting processes agree on one.

    Errors: `OSError` where the folder cannot be written, `ValueError` for a file that holds too little.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path)
    secret = path.read_text().strip()
    if len(secret) < SHORTEST:
        raise ValueError(path)
    return secret


def _make(path: Path) -> None:
    draft = path.with_name(f".secret-{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
