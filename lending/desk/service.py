"""What customers do with a loan: look at it, pay, add or take back collateral, extend it, and ask what would happen if.

Prices are read before the transaction and judged inside it, anew where it waited for the loan. After every movement of money the stored
level is looked at again, so that a payment ends the wait for a sale at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from identity.audit import service as audit
from kernel import commands, db
from kernel.db import Tx
from kernel.money import canonical, fits_scale
from lending import accounts, prices
from lending.desk import errors, judging, queries, quoting
from lending.desk import shown as showing
from lending.desk.shown import Shown
from lending.liquidation import service as liquidation
from lending.liquidation.states import Cause
from lending.loans import extension, lateness, steps
from lending.loans import queries as loans
from lending.loans.record import Loan, debt, owed, tested
from lending.loans.rules import worst_line
from lending.loans.states import Level
from lending.prices import Observed
from lending.products import service as products
from lending.products.states import Line
from lending.products.terms import ProductVersion
from markets.instruments import service as instruments
from payments.assets import service as assets
from payments.errors import AmountTooFine

Deed = Callable[[Tx, Loan, ProductVersion, Mapping[str, Observed]], Loan]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, under which Idempotency-Key; `customer` is None for staff, who see every loan."""

    tenant: UUID
    id: UUID
    customer: UUID | None
    key: str | None = None


def view(caller: Caller, loan_id: UUID, *, entries: int = showing.ENTRIES_OF_ONE) -> Shown:
    """One loan, with the newest of its timeline.

    Raises:
        LoanNotFound: there is none that the caller may see.
    """
    with db.read_only(tenant=caller.tenant, repeatable=True) as tx:
        _visible(tx, caller, loan_id)
        gathered = showing.gather(tx, [loan_id], all_of_it=caller.customer is None, entries_of_one=entries)
    return showing.show(gathered)[0]


def page(
    caller: Caller, *, of: UUID | None, statuses: Sequence[str] | None, before: UUID | None, limit: int
) -> list[Shown]:
    """Own loans, or everybody's for staff (`of`: one customer's), newest first."""
    with db.read_only(tenant=caller.tenant, repeatable=True) as tx:
        ids = queries.page(tx, customer=caller.customer or of, statuses=statuses, before=before, limit=limit)
        gathered = showing.gather(tx, ids, all_of_it=caller.customer is None)
    return showing.show(gathered)


def repay(caller: Caller, loan_id: UUID, *, amount: Decimal | None) -> None:
    """Pay from the customer's own account: an amount, or with None all that is owed. At most what is owed is taken.

    Raises:
        LoanNotFound, LoanBusy, NothingOwed, InsufficientFunds, AmountTooFine: as they say.
    """

    def deed(tx: Tx, loan: Loan, product: ProductVersion, _prices: Mapping[str, Observed]) -> Loan:
        if amount is not None:
            _check_scale(loan.asset, amount)
        on = steps.today(tx)
        steps.require_running(loan)
        loan = lateness.charge(tx, loan, product, on)
        mine = accounts.available(tx, loan.customer_id, loan.asset)
        whole = amount if amount is not None else _all_of(tx, loan, product)
        steps.pay(tx, loan, product, whole, from_account=mine, source="customer", on=on)
        return _again(tx, loan.id)

    wanted = {"amount": None if amount is None else canonical(amount)}
    _run(caller, loan_id, "repayments", wanted, deed)


def repay_from_collateral(caller: Caller, loan_id: UUID, *, amount: Decimal | None) -> None:
    """Sell collateral at the venues until this much is earned, or with None all that is owed. Interest stops, and nothing else may be done.

    Raises:
        PriceNotTrusted: there is no price right now that a sale could be bounded by.
        LiquidationLineReached: a sale of one's own would put off the one that the line asks for.
        SaleDoesNotCover: sold within the budget, all of the collateral might not bring what is owed.
        LiquidationsStopped: nothing of this collateral is sold at the moment.
        LoanNotFound, LoanBusy, NothingOwed, AmountTooFine: as they say.
    """
    markets = {market.symbol: market for market in instruments.list_markets()}

    def deed(tx: Tx, loan: Loan, product: ProductVersion, observed: Mapping[str, Observed]) -> Loan:
        steps.require_running(loan)
        if amount is not None:
            _check_scale(loan.asset, amount)
        judging.require_trusted(loan, product, observed)
        on = steps.today(tx)
        loan = lateness.charge(tx, loan, product, on)
        whole = owed(loan, product, on, scale=assets.scale(loan.asset), steps=steps.rate_steps(tx, loan, product, on))
        if whole.total == 0:
            raise errors.NothingOwed
        if _at_the_line(loan, product, observed, whole.total):
            raise errors.LiquidationLineReached
        brings = liquidation.certain_proceeds(loan, product, observed, markets)
        if brings < whole.total:
            raise errors.SaleDoesNotCover(asset=loan.asset, brings=canonical(brings), owed=canonical(whole.total))
        wanted = None if amount is None else min(amount, whole.total)
        liquidation.begin(
            tx, loan, product, cause=Cause.CUSTOMER, owed=whole, prices=observed, evidence_id=None, on=on, wanted=wanted
        )
        return _again(tx, loan_id)

    wanted = {"amount": None if amount is None else canonical(amount), "from_collateral": True}
    _run(caller, loan_id, "repayments", wanted, deed)


def _at_the_line(loan: Loan, product: ProductVersion, observed: Mapping[str, Observed], total: Decimal) -> bool:
    """Whether the displayed line is hit, by what was decided or by the prices of now."""
    line = worst_line(tested(loan, product, prices.amounts(observed), total))
    return loan.level.rank >= Level.MARGIN_CALL.rank or line not in {None, Line.WARNING}


def add_collateral(caller: Caller, loan_id: UUID, *, asset: str, quantity: Decimal) -> None:
    """More collateral from the customer's own account.

    The caps of the asset are for loans that need none: one that is on a line or beyond its pledge rates, or whose price nobody believes,
    takes whatever lowers its risk.

    Raises:
        LoanNotFound, LoanBusy, CollateralNotAccepted, InsufficientFunds, AmountTooFine, LendingLimitReached: as they say.
    """
    depth = _depth_of(caller, loan_id, asset)

    def deed(tx: Tx, loan: Loan, product: ProductVersion, observed: Mapping[str, Observed]) -> Loan:
        if asset not in product.collaterals:
            raise errors.CollateralNotAccepted(asset=asset)
        _check_scale(asset, quantity)
        steps.require_running(loan)
        capped = judging.needs_nothing(loan, product, observed, _exact(tx, loan, product))
        if capped:
            queries.lock_caps(tx, [asset])  # nobody who counts against the same caps is between the sum and the commit
        after = steps.top_up(tx, loan, product, asset, quantity, source="customer", on=steps.today(tx))
        if capped:
            quoting.require_room_for(tx, product, [asset], depth)
        return after

    _run(caller, loan_id, "collateral", {"asset": asset, "quantity": canonical(quantity)}, deed, more=(asset,))


def take_back(caller: Caller, loan_id: UUID, *, asset: str, quantity: Decimal) -> None:
    """Collateral that the loan does not need, at the prices of now.

    Raises:
        WithdrawalTooLarge: the rest would not carry the debt at the pledge rates, less the haircut.
        PriceNotTrusted: there is no price right now that it could be judged by.
        LoanNotFound, LoanBusy, CollateralNotAccepted, AmountTooFine: as they say.
    """

    def deed(tx: Tx, loan: Loan, product: ProductVersion, observed: Mapping[str, Observed]) -> Loan:
        on = steps.today(tx)
        if asset not in product.collaterals:
            raise errors.CollateralNotAccepted(asset=asset)
        _check_scale(asset, quantity)
        steps.require_running(loan)
        if not judging.may_leave(loan, product, observed, _exact(tx, loan, product), {asset: quantity}):
            raise errors.WithdrawalTooLarge(asset=asset)
        return steps.withdraw(tx, loan, product, asset, quantity, on=on)

    _run(caller, loan_id, "collateral-withdrawals", {"asset": asset, "quantity": canonical(quantity)}, deed)


def extend(caller: Caller, loan_id: UUID, *, tenor_days: int) -> None:
    """Another term after this one, for a fee; what is owed beside the principal is paid now.

    Raises:
        ExtensionNotOffered: much of the term lies ahead, an extension has not begun yet, or the loan is on its liquidation line.
        TenorNotOffered, PriceNotTrusted, InsufficientFunds, LoanNotFound, LoanBusy: as they say.
    """

    def deed(tx: Tx, loan: Loan, product: ProductVersion, observed: Mapping[str, Observed]) -> Loan:
        steps.require_running(loan)
        if tenor_days not in product.terms.tenors:
            raise errors.TenorNotOffered(tenors=list(product.terms.tenors))
        on = steps.today(tx)
        if not extension.is_offered(loan, tenor_days, on):
            offered_from = max(loan.term_began + timedelta(days=1), loan.matures_on - timedelta(days=tenor_days))
            raise errors.ExtensionNotOffered(offered_from=offered_from.isoformat())
        line = judging.worst(loan, product, observed, _exact(tx, loan, product))
        if line not in {None, Line.WARNING}:
            raise errors.ExtensionNotOffered("The loan is at its liquidation line: add collateral or repay first.")
        mine = accounts.available(tx, loan.customer_id, loan.asset)
        return extension.extend(tx, loan, product, tenor_days, from_account=mine, on=on)

    _run(caller, loan_id, "extensions", {"tenor_days": tenor_days}, deed)


def set_options(caller: Caller, loan_id: UUID, *, auto_top_up: bool | None, auto_repay: bool | None) -> None:
    """Standing orders of the customer; what is None stays.

    Raises:
        LoanNotFound, LoanBusy: as they say.
    """
    wanted = {
        name: value for name, value in (("auto_top_up", auto_top_up), ("auto_repay", auto_repay)) if value is not None
    }

    def fn(tx: Tx) -> tuple[str, UUID]:
        loan, _product = _locked(tx, caller, loan_id)
        steps.require_running(loan)
        changed = {name: value for name, value in wanted.items() if getattr(loan, name) is not value}
        if changed:
            before = {name: getattr(loan, name) for name in changed}
            after = steps.write(
                tx,
                loan,
                auto_top_up=changed.get("auto_top_up", loan.auto_top_up),
                auto_repay=changed.get("auto_repay", loan.auto_repay),
            )
            steps.note(tx, after, "options_changed", changed)
            audit.about(tx, before=before, after=changed)
        return "loan", loan_id

    commands.run(
        tenant=caller.tenant, principal=caller.id, route="PATCH /v1/loans", key=caller.key, fingerprint=b"", fn=fn
    )


# -------------------------------------------------------------------------------------------------------------------------- pieces


def _run(
    caller: Caller,
    loan_id: UUID,
    what: str,
    wanted: Mapping[str, object],
    deed: Deed,
    *,
    more: Sequence[str] = (),
) -> None:
    """Do it once per key, under the loan's lock, and look at the level again."""

    def work(reading: prices.Reading) -> None:
        def fn(tx: Tx) -> tuple[str, UUID]:
            loan, product = _locked(tx, caller, loan_id)
            known = reading.now()
            after = deed(tx, loan, product, known)
            steps.mark_again(tx, after, product, known, steps.today(tx))
            return "loan", loan_id

        commands.run(
            tenant=caller.tenant,
            principal=caller.id,
            route=f"POST /v1/loans/{loan_id}/{what}",
            key=caller.key,
            fingerprint=commands.fingerprint(wanted),
            fn=fn,
        )

    prices.by_prices(lambda: _prices_of(caller, loan_id, more), work)


def _prices_of(caller: Caller, loan_id: UUID, more: Sequence[str]) -> dict[str, Observed]:
    """Of everything the loan has as collateral, and of what may come."""
    with db.read_only(tenant=caller.tenant) as tx:
        loan = _visible(tx, caller, loan_id)
    return prices.observe_all({*loan.collateral, *more}, loan.asset)


def _visible(tx: Tx, caller: Caller, loan_id: UUID) -> Loan:
    loan = loans.get(tx, loan_id, customer=caller.customer)
    if loan is None:
        raise errors.LoanNotFound
    return loan


def _locked(tx: Tx, caller: Caller, loan_id: UUID) -> tuple[Loan, ProductVersion]:
    _visible(tx, caller, loan_id)
    loan = _again(tx, loan_id)
    return loan, products.version(tx, loan.product_id, loan.version)


def _again(tx: Tx, loan_id: UUID) -> Loan:
    loan = loans.lock(tx, loan_id)
    assert loan is not None, "loans are never deleted"
    return loan


def _all_of(tx: Tx, loan: Loan, product: ProductVersion) -> Decimal:
    """More than is owed, whatever today's interest comes to: a payment takes what is owed and no more."""
    on = steps.today(tx)
    exact = debt(loan, product, on, steps.rate_steps(tx, loan, product, on))
    return Decimal(-(-exact.numerator // exact.denominator)) + 1


def _check_scale(asset: str, amount: Decimal) -> None:
    if not fits_scale(amount, assets.scale(asset)):
        raise AmountTooFine(asset=asset)


def _depth_of(caller: Caller, loan_id: UUID, asset: str) -> Mapping[str, Decimal]:
    with db.read_only(tenant=caller.tenant) as tx:
        loan = _visible(tx, caller, loan_id)
        product = products.version(tx, loan.product_id, loan.version)
    return quoting.depths(product, [asset]) if asset in product.collaterals else {}


def _exact(tx: Tx, loan: Loan, product: ProductVersion) -> Fraction:
    on = steps.today(tx)
    return debt(loan, product, on, steps.rate_steps(tx, loan, product, on))
