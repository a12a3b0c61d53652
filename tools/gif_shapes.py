"""Outlines for the starter GIFs: each function gives a closed or open list of points on a field of 200 × 200, y down."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Points = list[Point]


def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> Points:
    return arc(x, y, rx, 0, 360, ry)


def arc(x: float, y: float, rx: float, start: float, end: float, ry: float | None = None) -> Points:
    """From `start` to `end` degrees, 0 at three o'clock, clockwise."""
    ry = rx if ry is None else ry
    steps = max(8, int(abs(end - start) / 5))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def smooth(points: Sequence[Point], *, closed: bool = True) -> Points:
    """A Catmull–Rom curve through the points."""
    count = len(points)
    ends = count if closed else count - 1
    curve: Points = []
    for place in range(ends):
        p0, p1, p2, p3 = (_neighbour(points, place + shift, closed) for shift in (-1, 0, 1, 2))
        curve += [_between(p0, p1, p2, p3, step / 10) for step in range(10)]
    return curve if closed else [*curve, points[-1]]


def _neighbour(points: Sequence[Point], place: int, closed: bool) -> Point:
    return points[place % len(points)] if closed else points[min(max(place, 0), len(points) - 1)]


def _between(p0: Point, p1: Point, p2: Point, p3: Point, k: float) -> Point:
    def one(a: float, b: float, c: float, d: float) -> float:
        return b + k * ((c - a) + k * ((2 * a - 5 * b + 4 * c - d) + k * (3 * (b - c) + d - a))) / 2

    return one(p0[0], p1[0], p2[0], p3[0]), one(p0[1], p1[1], p2[1], p3[1])


def box(x: float, y: float, width: float, height: float, radius: float = 8) -> Points:
    """A rectangle with round corners, `x y` its centre."""
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    r = min(radius, width / 2, height / 2)
    return [
        *arc(right - r, top + r, r, -90, 0),
        *arc(right - r, bottom - r, r, 0, 90),
        *arc(left + r, bottom - r, r, 90, 180),
        *arc(left + r, top + r, r, 180, 270),
    ]


def star(x: float, y: float, outer: float, inner: float, tips: int = 5, turn: float = 0) -> Points:
    points: Points = []
    for corner in range(tips * 2):
        radius = inner if corner % 2 else outer
        angle = math.radians(turn - 90 + corner * 180 / tips)
        points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return points


def soft_star(x: float, y: float, outer: float, inner: float, tips: int = 5, turn: float = 0) -> Points:
    """A star whose tips are round."""
    return smooth(star(x, y, outer, inner, tips, turn))


def heart(x: float, y: float, size: float) -> Points:
    """`size` is half the width."""
    unit = size / 16
    points: Points = []
    for step in range(48):
        angle = step * math.tau / 48
        across = 16 * math.sin(angle) ** 3
        up = 13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle)
        points.append((x + unit * across, y - unit * up))
    return points


def drop(x: float, y: float, size: float) -> Points:
    """A drop hanging from its tip; `size` is the radius of its belly."""
    return [(x, y - size * 2), *arc(x, y, size, -25, 205)]


def petals(x: float, y: float, outer: float, inner: float, count: int, turn: float = 0) -> Points:
    """A scalloped disc, as a flower seen from above."""
    points: Points = []
    for step in range(count * 8):
        angle = math.tau * step / (count * 8)
        radius = inner + (outer - inner) * abs(math.sin(angle * count / 2)) ** 0.6
        points.append(
            (x + radius * math.cos(angle + math.radians(turn)), y + radius * math.sin(angle + math.radians(turn)))
        )
    return points


def ribbon(spine: Sequence[Point], widths: Sequence[float]) -> Points:
    """The outline of a line that swells and thins: `widths` (half the thickness) are spread along the spine."""
    curve = smooth(spine, closed=False)
    left: Points = []
    right: Points = []
    for place, (x, y) in enumerate(curve):
        before, after = curve[max(place - 1, 0)], curve[min(place + 1, len(curve) - 1)]
        length = math.hypot(after[0] - before[0], after[1] - before[1]) or 1
        across, down = (after[1] - before[1]) / length, (before[0] - after[0]) / length
        width = _along(widths, place / (len(curve) - 1))
        left.append((x + across * width, y + down * width))
        right.append((x - across * width, y - down * width))
    return left + right[::-1]


def _along(values: Sequence[float], k: float) -> float:
    place = k * (len(values) - 1)
    low = min(int(place), len(values) - 2)
    return values[low] + (values[low + 1] - values[low]) * (place - low)
