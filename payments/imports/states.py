"""How far an import has come, and in which form it was sent."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


class ImportState(StrEnum):
    CHECKING = "checking"
    CHECKED = "checked"  # the end of a dry run
    AWAITING_APPROVAL = "awaiting_approval"
    POSTING = "posting"
    DONE = "done"
    REJECTED = "rejected"


IMPORT = States(
    "import",
    ImportState,
    initial={ImportState.CHECKING},
    moves={
        ImportState.CHECKING: {ImportState.CHECKED, ImportState.AWAITING_APPROVAL, ImportState.REJECTED},
        ImportState.CHECKED: set(),
        ImportState.AWAITING_APPROVAL: {ImportState.POSTING, ImportState.REJECTED},
        ImportState.POSTING: {ImportState.DONE},
        ImportState.DONE: set(),
        ImportState.REJECTED: set(),
    },
)
