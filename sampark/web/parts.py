"""What the app was put together from, for whoever handles a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from quart import current_app

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from sampark.chat.attachments import Attachments
    from sampark.fragments import Fragments
    from sampark.gifs.search import Finder
    from sampark.live.hub import Hub
    from sampark.metrics import Metrics
    from sampark.settings import Settings
    from sampark.web.limits import Limits
    from sampark.web.static import Static


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    fragments: Fragments
    hub: Hub
    limits: Limits
    static: Static
    metrics: Metrics
    redis: Redis | None
    attachments: Attachments
    gifs: Finder


def parts() -> Parts:
    return cast(Parts, current_app.extensions["sampark"])
