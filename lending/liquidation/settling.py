"""The end of a liquidation, in one transaction: proceeds and what was not sold go where they belong, and the loan goes on or ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kernel.db import Tx
from kernel.money import canonical, floor_to_scale
from lending import accounts
from lending.funding import service as funding
from lending.liquidation import events, postings, queries, rules
from lending.liquidation.choice import fee_of, goal
from lending.liquidation.record import Grid, Liquidation, TakenOver, owed_document
from lending.liquidation.rules import Cover, Settlement
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans import queries as loans
from lending.loans import steps
from lending.loans.record import Loan
from lending.loans.rules import Owed
from lending.loans.states import Level, LoanStatus
from lending.loans.watching import is_trusted
from lending.prices import Observed
from lending.products.states import LiquidationMode
from lending.products.terms import ProductVersion
from payments.assets import service as assets
from payments.balances import service as balances

ZERO = Decimal(0)
_OVER: dict[str, Any] = {
    "principal": ZERO,
    "interest_owed": ZERO,
    "fee_owed": ZERO,
    "penalty_owed": ZERO,
    "debt_at_event": ZERO,
    "level": Level.HEALTHY.value,
    "below": 0,
    "below_since": None,
}


def settle(
    tx: Tx,
    loan: Loan,
    liquidation: Liquidation,
    product: ProductVersion,
    grids: Mapping[str, Grid],
    prices: Mapping[str, Observed],
) -> None:
    """Step: loan and liquidation are locked, no sale is out, nothing more is to be sold. The ledger says what there is to share out."""
    scale = assets.scale(loan.asset)
    proceeds = balances.exact(tx, accounts.proceeds(tx, liquidation.id, loan.customer_id, loan.asset))
    unsold = {
        asset: balances.exact(tx, accounts.clearing(tx, liquidation.id, loan.customer_id, asset))
        for asset in sorted(liquidation.plan)
    }
    fee, owed = fee_of(liquidation, product.terms), liquidation.owed
    sold_out = all(quantity < grids[asset].smallest for asset, quantity in unsold.items())
    if liquidation.cause is Cause.CUSTOMER and not (
        sold_out and _dust_pays_the_rest(liquidation, product, proceeds, unsold, prices, scale=scale)
    ):
        pays = min(proceeds, goal(liquidation))
        _resume(tx, loan, liquidation, product, unsold, pays=pays, fee=ZERO, surplus=proceeds - pays)
        return
    if liquidation.mode is LiquidationMode.PARTIAL and not sold_out:
        part = rules.settle_partial(proceeds, owed, fee, scale=scale)
        if part.unpaid.total > 0:
            _resume(tx, loan, liquidation, product, unsold, pays=part.paid.total, fee=part.fee, surplus=part.surplus)
            return
    done = rules.settle(proceeds, owed, fee, scale=scale)
    taken: dict[str, TakenOver] = {}
    if done.unpaid.total > 0:
        taken = _take_over(liquidation, product, unsold, prices, scale=scale)
        bought = sum((each.paid for each in taken.values()), ZERO)
        done = rules.settle(proceeds + bought, owed, fee, scale=scale)
    back = {asset: quantity for asset, quantity in unsold.items() if quantity and asset not in taken}
    _end(tx, loan, liquidation, product, done, unsold=back, taken=taken)


def _dust_pays_the_rest(
    liquidation: Liquidation,
    product: ProductVersion,
    proceeds: Decimal,
    unsold: Mapping[str, Decimal],
    prices: Mapping[str, Observed],
    *,
    scale: int,
) -> bool:
    """Whether what no market takes any more is worth what a customer's own sale left owing: then the house buys it and the loan is over.

    Else the loan goes on. A sale that a customer asked for makes no bad debt: who owes the rest may have the money.
    """
    rest = liquidation.owed.total - proceeds
    taken = _take_over(liquidation, product, unsold, prices, scale=scale)
    return 0 < rest <= sum((each.paid for each in taken.values()), ZERO)


def _take_over(
    liquidation: Liquidation,
    product: ProductVersion,
    unsold: Mapping[str, Decimal],
    prices: Mapping[str, Observed],
    *,
    scale: int,
) -> dict[str, TakenOver]:
    """Dust that no market takes counts towards the debt at the price of the moment, or at the lowest that was asked where there is none."""
    found = {}
    for asset, quantity in unsold.items():
        seen = prices[asset].seen if asset in prices else None
        trusted = seen is not None and is_trusted(seen, product.terms.guard)
        price = seen.price if seen is not None and trusted else liquidation.plan[asset].floor
        if quantity:
            found[asset] = TakenOver(
                quantity=quantity, price=price, paid=floor_to_scale(quantity * price, scale), trusted=trusted
            )
    return found


def _end(
    tx: Tx,
    loan: Loan,
    liquidation: Liquidation,
    product: ProductVersion,
    done: Settlement,
    *,
    unsold: Mapping[str, Decimal],
    taken: Mapping[str, TakenOver],
) -> None:
    """The loan is over: paid in full, or with a loss that the insurance pool and then the house bear."""
    short = done.unpaid.principal + done.unpaid.interest
    borne = Cover(ZERO, ZERO)
    if short:
        queries.one_pool_at_a_time(tx, loan.asset)
        borne = rules.cover(short, balances.exact(tx, accounts.insurance(tx, loan.asset)))
    if liquidation.owed.principal:
        funding.repay(tx, line_id=product.funding_line_id, loan_id=loan.id, amount=liquidation.owed.principal)
    journal_id = postings.settle(tx, loan, liquidation.id, done, cover=borne, unsold=unsold, taken_over=taken)
    queries.void_instalments(tx, loan.id)
    lost = short > 0  # fees that are not paid were never earned
    paid_up = LoanStatus.REPAID if liquidation.cause is Cause.CUSTOMER else LoanStatus.LIQUIDATED
    ended = steps.write(tx, loan, to=LoanStatus.BAD_DEBT if lost else paid_up, **_OVER)
    document = _document(done, unsold) | {
        "taken_over": {
            asset: {"quantity": canonical(t.quantity), "price": canonical(t.price), "paid": canonical(t.paid), "trusted": t.trusted}
            for asset, t in taken.items()
        },
        "insured": canonical(borne.insurance),
        "lost": canonical(borne.bad_debt),
    }  # fmt: skip
    _close(tx, liquidation, document, to=LiquidationStatus.SHORTFALL if lost else LiquidationStatus.DONE)
    shown = {name: document[name] for name in ("proceeds", "paid", "fee", "surplus", "returned", "shortfall")}
    steps.note(tx, ended, "liquidation_settled", shown, journal_id=journal_id, fact=_settled(loan, liquidation, done))
    if lost:
        queries.insert_bad_debt(
            tx, liquidation_id=liquidation.id, loan_id=loan.id, asset=loan.asset, insured=borne.insurance, lost=borne.bad_debt
        )  # fmt: skip
        fact = events.BadDebtBooked(
            liquidation.id, loan.id, loan.customer_id, loan.asset, borne.insurance, borne.bad_debt
        )
        told = {"insured": borne.insurance, "lost": borne.bad_debt}
        steps.note(tx, ended, "bad_debt", told, shown=False, journal_id=journal_id, fact=fact)


def _resume(
    tx: Tx,
    loan: Loan,
    liquidation: Liquidation,
    product: ProductVersion,
    unsold: Mapping[str, Decimal],
    *,
    pays: Decimal,
    fee: Decimal,
    surplus: Decimal,
) -> None:
    """The loan goes on with less debt and less collateral; if nothing is owed any more, it is repaid by the same step as ever."""
    journal_id = postings.resume(
        tx, loan, liquidation.id, unsold={asset: each for asset, each in unsold.items() if each}, fee=fee
    )
    for asset, quantity in unsold.items():
        loans.set_collateral(tx, loan.id, asset, quantity)
    running = steps.write(
        tx, replace(loan, collateral=dict(unsold)), to=LoanStatus.ACTIVE, interest_from=steps.today(tx),
        level=Level.HEALTHY.value, below=0, below_since=None,
    )  # fmt: skip
    proceeds = accounts.proceeds(tx, liquidation.id, loan.customer_id, loan.asset)
    paid = Owed()
    if pays:
        done = steps.pay(
            tx, running, product, pays, from_account=proceeds, source="collateral", on=steps.today(tx)
        )  # fmt: skip
        paid, surplus = done.paid, surplus + done.left
    postings.surplus(tx, loan, liquidation.id, surplus)
    left = Settlement(paid, fee, surplus, liquidation.owed.less(paid))
    document = _document(left, unsold) | {"shortfall": "0", "left": canonical(left.unpaid.total)}
    _close(tx, liquidation, document, to=LiquidationStatus.DONE)
    shown = {name: document[name] for name in ("proceeds", "paid", "fee", "surplus", "left")}
    steps.note(
        tx, loan, "liquidation_settled", shown | {"collateral": document["returned"]}, journal_id=journal_id,
        fact=replace(_settled(loan, liquidation, left), shortfall=ZERO),
    )  # fmt: skip


def _close(tx: Tx, liquidation: Liquidation, document: Mapping[str, Any], *, to: LiquidationStatus) -> None:
    changed = queries.settled(tx, liquidation, document, to=to)
    assert changed, "it is locked"


def _document(done: Settlement, unsold: Mapping[str, Decimal]) -> dict[str, Any]:
    return {
        "proceeds": canonical(done.paid.total + done.fee + done.surplus),
        "paid": owed_document(done.paid),
        "fee": canonical(done.fee),
        "surplus": canonical(done.surplus),
        "shortfall": canonical(done.shortfall),
        "returned": {asset: canonical(quantity) for asset, quantity in unsold.items() if quantity},
    }


def _settled(loan: Loan, liquidation: Liquidation, done: Settlement) -> events.LiquidationSettled:
    return events.LiquidationSettled(
        liquidation.id, loan.id, loan.customer_id, liquidation.cause.value, loan.asset,
        done.paid.total + done.fee + done.surplus, done.paid.total, done.fee, done.surplus, done.shortfall,
    )  # fmt: skip
