"""What a customer may choose for the maturity, how much of a subscription goes on, and when it is time to think of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal

from earn.renewals.errors import RenewalNotOffered
from earn.templates.states import Renewal

NOTICE_DAYS = 3
_SATURDAY = 5


def chosen(wanted: Renewal | None, offered: Sequence[Renewal]) -> Renewal:
    """What counts: the choice, or the offer's first where none was made.

    Raises:
        RenewalNotOffered
    """
    if wanted is None:
        return offered[0]
    if wanted not in offered:
        raise RenewalNotOffered(offered=[each.value for each in offered])
    return wanted


def carried_on(before: Renewal, offered: Sequence[Renewal]) -> Renewal:
    """The choice of a renewed subscription: the same again, where its new offer has it; a move has arrived."""
    return before if before is not Renewal.MOVE and before in offered else offered[0]


def going_on(renewal: Renewal, *, principal: Decimal, interest: Decimal, step: Decimal) -> Decimal:
    """How much is renewed: the principal, or with the last interest as much as are whole steps of the new offer."""
    if renewal is not Renewal.RENEW_ALL:
        return principal
    return principal + interest - (principal + interest) % step


def remind_on(maturity: date, *, after: date, holidays: Collection[date] = ()) -> date | None:
    """Three business days before the maturity; None where that is no later than `after`, the day of the purchase."""
    day, left = maturity, NOTICE_DAYS
    while left:
        day -= timedelta(days=1)
        if day <= after:
            return None
        left -= day.weekday() < _SATURDAY and day not in holidays
    return day
