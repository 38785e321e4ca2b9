"""How much one bot may ask: weights a minute and orders in ten seconds, counted in Valkey for all API processes together.

A signed request counts for its customer, an open one for its address. Without Valkey every process counts for itself: losing the copy
must neither stop the bots nor open the door.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from broker.compat.errors import Refusal
from kernel import cache
from kernel.clock import wall

WEIGHT_PER_MINUTE = 6_000
ORDERS_PER_10S = 300
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted, over how long, and how much of it fits."""

    name: str
    seconds: int
    most: int
    code: int


WEIGHT = Window("weight", 60, WEIGHT_PER_MINUTE, -1003)
ORDERS = Window("orders", 10, ORDERS_PER_10S, -1015)
_local: dict[str, int] = {}
_lock = threading.Lock()


def take(window: Window, who: str, amount: int) -> int:
    """Count; returns how much of the window is used.

    Raises:
        Refusal: more than fits, with the time to wait.
    """
    seconds = int(wall().timestamp())
    number = seconds // window.seconds
    used = _count(f"rm:compat:{window.name}:{who}:{number}", amount, expires_s=window.seconds * 2)
    if used > window.most:
        text = f"Too many requests; the limit is {window.most} ({window.name}) in {window.seconds} seconds."
        raise Refusal(window.code, text, status=429, retry_after_s=(number + 1) * window.seconds - seconds)
    return used


def _count(key: str, amount: int, *, expires_s: int) -> int:
    try:
        pipe = cache.client().pipeline(transaction=False)
        pipe.incrby(key, amount)
        pipe.expire(key, expires_s)
        return int(pipe.execute()[0])
    except cache.ERRORS:
        with _lock:
            if key not in _local and len(_local) >= _REMEMBERED:
                _local.clear()
            _local[key] = _local.get(key, 0) + amount
            return _local[key]
