"""h11, patient with w3m: it ends a form with an empty line that belongs to nothing, and would get an empty 400 for it.

RFC 9112, 2.2: a server should ignore it. This reaches into h11 (a buffer without a public name) and into hypercorn (the
class that it uses); where either has changed, nothing is touched, and w3m cannot post.
"""

from typing import Any

import h11
from hypercorn.protocol import h11 as hypercorn_h11


class PatientConnection(h11.Connection):
    def next_event(self) -> Any:
        if self.their_state is h11.MUST_CLOSE and bytes(self._receive_buffer).strip(b"\r\n") == b"":
            self._receive_buffer.maybe_extract_at_most(4)
        return super().next_event()


def install() -> bool:
    """Let hypercorn, which says `h11.Connection`, use it; False where it no longer fits."""
    fits = hasattr(h11.Connection(h11.SERVER), "_receive_buffer") and getattr(hypercorn_h11, "h11", None) is h11
    if fits:
        h11.Connection = PatientConnection  # type: ignore[misc]
    return fits
