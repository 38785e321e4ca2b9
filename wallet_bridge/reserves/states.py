"""How far a snapshot is, and why one is refused."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class SnapshotState(StrEnum):
    ASKED = "asked"
    TAKEN = "taken"  # the leaves stand; nothing of them is public yet
    PUBLISHED = "published"
    REFUSED = "refused"
    FORGOTTEN = "forgotten"  # the roots stay, the leaves are gone


class Refusal(StrEnum):
    NEGATIVE_BALANCE = "negative_balance"
    LEDGER_DIFFERS = "ledger_differs"
    NO_KEY = "no_key"


SNAPSHOT = States(
    "snapshot of the reserves",
    SnapshotState,
    initial={SnapshotState.ASKED},
    moves={
        SnapshotState.ASKED: {SnapshotState.TAKEN, SnapshotState.REFUSED},
        SnapshotState.TAKEN: {SnapshotState.PUBLISHED, SnapshotState.REFUSED},
        SnapshotState.PUBLISHED: {SnapshotState.FORGOTTEN},
        SnapshotState.REFUSED: set(),
        SnapshotState.FORGOTTEN: set(),
    },
)
