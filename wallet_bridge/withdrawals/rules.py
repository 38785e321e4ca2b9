"""Pure: how much may leave, when a person looks first, and what a report of the custodian means for a withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from identity.tenants.states import Limit
from kernel.money import canonical, fits_scale
from payments.errors import AmountTooFine
from wallet_bridge.wire.states import TransferState
from wallet_bridge.withdrawals.errors import BelowMinimumWithdrawal, FeeExceedsAmount, WithdrawalLimitExceeded
from wallet_bridge.withdrawals.states import REPORTED, WITHDRAWAL, Why, WithdrawalState

DAY = timedelta(hours=24)
"""The window of the daily limit: what was asked for exactly so long ago does not count any more."""
REPORTING = "USDT"
_EVIDENCE = frozenset({WithdrawalState.FINAL, WithdrawalState.FAILED, WithdrawalState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Day:
    """What a customer took out in the window, and of how many nobody knew the value."""

    value: Decimal
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wish with all that is known of it; `per_day` is the limit of the customer's level."""

    value: Decimal | None
    day: Day
    limits: Mapping[Limit, Decimal]
    per_day: Decimal | None
    first: bool


def check_amount(amount: Decimal, *, fee: Decimal, minimum: Decimal, scale: int) -> None:
    """An amount that can be sent, and is worth its fee.

    Raises:
        AmountTooFine, BelowMinimumWithdrawal, FeeExceedsAmount
    """
    if not fits_scale(amount, scale):
        raise AmountTooFine
    if amount < minimum or amount <= 0:
        raise BelowMinimumWithdrawal(minimum=canonical(minimum))
    if fee >= amount:
        raise FeeExceedsAmount(fee=canonical(fee))


def judge(asked: Asked) -> list[Why]:
    """Why a person has to look; empty when nobody has to. What is not known is never a yes.

    Raises:
        WithdrawalLimitExceeded
    """
    needed = [Limit.WITHDRAWAL_SINGLE, Limit.WITHDRAWAL_DAY, Limit.WITHDRAWAL_UNREVIEWED]
    if asked.first:
        needed.append(Limit.WITHDRAWAL_NEW_ADDRESS)
    why = [Why.LIMIT_MISSING] if any(limit not in asked.limits for limit in needed) else []
    if asked.value is None:
        return [*why, Why.PRICE_UNKNOWN]
    _check_limits(asked, asked.value)
    if asked.day.unknown:
        why.append(Why.DAY_UNKNOWN)
    if _above(asked, Limit.WITHDRAWAL_UNREVIEWED, asked.value):
        why.append(Why.ABOVE_UNREVIEWED)
    if asked.first and _above(asked, Limit.WITHDRAWAL_NEW_ADDRESS, asked.value):
        why.append(Why.NEW_ADDRESS)
    return why


def _above(asked: Asked, limit: Limit, value: Decimal) -> bool:
    return limit in asked.limits and value > asked.limits[limit]


def _check_limits(asked: Asked, value: Decimal) -> None:
    single = asked.limits.get(Limit.WITHDRAWAL_SINGLE)
    if single is not None and value > single:
        raise WithdrawalLimitExceeded(limit=canonical(single), left=canonical(single), currency=REPORTING, per="once")
    daily = [each for each in (asked.limits.get(Limit.WITHDRAWAL_DAY), asked.per_day) if each is not None]
    if daily and asked.day.value + value > min(daily):
        left = max(min(daily) - asked.day.value, Decimal(0))
        raise WithdrawalLimitExceeded(
            limit=canonical(min(daily)), left=canonical(left), currency=REPORTING, per="24h"
        )  # fmt: skip


def becomes(
    state: WithdrawalState, reported: TransferState, *, at: datetime, last: datetime | None
) -> WithdrawalState | None:
    """What a report makes of it; None where it says nothing new: it came twice, or later than a newer one.

    How it ended is taken whenever it comes. A confirmation that is taken back by a reorganisation is told apart from an old report by its
    time, which is the custodian's.
    """
    new = REPORTED[reported]
    stale = last is not None and at < last and new not in _EVIDENCE
    return None if stale or new is state or new not in WITHDRAWAL.moves[state] else new


def contradicts(state: WithdrawalState, reported: TransferState) -> bool:
    """A report of another end than the one that was booked: one of the two is wrong, and money may be gone."""
    return state in WITHDRAWAL.terminal and REPORTED[reported] in _EVIDENCE and REPORTED[reported] is not state


def counted(reasons: Sequence[Why]) -> list[str]:
    """Each reason once, in its order."""
    return [why.value for why in Why if why in reasons]
