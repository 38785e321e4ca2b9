"""What two people entered while the market could not be believed: a price that stands in for it, or that the freeze may last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from kernel import clock
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from lending.loans.watching import SeenPrice
from lending.prices import Observed
from lending.watch import queries
from lending.watch.catalogue import Market
from markets.composite.states import CompositeState


@dataclass(frozen=True, slots=True)
class Standing:
    """Of all tenants: prices by tenant and market, and where a freeze was prolonged."""

    prices: Mapping[tuple[UUID, Market], Observed] = field(default_factory=dict)
    prolonged: frozenset[tuple[UUID, Market]] = frozenset()


def read_standing(tx: Tx) -> Standing:
    rows = queries.standing(tx, at=tx.now)
    return Standing(
        {(row.tenant_id, (row.asset, row.quote)): _observed(row) for row in rows if row.price is not None},
        frozenset((row.tenant_id, (row.asset, row.quote)) for row in rows if row.price is None),
    )


def _observed(row: AnyRow) -> Observed:
    """Two venues or more, as a degraded market has them. Every look at it is a new one, for it is meant for the whole time."""
    venues = {one["venue"] for one in row.evidence["venues"]}
    seen = SeenPrice(price=row.price, age=timedelta(0), venues=len(venues), state=CompositeState.DEGRADED)
    evidence = {
        "symbol": f"{row.asset}-{row.quote}",
        "price": canonical(row.price),
        "state": "ENTERED",
        "entered_id": str(row.id),
        "as_of": clock.wall().isoformat(),
        "until": row.until.isoformat(),
        "venues": row.evidence["venues"],
    }
    return Observed(seen, evidence)
