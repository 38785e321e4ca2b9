"""How deep a deposit must lie, and what is done with it once it does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus, Place

LARGE = Decimal(100_000)
"""From here on, in the reporting currency, a deposit waits for twice as many blocks."""


@dataclass(frozen=True, slots=True)
class Depth:
    """Confirmations until it is credited, and until it may leave again."""

    to_credit: int
    to_final: int


def is_large(amount: Decimal, price: Decimal | None) -> bool:
    """What nobody has a price for counts as large."""
    return price is None or amount * price > LARGE


def depth(*, confirmations: int, final: int, told_until: int, large: bool) -> Depth:
    """`told_until`: from there on the custodian calls it final and tells no more, so nothing can wait for longer."""
    to_credit = confirmations * (2 if large else 1)
    to_final = max(min(max(final, to_credit), told_until), 1)
    return Depth(min(to_credit, to_final), to_final)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when it lies deep enough. `shut` is why its customer gets nothing now; `refund`: it is being sent back, or was."""

    asset_known: bool
    owner_known: bool
    memo_missing: bool
    whole: Decimal
    minimum: Decimal
    shut: str | None
    refund: DepositStatus | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    status: DepositStatus
    place: Place | None
    reason: str | None = None


def verdict(facts: Facts, *, deep: bool) -> Verdict:
    """Never a guess: what is not certainly somebody's waits for a person."""
    if not facts.asset_known:
        return Verdict(DepositStatus.SUSPENSE, None, "asset_unknown")
    if facts.refund is not None:
        return Verdict(facts.refund, Place.REFUNDED if facts.refund is DepositStatus.REFUNDED else Place.HELD)
    if not facts.owner_known:
        place = Place.SUSPENSE if facts.whole > 0 else None
        return Verdict(DepositStatus.SUSPENSE, place, "memo_missing" if facts.memo_missing else "owner_unknown")
    if facts.whole == 0 or facts.whole < facts.minimum:
        return Verdict(DepositStatus.BELOW_MINIMUM, Place.SMALL if facts.whole > 0 else None, "below_minimum")
    if facts.shut is not None:
        return Verdict(DepositStatus.HELD, Place.HELD, facts.shut)
    return Verdict(DepositStatus.FINAL if deep else DepositStatus.CREDITED, Place.CUSTOMER)


def shallow(deposit: Deposit) -> DepositStatus:
    """What it is called before it lies deep enough."""
    return DepositStatus.CONFIRMING if deposit.confirmations > 1 else DepositStatus.SEEN
