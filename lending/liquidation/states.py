"""Why a liquidation was begun, and how far it is."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Cause(StrEnum):
    LINE = "line"  # the actual line held long enough, or the hard one was hit
    OVERDUE = "overdue"  # not repaid within the grace after maturity
    CUSTOMER = "customer"  # asked to repay from the collateral


class LiquidationStatus(StrEnum):
    OPEN = "open"  # decided, the collateral stands in clearing; nothing was sold yet
    SELLING = "selling"
    PAUSED = "paused"  # the market is below the budget, a breaker stands, or nothing can be sold right now
    SETTLING = "settling"  # nothing is left to sell or to pay
    DONE = "done"
    SHORTFALL = "shortfall"  # the sale did not pay everything


LIQUIDATION = States(
    "liquidation",
    LiquidationStatus,
    initial={LiquidationStatus.OPEN},
    moves={
        LiquidationStatus.OPEN: {LiquidationStatus.SELLING, LiquidationStatus.PAUSED, LiquidationStatus.SETTLING},
        LiquidationStatus.SELLING: {LiquidationStatus.PAUSED, LiquidationStatus.SETTLING},
        LiquidationStatus.PAUSED: {LiquidationStatus.SELLING, LiquidationStatus.SETTLING},
        LiquidationStatus.SETTLING: {LiquidationStatus.DONE, LiquidationStatus.SHORTFALL},
        LiquidationStatus.DONE: set(),
        LiquidationStatus.SHORTFALL: set(),
    },
)
