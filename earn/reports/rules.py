"""What is read of plans and of the ledger, added up the way it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from uuid import UUID

from kernel.money import floor_fraction

ZERO = Decimal(0)
HORIZONS = (7, 30, 90, 180, 365)
RATIO_PLACES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What customers get of an asset on a date, by the plans that run."""

    asset: str
    date: date
    principal: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What falls due from a date to another, both of them included; without one it is open there."""

    first: date | None
    last: date | None
    principal: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True)
class Rungs:
    """The ladder of one asset, by date of payment."""

    asset: str
    days: Sequence[Due]

    @property
    def principal(self) -> Decimal:
        return sum((day.principal for day in self.days), ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((day.interest for day in self.days), ZERO)

    def buckets(self, today: date) -> list[Bucket]:
        """Overdue, within 7, 30, 90, 180 and 365 days of today, and later; always all of them."""
        edges = [today, *(today + timedelta(days=days) for days in HORIZONS)]
        inner = [(first, after - timedelta(days=1)) for first, after in pairwise(edges)]
        return [
            self._bucket(None, today - timedelta(days=1)),
            *(self._bucket(*b) for b in inner),
            self._bucket(edges[-1], None),
        ]

    def _bucket(self, first: date | None, last: date | None) -> Bucket:
        held = [d for d in self.days if (first is None or first <= d.date) and (last is None or d.date <= last)]
        principal, interest = (sum((getattr(d, part) for d in held), ZERO) for part in ("principal", "interest"))
        return Bucket(first=first, last=last, principal=principal, interest=interest)


def ladder(due: Iterable[Due]) -> list[Rungs]:
    """By asset; `due` comes sorted by asset and date."""
    return [Rungs(asset, list(days)) for asset, days in groupby(due, key=lambda each: each.asset)]


@dataclass(slots=True)
class Cover:
    """One asset: what we owe savers, and what we have of it."""

    asset: str
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    venues: Decimal = ZERO
    wallets: Decimal = ZERO
    loans: Decimal = ZERO

    @property
    def liabilities(self) -> Decimal:
        return self.principal + self.interest

    @property
    def assets(self) -> Decimal:
        return self.venues + self.wallets + self.loans

    @property
    def ratio(self) -> Decimal | None:
        """Never more than it is; None where nothing is owed."""
        if self.liabilities <= 0:
            return None
        return floor_fraction(Fraction(self.assets) / Fraction(self.liabilities), RATIO_PLACES)


PLACES: tuple[tuple[str, str, int], ...] = (
    ("earn.principal.", "principal", 1),
    ("earn.", "interest", 1),
    ("venue.", "venues", -1),
    ("wallet.", "wallets", -1),
    ("house.cash:", "wallets", -1),
    ("lending.principal.", "loans", -1),
)
"""Which accounts count as what, by the first path that fits; what we own runs negative in the ledger."""


def coverage(books: Iterable[tuple[str, str, Decimal]]) -> list[Cover]:
    """By asset, of accounts (path, asset, posted)."""
    found: dict[str, Cover] = {}
    for path, asset, posted in books:
        one = found.setdefault(asset, Cover(asset))
        name, sign = next((name, sign) for start, name, sign in PLACES if path.startswith(start))
        setattr(one, name, getattr(one, name) + sign * posted)
    return [found[asset] for asset in sorted(found)]


@dataclass(slots=True)
class Margin:
    """One asset over some days: what earn cost, what loans brought and what the money of funding lines cost."""

    asset: str
    interest: Decimal = ZERO
    coupons: Decimal = ZERO
    lending_interest: Decimal = ZERO
    funding_interest: Decimal = ZERO

    @property
    def margin(self) -> Decimal:
        return self.lending_interest - self.funding_interest - self.interest - self.coupons


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a template cost the house on a day: interest as it was booked, and what coupons of it took from the marketing budget."""

    day: date
    template: UUID
    name: str
    asset: str
    interest: Decimal
    coupons: Decimal


def margins(
    costs: Iterable[Cost], *, income: Iterable[tuple[str, Decimal]], funding: Iterable[tuple[str, Decimal]]
) -> list[Margin]:
    """By asset; `income` and `funding` (asset, amount) as the ledger has them: what is earned runs positive, what is spent negative."""
    found: dict[str, Margin] = {}
    for cost in costs:
        one = found.setdefault(cost.asset, Margin(cost.asset))
        one.interest += cost.interest
        one.coupons += cost.coupons
    for asset, amount in income:
        found.setdefault(asset, Margin(asset)).lending_interest += amount
    for asset, amount in funding:
        found.setdefault(asset, Margin(asset)).funding_interest -= amount
    return [found[asset] for asset in sorted(found)]
