"""Ending tasks so that no cancellation is lost.

A `TaskGroup` of Python 3.11 that is cancelled while one of its children fails raises the failure alone, and a client library may swallow
the one cancellation that a child gets. A loop that goes on after errors would then go on for ever, and its process would not end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

ASK_AGAIN_S = 1.0


async def together(*works: Coroutine[Any, Any, Any]) -> None:
    """Run side by side until all are done or one fails; its error is raised, and nobody runs any more when this returns."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await end(tasks)
        await asyncio.gather(*tasks, return_exceptions=True)  # one error is raised; the others have been seen, too


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel and wait; one that swallowed its cancellation is asked again. A cancellation of the caller waits until they have ended."""
    ending, cancelled = {task for task in tasks if not task.done()}, False
    while ending:
        for task in ending:
            task.cancel()
        try:
            _, ending = await asyncio.wait(ending, timeout=ASK_AGAIN_S)
        except asyncio.CancelledError:
            cancelled = True
            ending = {task for task in ending if not task.done()}
    if cancelled:
        raise asyncio.CancelledError
