"""One function, one statement on markets.instruments."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.db import Tx
from markets.instruments.states import FillMode, MarketStatus, Trigger


@dataclass(frozen=True, slots=True)
class Instrument:
    """A market: its grid and its settings. `markup` is a fraction of the venue's price."""

    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    trigger: Trigger
    fill: FillMode
    markup: Decimal
    status: MarketStatus


_COLUMNS = ", ".join(Instrument.__dataclass_fields__)


def select_all(tx: Tx) -> list[Instrument]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM markets.instruments ORDER BY position, symbol")
    return [
        Instrument(
            symbol=row.symbol,
            base=row.base,
            quote=row.quote,
            tick=row.tick,
            lot=row.lot,
            min_notional=row.min_notional,
            trigger=Trigger(row.trigger),
            fill=FillMode(row.fill),
            markup=row.markup,
            status=MarketStatus(row.status),
        )
        for row in rows
    ]


def update_settings(
    tx: Tx,
    *,
    symbol: str,
    trigger: Trigger | None,
    fill: FillMode | None,
    status: MarketStatus | None,
    markup: Decimal | None = None,
) -> bool:
    """Change what is given; False when there is no such market."""
    row = tx.first(
        """UPDATE markets.instruments
              SET trigger = coalesce(:trigger, trigger), fill = coalesce(:fill, fill), status = coalesce(:status, status),
                  markup = coalesce(CAST(:markup AS numeric), markup), updated_at = :now
            WHERE symbol = :symbol RETURNING symbol""",
        symbol=symbol,
        trigger=trigger and trigger.value,
        fill=fill and fill.value,
        status=status and status.value,
        markup=markup,
        now=tx.now,
    )
    return row is not None
