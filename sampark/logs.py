"""Logs: for a person at a terminal, elsewhere one JSON object a line. No message text, no token, no name gets into them."""

import asyncio
import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger


def configure() -> None:
    """Set up structlog for this process, and let libraries say only what is wrong."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.ERROR)
    # These two print whole requests or statements when they fail; we log our own line, without them.
    for name in ("quart.app", "sampark", "tortoise", "hypercorn.error"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def forgotten(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For a task whose failure nobody awaited: asyncio's own handler would print the exception's text."""
    if isinstance(context.get("exception"), asyncio.CancelledError):
        return  # Python 3.11's streams report each connection that is cut off at the end
    structlog.get_logger().error(
        "task_failed", exc_info=context.get("exception"), what=type(context.get("future")).__name__
    )


def _without_words(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """An exception as its type and the places it came through. Its text may quote what somebody wrote, and is left out."""
    fault = event.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    if isinstance(fault, BaseException):
        event["fault"] = type(fault).__name__
        event["where"] = [
            f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in _frames(fault)
        ]
    return event


def _frames(fault: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(fault.__traceback__))[-12:]
