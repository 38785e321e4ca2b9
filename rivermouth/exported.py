"""What packages above the ledger export, by name; API and worker both know it."""

from __future__ import annotations

from earn.reports.exported import SOURCES as EARN
from payments.exports import sources


def begin() -> None:
    """Once per process."""
    for name, source in EARN.items():
        sources.register(name, source)
