"""The interest of a day: one journal per product, and what each funding line has cost. Booked once, however often it is asked for."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from kernel import db, failpoints
from kernel.db import Tx
from lending.funding import service as funding
from lending.life import postings, queries, rules
from lending.life.apart import attempt
from lending.loans import queries as loans
from payments.assets import service as assets

failpoints.declare("lending.accrue.before_commit", "lending.accrue.after_commit")


def book_days() -> int:
    """Book every day before today that is not booked, of all tenants; returns how many products and lines had some. For the engine.

    A product whose days cannot be booked keeps all of them for the next run, which begins with the first of them.
    """
    with db.read_only() as tx:
        today = tx.now.astimezone(UTC).date()
        lines = funding.lines_to_accrue(tx, today=today)
        products = queries.products_to_accrue(tx, yesterday=today - timedelta(days=1))
    done = 0
    for tenant, line in lines:
        done += bool(attempt("line_not_accrued", partial(_accrue_line, tenant, line), line=line))
    for tenant, product in products:
        done += bool(attempt("days_not_booked", partial(_accrue_product, tenant, product), product=product))
        failpoints.hit("lending.accrue.after_commit")
    return done


def _accrue_line(tenant: UUID, line: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        funding.accrue(tx, line)
    return True


def _accrue_product(tenant: UUID, product: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        booked = accrue(tx, product)
        failpoints.hit("lending.accrue.before_commit")
    return booked


def accrue(tx: Tx, product_id: UUID) -> bool:
    """Book what a product's loans have earned until today; False where there was nothing to book. Step."""
    product = queries.lock_product(tx, product_id)
    today = tx.now.astimezone(UTC).date()
    last, found = queries.accrued(tx, product_id), queries.sums(tx, product_id)
    booked = Decimal(0) if last is None else last.total
    start = found.first if last is None else last.day + timedelta(days=1)
    if found.first is None or start >= today or (not found.running and found.charged == booked):
        return False
    line, scale = funding.find(tx, product.funding_line_id), assets.scale(product.asset)
    days = rules.days_earned(
        queries.running_of(found.running),
        loans.rate_steps(tx, product_id, until=today),
        charged=found.charged,
        booked=booked,
        start=start,
        end=today,
        scale=scale,
        line_rate=line.rate,
        line_day_count=line.day_count,
    )
    for day in days:
        booked += day.amount
        posted = None
        if day.amount:
            posted = postings.interest(tx, product=product_id, day=day.day, asset=product.asset, amount=day.amount)
        queries.book_day(tx, product_id, day=day.day, amount=day.amount, total=booked, cost=day.cost, journal_id=posted)
    return True
