"""Voice messages for the demonstration, made from nothing: a larynx, a mouth and a tune, in Opus.

Nobody says anything in them. A sawtooth goes through the resonances of vowels, with the rise and fall, the syllables and the
breaths of somebody who speaks, or along the notes of a song that belongs to everyone.
"""

from __future__ import annotations

import array
import math
import random
from collections.abc import Iterator
from pathlib import Path

import av

RATE = 16_000
VOWELS = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (300, 2250, 3000),
    "o": (570, 840, 2410),
    "u": (320, 870, 2240),
}

SIMPLE_GIFTS = "G3 G3 C4:2 C4 D4 E4 C4 E4 F4 G4:2 G4 F4 E4:2 D4 C4 D4:2 D4 D4 D4:2 E4 D4 C4:3"
"""The Shakers' song of 1848, as far as a voice message goes."""
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


class Resonance:
    """One of the mouth's: a filter of the second order."""

    def __init__(self, width: float = 90.0) -> None:
        self.width, self.before, self.last = width, 0.0, 0.0

    def __call__(self, sample: float, pitch: float) -> float:
        r = math.exp(-math.pi * self.width / RATE)
        a, b = 2 * r * math.cos(2 * math.pi * pitch / RATE), -r * r
        self.before, self.last = self.last, (1 - a - b) * sample + a * self.last + b * self.before
        return self.last


class Voice:
    def __init__(self, seed: int, size: float = 1.0) -> None:
        """`size`: of the mouth; a child's is 1.2, a man's 0.9 (its resonances are multiplied by it)."""
        self.chance = random.Random(seed)
        self.size = size
        self.phase = 0.0
        self.mouth = [Resonance(90), Resonance(110), Resonance(170)]
        self.shape = [float(pitch) for pitch in VOWELS["a"]]

    def sound(
        self, seconds: float, start: float, end: float, vowel: str, loud: float, *, vibrato: float = 0.0
    ) -> Iterator[float]:
        """One syllable: from one pitch (Hz) to the other."""
        count = int(seconds * RATE)
        for at in range(count):
            part = at / count
            pitch = start + (end - start) * part
            pitch *= 1 + vibrato * math.sin(2 * math.pi * 5.4 * at / RATE) * min(1.0, part * 3)
            self.phase = (self.phase + pitch / RATE) % 1
            glottis = (1 - 2 * self.phase) * 0.6 + self.chance.uniform(-0.03, 0.03)
            swell = min(1.0, part * 9, (1 - part) * 5) * loud
            for place, goal in enumerate(VOWELS[vowel]):
                self.shape[place] += (goal * self.size - self.shape[place]) * 0.002
            first, second, third = (
                filter_(glottis, min(pitch, RATE * 0.45)) for filter_, pitch in zip(self.mouth, self.shape, strict=True)
            )
            yield (first + 0.6 * second + 0.25 * third) * swell

    def silence(self, seconds: float) -> Iterator[float]:
        return (self.chance.uniform(-0.002, 0.002) for _ in range(int(seconds * RATE)))


def speech(seed: int, seconds: float, pitch: float, size: float) -> list[float]:
    """Sentences of a few words each, falling towards their ends."""
    voice, samples = Voice(seed, size), [0.0] * (RATE // 5)
    chance = voice.chance
    while len(samples) < seconds * RATE:
        words = chance.randint(3, 6)
        for word in range(words):
            tone = pitch * (1.18 - 0.3 * word / words) * chance.uniform(0.94, 1.08)
            for _ in range(chance.randint(1, 3)):
                last = tone * chance.uniform(0.9, 1.08)
                samples += voice.sound(
                    chance.uniform(0.09, 0.2), tone, last, chance.choice("aeiou"), chance.uniform(0.45, 1)
                )
                samples += voice.silence(chance.uniform(0.01, 0.04))
                tone = last
            samples += voice.silence(chance.uniform(0.03, 0.1))
        samples += voice.silence(chance.uniform(0.25, 0.5))
    return samples


def song(seed: int, notes: str, beat: float, size: float) -> list[float]:
    voice, samples = Voice(seed, size), [0.0] * (RATE // 4)
    last = 0.0
    for note in notes.split():
        name, _, beats = note.partition(":")
        pitch = 440 * 2 ** ((_STEPS[name[0]] + 12 * (int(name[1]) - 4) - 9) / 12)
        samples += voice.sound(
            beat * int(beats or 1),
            (last + 3 * pitch) / 4 if last else pitch,
            pitch,
            voice.chance.choice("aoue"),
            0.9,
            vibrato=0.012,
        )
        last = pitch
    return samples + list(voice.silence(0.3))


def store(samples: list[float], to: Path) -> None:
    loudest = max(map(abs, samples))
    whole = array.array("h", (int(sample / loudest * 26_000) for sample in samples))
    with av.open(str(to), "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=48_000)
        stream.bit_rate = 20_000
        stream.layout = "mono"
        resampler = av.AudioResampler("s16", "mono", 48_000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(whole))
        frame.sample_rate = RATE
        frame.planes[0].update(whole.tobytes())
        for piece in [*resampler.resample(frame), None]:
            for packet in stream.encode(piece):
                out.mux(packet)


def draw(folder: Path) -> None:
    store(song(4, SIMPLE_GIFTS, 0.42, 1.12), folder / "simple-gifts.ogg")
    store(speech(21, 6.5, 215, 1.12), folder / "meera.ogg")
    store(speech(33, 9.0, 120, 0.92), folder / "imran.ogg")
    store(speech(57, 4.0, 180, 1.04), folder / "lakshmi.ogg")
