"""Names of channels: `quotes:BTC-USDT` for everybody, `orders` for the one who logged in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from identity.permissions import Permission
from kernel.errors import DomainError
from markets.candles.states import Interval

_SYMBOL = re.compile(r"[A-Z0-9]{1,12}-[A-Z0-9]{1,12}", re.ASCII)
INTERVALS = frozenset(interval.value for interval in Interval)


class Kind(StrEnum):
    QUOTES = "quotes"
    BOOK = "book"
    TRADES = "trades"
    CANDLES = "candles"
    ORDERS = "orders"
    FILLS = "fills"
    BALANCES = "balances"


PRIVATE = {
    Kind.ORDERS: Permission.ORDERS_READ,
    Kind.FILLS: Permission.ORDERS_READ,
    Kind.BALANCES: Permission.BALANCES_READ,
}
NUMBERED = {Kind.ORDERS, Kind.FILLS}
"""Channels of events, numbered for ever and resumed from any number; the others are states, of which the newest is enough."""


class UnknownChannel(DomainError):
    """There is no such channel."""

    code = "unknown_channel"
    status = 404


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    kind: Kind
    symbol: str = ""
    interval: str = ""


def parse(name: object) -> Channel:
    """Read a channel's name; whether the market exists is not asked here.

    Raises:
        UnknownChannel: the name is none.
    """
    parts = name.split(":") if isinstance(name, str) and len(name) <= 64 else []
    match parts:
        case [Kind.ORDERS | Kind.FILLS | Kind.BALANCES as kind]:
            return Channel(str(name), Kind(kind))
        case [Kind.QUOTES | Kind.BOOK | Kind.TRADES as kind, symbol] if _SYMBOL.fullmatch(symbol):
            return Channel(str(name), Kind(kind), symbol)
        case [Kind.CANDLES, symbol, interval] if _SYMBOL.fullmatch(symbol) and interval in INTERVALS:
            return Channel(str(name), Kind.CANDLES, symbol, interval)
        case _:
            raise UnknownChannel
