"""One room, many readers: the most deliveries a second, the wait for the last reader, and the processor time."""

from __future__ import annotations

from functools import partial

from benchmarks.bench import Bench, Serving
from benchmarks.figures import AT_LEAST, AT_MOST, Section
from benchmarks.generator import TOO_LATE, Step
from benchmarks.product import ENGINE, NAME
from benchmarks.rivals import flask_socketio, nchan, socketio_node
from benchmarks.scale import Scale
from benchmarks.search import Search, Streams

KEY = "fanout"
READERS = (200, 1000)
CALM = 2.0  # posts a second
HURRIED = 0.6  # of the highest rate that was held
FIRST_GUESS = 30_000.0  # deliveries a second, where the first search begins

HOW = (
    f"Each server alone on its core, started anew for each run. The highest rate of posts is searched (steps of a tenth) at which"
    f" every message reached every reader once, in order, 99 of 100 within {TOO_LATE:.0f} ms; the figure is what was delivered a"
    " second until the last message had arrived. Posts: the product and nchan by HTTP on 32 connections, the others over the"
    " readers' websockets. The product stores each message, as do Flask-SocketIO and Socket.IO; nchan stores nothing. nchan's"
    " messages are as long as the product's, those of the other two are the JSON that such chats send. The product's engine"
    " alone: the same server, but messages come in by a back door and are rung in as if they had been stored."
)


def most(readers: int) -> str:
    return f"most deliveries/s, {readers:,} readers"


P50, P99 = "post to a reader, p50, 2 posts/s", "post to a reader, p99, 2 posts/s"
LAST_P50, LAST_P99 = (
    "post to the last of 1,000 readers, p50, 2 posts/s",
    "post to the last of 1,000 readers, p99, 2 posts/s",
)
CALM_CPU = "processor time per million deliveries, unhurried (2 posts/s)"
HURRIED_CPU = f"processor time per million deliveries, hurried ({HURRIED:.0%} of its most)"
LIKE_NCHAN_CPU = f"processor time per million deliveries, at {HURRIED:.0%} of nchan's most"
BYTES = "bytes per delivery, unhurried"


def run(bench: Bench) -> None:
    section = bench.book.section("Fan-out: one room, messages of 200 characters", HOW, goals)
    # nchan first: the product is also measured at a share of nchan's most.
    bench.each(partial(one, bench, section), nchan.NAME, NAME, ENGINE, flask_socketio.NAME, socketio_node.NAME)


def one(bench: Bench, section: Section, name: str, serving: Serving, number: int) -> None:
    """One run of one server."""
    scale = bench.scale
    with serving(bench.folder()) as target:
        for readers in READERS[-1:] if scale.is_quick or name == ENGINE else READERS:
            with Streams(bench.generator, target, readers, 1.0, bench.judge) as streams:
                if readers == READERS[-1]:
                    calm(section, name, streams, scale.calm_seconds)
                best = highest(section, name, streams, scale, is_first=number == 0)
                if readers == READERS[-1] and best:
                    hurried(section, name, streams, best, scale.seconds)


def highest(section: Section, name: str, streams: Streams, scale: Scale, *, is_first: bool) -> Step | None:
    known = [section.median(most(readers), name) for readers in (streams.readers, READERS[0])]
    start = next((figure for figure in known if figure), FIRST_GUESS)
    best = Search(streams, scale).highest(start, is_first=is_first)
    remark = (
        f"p99 {best.p99:.0f} ms; generator's core {best.load_cpu / best.wall:.0%} busy" if best else "none was held"
    )
    section.add(most(streams.readers), name, "/s", best.per_s if best else 0, remark)
    return best


def hurried(section: Section, name: str, streams: Streams, best: Step, seconds: float) -> None:
    own = priced(streams, best.rate * HURRIED, seconds)
    if own is not None:
        section.add(HURRIED_CPU, name, "s", own)
    theirs = section.median(most(streams.readers), nchan.NAME)
    if name == nchan.NAME:
        like_nchan = own
    elif name in (NAME, ENGINE) and theirs:
        like_nchan = priced(streams, theirs * HURRIED / streams.readers, seconds)
    else:
        like_nchan = None
    if like_nchan is not None:
        section.add(LIKE_NCHAN_CPU, name, "s", like_nchan)


def priced(streams: Streams, rate: float, seconds: float) -> float | None:
    """Processor time per million. Only a rate that is held has its price: what is late has not been paid for yet."""
    for _ in range(2):
        step = streams.post(rate, seconds)
        if step.is_held:
            return step.cpu_per_million
    return None


def calm(section: Section, name: str, streams: Streams, seconds: float) -> None:
    streams.session.hold(1)
    step = streams.post(CALM, seconds, is_search=False)
    section.add(P50, name, "ms", step.p50)
    section.add(P99, name, "ms", step.p99)
    section.add(LAST_P50, name, "ms", step.last_p50)
    section.add(LAST_P99, name, "ms", step.last_p99)
    section.add(CALM_CPU, name, "s", step.cpu_per_million)
    section.add(BYTES, name, "bytes", step.bytes_per_event)


def goals(section: Section) -> None:
    def ratio(figure: str, rival: str) -> float | None:
        return section.ratio(figure, NAME, rival)

    section.goal("deliveries/s at 1,000 readers, to nchan's", ratio(most(1000), nchan.NAME), AT_LEAST, 2, "×")
    section.goal(
        "deliveries/s at 1,000 readers, to Flask-SocketIO's", ratio(most(1000), flask_socketio.NAME), AT_LEAST, 6, "×"
    )
    section.goal(
        "p99 from post to the last of 1,000 readers, 2 posts/s, to nchan's",
        ratio(LAST_P99, nchan.NAME),
        AT_MOST,
        1.2,
        "×",
    )
    section.goal("processor time per delivery, unhurried, to nchan's", ratio(CALM_CPU, nchan.NAME), AT_MOST, 1, "×")
    section.goal(
        "processor time per delivery, hurried, to nchan's",
        ratio(HURRIED_CPU, nchan.NAME),
        AT_MOST,
        1,
        "×",
        "each at 60 % of its own most",
    )
    section.goal(
        "the same, both at 60 % of nchan's most",
        ratio(LIKE_NCHAN_CPU, nchan.NAME),
        AT_MOST,
        1,
        "×",
        "the stricter reading",
    )
