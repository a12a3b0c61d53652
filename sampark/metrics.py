"""What is measured, under the names that Prometheus reads. One `Metrics` an app; no label ever names a person or a room.

Who measures calls a method here, and needs to know nothing of Prometheus. Each call costs about a microsecond.
"""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from sampark.rates import Rates

# When each series began is what a third of the lines would say, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]

_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LONG = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)


class Metrics:
    """All that one process measures. Durations are in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.messages = self._counter("messages", "Messages posted.", "kind")
        self.streams = self._gauge("streams_open", "Streams open now.", "transport")
        self._lifetime = self._histogram("stream_lifetime_seconds", "How long streams were open.", _LONG)
        self._dropped = self._counter("stream_queue_dropped", "Blocks that slow readers were not sent.")
        self._resumed = self._counter("stream_resume", "Streams that went on where an earlier one ended.", "result")
        self._fanout = self._histogram("message_fanout_seconds", "From a post to the last reader's queue.", _QUICK)
        self._ring_lag = self._histogram("redis_pubsub_lag_seconds", "From a ring to its coming back by Redis.", _QUICK)
        self._rooms = self._gauge("rooms_active", "Rooms with readers in this process.")
        self._refused = self._counter("rate_limited", "Requests refused as too many.", "scope")
        self._requests = self._histogram(
            "http_request_duration_seconds", "Requests, streams excluded.", _QUICK, "route", "method", "status"
        )
        self._kept: dict[tuple[str, str, int], Histogram] = {}
        # There from the start, so that the first of each counts as a rise.
        for transport in ("sse", "html"):
            self.streams.labels(transport)
        for result in ("replayed", "reset"):
            self._resumed.labels(result)
        for scope in Rates.__slots__:
            self._refused.labels(scope)

    def posted(self, kind: str) -> None:
        """A message was posted: `text`, `system`, …"""
        self.messages.labels(kind).inc()

    def fanout(self, seconds: float) -> None:
        """A message has reached the queue or socket of the last of its readers here, so long after its post began."""
        self._fanout.observe(seconds)

    def stream_opened(self, transport: str) -> None:
        """A stream began: `sse` (events), `html` (the endless document), `user` (a person's own, once there is one)."""
        self.streams.labels(transport).inc()

    def stream_closed(self, transport: str, lifetime: float) -> None:
        """A stream that `stream_opened` was told of ended, whichever way, after so many seconds."""
        self.streams.labels(transport).dec()
        self._lifetime.observe(lifetime)

    def resumed(self, result: str, count: int = 1) -> None:
        """So many readers came back with a version: they got the changes since (`replayed`) or the newest page (`reset`)."""
        self._resumed.labels(result).inc(count)

    def dropped(self, blocks: int = 1) -> None:
        """A reader was too slow: so many blocks were left out for it, or it was cut off with them still waiting."""
        self._dropped.inc(blocks)

    def ring_lag(self, seconds: float) -> None:
        """A ring of this process's own was heard by Redis, so long after it was rung."""
        self._ring_lag.observe(seconds)

    def watch_rooms(self, count: Callable[[], int]) -> None:
        """Say once how to count the rooms that have readers here; it is asked at each look at the metrics."""
        self._rooms.set_function(count)

    def refused(self, scope: str) -> None:
        """A request was refused as one too many by this limit: a name in `rates.Rates`."""
        self._refused.labels(scope).inc()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered. Route and method must be of a bounded number."""
        key = (route, method, status)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = self._requests.labels(*key)
        kept.observe(seconds)

    def text(self) -> str:
        """Everything, in Prometheus' text form."""
        return generate_latest(self.registry).decode()

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"sampark_{name}_total", says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"sampark_{name}", says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"sampark_{name}", says, labels, buckets=buckets, registry=self.registry)
