"""The words of a price that people enter while the market cannot be believed."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class EntryState(StrEnum):
    PROPOSED = "proposed"  # waits for a second person
    STANDING = "standing"  # counts until its time is over
    REFUSED = "refused"  # nobody agreed


ENTRY = States(
    "entered price",
    EntryState,
    initial={EntryState.PROPOSED},
    moves={
        EntryState.PROPOSED: {EntryState.STANDING, EntryState.REFUSED},
        EntryState.STANDING: set(),
        EntryState.REFUSED: set(),
    },
)
