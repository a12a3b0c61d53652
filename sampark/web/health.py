"""For those who run it: does the process live, and can it do its work."""

import asyncio
from typing import TYPE_CHECKING

from quart import Blueprint, Response

from sampark import db
from sampark.web.parts import parts
from sampark.web.people import public

if TYPE_CHECKING:
    from redis.asyncio import Redis

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
async def live() -> Response:
    return _plain("ok", 200)


@blueprint.get("/readyz")
@public
async def ready() -> Response:
    """503 says which part is away; while Redis is, everything works a little later ("degraded")."""
    if parts().hub.is_draining:
        return _plain("stopping", 503)
    away = []
    try:
        async with asyncio.timeout(3):
            if not await db.is_reachable():
                away.append("database is away")
    except TimeoutError:
        away.append("database does not answer")
    redis = parts().redis
    if redis is not None and not await _answers(redis):
        away.append("redis is away: degraded")
    return _plain("; ".join(away) or "ready", 503 if away else 200)


async def _answers(redis: "Redis") -> bool:
    from redis.exceptions import RedisError  # only where there is one

    try:
        async with asyncio.timeout(2):
            return bool(await redis.ping())
    except (RedisError, OSError, TimeoutError):
        return False


def _plain(text: str, status: int) -> Response:
    return Response(
        text + "\n", status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
