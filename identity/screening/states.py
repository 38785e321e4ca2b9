"""Words of screening: what became of comparing one customer with the lists."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class ScreeningState(StrEnum):
    CLEAR = "clear"  # nobody on the lists has a name like theirs
    REVIEW = "review"  # somebody has; a person must say whether it is them
    CLEARED = "cleared"  # it is not
    CONFIRMED = "confirmed"  # it is
    SUPERSEDED = "superseded"  # compared again before anybody decided


class Finding(StrEnum):
    """What a person says of a hit."""

    CLEAR = "clear"
    CONFIRM = "confirm"


_S = ScreeningState
SCREENING = States(
    "screening",
    ScreeningState,
    initial={_S.CLEAR, _S.REVIEW},
    moves={
        _S.CLEAR: set(),
        _S.REVIEW: {_S.CLEARED, _S.CONFIRMED, _S.SUPERSEDED},
        _S.CLEARED: set(),
        _S.CONFIRMED: set(),
        _S.SUPERSEDED: set(),
    },
)
