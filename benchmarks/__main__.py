"""Everything that is promised in figures, measured on this machine beside what others cost.

make bench                                      make bench ARGS="--quick"
make bench ARGS="--only posts,pages --runs 1 --seconds 2"
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from benchmarks import install, machine, product, report, selftest
from benchmarks.bench import LEFT_OUT, Bench
from benchmarks.figures import Book
from benchmarks.generator import Generator
from benchmarks.parts import cluster, fanout, files, lighthouse, members, memory, pages, posts, stalled, streams
from benchmarks.processes import DISK, Absent, Cores, raise_limits
from benchmarks.scale import Scale

PARTS = {
    part.KEY: part for part in (fanout, posts, pages, memory, members, streams, stalled, files, cluster, lighthouse)
}
NEEDED_FILES = 12_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", metavar="PART,…", default="", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one short run of each: for a look, not for conclusions")
    parser.add_argument("--runs", type=int, help="how often each figure is measured; the median counts (3)")
    parser.add_argument("--seconds", type=float, help="how long each rate is held (2)")
    parser.add_argument("--without", metavar="NAME", action="append", default=[], help="leave a rival out, knowingly")
    parser.add_argument(
        "--results", type=Path, help=f"where to write; by default {report.RESULTS.name}, after a whole run only"
    )
    return parser.parse_args()


def scale(chosen: argparse.Namespace) -> Scale:
    found = Scale.quick() if chosen.quick else Scale()
    given = {name: getattr(chosen, name) for name in ("runs", "seconds") if getattr(chosen, name) is not None}
    return dataclasses.replace(found, **given)


def picked(only: str) -> list[str]:
    wanted = [name.strip() for name in only.split(",") if name.strip()] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    return wanted


def stop(number: int, frame: object) -> NoReturn:
    sys.exit(f"Stopped by signal {number}.")


def main() -> int:
    chosen = arguments()
    wanted = picked(chosen.only)
    signal.signal(signal.SIGTERM, stop)
    if raise_limits() < NEEDED_FILES:
        print(f"!! fewer than {NEEDED_FILES} open files are allowed: parts with 10,000 streams will fail (ulimit -Hn)")
    cores = Cores.of_this_machine()
    scratch = Path(tempfile.mkdtemp(prefix="sampark-bench-", dir=DISK))
    book = Book(frozenset({product.NAME, product.ENGINE, cluster.TWO}))
    began = time.monotonic()
    try:
        report.check_notes()
        generator = Generator(install.fanload(), cores)
        selftest.run(generator)
        bench = Bench(scale(chosen), cores, generator, book, scratch, frozenset(chosen.without))
        for name in wanted:
            measure(bench, name)
        facts = machine.facts(scratch, cores)
    except Absent as absent:
        sys.exit(f"!! {absent}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report.tell_goals(book)
    settings = f"medians of {bench.scale.runs}, each rate held for {bench.scale.seconds:g} s" + (
        ", quick" if chosen.quick else ""
    )
    where = chosen.results or (report.RESULTS if not chosen.only and not chosen.quick else None)
    if where:
        where.write_text(report.written(book, facts, settings, time.monotonic() - began))
        print(f"\nWritten: {where}")
    return 1 if book.faults or book.broken or not set(book.absent.values()) <= {LEFT_OUT} else 0


def measure(bench: Bench, name: str) -> None:
    bench.book.part = name
    others, count, began = machine.Disturbance(), len(bench.book.sections), time.monotonic()
    print(f"\n· {name} …", flush=True)
    try:
        PARTS[name].run(bench)
    except Exception as broken:
        bench.book.broke_off(product.NAME, f"{name} broke off: {type(broken).__name__}: {broken}")
    for section in bench.book.sections[count:]:
        section.aims(section)
        report.tell(section)
    if others.share() > 0.1:
        bench.book.disturbed.append(f"{name}: other programs used {others.share():.0%} of a core meanwhile")
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
