"""Why a price is not entered."""

from __future__ import annotations

from kernel.errors import DomainError


class EntryUnfit(DomainError):
    """Such a price cannot stand in for the market's: the detail says what is missing."""

    code = "entered_price_unfit"
    status = 400
