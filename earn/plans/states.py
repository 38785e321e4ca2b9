"""The words of a plan."""

from __future__ import annotations

from enum import StrEnum

from kernel.day_count import Period, PeriodUnit
from kernel.states import States


class PayoutPeriod(StrEnum):
    """How often interest is paid."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    AT_MATURITY = "at_maturity"

    @property
    def length(self) -> Period | None:
        """None is one period as long as the whole term."""
        unit = {
            PayoutPeriod.DAILY: PeriodUnit.DAY,
            PayoutPeriod.WEEKLY: PeriodUnit.WEEK,
            PayoutPeriod.MONTHLY: PeriodUnit.MONTH,
        }.get(self)
        return None if unit is None else Period(1, unit)


class EarlyPolicy(StrEnum):
    """What a redemption before maturity costs."""

    FORFEIT_CURRENT = "FORFEIT_CURRENT"  # interest since the last payout; what was paid stays
    CLAWBACK_PAID = "CLAWBACK_PAID"  # all interest, what was paid too
    PENAL_RATE = "PENAL_RATE"  # all interest beyond a lower rate for the days that passed
    PAY_ACCRUED = "PAY_ACCRUED"  # nothing: interest is paid to the day


class RowStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    VOID = "void"


ROW = States(
    "repayment row",
    RowStatus,
    initial={RowStatus.PENDING},
    moves={RowStatus.PENDING: {RowStatus.PAID, RowStatus.VOID}, RowStatus.PAID: set(), RowStatus.VOID: set()},
)
