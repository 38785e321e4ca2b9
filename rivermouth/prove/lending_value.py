"""Where every unit of a loan must end, from its terms and the venues' fills alone: whole numbers, nothing of the product.

    collateral   pledged = sold + bought by the house (dust beside a loss) + returned
    money        proceeds + bought = principal + interest + penalty + fee + surplus - insurance - bad debt
    venues       what they got and paid is what the exchange says; their fees are the house's

An account is a mapping of labels to the smallest units of an asset, signed as the ledger's: plus is what the account may spend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from rivermouth.prove.lending_oracle import MATURITY, Loan

MONEY, COIN = 10**6, 10**8
LENT = "USDT"
LEAST = Fraction(5)
"""No market takes an order worth less."""
LOTS = {"BTC": 10**3, "ETH": 10**4}
"""In units: nothing finer is sold."""

Account = Mapping[str, int]


class Fill(NamedTuple):
    """One trade of a sale as the exchange made it; `coins` in units, `fee` in money."""

    venue: str
    asset: str
    coins: int
    cents: int
    fee: Fraction

    @property
    def brought(self) -> int:
        """In units of money, half to even."""
        units, rest = divmod(self.coins * self.cents, 10**4)
        return units + (rest > 5_000 or (rest == 5_000 and units % 2 == 1))


@dataclass(slots=True)
class Sold:
    """A loan that was sold: decided by these prices on this day, filled by these trades, settled while these prices stood."""

    loan: Loan
    cause: str
    day: date
    decided: Mapping[str, int]
    fills: list[Fill] = field(default_factory=list)
    settled: Mapping[str, int] | None = None

    def left(self, asset: str) -> int:
        return coins(self.loan, asset) - sum(fill.coins for fill in self.fills if fill.asset == asset)

    def lowest(self, asset: str) -> Fraction:
        """The price in cents below which nothing may be sold."""
        return self.decided[asset] * (1 - self.loan.terms.budget)


@dataclass(frozen=True, slots=True)
class Debt:
    principal: int
    interest: int
    penalty: int

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.penalty


@dataclass(frozen=True, slots=True)
class Settled:
    """`paid` of `owed`, the rest of principal and interest borne by pool and house; `bought`: coins and money of dust, by asset."""

    owed: Debt
    paid: Debt
    fee: int
    surplus: int
    insured: int
    lost: int
    bought: Mapping[str, tuple[int, int]]
    returned: Mapping[str, int]


def coins(loan: Loan, asset: str) -> int:
    return int(loan.quantities[asset] * COIN)


def _up(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def _down(exact: Fraction) -> int:
    return exact.numerator // exact.denominator


def debt_of(sold: Sold) -> Debt:
    """What was owed when the sale was decided: interest in our favour, up.

    A loan whose grace is over pays for each day since its end on what it owed that day, each day down to the unit.
    """
    loan = sold.loan
    principal, interest = int(loan.principal * MONEY), _up(loan.interest(sold.day) * MONEY)
    if sold.cause != MATURITY:
        return Debt(principal, interest, 0)
    late = (loan.ends + timedelta(days=n) for n in range((sold.day - loan.ends).days))
    daily = (Fraction(principal + loan.interest(day) * MONEY) * loan.terms.penalty / 365 for day in late)
    return Debt(principal, interest, sum(_down(cost) for cost in daily))


def settle(sold: Sold, pool: int) -> Settled:
    """Principal, interest, penalty, our fee, the customer: in this order. `pool` is what the insurance holds at that moment."""
    owed, terms = debt_of(sold), sold.loan.terms
    money = sum(fill.brought for fill in sold.fills)
    left = {asset: sold.left(asset) for asset in sold.loan.quantities}
    bought: dict[str, tuple[int, int]] = {}
    if money < owed.total:
        bought = {asset: (rest, _price_of_dust(sold, asset, rest)) for asset, rest in left.items() if rest}
        money += sum(paid for _, paid in bought.values())
    parts, rest = [], money
    for part in (owed.principal, owed.interest, owed.penalty):
        parts.append(min(part, rest))
        rest -= parts[-1]
    paid = Debt(*parts)
    fee = _up(terms.fee * paid.total)
    fee = min(fee if terms.cap is None else min(fee, terms.cap), rest)
    short = owed.principal + owed.interest - paid.principal - paid.interest
    insured = min(short, pool)
    returned = {asset: rest for asset, rest in left.items() if rest and asset not in bought}
    return Settled(owed, paid, fee, rest - fee, insured, short - insured, bought, returned)


def _price_of_dust(sold: Sold, asset: str, rest: int) -> int:
    """At the price of the moment, or at the lowest that was asked where none could be believed."""
    now = Fraction(sold.settled[asset]) if sold.settled and asset in sold.settled else sold.lowest(asset)
    return _down(rest * now / 10**4)


def faults(sold: Sold, done: Settled) -> Iterator[str]:
    """Promises about a sale that its fills alone can break."""
    for asset in sold.loan.quantities:
        if sold.left(asset) < 0:
            yield f"more {asset} was sold than was pledged"
        worth, lot = (units * sold.lowest(asset) / (COIN * 100) for units in (sold.left(asset), LOTS[asset]))
        if asset in done.bought and worth >= LEAST + lot:
            yield f"{asset} was left that a market takes, and not all was paid"
    if any(fill.cents < sold.lowest(fill.asset) for fill in sold.fills):
        yield "something was sold below the budget"


def account(loan: Loan, sold: Sold | None, done: Settled | None) -> Account:
    """Every entry about one loan, from the pledge on."""
    principal, fee = int(loan.principal * MONEY), int(loan.origination * MONEY)
    found: Counter[str] = Counter()
    for asset in loan.quantities:
        found[f"customer:{asset}"] -= coins(loan, asset)
        found[f"pledged:{asset}"] += coins(loan, asset)
    _add(
        found,
        {
            "principal": -principal,
            "customer": principal - fee,
            "revenue.loan_fee": fee,
            "payable": principal,
            "cash": -principal,
        },
    )
    if sold is not None and done is not None:
        _settled(found, sold, done)
    return {label: amount for label, amount in found.items() if amount}


def _add(found: Counter[str], money: Mapping[str, int]) -> None:
    for name, amount in money.items():
        found[f"{name}:{LENT}"] += amount


def _settled(found: Counter[str], sold: Sold, done: Settled) -> None:
    for asset in sold.loan.quantities:
        found[f"pledged:{asset}"] -= coins(sold.loan, asset)
        found[f"customer:{asset}"] += done.returned.get(asset, 0)
    for fill in sold.fills:
        found[f"venue.{fill.venue}:{fill.asset}"] += fill.coins
        fee = _up(fill.fee * MONEY)
        _add(found, {f"venue.{fill.venue}": fee - fill.brought, "expense.venue_fee": -fee})
    for asset, (taken, paid) in done.bought.items():
        found[f"house.collateral:{asset}"] += taken
        _add(found, {"house.collateral": -paid})
    _add(found, {
        "principal": done.owed.principal, "interest": done.owed.interest, "revenue.loan_penalty": done.paid.penalty,
        "revenue.liquidation_fee": done.fee, "customer": done.surplus, "insurance.lending": -done.insured,
        "expense.bad_debt": -done.lost, "payable": -done.owed.principal, "cash": done.owed.principal,
    })  # fmt: skip


def conserves(sold: Sold, done: Settled) -> bool:
    """Both lines of the account, for one sale."""
    proceeds = sum(fill.brought for fill in sold.fills) + sum(paid for _, paid in done.bought.values())
    waived = done.owed.penalty - done.paid.penalty  # a penalty that is not paid was never earned
    money = done.owed.total - waived + done.fee + done.surplus - done.insured - done.lost
    kept = all(
        coins(sold.loan, asset)
        == sum(fill.coins for fill in sold.fills if fill.asset == asset)
        + done.bought.get(asset, (0, 0))[0]
        + done.returned.get(asset, 0)
        for asset in sold.loan.quantities
    )
    return proceeds == money and kept


def differences(expected: Mapping[str, Account], found: Mapping[str, Account]) -> Sequence[str]:
    """Loans whose entries are not those that were calculated, with the labels."""
    wrong = []
    for name in sorted(expected.keys() | found.keys()):
        ours, theirs = expected.get(name, {}), found.get(name, {})
        labels = [label for label in sorted(ours.keys() | theirs.keys()) if ours.get(label, 0) != theirs.get(label, 0)]
        if labels:
            shown = ", ".join(f"{label} {theirs.get(label, 0)} instead of {ours.get(label, 0)}" for label in labels)
            wrong.append(f"loan {name}: {shown}")
    return wrong
