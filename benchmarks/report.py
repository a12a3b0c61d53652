"""The figures as a table on the terminal, and as RESULTS.md."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Book, Goal, Row, Section
from benchmarks.processes import Absent

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "RESULTS.md"
NOTES = FOLDER / "NOTES.md"
LEDGER = (
    "deliveries",
    "lost",
    "double",
    "out of order",
    "wrong server number",
    "streams closed",
    "refused posts",
    "lost beyond capacity",
)


def number(value: float, unit: str = "") -> str:
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}" + (f" {unit}" if unit and unit not in ("/s", "×") else unit)


def spread(row: Row) -> str:
    return f"{number(min(row.values))}-{number(max(row.values))}" if len(row.values) > 1 else ""


def by_figure(section: Section) -> list[Row]:
    """What can be compared stands together."""
    figures = [row.figure for row in section.rows]
    return sorted(section.rows, key=lambda row: figures.index(row.figure))


def tell(section: Section) -> None:
    """On the terminal, once the part is through."""
    print(f"\n{section.title}", flush=True)
    for row in by_figure(section):
        print(
            f"  {row.figure:70} {row.subject:32} {number(row.median, row.unit):>14}  {spread(row)}  {row.remark}".rstrip()
        )


def verdict(goal: Goal) -> str:
    if goal.actual is None:
        return "not measured"
    return "reached" if goal.is_reached else "NOT REACHED"


def tell_goals(book: Book) -> None:
    print("\nTargets", flush=True)
    for goal in (goal for section in book.sections for goal in section.goals):
        actual = "-" if goal.actual is None else number(goal.actual, goal.unit)
        print(f"  {goal.figure:78} {actual:>12}  {goal.bound} {number(goal.limit, goal.unit):10} {verdict(goal)}")
    for fault in book.faults:
        print(f"\n!! {fault}")
    for name, why in book.absent.items():
        print(f"\n!! {name} was not run: {why}")
    for sentence in book.disturbed:
        print(f"\n!  {sentence}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in cells), ""]


def written(book: Book, facts: Sequence[tuple[str, str]], settings: str, took: float) -> str:
    """RESULTS.md. Every figure in it comes from this run; what people have to say stands in NOTES.md."""
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = [
        "# What it costs, beside what others cost",
        "",
        f"Written by `make bench` on {day}; {settings}; it took {took / 60:.0f} minutes.",
        "How each figure is measured: [README.md](README.md). Absolute figures tell as much about the machine as about",
        "the programs; ratios within one run can be compared.",
        "",
        "## Targets",
        "",
    ]
    goals = [goal for section in book.sections for goal in section.goals]
    text += table(
        ("figure", "measured", "to reach", ""),
        [
            (
                goal.figure + (f" ({goal.remark})" if goal.remark else ""),
                "-" if goal.actual is None else number(goal.actual, goal.unit),
                f"{goal.bound} {number(goal.limit, goal.unit)}",
                verdict(goal) if goal.is_reached else f"**{verdict(goal).lower()}**",
            )
            for goal in goals
        ],
    )
    text += ["## The machine", "", *table(("", ""), facts)]
    text += ["## Nothing lost, nothing twice, all in order", "", *correctness(book)]
    for section in book.sections:
        text += [f"## {section.title}", "", section.how, ""]
        text += table(
            ("figure", "server", "median", "lowest - highest", ""),
            [
                (row.figure, row.subject, number(row.median, row.unit), spread(row), row.remark)
                for row in by_figure(section)
            ],
        )
    if NOTES.exists():
        text += [NOTES.read_text().strip(), ""]
    return "\n".join(text)


def correctness(book: Book) -> list[str]:
    text = [
        "Each reader's messages are counted one by one. Beyond capacity, where the search asks for more than a server can",
        "do, it may end streams, whose readers would come again and resume. Anywhere else a loss, and everywhere a double",
        "or a disorder, fails the run if it is ours, and stands here if it is a rival's.",
        "",
    ]
    text += table(
        ("server", *LEDGER), [(name, *(f"{count[word]:,}" for word in LEDGER)) for name, count in book.ledger.items()]
    )
    for title, sentences in (
        ("**Faults:**", book.faults),
        ("**Not run:**", [f"{name}: {why}" for name, why in book.absent.items()]),
        ("Broken off:", book.broken),
        ("Disturbed:", book.disturbed),
    ):
        if sentences:
            text += [title, "", *(f"- {sentence}" for sentence in sentences), ""]
    return text


def check_notes() -> None:
    """A figure typed by hand must not look measured. Errors: `Absent` when the notes cannot be read."""
    if NOTES.exists() and not NOTES.read_text().lstrip().startswith("## "):
        raise Absent(f"{NOTES.name} must begin with a heading of the second level: it becomes a part of {RESULTS.name}")
