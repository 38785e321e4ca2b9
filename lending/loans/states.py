"""Where a loan stands in its life, and how near it is to a sale."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States
from lending.products.states import Line


class Level(StrEnum):
    """From good to bad. It follows the price and moves no money."""

    HEALTHY = "HEALTHY"
    WARNING = "WARNING"
    MARGIN_CALL = "MARGIN_CALL"  # the displayed line is hit
    PENDING_LIQUIDATION = "PENDING_LIQUIDATION"  # the actual line is hit; the guard waits whether the price stays
    LIQUIDATING = "LIQUIDATING"  # decided

    @property
    def rank(self) -> int:
        """0 is healthy; a higher one is worse."""
        return tuple(Level).index(self)

    def told_to_customers(self) -> Level:
        """Customers know the warning and the displayed line only."""
        return Level.MARGIN_CALL if self is Level.PENDING_LIQUIDATION else self


LEVEL_AT: dict[Line | None, Level] = {
    None: Level.HEALTHY,
    Line.WARNING: Level.WARNING,
    Line.DISPLAYED: Level.MARGIN_CALL,
    Line.ACTUAL: Level.PENDING_LIQUIDATION,
    Line.HARD: Level.LIQUIDATING,
}
"""By the worst line that is hit. At the actual line the guard may make it LIQUIDATING."""


class LoanStatus(StrEnum):
    APPLIED = "applied"  # the collateral is held, the money of the funding line is awaited
    ACTIVE = "active"
    MATURED_OVERDUE = "matured_overdue"
    LIQUIDATING = "liquidating"
    REPAID = "repaid"  # nothing is owed, the collateral went back
    LIQUIDATED = "liquidated"
    BAD_DEBT = "bad_debt"  # the sale did not pay everything
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"  # it never began: the collateral went back untouched
    CLOSED = "closed"


_S = LoanStatus
LOAN = States(
    "loan",
    LoanStatus,
    initial={_S.APPLIED, _S.ACTIVE},
    moves={
        _S.APPLIED: {_S.ACTIVE, _S.CANCELLED},
        _S.ACTIVE: {_S.MATURED_OVERDUE, _S.LIQUIDATING, _S.REPAID},
        _S.MATURED_OVERDUE: {_S.ACTIVE, _S.LIQUIDATING, _S.REPAID},
        _S.LIQUIDATING: {_S.ACTIVE, _S.REPAID, _S.LIQUIDATED, _S.BAD_DEBT},
        _S.REPAID: {_S.CLOSED},
        _S.LIQUIDATED: {_S.CLOSED},
        _S.BAD_DEBT: {_S.WRITTEN_OFF},
        _S.WRITTEN_OFF: set(),
        _S.CANCELLED: set(),
        _S.CLOSED: set(),
    },
)
RUNNING = frozenset({_S.ACTIVE, _S.MATURED_OVERDUE})
"""The customer may act, and prices count."""
