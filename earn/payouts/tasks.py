"""The hours of earn: what has passed is booked, what is due is paid or renewed, and who has money coming soon is told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from earn.payouts import service, watching
from earn.renewals import service as renewals
from kernel import log

_log = log.get("earn_payouts")


def hour(due: datetime) -> None:
    """Every house's that owes something. One that fails keeps nobody waiting; its error is raised once the others are done."""
    failed: list[Exception] = []
    for tenant in service.busy():
        try:
            _hour(tenant, due)
        except Exception as error:  # noqa: BLE001  the other houses' customers want their money
            _log.error("earn_hour_failed", tenant=str(tenant), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]


def watch(due: datetime) -> None:
    """Is anything late for a day, or has the payout stopped? Judged by the moment this was meant for."""
    watching.watch(due)


def _hour(tenant: UUID, due: datetime) -> None:
    service.accrue(tenant, at=due)
    service.run(tenant, by=due)
    renewals.remind(tenant, by=due)
