"""Ending background tasks for certain."""

import asyncio
from collections.abc import Iterable


async def end(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel them and wait until they have ended. Asked again and again: a library that is connecting may take a
    cancellation for a connection that failed, and go on."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)
