"""How long and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    runs: int = 3
    seconds: float = 2.0
    """How long each rate is held."""
    calm_seconds: float = 8
    """The same where only two messages a second are posted."""
    people: int = 1000
    """With accounts and sessions of their own; where more streams are opened, each has several."""
    fine: float = 1.1
    """Neighbouring rates of a search differ by so much: the answer is no more exact than that."""
    is_quick: bool = False
    """What is only there to be compared with is left out."""

    @classmethod
    def quick(cls) -> Scale:
        return cls(runs=1, seconds=1.0, calm_seconds=4, people=200, fine=1.45, is_quick=True)
