"""States of a call to the outside."""

from enum import StrEnum

from kernel.states import States


class CallState(StrEnum):
    INTENT = "intent"  # committed with the fact, not sent yet
    SENT = "sent"  # committed before the bytes left; never sent again
    UNKNOWN = "unknown"  # no trustworthy answer; the resolver asks
    DONE = "done"  # the other side has it
    REFUSED = "refused"  # the other side refused it
    NOT_PLACED = "not_placed"  # it is proven that the other side never had it
    EXPIRED = "expired"  # the deadline passed, or it was withdrawn, before it was sent
    MANUAL = "manual"  # asked for too long: a person decides on evidence, the funds stay held


CALL = States(
    "call",
    CallState,
    initial={CallState.INTENT},
    moves={
        CallState.INTENT: {CallState.SENT, CallState.EXPIRED},
        CallState.SENT: {CallState.DONE, CallState.REFUSED, CallState.UNKNOWN},
        CallState.UNKNOWN: {CallState.DONE, CallState.REFUSED, CallState.NOT_PLACED, CallState.MANUAL},
        CallState.MANUAL: {CallState.DONE, CallState.NOT_PLACED},
        CallState.DONE: set(),
        CallState.REFUSED: set(),
        CallState.NOT_PLACED: {CallState.DONE},  # it turned up after all: booked, never dropped
        CallState.EXPIRED: set(),
    },
)
