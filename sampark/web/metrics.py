"""What the operator can measure: Prometheus text at `/metrics`, behind a bearer token. No rooms, no people, no words.

With `sampark serve --workers N` a scrape reaches any one of N processes, so that process asks the others: each of them listens on a
socket in a folder that their parent made. All answers together are one text, each line with its `worker`.
"""

import asyncio
import contextlib
import hmac
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import structlog
from quart import Blueprint, Quart, Response, abort, g, request
from quart.wrappers.response import IterableBody

from sampark.metrics import Metrics
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("metrics", __name__)

log = structlog.get_logger()

_PATIENCE = 2.0
"""Seconds that another worker may take to answer; one that hangs or has just died is left out."""

_METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"))


def set_up(app: Quart, metrics: Metrics) -> None:
    """Measure each request. Before everything else that is done with requests: what comes earlier is not in the time."""

    @app.before_request
    async def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    async def end(response: Response) -> Response:
        asked = request._get_current_object()  # type: ignore[attr-defined]
        began, rule = g.get("began"), asked.url_rule
        if began is not None and type(response.response) is not IterableBody:  # a stream has only begun
            method = asked.method if asked.method in _METHODS else "other"
            metrics.request(rule.rule if rule else "none", method, response.status_code, time.perf_counter() - began)
        return response


@blueprint.get("/metrics")
@public
async def metrics() -> Response:
    wanted = parts().settings.metrics_token
    given = request.headers.get("Authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        abort(404)
    # Whoever cannot be reached by the others, itself included, at least tells what it knows.
    text = together(await _of_all(_sockets())) or parts().metrics.text()
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _sockets() -> list[Path]:
    try:
        return sorted(Path(os.environ["SAMPARK_WORKERS"]).iterdir())
    except (KeyError, OSError):  # one process alone, or its parent has gone and so will it
        return []


async def _of_all(sockets: list[Path]) -> dict[str, str]:
    texts = await asyncio.gather(*(_ask(socket) for socket in sockets))
    return {socket.name: text for socket, text in zip(sockets, texts, strict=True) if text}


async def _ask(socket: Path) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_unix_connection(socket)
            with contextlib.closing(writer):
                return (await reader.read()).decode()
    except (OSError, TimeoutError):
        return ""


def together(texts: dict[str, str]) -> str:
    """The texts of several workers as one: what belongs to one name stands together, each line with its worker."""
    families: dict[str, list[str]] = {}
    lines: list[str] = []
    for worker, text in texts.items():
        for line in text.splitlines():
            if line.startswith("# HELP "):
                lines = families.setdefault(line, [])
            elif line.startswith("#"):
                lines += [] if line in lines else [line]
            else:
                lines.append(_of_worker(worker, line))
    return "".join(f"{line}\n" for head, rest in families.items() for line in (head, *rest))


def _of_worker(worker: str, line: str) -> str:
    name, brace, rest = line.partition("{")
    if brace:
        return f'{name}{{worker="{worker}",{rest}'
    name, _, value = line.partition(" ")
    return f'{name}{{worker="{worker}"}} {value}'


@blueprint.while_app_serving
async def answer_the_others() -> AsyncGenerator[None, None]:
    folder, number = os.environ.get("SAMPARK_WORKERS"), os.environ.get("SAMPARK_WORKER", "")
    server = await _listen(Path(folder) / number, parts().metrics) if folder else None
    yield
    if server is not None:
        server.close()


async def _listen(path: Path, metrics: Metrics) -> asyncio.Server | None:
    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            writer.write(metrics.text().encode())
            await writer.drain()

    try:
        return await asyncio.start_unix_server(tell, path)  # takes the place of the worker that had this number before
    except OSError as fault:
        log.warning("metrics_of_each_worker_alone", fault=type(fault).__name__)
        return None
