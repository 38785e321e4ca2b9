"""The schedule of slices."""

from __future__ import annotations

from datetime import datetime

from broker.algos import service


def start_due(_due: datetime) -> None:
    service.start_due()
