"""A cancellation must not be lost where it collides with an error.

In Python 3.11 a TaskGroup whose task is cancelled while one of its children fails raises the failure alone, and `asyncio.wait_for` may
hand back a result instead. A loop that goes on after errors would then go on for ever, and its process would not end.
"""

from __future__ import annotations

import asyncio


def raise_if_cancelled() -> None:
    """Call this first wherever a task survives an error: raises CancelledError when the task has been asked to end."""
    task = asyncio.current_task()
    if task is not None and task.cancelling() > 0:
        raise asyncio.CancelledError
