"""Voice messages: how long a sound really is and what it looks like, decoded in a process of its own.

FFmpeg is told which of its many readers to use, is given an open file and no way to open another one, and may decode only what
browsers record and play: a playlist, a list of files or a forgotten codec of a game is never looked at.
"""

import array
import math
import operator
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sampark.files import media
from sampark.files.media import Media
from sampark.files.problems import CannotRead

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

FORMATS = {
    "webm": ("matroska", "audio/webm"),
    "mp4": ("mov", "audio/mp4"),
    "ogg": ("ogg", "audio/ogg"),
    "mp3": ("mp3", "audio/mpeg"),
    "wav": ("wav", "audio/wav"),
    "adts": ("aac", "audio/aac"),
    "flac": ("flac", "audio/flac"),
}
"""For each container what FFmpeg calls its reader, and the media type that browsers play it by."""
CODECS = frozenset({"opus", "aac", "vorbis", "mp3", "flac", "pcm"})
_DECODERS = "opus,libopus,aac,vorbis,mp3,mp3float,flac,pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_s16be"

VALUES = 100
_GRACE = 1.0
"""Seconds over the limit that pass: a recorder that stops by itself at the limit stops a little behind it."""
_LEAST_SECONDS = 0.1
_APART = 2.0
"""Seconds, and a tenth: so far the times written in a file may be from the sound in it (a recorder on a busy phone leaves gaps)."""

_RATE = 24_000
_WINDOW = _RATE // 50
"""Samples of which one loudness is taken: 20 ms, so that five minutes are 15,000 numbers."""
_SILENCE = 0.001
"""Of full scale (-60 dB): a recording that is never louder is drawn flat, not blown up into noise."""
_LOUDNESS = 0.6
"""Perceived loudness grows with this power of the sound pressure (S. S. Stevens, 1955): 10 dB more sound twice as loud."""


def render(path: str, *, most_seconds: float = 300.0) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The facts about a voice message, and no blobs.

    Facts: `duration` (seconds, from the decoded samples), `waveform` (100 values from 0 to 255), `codec`, `container`,
    `media_type`. Errors: `CannotRead` with `unknown-format`, `damaged`, `no-tracks`, `too-complex`, `has-video`, `wrong-codec`,
    `empty`, `too-long` or `wrong-times`.
    """
    found = media.read(Path(path))
    _judge(found, most_seconds)
    with Path(path).open("rb") as file:
        seconds, levels = _listen(file, FORMATS[found.container][0], most_seconds + _GRACE)
    if seconds < _LEAST_SECONDS:
        raise CannotRead("empty")
    if found.duration is not None and abs(found.duration - seconds) > _APART + seconds / 10:
        raise CannotRead("wrong-times")
    facts = {
        "duration": round(seconds, 3),
        "waveform": waveform(levels),
        "codec": found.tracks[0].codec,
        "container": found.container,
        "media_type": FORMATS[found.container][1],
    }
    return facts, {}


def _judge(found: Media, most_seconds: float) -> None:
    if not found.is_audio_only:
        raise CannotRead("has-video")
    if found.container not in FORMATS or len(found.tracks) != 1 or found.tracks[0].codec not in CODECS:
        raise CannotRead("wrong-codec")
    if found.duration is not None and found.duration > most_seconds + _GRACE:
        raise CannotRead("too-long")


def _listen(file: BinaryIO, form: str, most_seconds: float) -> tuple[float, list[float]]:
    """How long it sounds, and how loud each 20 ms of it are (root mean square, 1.0 is full scale)."""
    import av  # forty milliseconds and many megabytes: only where something is decoded

    options = {"codec_whitelist": _DECODERS, "protocol_whitelist": "none"}
    try:
        with av.open(file, "r", format=form, options=options) as container:
            return _measure(_frames(container), most_seconds)
    except (av.error.FFmpegError, ValueError, ArithmeticError):
        raise CannotRead("damaged") from None


def _frames(container: "InputContainer") -> "Iterator[AudioFrame]":
    """Decoded pieces of the only sound in it. Single packets that cannot be decoded are passed over, as players do."""
    import av

    if any(not stream.disposition & av.stream.Disposition.attached_pic for stream in container.streams.video):
        raise CannotRead("has-video")
    if len(container.streams.audio) != 1:
        raise CannotRead("wrong-codec")
    good = bad = 0
    for packet in container.demux(audio=0):
        try:
            for frame in packet.decode():
                good += 1
                yield frame
        except av.error.InvalidDataError:
            bad += 1
            if bad > 10 + good / 10:
                raise CannotRead("damaged") from None


def _measure(frames: "Iterable[AudioFrame]", most_seconds: float) -> tuple[float, list[float]]:
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    seconds, levels, rest = 0.0, array.array("d"), array.array("h")
    for frame in frames:
        seconds += frame.samples / frame.sample_rate
        if seconds > most_seconds:
            raise CannotRead("too-long")
        for piece in resampler.resample(frame):
            rest.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
        rest = _take(rest, levels)
    return seconds, [*levels]


def _take(samples: "array.array[int]", levels: "array.array[float]") -> "array.array[int]":
    """The loudness of each whole window goes to `levels`; what is left over is returned."""
    whole = len(samples) - len(samples) % _WINDOW
    for at in range(0, whole, _WINDOW):
        window = samples[at : at + _WINDOW]
        levels.append(math.sqrt(sum(map(operator.mul, window, window)) / _WINDOW) / 32768)
    return samples[whole:]


def waveform(levels: list[float], count: int = VALUES) -> list[int]:
    """The loudness of `count` equal parts, the loudest being 255; all 0 if there is only silence.

    `levels`: root mean squares of short windows of equal length, 1.0 being full scale.
    """
    parts = [_mean(levels, at / count, (at + 1) / count) for at in range(count)] if levels else [0.0] * count
    loudest = max(parts)
    if loudest < _SILENCE:
        return [0] * count
    return [round(255 * (part / loudest) ** _LOUDNESS) for part in parts]


def _mean(levels: list[float], begin: float, end: float) -> float:
    """Root mean square of a part of the whole, at least one window of it."""
    first = int(begin * len(levels))
    part = levels[first : max(first + 1, math.ceil(end * len(levels)))]
    return math.sqrt(sum(level * level for level in part) / len(part))
