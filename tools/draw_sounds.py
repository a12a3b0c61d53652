"""Draw the sounds of the interface: two short plucked notes for a message, one rising glance for somebody who joins.

    python -m tools.draw_sounds          draw into static/sounds

MP3, because every browser plays it, Safari too. A note is a few harmonics of a plucked string that fade, the higher the sooner.
"""

from __future__ import annotations

import array
import math
from pathlib import Path

import av

FOLDER = Path(__file__).resolve().parent.parent / "static" / "sounds"
RATE = 44_100
BIT_RATE = 48_000
LOUD = 0.5
"""Of full scale: it sounds among others, and shall startle nobody."""

Note = tuple[float, float, float, float]
"""When it begins (s), its pitch (Hz), how long until it has faded to a third (s), how loud."""

SOUNDS: dict[str, tuple[float, list[Note]]] = {
    "message": (0.55, [(0.0, 587.33, 0.11, 0.8), (0.085, 880.0, 0.16, 1.0)]),
    "join": (0.7, [(0.0, 392.0, 0.14, 0.6), (0.1, 493.88, 0.14, 0.6), (0.2, 587.33, 0.2, 0.7)]),
}
"""Name → length (s) and notes."""

HARMONICS = ((1, 1.0), (2, 0.42), (3, 0.16), (4, 0.07))
ATTACK = 0.004
FADE = 0.05


def samples(length: float, notes: list[Note]) -> list[float]:
    """The wave, between -1 and 1; it begins and ends in silence, so that nothing clicks."""
    drawn = [sum(_at(number / RATE - begin, *note) for begin, *note in notes) for number in range(int(length * RATE))]
    most = max(abs(one) for one in drawn)
    end = FADE * RATE
    return [one / most * LOUD * min(1.0, (len(drawn) - number) / end) for number, one in enumerate(drawn)]


def _at(time: float, pitch: float, fades: float, loud: float) -> float:
    if time < 0:
        return 0.0
    rise = min(1.0, time / ATTACK)
    return (
        loud
        * rise
        * sum(
            share * math.exp(-time * order / fades) * math.sin(math.tau * pitch * order * time)
            for order, share in HARMONICS
        )
    )


def write(path: Path, wave: list[float]) -> None:
    with av.open(str(path), "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame(format="s16p", layout="mono", samples=len(wave))
        frame.sample_rate = RATE
        frame.planes[0].update(array.array("h", [round(one * 32_767) for one in wave]).tobytes())
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, (length, notes) in SOUNDS.items():
        path = FOLDER / f"{name}.mp3"
        write(path, samples(length, notes))
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
