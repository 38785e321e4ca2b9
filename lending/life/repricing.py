"""Floating rates follow their funding line, with notice: what is announced counts from its day on and is never taken back."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import db, outbox
from kernel.db import Tx
from kernel.money import floor_fraction
from lending.life import queries
from lending.life.events import RateAnnounced
from lending.loans import queries as loans
from lending.loans.record import factor_at
from lending.products import queries as products

NOTICE = timedelta(days=7)
"""How long before a rate counts it is announced."""
_FACTOR_PLACES = 27


def announce() -> int:
    """Announce the new rate of every floating product whose line costs something else than it did; returns how many. For the engine."""
    with db.read_only() as tx:
        changed = queries.floating(tx)
    done = 0
    for row in changed:
        with db.transaction(tenant=row.tenant_id) as tx:
            done += _announce_one(tx, row.id, row.wanted)
    return done


def _announce_one(tx: Tx, product_id: UUID, wanted: Decimal) -> bool:
    product = products.published(tx, product_id)
    if product is None:
        return False
    from_day = tx.now.astimezone(UTC).date() + NOTICE
    steps = loans.rate_steps(tx, product_id, until=from_day)
    last = max(steps, key=lambda step: step.from_day)
    if last.rate == wanted or last.from_day >= from_day:
        return False
    # Rounded down: what a customer owes is rounded up, and must not gain a unit from how an index is kept.
    factor = floor_fraction(factor_at(steps, from_day, product.terms.day_count), _FACTOR_PLACES)
    if not queries.add_step(tx, product_id, from_day=from_day, factor=factor, rate=wanted):
        return False
    outbox.publish(tx, RateAnnounced(product_id, wanted, from_day, last.rate), key=str(product_id))
    return True
