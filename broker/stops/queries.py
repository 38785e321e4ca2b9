"""One function, one statement on resting stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from broker.book.queries import Kept
from broker.book.queries import horizon as horizon_of
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class StopRow:
    """What the stop book needs to know of an order."""

    id: UUID
    tenant_id: UUID
    venue: str
    side: str
    type: str
    accept_seq: int
    stop_price: Decimal | None
    trail_amount: Decimal | None
    trail_fraction: Decimal | None
    trail_best: Decimal | None
    rearm_at: datetime | None
    waits: bool


_STOP = ", ".join(StopRow.__dataclass_fields__).replace("waits", "status = 'resting' AND rests_in = 'stops'")
WAITS = Kept(
    "stops",
    "rests_in = 'stops'",
    (
        "coalesce(stop_price, trail_amount, trail_fraction)",
        """(CASE WHEN stop_price IS NOT NULL THEN 1 WHEN trail_amount IS NOT NULL THEN 2 ELSE 3 END
            * CASE WHEN (side = 'buy') <> (type = 'take_profit') THEN 1 ELSE -1 END)""",
    ),
)
"""The stop book, and what `Waiting.weights` says, as SQL."""


def waiting(tx: Tx, *, symbol: str) -> tuple[int, list[StopRow]]:
    """All waiting stops of a market, and the horizon from which `changed` goes on."""
    horizon = horizon_of(tx)
    rows = tx.all(
        f"SELECT {_STOP} FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND rests_in = 'stops'",
        symbol=symbol,
    )
    return horizon, [StopRow(*row) for row in rows]


def changed(tx: Tx, *, symbol: str, since: int) -> tuple[int, list[StopRow]]:
    """Stops changed by transactions in [since, horizon), and the horizon: nothing appears below it any more."""
    horizon = horizon_of(tx)
    rows = tx.all(
        f"""SELECT {_STOP} FROM broker.orders
             WHERE symbol = :symbol AND type NOT IN ('market', 'limit') AND xid >= CAST(CAST(:since AS text) AS xid8)
               AND xid < CAST(CAST(:horizon AS text) AS xid8)""",
        symbol=symbol,
        since=since,
        horizon=horizon,
    )
    return horizon, [StopRow(*row) for row in rows]


def of_stretch(tx: Tx, *, symbol: str, first: int, last: int) -> list[StopRow]:
    """The waiting stops of a stretch of accept numbers, for its repair."""
    rows = tx.all(
        f"""SELECT {_STOP} FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND rests_in = 'stops'
               AND accept_seq BETWEEN :first AND :last ORDER BY accept_seq""",
        symbol=symbol,
        first=first,
        last=last,
    )
    return [StopRow(*row) for row in rows]


def follow(tx: Tx, *, best: Decimal, rising: bool, order_ids: Sequence[UUID]) -> None:
    """Keep a new best price, never a worse one. The owner of the market knows it already: no book reads the rows again for this."""
    better = "trail_best > :best" if rising else "trail_best < :best"
    tx.execute(
        f"""UPDATE broker.orders SET trail_best = :best
             WHERE id = ANY(CAST(:orders AS uuid[])) AND status = 'resting' AND rests_in = 'stops' AND {better}""",
        best=best,
        orders=list(order_ids),
    )
