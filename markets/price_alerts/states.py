"""A price alert waits for one crossing, tells it once, and waits for the price to come back before the next.

new → armed | waiting → armed → waiting (repeating) | done; cancelled from anywhere but done.
"""

from enum import StrEnum


class AlertStatus(StrEnum):
    """NEW: no price was looked at yet. ARMED: the next crossing fires. WAITING: the price must come back first. DONE: it has fired."""

    NEW = "new"
    ARMED = "armed"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"


class Direction(StrEnum):
    """ABOVE fires at the price and over it, BELOW at the price and under it."""

    ABOVE = "above"
    BELOW = "below"
