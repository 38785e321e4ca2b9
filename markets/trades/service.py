"""Trades by the venue's time and id: each is stored once, however often and however late a venue tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from kernel import clock, db, log
from kernel.db import Tx
from markets.instruments import service as instruments
from markets.trades import queries
from markets.trades.queries import Trade
from venues.public_trades import PublicTrade

__all__ = ["Trade", "channel", "keep_days", "recent", "store"]

MAX_LIMIT = 1000
KEEP_DAYS = 3
LATEST_BY = timedelta(days=1)  # a day that may still get trades is never dropped
AHEAD_BY = timedelta(minutes=5)
_log = log.get("markets")


def channel(symbol: str) -> str:
    """Where the owner of a market publishes each batch of new trades: a lossy copy."""
    return f"rm:trades:{symbol}"


def recent(symbol: str, *, limit: int = 100, before: int | None = None) -> list[Trade]:
    """The latest trades, newest first; `before` is the id of the last one of the page before.

    Raises:
        UnknownSymbol: there is no such market.
    """
    instruments.get(symbol)
    with db.read_only() as tx:
        return queries.newest(tx, symbol=symbol, before=before, limit=min(limit, MAX_LIMIT + 1))


def store(
    tx: Tx, symbol: str, trades: Sequence[PublicTrade], *, counts: Callable[[PublicTrade], bool]
) -> list[tuple[Trade, bool]]:
    """Keep what is new, oldest first, each with whether it makes candles. Trades of impossible times are left out."""
    now = clock.wall()
    taken = [trade for trade in trades if now - LATEST_BY < trade.at < now + AHEAD_BY]
    if len(taken) < len(trades):
        _log.warning("trades_of_other_times", symbol=symbol, venue=trades[0].venue, trades=len(trades) - len(taken))
    if not taken:
        return []
    return queries.insert_new(tx, symbol=symbol, trades=taken, counted=[counts(trade) for trade in taken])


def keep_days(*, back: int = 1, ahead: int = 2, keep: int = KEEP_DAYS) -> list[str]:
    """Make the days that are needed, drop those that are old; returns what was made and dropped. Only the engine may."""
    with db.transaction() as tx:
        made = queries.make_days(tx, back=back, ahead=ahead)
    with db.transaction() as tx:
        dropped = queries.drop_days(tx, keep=keep)
    if made or dropped:
        _log.info("trade_days", made=made, dropped=dropped)
    return [*made, *dropped]
