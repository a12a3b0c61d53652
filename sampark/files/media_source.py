"""What the readers of media files share: what they find, how they fail, and a file that they cannot read too much of."""

from dataclasses import dataclass
from typing import BinaryIO

from sampark.files.problems import CannotRead

MOST_STEPS = 200_000
"""Elements, boxes, pages or frames looked at in one file: an hour of speech in the smallest pieces, a third of a second of work."""
MOST_AT_ONCE = 64 * 1024
"""Bytes of one read."""
_BEHIND = 16 * 1024
"""Bytes kept before the place last read from: whoever looks ahead by one frame and goes back reads nothing twice."""


class TooManySteps(CannotRead):
    def __init__(self) -> None:
        super().__init__("too-complex")


@dataclass(frozen=True, slots=True)
class Track:
    kind: str
    """`audio` or `video`; other tracks (subtitles, hints) are left out."""
    codec: str
    """`opus`, `aac`, `vorbis`, `mp3`, `flac`, `pcm`, `h264`, `vp8` …; a codec without a name here goes by its format's own."""


@dataclass(frozen=True, slots=True)
class Media:
    container: str
    """`webm`, `matroska`, `mp4`, `mov`, `3gp`, `ogg`, `wav`, `mp3`, `adts` or `flac`."""
    tracks: list[Track]
    duration: float | None
    """Seconds, worked out from what is there; None where that would take too many steps."""

    @property
    def is_audio_only(self) -> bool:
        return {track.kind for track in self.tracks} == {"audio"}


class Source:
    """A file read through one small window, with its steps counted."""

    def __init__(self, file: BinaryIO, most_steps: int = MOST_STEPS) -> None:
        self._file = file
        self._most_steps = most_steps
        self._window = b""
        self._start = 0
        self.size = file.seek(0, 2)
        self.steps = 0
        self.taken = 0
        """Bytes read from the file so far."""

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes (at most `MOST_AT_ONCE`), fewer only at the end of the file."""
        stop = min(at + count, self.size)
        if at >= stop:
            return b""
        if not (self._start <= at and stop <= self._start + len(self._window)):
            self._start = max(0, at - _BEHIND)
            self._file.seek(self._start)
            self._window = self._file.read(_BEHIND + MOST_AT_ONCE)
            self.taken += len(self._window)
        return self._window[at - self._start : stop - self._start]

    def number(self, at: int, count: int) -> int:
        """A big-endian number of `count` bytes; 0 behind the end."""
        return int.from_bytes(self.read(at, count), "big")

    def step(self) -> None:
        self.steps += 1
        if self.steps > self._most_steps:
            raise TooManySteps


_MILLISECONDS = (10, 20, 40, 60) * 3 + (10, 20) * 2 + (2.5, 5, 10, 20) * 4


def opus_seconds(packet: bytes) -> float:
    """How long an Opus packet sounds, from its first two bytes (RFC 6716, section 3.1 and 3.2.5)."""
    if not packet:
        return 0.0
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    return min(_MILLISECONDS[packet[0] >> 3] * frames, 120) / 1000
