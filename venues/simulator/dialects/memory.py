"""What a venue remembers about an API key between calls: the last nonce, and a timer that cancels everything."""

import asyncio
from collections.abc import Callable


class Nonces:
    """Strictly rising per key, as Kraken and Bitfinex demand it."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def accept(self, key: str, nonce: str) -> bool:
        """Whether the nonce is above the last one; only then it is remembered."""
        if not nonce.isdecimal() or int(nonce) <= self._last.get(key, 0):
            return False
        self._last[key] = int(nonce)
        return True


class DeadManTimers:
    """Cancel everything of a key unless it calls again in time; each call replaces the one before, 0 switches off."""

    def __init__(self, cancel_all: Callable[[str], object]) -> None:
        self._cancel_all = cancel_all
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def set(self, key: str, seconds: float) -> None:
        before = self._timers.pop(key, None)
        if before is not None:
            before.cancel()
        if seconds > 0:
            self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._cancel_all, key)
