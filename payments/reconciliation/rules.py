"""What a difference is and what is to be done about it: decimals in, a verdict out.

Nothing here rounds our side. The other side's figure is brought to the asset's scale first; what it said exactly is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from kernel.money import MAX_SCALE, half_even_to_scale, unit
from payments.reconciliation.states import BreakClass

DUST_UNITS = 100
CAP_UNITS = 10_000
IN_TRANSIT_FOR = timedelta(days=1)
SUSPENSE_FOR = timedelta(days=30)
DRIFT_TIMES = 5
DRIFT_SHARE = Decimal("0.9")


class Treatment(Enum):
    AGREE = "agree"
    WAIT = "wait"
    LEVEL = "level"
    SUSPEND = "suspend"
    TICKET = "ticket"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Up to `dust` a difference is levelled, `daily_cap` in all per day; in transit and in suspense it may stay so long."""

    dust: Decimal
    daily_cap: Decimal
    in_transit_for: timedelta
    suspense_for: timedelta


def default_limits(scale: int) -> Limits:
    """For an asset nobody has set limits for: a hundred of its smallest units at once, ten thousand in a day."""
    return Limits(
        dust=unit(scale) * DUST_UNITS,
        daily_cap=unit(scale) * CAP_UNITS,
        in_transit_for=IN_TRANSIT_FOR,
        suspense_for=SUSPENSE_FOR,
    )


def to_scale(value: Decimal, scale: int) -> Decimal:
    """The other side's figure as our books could hold it."""
    return half_even_to_scale(value, min(scale, MAX_SCALE))


def difference(ours: Decimal | None, theirs: Decimal | None, scale: int) -> Decimal:
    return (to_scale(theirs, scale) if theirs is not None else Decimal(0)) - (ours if ours is not None else Decimal(0))


def classify(
    *,
    ours: Decimal | None,
    theirs: Decimal | None,
    gap: Decimal,
    limits: Limits,
    moving: bool,
    whole: bool,
    fee: Decimal,
    hint: BreakClass | None,
) -> BreakClass:
    """Name a difference; `gap` is not zero, or one side does not have the thing at all, or the hint says what is wrong."""
    if hint is not None:
        return hint
    if moving:
        return BreakClass.IN_TRANSIT
    if ours is None:
        return BreakClass.MISSING_OURS
    if theirs is None:
        return BreakClass.MISSING_THEIRS
    if abs(gap) <= limits.dust:
        return BreakClass.DUST
    if fee and abs(gap + fee) <= limits.dust:
        return BreakClass.UNBOOKED_FEE
    return BreakClass.UNKNOWN if whole else BreakClass.WRONG_AMOUNT


def treat(kind: BreakClass, gap: Decimal, *, correctable: bool) -> Treatment:
    """What happens to a break of this class; `correctable`: there is a ledger account that a correction would move."""
    if kind is BreakClass.PROJECTION:
        return Treatment.REBUILD
    if kind is BreakClass.IN_TRANSIT:
        return Treatment.WAIT
    if kind is BreakClass.DUST:
        # Dust of single items without an account shows again in the balance of the whole, and is levelled there.
        return Treatment.LEVEL if correctable else Treatment.AGREE
    if kind is BreakClass.DUPLICATE or not correctable or gap == 0:
        return Treatment.TICKET
    return Treatment.SUSPEND


def drifts(*, net: Decimal, gross: Decimal, times: int, dust: Decimal) -> bool:
    """Dust that comes from rounding goes both ways; dust that always goes one way has another source, once it is worth a look."""
    return times >= DRIFT_TIMES and gross > 0 and abs(net) >= max(gross * DRIFT_SHARE, dust)


def plain(raw: Mapping[str, Any]) -> dict[str, str | None]:
    """Raw records as text, for the item: exact, and readable ten years from now."""
    return {name: None if value is None else str(value) for name, value in raw.items()}
