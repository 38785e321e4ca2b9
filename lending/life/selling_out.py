"""A loan that has ended, was not paid and whose grace is over: its collateral is sold, at prices that are believed and no others."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from functools import partial
from uuid import UUID

from kernel import db, log
from kernel.ids import uuid7
from lending import prices as markets
from lending.errors import PriceNotTrusted
from lending.life import queries
from lending.life.apart import attempt
from lending.liquidation import service as liquidation
from lending.liquidation.errors import LiquidationsStopped
from lending.liquidation.states import Cause
from lending.loans import queries as loans
from lending.loans import service as loan_service
from lending.loans import steps
from lending.loans.record import Loan, owed
from lending.loans.states import LoanStatus
from lending.prices import Observed
from payments.assets import service as assets

_PAGE = 200
_log = log.get("lending.life")


def sell_out() -> int:
    """Begin the sale of every such loan; returns of how many. One whose price nobody may believe waits for the next run. For the engine."""
    begun, after = 0, None
    while True:
        with db.read_only() as tx:
            today = tx.now.astimezone(UTC).date()
            page = queries.loans_to_sell_out(tx, today=today, after=after, limit=_PAGE)
        for tenant, loan_id in page:
            begun += bool(attempt("overdue_loan_not_sold", partial(_sell_if_possible, tenant, loan_id), loan=loan_id))
        if len(page) < _PAGE:
            return begun
        after = page[-1][1]


def _sell_if_possible(tenant: UUID, loan_id: UUID) -> bool:
    try:
        return _sell_one(tenant, loan_id)
    except (PriceNotTrusted, LiquidationsStopped) as refusal:
        _log.warning("overdue_loan_waits", loan=str(loan_id), code=refusal.code)
        return False


def _sell_one(tenant: UUID, loan_id: UUID) -> bool:
    with db.read_only(tenant=tenant) as tx:
        loan = loans.get(tx, loan_id, customer=None)
        if loan is None:
            return False
        guard, pledged = loan_service.product_of(tx, loan).terms.guard, queries.pledged(tx, loan_id)

    def work(reading: markets.Reading) -> bool:
        with db.transaction(tenant=tenant) as tx:
            held = loans.lock(tx, loan_id)
            seen = reading.now()
            markets.require_trusted(seen, pledged, guard)
            return _begin(tx, held, seen, steps.today(tx))

    return markets.by_prices(lambda: markets.trusted(pledged, loan.asset, guard), work)


def _begin(tx: db.Tx, loan: Loan | None, seen: dict[str, Observed], on: date) -> bool:
    if loan is None or loan.status is not LoanStatus.MATURED_OVERDUE:
        return False
    product = loan_service.product_of(tx, loan)
    if loan.matures_on + timedelta(days=product.terms.grace_days) >= on:
        return False  # it was extended, or paid and drawn anew, while the prices were read
    whole = owed(loan, product, on, scale=assets.scale(loan.asset), steps=loan_service.steps_of(tx, loan, on))
    evidence_id = uuid7()
    queries.add_evidence(
        tx, evidence_id, loan.id, level=loan.level.value, debt=whole.total,
        prices={asset: dict(one.evidence) for asset, one in seen.items()},
    )  # fmt: skip
    liquidation.begin(tx, loan, product, cause=Cause.OVERDUE, owed=whole, prices=seen, evidence_id=evidence_id, on=on)
    return True
