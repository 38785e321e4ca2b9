"""Use cases and steps of a liquidation: begin it under the loan's lock, then step by step until it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from broker.sales import service as market
from kernel import outbox
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical, floor_to
from lending.errors import LoanBusy, PriceNotTrusted
from lending.liquidation import events, postings, queries, rules
from lending.liquidation.errors import LiquidationsStopped
from lending.liquidation.record import Liquidation, Target, owed_document
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans import queries as loans
from lending.loans import record
from lending.loans.record import Loan
from lending.loans.rules import Owed
from lending.loans.states import RUNNING, Level, LoanStatus
from lending.prices import Observed
from lending.products.states import LiquidationMode
from lending.products.terms import ProductVersion
from markets.instruments.service import Instrument
from payments.assets import service as assets

ZERO = Decimal(0)


def stopped(tx: Tx, collateral: Iterable[str]) -> bool:
    """Whether a breaker forbids to begin a liquidation of a loan with this collateral."""
    return queries.breaker(tx, collateral) >= 1


def certain_proceeds(
    loan: Loan, product: ProductVersion, prices: Mapping[str, Observed], markets: Mapping[str, Instrument]
) -> Decimal:
    """What a sale of all the collateral brings at its lowest prices, of what the markets take at all. `markets` by symbol."""
    brings = ZERO
    for asset, quantity in loan.collateral.items():
        if quantity > 0:
            floor, instrument = prices[asset].seen.price * (1 - product.terms.budget), markets[f"{asset}-{loan.asset}"]
            sold = floor_to(quantity, instrument.lot)
            brings += sold * floor if sold >= market.smallest_of(instrument, floor) else ZERO
    return brings


def begin(
    tx: Tx,
    loan: Loan,
    product: ProductVersion,
    *,
    cause: Cause,
    owed: Owed,
    prices: Mapping[str, Observed],
    evidence_id: UUID | None,
    on: date,
    wanted: Decimal | None = None,
) -> UUID:
    """Step: the loan is locked and running. Its collateral goes to clearing, its interest stops; nothing is sold yet.

    Args:
        owed: everything owed on the day `on`, in whole units.
        prices: what every pledged asset was worth when this was decided; the sale goes no lower than the budget below it.
        wanted: sell only until this much is earned; all that is owed where it is not given. Only where the customer asked.

    Raises:
        LiquidationsStopped: a breaker of level 1 or more stands; ask `stopped` first.
        PriceNotTrusted: a pledged asset has no price.
        LoanBusy: the loan is not running, or changed since it was read.
    """
    quantities = {asset: quantity for asset, quantity in loan.collateral.items() if quantity > 0}
    if loan.status not in RUNNING:
        raise LoanBusy(status_now=loan.status.value)
    if stopped(tx, quantities):
        raise LiquidationsStopped
    liquidation = Liquidation(
        id=uuid7(),
        tenant_id=loan.tenant_id,
        loan_id=loan.id,
        cause=cause,
        mode=_mode(cause, product),
        status=LiquidationStatus.OPEN,
        evidence_id=evidence_id,
        owed=owed,
        plan=_plan(loan, product, quantities, cause=cause, owed=owed, prices=prices),
        budget=product.terms.budget,
        wanted=wanted,
        settlement=None,
        pause_reason=None,
        opened_at=tx.now,
        settled_at=None,
        next_try_at=tx.now,
        row_version=1,
    )
    changed = loans.change(
        tx, loan, to=LoanStatus.LIQUIDATING, level=Level.LIQUIDATING.value, interest_owed=owed.interest,
        interest_charged=loan.interest_charged + owed.interest - loan.interest_owed, interest_from=on,
        debt_at_event=owed.total,
    )  # fmt: skip
    if not changed:
        raise LoanBusy
    queries.insert(tx, liquidation)
    for asset in quantities:
        loans.set_collateral(tx, loan.id, asset, ZERO)
    journal_id = postings.start(tx, loan, liquidation.id, quantities) if quantities else None
    _note_start(tx, loan, liquidation, journal_id)
    return liquidation.id


def _mode(cause: Cause, product: ProductVersion) -> LiquidationMode:
    """A loan that is overdue is ended, and who repays from the collateral says how much: the product's way is for its lines."""
    return product.terms.liquidation if cause is Cause.LINE else LiquidationMode.FULL


def _plan(
    loan: Loan,
    product: ProductVersion,
    quantities: Mapping[str, Decimal],
    *,
    cause: Cause,
    owed: Owed,
    prices: Mapping[str, Observed],
) -> dict[str, Target]:
    missing = sorted(set(quantities) - set(prices))
    if missing:
        raise PriceNotTrusted(asset=missing[0])
    worth = {asset: prices[asset].seen.price for asset in quantities}
    to_sell = dict(quantities)
    if _mode(cause, product) is LiquidationMode.PARTIAL:
        assert product.terms.target_ltv is not None, "a product that is sold in part has a target"
        position = record.position(loan, product, worth, owed.total)
        share = rules.share_to_sell(
            value=position.value, debt=Fraction(owed.total), target_ltv=product.terms.target_ltv,
            cost=product.terms.expected_cost, fee=product.terms.liquidation_fee,
        )  # fmt: skip
        to_sell |= rules.quantities_to_sell(position, share, {asset: assets.scale(asset) for asset in loan.collateral})
    return {
        asset: Target(
            quantity=quantity,
            sell=to_sell[asset],
            price=worth[asset],
            floor=worth[asset] * (1 - product.terms.budget),
        )
        for asset, quantity in quantities.items()
    }


def _note_start(tx: Tx, loan: Loan, liquidation: Liquidation, journal_id: UUID | None) -> None:
    payload = {
        "liquidation_id": str(liquidation.id),
        "cause": liquidation.cause.value,
        "owed": owed_document(liquidation.owed),
        "collateral": {asset: canonical(target.quantity) for asset, target in liquidation.plan.items()},
    }
    loans.add_event(tx, loan.id, "liquidation_started", payload, journal_id=journal_id)
    started = events.LiquidationStarted(
        liquidation.id, loan.id, loan.customer_id, liquidation.cause.value, loan.asset, liquidation.owed.total
    )
    outbox.publish(tx, started, key=str(loan.id))
