"""One function, one statement on markets.trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.db import Tx
from venues.public_trades import PublicTrade


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade at a venue; `side` is the taker's, `id` is ours and rises in the order of arrival."""

    id: int
    venue: str
    price: Decimal
    quantity: Decimal
    side: str
    at: datetime


def insert_new(
    tx: Tx, *, symbol: str, trades: Sequence[PublicTrade], counted: Sequence[bool]
) -> list[tuple[Trade, bool]]:
    """Store what is not there yet, by venue and the venue's id; returns those, oldest first, each with whether it counts."""
    rows = tx.all(
        """INSERT INTO markets.trades (symbol, venue, trade_id, price, quantity, side, at, counted)
           SELECT :symbol, t.* FROM unnest(CAST(:venues AS text[]), CAST(:ids AS text[]), CAST(:prices AS numeric[]),
                                           CAST(:quantities AS numeric[]), CAST(:sides AS text[]),
                                           CAST(:times AS timestamptz[]), CAST(:counted AS boolean[]))
                                    AS t (venue, trade_id, price, quantity, side, at, counted)
            ORDER BY t.at, t.venue, length(t.trade_id), t.trade_id
           ON CONFLICT DO NOTHING RETURNING id, venue, price, quantity, side, at, counted""",
        symbol=symbol,
        venues=[t.venue for t in trades],
        ids=[t.trade_id for t in trades],
        prices=[t.price for t in trades],
        quantities=[t.quantity for t in trades],
        sides=[t.side for t in trades],
        times=[t.at for t in trades],
        counted=list(counted),
    )
    new = [(Trade(r.id, r.venue, r.price, r.quantity, r.side, r.at), bool(r.counted)) for r in rows]
    return sorted(new, key=lambda pair: pair[0].id)


def newest(tx: Tx, *, symbol: str, before: int | None, limit: int) -> list[Trade]:
    rows = tx.all(
        """SELECT id, venue, price, quantity, side, at FROM markets.trades
            WHERE symbol = :symbol AND id < coalesce(CAST(:before AS bigint), 9223372036854775807)
            ORDER BY id DESC LIMIT :limit""",
        symbol=symbol,
        before=before,
        limit=limit,
    )
    return [Trade(r.id, r.venue, r.price, r.quantity, r.side, r.at) for r in rows]


def make_days(tx: Tx, *, back: int, ahead: int) -> list[str]:
    return [
        str(r.name) for r in tx.all("SELECT markets.make_trade_days(:back, :ahead) AS name", back=back, ahead=ahead)
    ]


def drop_days(tx: Tx, *, keep: int) -> list[str]:
    return [str(r.name) for r in tx.all("SELECT markets.drop_trade_days(:keep) AS name", keep=keep)]
