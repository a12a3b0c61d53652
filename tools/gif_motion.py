"""How things move in the starter GIFs. `t` runs from 0 to 1 and round again; all of these close the loop."""

from __future__ import annotations

import math

HELD = 1.155
"""With it the three frames in twelve about either end of a swing are one pose."""


def sway(t: float, times: float = 1, late: float = 0) -> float:
    """-1 to 1 and back, softly, with a short rest at either end: poses read better so, and frames alike cost nothing."""
    return min(max(HELD * math.sin(math.tau * (t * times - late)), -1), 1)


def hop(t: float, times: float = 1, late: float = 0) -> float:
    """0 on the ground, 1 at the top, as a ball bounces."""
    return abs(math.sin(math.pi * (t * times - late)))


def part(t: float, start: float, end: float) -> float:
    """How far, 0 to 1, a movement between two moments has come."""
    return min(max((t - start) / (end - start), 0), 1)


def ease(k: float) -> float:
    """Slow, quick, slow."""
    return k * k * (3 - 2 * k)


def pop(k: float) -> float:
    """Quick, a little too far, and back."""
    return 1 + 2.7 * (k - 1) ** 3 + 1.7 * (k - 1) ** 2


def there_and_back(t: float, start: float, up: float, down: float, end: float) -> float:
    """0, then 1 from `up` to `down`, then 0 again."""
    return ease(part(t, start, up)) * (1 - ease(part(t, down, end)))


def blink(t: float, when: float = 0.8) -> bool:
    return abs(t - when) < 0.04
