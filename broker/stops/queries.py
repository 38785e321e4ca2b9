"""One function, one statement on resting stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

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
_HORIZON = "SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)"


def waiting(tx: Tx, *, symbol: str) -> tuple[int, list[StopRow]]:
    """All waiting stops of a market, and the horizon from which `changed` goes on."""
    horizon = int(tx.scalar(_HORIZON))
    rows = tx.all(
        f"SELECT {_STOP} FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND rests_in = 'stops'",
        symbol=symbol,
    )
    return horizon, [StopRow(*row) for row in rows]


def changed(tx: Tx, *, symbol: str, since: int) -> tuple[int, list[StopRow]]:
    """Stops changed by transactions in [since, horizon), and the horizon: nothing appears below it any more."""
    horizon = int(tx.scalar(_HORIZON))
    rows = tx.all(
        f"""SELECT {_STOP} FROM broker.orders
             WHERE symbol = :symbol AND type NOT IN ('market', 'limit') AND xid >= CAST(CAST(:since AS text) AS xid8)
               AND xid < CAST(CAST(:horizon AS text) AS xid8)""",
        symbol=symbol,
        since=since,
        horizon=horizon,
    )
    return horizon, [StopRow(*row) for row in rows]


def follow(tx: Tx, *, best: Decimal, rising: bool, order_ids: Sequence[UUID]) -> None:
    """Keep a new best price, never a worse one. The owner of the market knows it already: no book reads the rows again for this."""
    better = "trail_best > :best" if rising else "trail_best < :best"
    tx.execute(
        f"""UPDATE broker.orders SET trail_best = :best
             WHERE id = ANY(CAST(:orders AS uuid[])) AND status = 'resting' AND rests_in = 'stops' AND {better}""",
        best=best,
        orders=list(order_ids),
    )
