"""The words of funding: who gives the money, what moves on a line, and how far a move is."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Adapter(StrEnum):
    LEDGER = "ledger"  # a partner whose money already lies with us: entries only
    BITFINEX = "bitfinex"  # margin funding, taken and returned over the venue's API


class MoveKind(StrEnum):
    DRAW = "draw"
    REPAY = "repay"
    COST = "cost"  # interest paid to the source


class MoveStatus(StrEnum):
    ASKED = "asked"  # outside; the answer comes later
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # no trustworthy answer yet; asked about until there is one


MOVE = States(
    "funding move",
    MoveStatus,
    initial={MoveStatus.ASKED, MoveStatus.DONE},
    moves={
        MoveStatus.ASKED: {MoveStatus.DONE, MoveStatus.REFUSED, MoveStatus.UNKNOWN},
        MoveStatus.UNKNOWN: {MoveStatus.DONE, MoveStatus.REFUSED},
        MoveStatus.DONE: set(),
        MoveStatus.REFUSED: set(),
    },
)
