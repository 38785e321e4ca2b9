"""Words of holds, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class HoldKind(StrEnum):
    """What the money is put aside for."""

    ORDER = "order"
    WITHDRAWAL = "withdrawal"
    COLLATERAL = "collateral"
    MARGIN = "margin"
    STAKE = "stake"
    SUBSCRIPTION = "subscription"


class HoldState(StrEnum):
    OPEN = "open"
    CAPTURED = "captured"  # spent, at least in part; a remainder was handed back
    VOIDED = "voided"
    EXPIRED = "expired"


HOLD = States(
    "hold",
    HoldState,
    initial={HoldState.OPEN},
    moves={
        HoldState.OPEN: {HoldState.CAPTURED, HoldState.VOIDED, HoldState.EXPIRED},
        HoldState.CAPTURED: set(),
        HoldState.VOIDED: set(),
        HoldState.EXPIRED: set(),
    },
)
