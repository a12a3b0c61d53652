"""What the operator can measure: Prometheus text at `/metrics`, behind a bearer token. No rooms, no people, no words."""

import hmac

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from quart import Blueprint, Response, abort, request

from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("metrics", __name__)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter("sampark_messages", "Messages posted", ["kind"], registry=self.registry)
        self.streams = Gauge("sampark_streams_open", "Streams open now", ["transport"], registry=self.registry)
        self.refused = Counter("sampark_rate_limited", "Requests refused as too many", registry=self.registry)
        self.requests = Histogram(
            "sampark_http_request_duration_seconds",
            "Requests, streams excluded",
            ["route", "method", "status"],
            registry=self.registry,
        )


@blueprint.get("/metrics")
@public
async def metrics() -> Response:
    wanted = parts().settings.metrics_token
    given = request.headers.get("Authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        abort(404)
    return Response(generate_latest(parts().metrics.registry), content_type="text/plain; version=0.0.4; charset=utf-8")
