"""Facts that leave this room."""

from dataclasses import dataclass
from datetime import date

from kernel.events import event


@event("treasury.day_reported.v1")
@dataclass(frozen=True, slots=True)
class DayReported:
    """A day is over and its report stands: counts of balances, of those that differ from the ledger, of alerts and of open ones."""

    day: date
    balances: int
    differing: int
    alerts: int
    still_open: int
