"""What the schedules call: yesterday's runs once a day, and the steps of whatever waits."""

from __future__ import annotations

from datetime import datetime

from payments.reconciliation import service

BUDGET_S = 2.0


def work_off(_due: datetime) -> None:
    """Other schedules wait for this one, so it stops after a while and goes on when it is due again."""
    service.work_off(budget_s=BUDGET_S)


def start_days(due: datetime) -> None:
    service.start_days(due)
