"""Refusals of funds at venues."""

from kernel.errors import DomainError


class VenueBalanceLow(DomainError):
    """Our balance at the venue does not cover this order; treasury has been told."""

    code = "venue_balance_low"
    status = 409
