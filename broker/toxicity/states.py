"""Words of toxicity."""

from enum import StrEnum


class ToxicityClass(StrEnum):
    """What a customer's market orders get; resting ones are started by us, on fresh prices, and have nothing to pick off."""

    NORMAL = "normal"
    WIDE = "wide"  # a wider spread
    SLOW = "slow"  # also a short wait before the price is taken


class MarkoutState(StrEnum):
    WAITING = "waiting"
    MEASURED = "measured"
    MISSED = "missed"  # there was no trustworthy price at that moment
