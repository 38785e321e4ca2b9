"""The words of alerts."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    SHORT = "venue_balance_low"  # an order could not be hedged there
    LINE = "below_line"
    STALE = "report_stale"  # of a whole place: its asset is EVERYTHING


class Grade(StrEnum):
    """How bad an open alert is."""

    WARNING = "warning"
    CRITICAL = "critical"


class Cause(StrEnum):
    """Why somebody is told of an alert again."""

    WORSE = "worse"
    UNANSWERED = "unanswered"


EVERYTHING = "*"
