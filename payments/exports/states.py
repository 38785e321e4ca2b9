"""What can be exported, in which form, and how far a job has come."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class What(StrEnum):
    JOURNALS = "journals"
    ENTRIES = "entries"
    BALANCES = "balances"
    STATEMENT = "statement"


class Format(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"  # the file was deleted


EXPORT = States(
    "export",
    ExportState,
    initial={ExportState.QUEUED},
    moves={
        ExportState.QUEUED: {ExportState.RUNNING},
        ExportState.RUNNING: {ExportState.QUEUED, ExportState.DONE, ExportState.FAILED},
        ExportState.DONE: {ExportState.EXPIRED},
        ExportState.FAILED: set(),
        ExportState.EXPIRED: set(),
    },
)
