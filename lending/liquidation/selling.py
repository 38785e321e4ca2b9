"""One step of a liquidation after the other, each in a transaction of its own: collect what was sold, sell the next slice, pause, settle.

The market is looked at before the transaction; the transaction looks at the rows again and does nothing where they say something else by
then. So any number of processes may step the same liquidation, and one that dies anywhere leaves it to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from broker.sales import service as market
from broker.sales.states import Obstacle
from kernel import db, failpoints, log
from kernel.db import Tx
from kernel.ids import uuid7
from lending import accounts, prices
from lending.liquidation import events, queries, settling
from lending.liquidation.choice import wants
from lending.liquidation.record import Grid, Liquidation, Want
from lending.liquidation.states import LIQUIDATION, Cause, LiquidationStatus
from lending.loans import queries as loans
from lending.loans import service as loan_service
from lending.loans import steps
from lending.loans.record import Loan
from lending.prices import Observed
from lending.products.terms import ProductVersion
from markets.instruments import service as instruments
from payments.assets import service as assets
from wallet_bridge.funds.errors import VenueBalanceLow

LOOK_AGAIN = timedelta(seconds=1)
TRY_AGAIN = timedelta(seconds=5)
HALTED = 3
BREAKER = "breaker"
_log = log.get("liquidation")
failpoints.declare("liquidation.before_commit", "liquidation.after_commit")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The rows before the transaction, and what the market said to them. Nothing of the market where a sale is still out."""

    loan: Loan
    liquidation: Liquidation
    product: ProductVersion
    grids: Mapping[str, Grid]
    wanted: Sequence[Want] = ()
    chosen: Want | None = None
    prospect: market.Prospect | None = None
    obstacle: str | None = None
    prices: Mapping[str, Observed]


def step(tenant: UUID, liquidation_id: UUID) -> bool:
    """A use case: the next thing that can be done; False when nothing changed."""
    seen = _see(tenant, liquidation_id)
    if seen is None:
        return False
    try:
        moved = db.retrying(lambda: _advance(tenant, seen))
    except VenueBalanceLow:
        short = replace(seen, prospect=None, obstacle=Obstacle.VENUE_FUNDS.value)
        moved = db.retrying(lambda: _advance(tenant, short))
    if moved:
        failpoints.hit("liquidation.after_commit")
    return moved


def _see(tenant: UUID, liquidation_id: UUID) -> _Seen | None:
    with db.read_only(tenant=tenant) as tx:
        liquidation = queries.get(tx, liquidation_id)
        if liquidation is None or liquidation.status in LIQUIDATION.terminal:
            return None
        loan = loans.get(tx, liquidation.loan_id, customer=None)
        assert loan is not None, "a liquidation has its loan"
        product, sales = loan_service.product_of(tx, loan), queries.sales(tx, liquidation_id)
    seen = _Seen(
        loan=loan,
        liquidation=liquidation,
        product=product,
        grids=grids_of(liquidation, loan.asset),
        prices=prices.observe_all(liquidation.plan, loan.asset),
    )
    if not all(sale.ended for sale in sales):
        return seen
    wanted = wants(liquidation, sales, product.terms, seen.grids, scale=assets.scale(loan.asset))
    return _look(tenant, replace(seen, wanted=wanted))


def grids_of(liquidation: Liquidation, quote: str) -> dict[str, Grid]:
    """What the markets of its collateral take, at its lowest prices."""
    return {
        asset: Grid(
            lot=instruments.get(f"{asset}-{quote}").lot, smallest=market.smallest(f"{asset}-{quote}", target.floor)
        )
        for asset, target in liquidation.plan.items()
    }


def _look(tenant: UUID, seen: _Seen) -> _Seen:
    """The first of the wants that can be sold now; else what stands in the way of the first."""
    obstacle = None
    for want in seen.wanted:
        prospect = market.look(
            tenant=tenant, liquidation=seen.liquidation.id, symbol=f"{want.asset}-{seen.loan.asset}",
            quantity=want.quantity, floor=want.floor,
        )  # fmt: skip
        if prospect.ticket is not None:
            return replace(seen, chosen=want, prospect=prospect)
        obstacle = obstacle or prospect.obstacle
    return replace(seen, obstacle=None if obstacle is None else obstacle.value)


def _advance(tenant: UUID, seen: _Seen) -> bool:
    with db.transaction(tenant=tenant) as tx:
        loan = loans.lock(tx, seen.loan.id)
        liquidation = queries.lock(tx, seen.liquidation.id)
        assert loan is not None, "it was seen"
        assert liquidation is not None, "it was seen"
        if liquidation.status in LIQUIDATION.terminal:
            return False
        moved = _move(tx, loan, liquidation, seen)
        if moved:
            failpoints.hit("liquidation.before_commit")
        return moved


def _move(tx: Tx, loan: Loan, liquidation: Liquidation, seen: _Seen) -> bool:
    collected, out = _collect(tx, loan, liquidation)
    if out or collected:
        queries.look_at(tx, liquidation.id, at=tx.now + LOOK_AGAIN if out else tx.now)
        return collected
    if liquidation.status is LiquidationStatus.SETTLING:
        settling.settle(tx, loan, liquidation, seen.product, seen.grids, seen.prices)
        return True
    sales = queries.sales(tx, liquidation.id)
    wanted = wants(liquidation, sales, seen.product.terms, seen.grids, scale=assets.scale(loan.asset))
    if not wanted:
        return queries.change(tx, liquidation, to=LiquidationStatus.SETTLING, pause_reason=None, next_try_at=tx.now)
    if queries.breaker(tx, liquidation.plan) >= HALTED:
        return _pause(tx, loan, liquidation, BREAKER)
    if seen.chosen in wanted and seen.prospect is not None:
        _sell(tx, loan, liquidation, seen.prospect, asset=seen.chosen.asset, n=len(sales) + 1)
        return True
    if seen.obstacle is not None and list(seen.wanted) == wanted:
        return _pause(tx, loan, liquidation, seen.obstacle)
    return False


def _collect(tx: Tx, loan: Loan, liquidation: Liquidation) -> tuple[bool, bool]:
    """(whether a sale ended, whether one is still out). An unknown outcome at a venue is still out."""
    collected = out = False
    for sale in queries.sales(tx, liquidation.id):
        if sale.ended:
            continue
        ended = market.outcome(tx, sale.order_id)
        if ended is None:
            out = True
            continue
        collected = True
        queries.end_sale(tx, sale.order_id, sold=ended.sold, proceeds=ended.received)
        if ended.sold:
            payload = {"asset": sale.asset, "quantity": ended.sold, "proceeds": ended.received}
            steps.note(tx, loan, "collateral_sold", payload)
    return collected, out


def _sell(tx: Tx, loan: Loan, liquidation: Liquidation, prospect: market.Prospect, *, asset: str, n: int) -> None:
    order_id = uuid7()
    queries.add_sale(
        tx, liquidation.id, n=n, order_id=order_id, asset=asset, quantity=prospect.quantity, floor=prospect.floor
    )
    changed = queries.change(
        tx, liquidation, to=LiquidationStatus.SELLING, pause_reason=None, next_try_at=tx.now + LOOK_AGAIN
    )
    assert changed, "it is locked"
    market.sell(
        tx, prospect, liquidation=liquidation.id, order_id=order_id,
        spend_account=accounts.clearing(tx, liquidation.id, loan.customer_id, asset),
        receive_account=accounts.proceeds(tx, liquidation.id, loan.customer_id, loan.asset),
    )  # fmt: skip


def _pause(tx: Tx, loan: Loan, liquidation: Liquidation, reason: str) -> bool:
    """Wait for the market or for a person; told once per reason. What a customer asked for does not wait: it ends with what was sold.

    A customer's sale keeps the loan out of the watch and its interest from running, so it must never outlast the market's answer.
    """
    if liquidation.cause is Cause.CUSTOMER:
        return queries.change(tx, liquidation, to=LiquidationStatus.SETTLING, pause_reason=reason, next_try_at=tx.now)
    again = tx.now + TRY_AGAIN
    if liquidation.status is LiquidationStatus.PAUSED and liquidation.pause_reason == reason:
        queries.look_at(tx, liquidation.id, at=again)
        return False
    changed = queries.change(tx, liquidation, to=LiquidationStatus.PAUSED, pause_reason=reason, next_try_at=again)
    fact = events.LiquidationPaused(liquidation.id, loan.id, reason)
    steps.note(tx, loan, "liquidation_paused", {"reason": reason}, shown=False, fact=fact)
    _log.warning("liquidation_paused", liquidation=str(liquidation.id), loan=str(loan.id), reason=reason)
    return changed
