"""All running loans against one set of prices: which lines they are on, and what selling those beyond the actual line would bring.

A scenario is one pass of floats over all loans; whoever is near a line is decided exactly, and whoever is sold is reckoned exactly. The
book is read once for many scenarios.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kernel.money import floor_fraction, half_even_fraction
from lending.liquidation.rules import Cover, cover, quantities_to_sell, settle, settle_partial, share_to_sell
from lending.loans.record import Loan
from lending.loans.rules import Owed, Pledge, Position, worst_line
from lending.loans.states import LEVEL_AT, Level
from lending.products.states import Line, LiquidationMode
from lending.products.terms import ProductVersion
from lending.screen import BAND, Book, Floats, ranks

ZERO = Decimal(0)
UNPRICED = -1
_PRICE_PLACES = 12
EDGES = tuple(Decimal(edge) for edge in ("1", "1.02", "1.05", "1.1", "1.2", "1.5"))
"""Buckets of health, each up to and with its edge; the last one has no end. At most 1 is on the line that customers are shown."""

Pair = tuple[str, str]
"""Collateral and the asset that was lent on it: what a market is made of."""
Prices = Mapping[Pair, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One running loan. `owed` is in whole units; `tested` is what its lines go by, still without prices."""

    loan: Loan
    product: ProductVersion
    scale: int
    owed: Owed
    tested: Position

    @property
    def pairs(self) -> list[Pair]:
        return [(asset, self.loan.asset) for asset, quantity in self.loan.collateral.items() if quantity]

    def value(self, prices: Prices) -> Decimal | None:
        """Of its collateral in the lent asset; None where a price is missing."""
        if any(pair not in prices for pair in self.pairs):
            return None
        return sum((self.loan.collateral[pair[0]] * prices[pair] for pair in self.pairs), ZERO)

    def at(self, prices: Prices) -> Position:
        return self.tested.at({p.asset: prices[p.asset, self.loan.asset] for p in self.tested.pledges})


@dataclass(frozen=True)
class Live:
    """The running loans, and their arrays for the float pass."""

    entries: Sequence[Entry]

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        found = {(pledge.asset, entry.loan.asset) for entry in self.entries for pledge in entry.tested.pledges}
        return tuple(sorted(found))

    @cached_property
    def screen(self) -> Book:
        place = {pair: at for at, pair in enumerate(self.pairs)}
        starts: list[int] = []
        assets: list[int] = []
        rows: list[list[float]] = []
        for entry in self.entries:
            starts.append(len(assets))
            for pledge in entry.tested.pledges:
                assets.append(place[pledge.asset, entry.loan.asset])
                rows.append([float(Fraction(pledge.quantity) * pledge.thresholds.of(line)) for line in Line])
        return Book(
            starts=np.array(starts, np.intp),
            assets=np.array(assets, np.intp),
            weights=np.array(rows, np.float64).reshape(len(rows), len(Line)).T.copy(),
            debts=np.array([float(Fraction(entry.tested.debt)) for entry in self.entries], np.float64),
        )

    def ranks(self, prices: Prices) -> NDArray[np.int8]:
        """Per loan how many of its lines are hit, which is the rank of its level; `UNPRICED` where a price is missing."""
        found = ranks(self.screen, self._row(prices))
        decided = np.where(found.priced, found.certain, UNPRICED).astype(np.int8)
        for at in np.flatnonzero(found.priced & (found.certain != found.possible)):
            decided[at] = LEVEL_AT[worst_line(self.entries[int(at)].at(prices))].rank
        return decided

    def buckets(self, prices: Prices) -> NDArray[np.int8]:
        """Per loan its place among the buckets of health."""
        displayed = tuple(Line).index(Line.DISPLAYED)
        if not self.entries:
            return np.zeros(0, np.int8)
        reached = np.add.reduceat(
            self.screen.weights[displayed] * self._row(prices)[self.screen.assets], self.screen.starts
        )
        health = reached / np.maximum(self.screen.debts, np.finfo(np.float64).tiny)
        edges = np.array([float(edge) for edge in EDGES])
        place = np.where(np.isnan(health), UNPRICED, np.searchsorted(edges, health, side="left")).astype(np.int8)
        for at, edge in zip(*np.nonzero(np.abs(health[:, None] / edges - 1) < BAND), strict=True):
            place[at] = edge if _health_at_most(self.entries[int(at)].at(prices), EDGES[int(edge)]) else edge + 1
        return place

    def _row(self, prices: Prices) -> Floats:
        return np.array([float(prices[pair]) if pair in prices else np.nan for pair in self.pairs], np.float64)


def _health_at_most(position: Position, edge: Decimal) -> bool:
    reached = sum((pledge.value * pledge.thresholds.of(Line.DISPLAYED) for pledge in position.pledges), Fraction(0))
    return reached <= Fraction(position.debt) * Fraction(edge)


# ------------------------------------------------------------------------------------------------------------------------ a scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What selling one loan's collateral would come to. `worth` is what is sold, at the scenario's prices and before its cost."""

    entry: Entry
    sold: Mapping[str, Decimal]
    worth: Decimal
    proceeds: Decimal
    fee: Decimal
    surplus: Decimal
    shortfall: Decimal


@dataclass(slots=True, kw_only=True)
class Sum:
    """Of all sales in one lent asset. `debt` is what was owed; proceeds = debt + fee + surplus − shortfall, unless a sale was partial."""

    liquidations: int = 0
    debt: Decimal = ZERO
    worth: Decimal = ZERO
    proceeds: Decimal = ZERO
    fee: Decimal = ZERO
    surplus: Decimal = ZERO
    shortfall: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`share` is the part of the shocks that it applies."""

    share: Fraction
    prices: Prices
    levels: Mapping[Level, int]
    unpriced: int
    sales: Sequence[Sale]
    sums: Mapping[str, Sum] = field(default_factory=dict)

    def cover(self, insurance: Mapping[str, Decimal]) -> dict[str, Cover]:
        return {asset: cover(found.shortfall, insurance.get(asset, ZERO)) for asset, found in self.sums.items()}

    def to_sell(self) -> dict[Pair, Decimal]:
        """Quantities of collateral that would come to the market at once."""
        found: dict[Pair, Decimal] = {}
        for sale in self.sales:
            for asset, quantity in sale.sold.items():
                pair = (asset, sale.entry.loan.asset)
                found[pair] = found.get(pair, ZERO) + quantity
        return found


def shocked(prices: Prices, changes: Mapping[str, Decimal], share: Fraction) -> dict[Pair, Decimal]:
    """Each price times 1 + share × the change of its collateral; an asset without a change stays."""
    return {
        pair: half_even_fraction(Fraction(price) * (1 + share * Fraction(changes.get(pair[0], ZERO))), _PRICE_PLACES)
        for pair, price in prices.items()
    }


def scenario(
    live: Live, prices: Prices, *, share: Fraction, cost: Decimal | None, scales: Mapping[str, int]
) -> Scenario:
    """Everybody at or beyond the actual line is sold: the prices stay there. `cost` replaces what the products reckon a sale to cost."""
    decided = live.ranks(prices)
    at_stake = np.flatnonzero(decided >= Level.PENDING_LIQUIDATION.rank)
    sales = [sale(live.entries[int(at)], prices, cost=cost, scales=scales) for at in at_stake]
    return Scenario(
        share=share,
        prices=prices,
        levels={level: int(np.count_nonzero(decided == level.rank)) for level in Level},
        unpriced=int(np.count_nonzero(decided == UNPRICED)),
        sales=sales,
        sums=_sums(sales),
    )


def sale(entry: Entry, prices: Prices, *, cost: Decimal | None, scales: Mapping[str, int]) -> Sale:
    """Sell as much as pays debt and fee, or as brings a partial one to its target, and settle it."""
    terms, owed = entry.product.terms, entry.owed
    lost = terms.expected_cost if cost is None else cost
    position = Position(
        tuple(
            Pledge(a, entry.loan.collateral[a], prices[a, q], entry.product.collaterals[a].thresholds)
            for a, q in entry.pairs
        ),
        owed.total,
    )
    share = _share(position, entry.product, owed, lost, entry.scale)
    sold = quantities_to_sell(position, share, {asset: scales[asset] for asset, _ in entry.pairs})
    worth = sum((quantity * prices[asset, entry.loan.asset] for asset, quantity in sold.items()), ZERO)
    proceeds = floor_fraction(Fraction(worth) * (1 - Fraction(lost)), entry.scale)
    partial = terms.liquidation is LiquidationMode.PARTIAL and share < 1
    ended = (settle_partial if partial else settle)(proceeds, owed, terms.liquidation_fee, scale=entry.scale)
    return Sale(
        entry=entry,
        sold=sold,
        worth=floor_fraction(Fraction(worth), entry.scale),
        proceeds=proceeds,
        fee=ended.fee,
        surplus=ended.surplus,
        shortfall=ZERO if partial else ended.shortfall,
    )


def _share(position: Position, product: ProductVersion, owed: Owed, cost: Decimal, scale: int) -> Fraction:
    terms, value = product.terms, position.value
    if value == 0:
        return Fraction(1)
    if terms.liquidation is LiquidationMode.PARTIAL and terms.target_ltv is not None:
        fee = terms.liquidation_fee
        return share_to_sell(value=value, debt=owed.total, target_ltv=terms.target_ltv, cost=cost, fee=fee)
    wanted = Fraction(owed.total + terms.liquidation_fee.on(owed.total, scale=scale))
    return min(wanted / (value * (1 - Fraction(cost))), Fraction(1))


def _sums(sales: Iterable[Sale]) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for each in sales:
        total = found.setdefault(each.entry.loan.asset, Sum())
        total.liquidations += 1
        total.debt += each.entry.owed.total
        total.worth += each.worth
        total.proceeds += each.proceeds
        total.fee += each.fee
        total.surplus += each.surplus
        total.shortfall += each.shortfall
    return found


# ---------------------------------------------------------------------------------------------------------------------------- sums


@dataclass(slots=True)
class Group:
    """What some loans of one lent asset come to. `value` leaves out the `unpriced` ones."""

    loans: int = 0
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    value: Decimal = ZERO
    unpriced: int = 0

    @property
    def debt(self) -> Decimal:
        return self.principal + self.interest + self.fees

    def add(self, entry: Entry, value: Decimal | None) -> None:
        self.loans += 1
        self.principal += entry.owed.principal
        self.interest += entry.owed.interest
        self.fees += entry.owed.fee + entry.owed.penalty
        if value is None:
            self.unpriced += 1
        else:
            self.value += value


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The book by lent asset, product version, bucket of health and stored level, and the collateral by market."""

    assets: dict[str, Group] = field(default_factory=dict)
    products: dict[tuple[UUID, int], tuple[ProductVersion, Group]] = field(default_factory=dict)
    buckets: dict[tuple[str, int], Group] = field(default_factory=dict)
    levels: dict[tuple[str, Level], Group] = field(default_factory=dict)
    pledged: dict[Pair, Decimal] = field(default_factory=dict)


def sums(live: Live, prices: Prices) -> Sums:
    found = Sums()
    for entry, bucket in zip(live.entries, live.buckets(prices), strict=True):
        value, loan, product = entry.value(prices), entry.loan, entry.product
        groups = (
            found.assets.setdefault(loan.asset, Group()),
            found.products.setdefault((product.id, product.version), (product, Group()))[1],
            found.buckets.setdefault((loan.asset, int(bucket)), Group()),
            found.levels.setdefault((loan.asset, loan.level), Group()),
        )
        for group in groups:
            group.add(entry, value)
        for pair in entry.pairs:
            found.pledged[pair] = found.pledged.get(pair, ZERO) + loan.collateral[pair[0]]
    return found
