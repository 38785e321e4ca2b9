"""What the book knows of products: their numbers, their lines as floats, how their debts grow, and which prices they believe at a tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from kernel.day_count import year_fraction
from lending.loans.record import RateStep, factor_at
from lending.loans.watching import is_trusted
from lending.prices import Observed
from lending.products.states import Line, RateMode
from lending.products.terms import ProductVersion
from lending.screen import Floats
from lending.watch.book import Accrual
from lending.watch.queries import Place

Market = tuple[str, str]
"""Collateral and lent asset: its prices come from the market of the two."""
Entered = Mapping[tuple[UUID, Market], Observed]
"""Prices that two people of a tenant entered."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One collateral of one product version."""

    place: int
    asset: str


@dataclass(frozen=True, slots=True)
class Marks:
    """A tick as each product sees it: by place what is observed of each asset, by kind the price it believes (NaN: none)."""

    by_place: Sequence[Mapping[str, Observed]]
    prices: Floats
    frozen: Sequence[int]


class Catalogue:
    """Grows with the versions that have loans; numbers stay."""

    def __init__(self) -> None:
        self.products: list[ProductVersion] = []
        self.tenants: list[UUID] = []
        self.places: list[Place] = []
        self.kinds: list[Kind] = [Kind(-1, "")]
        self.steps: dict[UUID, Sequence[RateStep]] = {}
        self._numbers: dict[tuple[UUID, int], int] = {}
        self._weights: list[list[float]] = [[1.0] * len(Line)]

    def knows(self, product_id: UUID, version: int) -> bool:
        return (product_id, version) in self._numbers

    def of(self, product_id: UUID, version: int) -> int:
        return self._numbers[product_id, version]

    def learn(self, tenant: UUID, product: ProductVersion) -> None:
        number = len(self.products)
        kinds = {}
        for asset, collateral in sorted(product.collaterals.items()):
            kinds[asset] = len(self.kinds)
            self.kinds.append(Kind(number, asset))
            self._weights.append([float(collateral.thresholds.of(line)) for line in Line])
        self.products.append(product)
        self.tenants.append(tenant)
        self.places.append(Place(number, product.id, product.version, product.terms.rebase, kinds))
        self._numbers[product.id, product.version] = number

    @property
    def weights(self) -> Floats:
        """The lines as floats: a row per line, a column per kind."""
        return np.array(self._weights).T

    @property
    def slack(self) -> Floats:
        return np.array([1.0 + float(product.terms.hysteresis) for product in self.products] or [1.0])

    @property
    def markets(self) -> frozenset[Market]:
        return frozenset((kind.asset, self.products[kind.place].asset) for kind in self.kinds[1:])

    @property
    def floating(self) -> frozenset[tuple[UUID, UUID]]:
        """Tenant and id of the products whose rate moves."""
        pairs = zip(self.tenants, self.products, strict=True)
        return frozenset((tenant, one.id) for tenant, one in pairs if one.terms.rate_mode is RateMode.FLOATING)

    def growth(self, accruals: Iterable[Accrual], on: date) -> Mapping[Accrual, tuple[float, float]]:
        """Per accrual what its debts have grown by: a number times the loan's own rate, and a number that is the same for all."""
        return {one: self._growth(self.products[one.place], one.since, on) for one in accruals}

    def _growth(self, product: ProductVersion, since: date, on: date) -> tuple[float, float]:
        counted = product.terms.day_count
        if on <= since:
            return 0.0, 0.0
        if product.terms.rate_mode is RateMode.FIXED:
            return float(year_fraction(since, on, counted)), 0.0
        steps = self.steps[product.id]
        return 0.0, float(factor_at(steps, on, counted) - factor_at(steps, since, counted))

    def mark(self, observed: Mapping[Market, Observed], entered: Entered) -> Marks:
        """What each product may believe. Where its guard refuses the market's price, one that people entered may stand in."""
        by_place: list[dict[str, Observed]] = [{} for _ in self.places]
        prices = np.full(len(self.kinds), np.nan)
        prices[0] = 1.0
        frozen = []
        for number, kind in enumerate(self.kinds[1:], start=1):
            product = self.products[kind.place]
            market = (kind.asset, product.asset)
            seen, by_people = observed.get(market), entered.get((self.tenants[kind.place], market))
            if seen is None or not is_trusted(seen.seen, product.terms.guard):
                seen = by_people or seen
            if seen is None or not is_trusted(seen.seen, product.terms.guard):
                frozen.append(number)
            else:
                prices[number] = float(seen.seen.price)
            if seen is not None:
                by_place[kind.place][kind.asset] = seen
        return Marks(by_place, prices, frozen)
