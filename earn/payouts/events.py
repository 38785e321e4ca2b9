"""Facts about payouts that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.events import event


@event("earn.payouts_late.v1")
@dataclass(frozen=True, slots=True)
class PayoutsLate:
    """For staff, once until it is over: `stopped`, `rows` or `refused` (`reasons` of the ledger) has lasted for a day.

    `since` is when the oldest of the `rows` fell due, or what the last run that ended had paid until.
    """

    what: str
    rows: int
    since: datetime
    reasons: str
