"""The long form: one schedule of faults after the other until the time is over, or until something does not hold.

make chaos MINUTES=10
make chaos SEED=123456          one schedule once more: the same faults at the same times
make chaos SEED=123456 MINUTES=10   that one, then 123457 and so on
make chaos ARGS="--only kill,redis-freeze --shape two"
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Report, run
from tests.chaos.schedule import BY_NAME, SHAPES, Schedule, make
from tests.machine import PARTS, Missing, advice, install
from tests.services import PostgresServer, Services


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos", description="Break everything, and see whether all of it holds."
    )
    parser.add_argument("--minutes", type=float, help="go on for so long (10, or once for one seed)")
    parser.add_argument("--seed", type=int, help="begin with this schedule; the next one has the next seed")
    parser.add_argument("--shape", choices=SHAPES, help="what runs; else chance chooses")
    parser.add_argument("--only", default="", help=f"kinds of faults to choose from: {','.join(BY_NAME)}")
    parser.add_argument("--without", default="", help="kinds of faults to leave out")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long people talk in each schedule (40)")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first schedule that fails")
    return parser.parse_args()


def chosen(names: str) -> list[str]:
    found = [name for name in names.split(",") if name]
    unknown = [name for name in found if name not in BY_NAME]
    if unknown:
        sys.exit(f"✗ No such fault: {', '.join(unknown)}. There are: {', '.join(BY_NAME)}.")
    return found


def needed() -> None:
    """Redis and PostgreSQL are here afterwards.

    Errors: `Missing`.
    """
    parts = [part for part in PARTS if part.name in {"Redis", "PostgreSQL"} and part.find() is None]
    if parts:
        install(parts)
    lacking = [part for part in parts if part.find() is None]
    if lacking:
        raise Missing(f"{', '.join(part.name for part in lacking)} is not installed. {advice(lacking)}")


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - to the person at the terminal


def play(schedule: Schedule, postgres: PostgresServer, again: str) -> bool:
    """Whether all held. What the processes said is kept when it did not."""
    say(f"\n{schedule}")
    folder = Path(tempfile.mkdtemp(prefix=f"sampark-chaos-{schedule.seed}-"))
    report: Report = asyncio.run(run(schedule, folder, postgres))
    say(f"  {report}")
    if report.wrong:
        say(f"  Logs: {folder}\n  Once more: {again}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return not report.wrong


def main() -> int:
    given = options()
    without = chosen(given.without)
    only = [name for name in chosen(given.only) or BY_NAME if name not in without]
    minutes = given.minutes if given.minutes is not None else 10.0 if given.seed is None else 0.0
    end = time.monotonic() + minutes * 60
    chance = random.SystemRandom()
    failed = played = 0
    try:
        needed()
        with Services() as services, tempfile.TemporaryDirectory(prefix="sampark-chaos-") as folder:
            postgres = services.start_postgres(Path(folder), own=True, survives_kills=True)
            while True:
                seed = chance.randrange(10**9) if given.seed is None else given.seed + played
                arguments = {"shape": given.shape, "only": only, "seconds": given.seconds}
                schedule = make(seed, waits_for_ghosts=True, **arguments)
                words = [
                    f"--{name} '{value}'"
                    for name, value in (("shape", given.shape), ("only", given.only), ("without", given.without))
                    if value
                ]
                words += [f"--seconds {given.seconds:g}"] if given.seconds != 40 else []
                again = f"make chaos SEED={seed}" + (f' ARGS="{" ".join(words)}"' if words else "")
                played += 1
                failed += not play(schedule, postgres, again)
                if (failed and not given.go_on) or time.monotonic() > end:
                    break
    except Missing as missing:
        sys.exit(f"✗ {missing}")
    say(f"\n{played} schedules, {failed or 'none'} failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
