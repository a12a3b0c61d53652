"""What was measured: rows with one value for each run, targets, and everything that went wrong."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.generator import Step, Target

AT_LEAST = "at least"
AT_MOST = "at most"


@dataclass
class Row:
    """One figure of one server."""

    figure: str
    subject: str
    unit: str
    values: list[float] = field(default_factory=list)
    remark: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True)
class Goal:
    """A figure that the project promises. `actual` is None when it could not be measured."""

    figure: str
    actual: float | None
    bound: str
    limit: float
    unit: str
    remark: str = ""

    @property
    def is_reached(self) -> bool:
        if self.actual is None:
            return False
        return self.actual >= self.limit if self.bound == AT_LEAST else self.actual <= self.limit


@dataclass
class Section:
    """What one part measured."""

    title: str
    how: str
    aims: Callable[[Section], None] = lambda section: None
    """Sets the goals from the medians, when the part is through or broke off."""
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, figure: str, subject: str, unit: str, value: float, remark: str = "") -> None:
        """The value of one more run."""
        row = self.row(figure, subject)
        if row is None:
            row = Row(figure, subject, unit)
            self.rows.append(row)
        row.values.append(value)
        row.remark = remark or row.remark

    def row(self, figure: str, subject: str) -> Row | None:
        return next((row for row in self.rows if (row.figure, row.subject) == (figure, subject)), None)

    def median(self, figure: str, subject: str) -> float | None:
        row = self.row(figure, subject)
        return row.median if row else None

    def ratio(self, figure: str, subject: str, other: str) -> float | None:
        """Of the medians of one figure of two servers."""
        mine, theirs = self.median(figure, subject), self.median(figure, other)
        return mine / theirs if mine is not None and theirs else None

    def goal(self, figure: str, actual: float | None, bound: str, limit: float, unit: str, remark: str = "") -> None:
        self.goals.append(Goal(figure, actual, bound, limit, unit, remark))


@dataclass
class Book:
    """All parts together, and the ledger of deliveries."""

    ours: frozenset[str]
    """The names under which the product runs: its faults fail the whole run."""
    sections: list[Section] = field(default_factory=list)
    ledger: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    """Runs of rivals that broke off."""
    disturbed: list[str] = field(default_factory=list)
    part: str = ""

    def section(self, title: str, how: str, aims: Callable[[Section], None]) -> Section:
        self.sections.append(Section(title, how, aims))
        return self.sections[-1]

    def fault(self, sentence: str) -> None:
        if sentence not in self.faults:
            self.faults.append(sentence)

    def broke_off(self, name: str, sentence: str) -> None:
        print(f"!! {sentence}", flush=True)
        (self.faults if name in self.ours else self.broken).append(sentence)

    def judge(self, target: Target, step: Step, *, is_search: bool = False) -> None:
        """Count what was delivered and what was not.

        Doubles and disorder are wrong at any rate. Loss is wrong unless a search asked the server for more than it can do:
        then it may close streams, and their readers come again and resume, which the load generator does not.
        """
        count = self.ledger.setdefault(target.name, Counter())
        count["deliveries"] += step.events
        count["steps"] += 1
        count["overloaded"] += step.is_overloaded
        beyond = is_search and step.is_overloaded
        found = {
            "double": step.dups,
            "out of order": step.disorder,
            "lost": 0 if beyond else step.lost + step.lost_closed,
            "wrong server number": 0 if beyond else step.misnumbered,
            "streams closed": 0 if beyond else step.closed,
            "refused posts": 0 if beyond else step.bad_status + step.post_errors,
        }
        count["lost beyond capacity"] += step.lost + step.lost_closed if beyond else 0
        count.update(found)
        wrong = {name: number for name, number in found.items() if number}
        if wrong and target.name in self.ours:
            what = ", ".join(f"{number} {name}" for name, number in wrong.items())
            self.fault(f"{self.part}: {target.name}, {step.open} readers, {step.rate:g} posts/s: {what}")
