"""Words of decisions, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Verdict(StrEnum):
    NOT_PLACED = "not_placed"  # the venue never had the order: what was held and reserved is given back
    ENDED = "ended"  # the venue had it and it is over: the fills named are booked


class DecisionStatus(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"  # by a second person; the engine carries it out
    CARRIED_OUT = "carried_out"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"  # the venue answered first: its evidence wins


_S = DecisionStatus
DECISION = States(
    "decision",
    DecisionStatus,
    initial={_S.PROPOSED},
    moves={
        _S.PROPOSED: {_S.CONFIRMED, _S.WITHDRAWN, _S.OVERTAKEN},
        _S.CONFIRMED: {_S.CARRIED_OUT, _S.OVERTAKEN},
        _S.CARRIED_OUT: set(),
        _S.WITHDRAWN: set(),
        _S.OVERTAKEN: set(),
    },
)
