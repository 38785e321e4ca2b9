"""Words of reconciliation: how finely a run looks, what a difference is, and what becomes of it."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Level(StrEnum):
    """How finely a run looks: thing by thing, a round of a source as a whole, or everything of one day."""

    SINGLE = "single"
    BATCH = "batch"
    DAY = "day"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BreakClass(StrEnum):
    """Why two sides differ, as far as the figures tell."""

    IN_TRANSIT = "in_transit"  # something on its way explains it; looked at again before anybody is asked
    UNBOOKED_FEE = "unbooked_fee"
    DUST = "dust"
    DUPLICATE = "duplicate"
    MISSING_OURS = "missing_ours"  # they have it, we have not
    MISSING_THEIRS = "missing_theirs"
    WRONG_AMOUNT = "wrong_amount"
    PROJECTION = "projection"  # our own balances did not say what our own journal says; rebuilt at once
    UNKNOWN = "unknown"


class BreakState(StrEnum):
    OPEN = "open"  # waits: it may agree by itself
    CLEARED = "cleared"  # it did
    LEVELLED = "levelled"  # from the rounding pool
    TICKETED = "ticketed"  # a person has to look
    PROPOSED = "proposed"  # one person said how to close it
    RESOLVED = "resolved"  # another one agreed


class Resolution(StrEnum):
    """How a ticket is closed."""

    CLOSE = "close"  # explained, no money moves
    BOOK_FEE = "book_fee"
    WRITE_OFF = "write_off"
    GIVE_BACK = "give_back"  # from suspense back to the account: what was missing has been booked since
    TO_ACCOUNT = "to_account"


class IncidentKind(StrEnum):
    INVARIANT = "invariant"
    PROJECTION = "projection"
    ROUNDING_DRIFT = "rounding_drift"
    LATE = "late"


RUN = States(
    "reconciliation run",
    RunState,
    initial={RunState.QUEUED},
    moves={
        RunState.QUEUED: {RunState.RUNNING, RunState.FAILED},
        RunState.RUNNING: {RunState.DONE, RunState.FAILED},
        RunState.DONE: set(),
        RunState.FAILED: set(),
    },
)

BREAK = States(
    "break",
    BreakState,
    initial={BreakState.OPEN, BreakState.LEVELLED, BreakState.TICKETED},
    moves={
        BreakState.OPEN: {BreakState.CLEARED, BreakState.LEVELLED, BreakState.TICKETED},
        BreakState.TICKETED: {BreakState.PROPOSED},
        BreakState.PROPOSED: {BreakState.TICKETED, BreakState.RESOLVED},
        BreakState.CLEARED: set(),
        BreakState.LEVELLED: set(),
        BreakState.RESOLVED: set(),
    },
)
