"""Lines as arithmetic: whether one makes sense, what it is in amounts, and how a balance stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.money import fits_scale, floor_to_scale
from wallet_bridge.lines.states import BalanceLevel, Unit

MOST_HOURS = Decimal(24 * 90)
HOURS_SCALE = 2
FINEST = 18
LARGEST = Decimal(10) ** 20
_LONGEST = Decimal(10) ** 6


@dataclass(frozen=True, slots=True)
class Line:
    """A warning line of nothing is no line."""

    unit: Unit
    warning: Decimal
    critical: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """A line in amounts: one in hours by what leaves the place in an hour now. `warning_hours` is None for one in amounts."""

    warning: Decimal
    critical: Decimal
    warning_hours: Decimal | None


def misfit(line: Line, *, scale: int) -> str | None:
    """Why such a line cannot be, if so."""
    most, places = (MOST_HOURS, HOURS_SCALE) if line.unit is Unit.HOURS else (LARGEST, scale)
    if line.critical < 0 or line.warning < 0:
        return "below zero"
    if line.critical > line.warning:
        return "critical above warning"
    if line.warning > most:
        return "too far away"
    if not (fits_scale(line.warning, places) and fits_scale(line.critical, places)):
        return "too many decimals"
    return None


def in_amounts(line: Line, per_hour: Decimal) -> Standing:
    if line.unit is Unit.AMOUNT:
        return Standing(line.warning, line.critical, None)
    warning, critical = (floor_to_scale(hours * per_hour, FINEST) for hours in (line.warning, line.critical))
    return Standing(warning, critical, line.warning)


def level(usable: Decimal, line: Standing | None) -> BalanceLevel:
    """Of a balance that is known. Exactly on a line is not below it."""
    if line is None or usable >= line.warning:
        return BalanceLevel.OK
    return BalanceLevel.CRITICAL if usable < line.critical else BalanceLevel.WARNING


def hours_left(usable: Decimal, per_hour: Decimal) -> Decimal | None:
    """For how long it lasts; None where nothing leaves."""
    if per_hour <= 0:
        return None
    return min(floor_to_scale(max(usable, Decimal(0)) / per_hour, HOURS_SCALE), _LONGEST)
