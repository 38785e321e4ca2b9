"""Floating rates follow their funding line, with notice: what is announced counts from its day on and is never taken back.

A loan floats if its version did when it was made, whatever the product charges by now. First the product's index gets the new rate, then
every loan that will pay it is told, many at a time and each once: its timeline knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby
from uuid import UUID

from kernel import db, outbox
from kernel.db import AnyRow
from kernel.money import canonical, floor_fraction
from lending.life import queries
from lending.life.apart import attempt
from lending.life.events import LoanRateAnnounced, RateAnnounced
from lending.loans import queries as loans
from lending.loans.record import factor_at
from lending.products import queries as products

NOTICE = timedelta(days=7)
"""How long before a rate counts it is announced."""
LATE = timedelta(days=7)
"""How long after it began to count a loan still hears of it, if it could not before."""
_FACTOR_PLACES = 27
_PAGE = 500


def announce() -> int:
    """Announce the new rate of every floating product whose line costs something else than it did; returns how many. For the engine."""
    with db.read_only() as tx:
        changed = queries.floating(tx)
    done = 0
    for row in changed:
        work = partial(_announce_one, row.tenant_id, row.id, row.version, row.wanted)
        done += bool(attempt("rate_not_announced", work, product=row.id))
    return done


def _announce_one(tenant: UUID, product_id: UUID, version: int, wanted: Decimal) -> bool:
    with db.transaction(tenant=tenant) as tx:
        product = products.version(tx, product_id, version)
        assert product is not None, "versions are never deleted"
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


def tell() -> int:
    """Tell every loan that will pay an announced rate, those that began since included; returns how many were told. For the engine."""
    done, after = 0, None
    while True:
        with db.read_only() as tx:
            since = tx.now.astimezone(UTC).date() - LATE
            page = queries.rates_to_tell(tx, since=since, after=after, limit=_PAGE)
        for tenant, rows in groupby(page, key=lambda row: row.tenant_id):
            done += _tell_some(tenant, list(rows))
        if len(page) < _PAGE:
            return done
        after = page[-1].tenant_id, page[-1].id, page[-1].from_day


def _tell_some(tenant: UUID, rows: Sequence[AnyRow]) -> int:
    """All of them in one transaction; if that fails one by one, so that the one it fails for keeps nobody else waiting."""
    told = attempt("rates_not_told", partial(_tell_together, tenant, rows), loans=len(rows))
    if told is None and len(rows) > 1:
        return sum(attempt("rate_not_told", partial(_tell_together, tenant, [row]), loan=row.id) or 0 for row in rows)
    return told or 0


def _tell_together(tenant: UUID, rows: Sequence[AnyRow]) -> int:
    with db.transaction(tenant=tenant) as tx:
        # A loan that somebody works on is told at the next run: nobody waits for hundreds of them.
        held = {loan.id: loan for loan in loans.lock_running(tx, sorted({row.id for row in rows}), waiting=False)}
        news = [row for row in rows if row.id in held]
        new = queries.note_rates(tx, [(row.id, _payload(row)) for row in news])
        facts = []
        for row in news:
            if (row.id, row.from_day.isoformat()) in new:
                loan = held[row.id]
                known = loan.id, loan.customer_id, loan.product_id, loan.asset
                facts.append((LoanRateAnnounced(*known, row.rate, row.before, row.from_day), str(row.id)))
        outbox.publish_all(tx, facts)
        return len(facts)


def _payload(row: AnyRow) -> dict[str, str]:
    return {"rate": canonical(row.rate), "before": canonical(row.before), "from_day": row.from_day.isoformat()}
