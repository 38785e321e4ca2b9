"""How far the composite price may be trusted, and why a venue did not take part in it."""

from enum import StrEnum


class CompositeState(StrEnum):
    """By the number of usable venues: three or more, two, one, none."""

    NORMAL = "NORMAL"
    DEGRADED = "DEGRADED"
    SINGLE = "SINGLE"
    HALT = "HALT"

    @classmethod
    def of(cls, usable: int) -> "CompositeState":
        return (cls.HALT, cls.SINGLE, cls.DEGRADED, cls.NORMAL)[min(usable, 3)]


class Reason(StrEnum):
    """Why a venue is left out, in the order in which it is checked; `clamped` alone goes with a venue that takes part."""

    DISABLED = "disabled"
    MAINTENANCE = "maintenance"
    DOWN = "down"
    STALE = "stale"
    ONE_SIDED = "one_sided"
    CROSSED = "crossed"
    WIDE = "wide"
    BOXED = "boxed"
    MANUAL = "manual"
    DEVIATES = "deviates"
    CLAMPED = "clamped"


UNTRUSTED = frozenset({Reason.BOXED, Reason.MANUAL, Reason.DEVIATES})
"""Fresh quotes that nothing trades on: they disagree with everybody else, or did so a moment ago."""
