"""The hours of earn: what has passed is booked, what is due is paid or renewed, and who has money coming soon is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from earn.payouts import service, watching
from earn.renewals import service as renewals
from kernel import log

_log = log.get("earn_payouts")


def hour(due: datetime) -> None:
    """Every house's that owes something. What fails keeps nobody waiting; its error is raised once the rest is done."""
    failed: list[Exception] = []
    for tenant in service.busy():
        for step in _steps(tenant, due):
            try:
                step()
            except Exception as error:  # noqa: BLE001  the customers want their money
                _log.error("earn_hour_failed", tenant=str(tenant), error=repr(error))
                failed.append(error)
    if failed:
        raise failed[0]


def watch(due: datetime) -> None:
    """Is anything late for a day, or has the payout stopped? Judged by the moment this was meant for."""
    watching.watch(due)


def _steps(tenant: UUID, due: datetime) -> tuple[Callable[[], object], ...]:
    """What cannot be booked is no reason not to pay: what is owed may be below zero for a while."""
    return (
        partial(service.accrue, tenant, at=due),
        partial(service.run, tenant, by=due),
        partial(renewals.remind, tenant, by=due),
    )
