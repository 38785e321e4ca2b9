"""Rivermouth as a ccxt exchange.

`register()` makes `ccxt.rivermouth`, `ccxt.async_support.rivermouth` and `ccxt.pro.rivermouth`, and adds the name to ccxt's lists of
exchanges, where other programs look for it.
"""

from __future__ import annotations

import ccxt
import ccxt.async_support
import ccxt.pro

from rivermouth_ccxt.asynchronous import rivermouth as rivermouth_async
from rivermouth_ccxt.exchange import ID
from rivermouth_ccxt.streaming import rivermouth as rivermouth_pro
from rivermouth_ccxt.synchronous import rivermouth

__all__ = ["ID", "register", "rivermouth", "rivermouth_async", "rivermouth_pro"]


def register() -> None:
    """Teach ccxt about Rivermouth; doing it again changes nothing."""
    for package, exchange in ((ccxt, rivermouth), (ccxt.async_support, rivermouth_async), (ccxt.pro, rivermouth_pro)):
        setattr(package, ID, exchange)
        if ID not in package.exchanges:
            package.exchanges.append(ID)
