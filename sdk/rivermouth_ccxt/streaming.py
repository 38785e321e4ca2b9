"""The exchange with its streams."""

from __future__ import annotations

import ccxt.pro

from rivermouth_ccxt.asynchronous import AsyncCalls


class rivermouth(AsyncCalls, ccxt.pro.binance):  # noqa: N801  ccxt's classes carry the exchange's id
    """`ccxt.pro.rivermouth`."""

    watches = True
