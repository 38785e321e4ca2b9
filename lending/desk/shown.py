"""A loan as people see it: what is owed today, how far each line is, what comes due next. Nothing here decides anything.

Two steps: `gather` reads the rows in the caller's snapshot, `show` adds today's prices, which are read when no transaction is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from kernel.db import Tx
from kernel.money import ceil_fraction, half_even_fraction
from lending import prices
from lending.desk import queries, rules
from lending.desk.queries import Entry
from lending.loans import queries as loans
from lending.loans import steps
from lending.loans.plan import Instalment
from lending.loans.record import Loan, RateStep, debt, owed, position, tested
from lending.loans.rules import Owed, Position, loan_to_value, price_reaching, shown_health, uniform_factor
from lending.loans.states import RUNNING, LoanStatus
from lending.loans.watching import is_trusted
from lending.prices import Observed
from lending.products import service as products
from lending.products.rules import price_on_grid
from lending.products.states import Line, Rebase
from lending.products.terms import ProductVersion
from markets.instruments import service as instruments
from payments.assets import service as assets

ZERO = Decimal(0)
_PLACES = 8
ENTRIES_OF_ONE, ENTRIES_OF_MANY, ENTRIES_OF_A_STATEMENT = 200, 5, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the rows say."""

    loan: Loan
    product: ProductVersion
    steps: Sequence[RateStep]
    rows: Sequence[Instalment]
    entries: Sequence[Entry]
    on: date
    sale_owed: Mapping[str, str] | None

    @property
    def rate(self) -> Decimal:
        """What a year costs today; a rate that is announced counts from its own day."""
        begun = [step for step in self.steps if step.from_day <= self.on]
        return begun[-1].rate if begun else self.loan.rate

    @property
    def next_rate(self) -> RateStep | None:
        """The rate that is announced next."""
        return next((step for step in self.steps if step.from_day > self.on), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    due_on: date
    amount: Decimal
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """With prices. `lines` are prices of the one asset, or for a basket the uniform fall of all of it (a negative one: it lies above).

    `line_prices` says for each asset at which price of its own a line is reached, the others standing still. None: no price reaches it.
    """

    gathered: Gathered
    owed: Owed
    health: Decimal | None
    ltv: Decimal | None
    value: Decimal | None
    lines: Mapping[Line, Decimal | None]
    line_prices: Mapping[str, Mapping[Line, Decimal | None]]
    collateral: Mapping[str, Decimal]
    prices: Mapping[str, Observed]
    trusted: bool
    withdrawable: Mapping[str, Decimal]
    next_due: NextDue | None


def gather(tx: Tx, ids: Sequence[UUID], *, all_of_it: bool, entries_of_one: int = ENTRIES_OF_ONE) -> list[Gathered]:
    """The rows of these loans, in their order; entries that only staff read come with `all_of_it`."""
    on, many = steps.today(tx), len(ids) != 1
    entries = queries.timeline(tx, ids, all_of_it=all_of_it, limit=ENTRIES_OF_MANY if many else entries_of_one)
    versions: dict[tuple[UUID, int], ProductVersion] = {}
    found = []
    for loan_id in ids:
        loan = loans.get(tx, loan_id, customer=None)
        assert loan is not None, "the page was read in this snapshot"
        which = loan.product_id, loan.version
        product = versions.get(which) or products.version(tx, *which)
        versions[which] = product
        found.append(
            Gathered(
                loan=loan,
                product=product,
                steps=steps.rate_steps(tx, loan, product, max(on, loan.matures_on)),
                rows=loans.instalments(tx, loan_id) if product.terms.every is not None else (),
                entries=[entry for entry in entries if entry.loan_id == loan_id],
                on=on,
                sale_owed=queries.liquidation_owed(tx, loan_id) if loan.status is LoanStatus.LIQUIDATING else None,
            )
        )
    return found


def show(gathered: Sequence[Gathered]) -> list[Shown]:
    """The same with the prices of now; each market is asked once."""
    wanted = {(asset, each.loan.asset) for each in gathered for asset in _looked_at(each)}
    seen = {pair: prices.observe(*pair) for pair in wanted}
    return [
        shown(
            each,
            {asset: found for asset in _looked_at(each) if (found := seen[asset, each.loan.asset]) is not None},
        )
        for each in gathered
    ]


def shown(each: Gathered, observed: Mapping[str, Observed]) -> Shown:
    loan, product = each.loan, each.product
    collateral = _collateral(loan)
    priced = prices.amounts(observed)
    known = bool(collateral) and all(asset in priced for asset in _looked_at(each))
    exact = _exact_debt(each)
    held = replace(loan, collateral=_looked_at(each))
    live = position(held, product, priced, exact) if known else None
    lines_by = tested(held, product, priced, exact) if known and exact > 0 else None
    return Shown(
        gathered=each,
        owed=owed_now(each),
        health=None if lines_by is None else shown_health(lines_by),
        ltv=None if live is None else loan_to_value(live),
        value=None if live is None else half_even_fraction(live.value, assets.scale(loan.asset)),
        lines={line: None if lines_by is None else line_of(lines_by, line, loan.asset) for line in Line},
        line_prices={}
        if lines_by is None
        else {p.asset: _prices(lines_by, p.asset, loan.asset) for p in lines_by.pledges},
        collateral=collateral,
        prices=observed,
        trusted=known and all(is_trusted(observed[asset].seen, product.terms.guard) for asset in collateral),
        withdrawable=_withdrawable(each, collateral, priced, exact) if known else {},
        next_due=next_due(each),
    )


def owed_now(each: Gathered) -> Owed:
    """By its parts, in whole units."""
    loan = each.loan
    if loan.status in RUNNING:
        return owed(loan, each.product, each.on, scale=assets.scale(loan.asset), steps=each.steps)
    if each.sale_owed is not None:
        return Owed(**{part: Decimal(amount) for part, amount in each.sale_owed.items()})
    if loan.status is LoanStatus.APPLIED:
        return Owed()
    return Owed(penalty=loan.penalty_owed, fee=loan.fee_owed, interest=loan.interest_owed, principal=loan.principal)


def next_due(each: Gathered) -> NextDue | None:
    """The oldest instalment that is not paid, or all of it on the last day."""
    loan = each.loan
    if loan.status not in RUNNING:
        return None
    for row in each.rows:
        if row.status in {"due", "pending"}:
            extra = loan.penalty_owed + loan.fee_owed if row.status == "due" else ZERO
            return NextDue(due_on=row.due_on, amount=row.left + extra, overdue=row.due_on < each.on)
    last = owed(loan, each.product, max(each.on, loan.matures_on), scale=assets.scale(loan.asset), steps=each.steps)
    return NextDue(due_on=loan.matures_on, amount=last.total, overdue=loan.matures_on < each.on)


def _collateral(loan: Loan) -> dict[str, Decimal]:
    """What secures the loan, or is held for it while its money is awaited."""
    if loan.status is LoanStatus.APPLIED:
        return {asset: Decimal(quantity) for asset, quantity in loan.origination["collateral"].items()}
    return {asset: quantity for asset, quantity in loan.collateral.items() if quantity}


def _looked_at(each: Gathered) -> dict[str, Decimal]:
    """The collateral, and nothing of what has left it but frozen lines still go by."""
    collateral = _collateral(each.loan)
    if each.product.terms.rebase is not Rebase.FROZEN or not collateral:
        return collateral
    return dict.fromkeys(each.loan.origination["collateral"], ZERO) | collateral


def _exact_debt(each: Gathered) -> Fraction:
    if each.loan.status in RUNNING:
        return debt(each.loan, each.product, each.on, each.steps)
    return Fraction(owed_now(each).total)


def line_of(lines_by: Position, line: Line, quote: str) -> Decimal | None:
    """Where a line is: the price of the one asset, or the fall of the whole basket."""
    if len(lines_by.pledges) == 1:
        return _price(lines_by, line, lines_by.pledges[0].asset, quote)
    factor = uniform_factor(lines_by, line)
    return None if factor is None else ceil_fraction(1 - factor, _PLACES)


def _prices(lines_by: Position, asset: str, quote: str) -> dict[Line, Decimal | None]:
    return {line: _price(lines_by, line, asset, quote) for line in Line}


def _price(lines_by: Position, line: Line, asset: str, quote: str) -> Decimal | None:
    """On the market's grid: the first price of a fall that hits the line."""
    exact = price_reaching(lines_by, line, asset)
    return None if exact is None else price_on_grid(exact, instruments.get(f"{asset}-{quote}").tick)


def _withdrawable(
    each: Gathered, collateral: Mapping[str, Decimal], priced: Mapping[str, Decimal], exact: Fraction
) -> dict[str, Decimal]:
    if each.loan.status not in RUNNING:
        return dict.fromkeys(collateral, ZERO)
    return {
        asset: rules.withdrawable(each.product, collateral, priced, exact, asset, scale=assets.scale(asset))
        for asset in collateral
    }
