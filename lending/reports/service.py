"""The book and its stress test: loans are read in one snapshot, prices after it, and then it is all arithmetic.

Nothing here decides about a loan. A price is taken as it is shown, with its age and its state beside it, because a report that leaves out
an asset whose market is quiet tells less than one that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from kernel import db
from kernel.db import AnyRow, Tx
from kernel.errors import InvalidRequest
from lending.loans import queries as loans
from lending.loans import record
from lending.loans.rules import Position
from lending.prices import Observed, observe
from lending.products import queries as products
from lending.products.states import RateMode
from lending.products.terms import ProductVersion
from lending.reports import queries
from lending.reports.rules import Entry, Live, Pair, Scenario, scenario, shocked
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from payments.assets import service as assets
from payments.balances import service as balances

AT_ONCE = 10_000
MOST_STEPS = 20
ZERO = Decimal(0)
_EARNED = ("revenue.loan_", "revenue.liquidation_fee", "expense.funding", "expense.bad_debt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The book of one house at one moment. `insurance` and `earned` are balances of the ledger, by asset and by account.

    `unsecured` loans run without any collateral, which must not be.
    """

    as_of: datetime
    live: Live
    unsecured: int
    observed: Mapping[Pair, Observed]
    scales: Mapping[str, int]
    funding: Sequence[AnyRow]
    selling: Sequence[AnyRow]
    insurance: Mapping[str, Decimal]
    earned: Sequence[tuple[str, str, Decimal]]

    @property
    def prices(self) -> dict[Pair, Decimal]:
        return {pair: each.seen.price for pair, each in self.observed.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """`before` is the book at present prices, `curve` the shocks in equal steps, the last of them in full."""

    standing: Standing
    before: Scenario
    curve: Sequence[Scenario]
    depth: Mapping[Pair, Decimal]

    @property
    def after(self) -> Scenario:
        return self.curve[-1]


def book(tenant: UUID) -> Standing:
    """Every running loan of the house with what is owed on it today."""
    with db.read_only(tenant=tenant, repeatable=True, unlimited=True) as tx:
        as_of = tx.now
        every = list(_entries(tx))
        funding, selling = queries.funding(tx), queries.selling(tx)
        pools = {row.asset: row.available for row in balances.by_path_prefix(tx, "insurance.lending:")}
        earned = [
            (row.path.split(":")[0], row.asset, row.posted)
            for prefix in _EARNED
            for row in balances.by_path_prefix(tx, prefix)
        ]
    live = Live([entry for entry in every if entry.tested.pledges])
    return Standing(
        as_of=as_of,
        live=live,
        unsecured=len(every) - len(live.entries),
        observed=_observed(live.pairs),
        scales=assets.all_assets(),
        funding=funding,
        selling=selling,
        insurance=pools,
        earned=earned,
    )


def stress(tenant: UUID, changes: Mapping[str, Decimal], *, steps: int = 1, cost: Decimal | None = None) -> Stress:
    """What a fall of these assets would sell and lose. A change of -0.2 is a fall by a fifth.

    Raises:
        InvalidRequest: an asset that no running loan is secured by.
    """
    standing = book(tenant)
    known = {asset for asset, _ in standing.live.pairs}
    if unknown := sorted(set(changes) - known):
        raise InvalidRequest(f"no running loan is secured by {', '.join(unknown)}")
    prices = standing.prices
    return Stress(
        standing=standing,
        before=_scenario(standing, prices, Fraction(0), cost),
        curve=[
            _scenario(standing, shocked(prices, changes, Fraction(step, steps)), Fraction(step, steps), cost)
            for step in range(1, steps + 1)
        ],
        depth=_depth(standing),
    )


def _scenario(standing: Standing, prices: Mapping[Pair, Decimal], share: Fraction, cost: Decimal | None) -> Scenario:
    return scenario(standing.live, prices, share=share, cost=cost, scales=standing.scales)


def _entries(tx: Tx) -> Iterable[Entry]:
    versions: dict[tuple[UUID, int], ProductVersion] = {}
    steps: dict[UUID, Sequence[record.RateStep]] = {}
    on, after = tx.now.astimezone(UTC).date(), None
    while page := loans.running(tx, after=after, limit=AT_ONCE):
        for loan in page:
            product = versions.get((loan.product_id, loan.version))
            if product is None:
                product = products.version(tx, loan.product_id, loan.version)
                assert product is not None, "a loan keeps its product's version"
                versions[loan.product_id, loan.version] = product
            if product.terms.rate_mode is RateMode.FLOATING and product.id not in steps:
                steps[product.id] = loans.rate_steps(tx, product.id, until=on)
            rates = steps.get(product.id, ())
            scale = assets.scale(loan.asset)
            yield Entry(
                loan=loan,
                product=product,
                scale=scale,
                owed=record.owed(loan, product, on, scale=scale, steps=rates),
                tested=_known(record.tested(loan, product, {}, record.debt(loan, product, on, rates))),
            )
        after = page[-1].id


def _known(tested: Position) -> Position:
    """Without the assets of which nothing is pledged, for they need no price."""
    return Position(tuple(pledge for pledge in tested.pledges if pledge.quantity > 0), tested.debt)


def _observed(pairs: Iterable[Pair]) -> dict[Pair, Observed]:
    found = {pair: observe(*pair) for pair in pairs}
    return {pair: each for pair, each in found.items() if each is not None}


def _depth(standing: Standing) -> dict[Pair, Decimal]:
    """What the books of all venues would buy right now within the tightest slippage budget of the products concerned."""
    budgets: dict[Pair, Decimal] = {}
    for entry in standing.live.entries:
        for pair in entry.pairs:
            budgets[pair] = min(entry.product.terms.budget, budgets.get(pair, entry.product.terms.budget))
    return {pair: _bids(pair, budget) for pair, budget in budgets.items()}


def _bids(pair: Pair, budget: Decimal) -> Decimal:
    try:
        view = quotes.load("-".join(pair))
    except QuotesUnavailable:
        return ZERO
    bids, _, _ = quotes.book(view, quotes.CONSOLIDATED)
    price = view.composite.price
    if price is None:
        return ZERO
    return sum((level.quantity for level in bids if level.price >= price * (1 - budget)), ZERO)
