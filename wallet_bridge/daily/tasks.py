"""Every few minutes: is it morning, and does somebody not know yet how yesterday went?"""

from __future__ import annotations

from datetime import datetime

from kernel import log
from wallet_bridge.daily import service
from wallet_bridge.levels import service as levels

_log = log.get("treasury")


def tell(_due: datetime) -> None:
    """One house that fails keeps no other waiting; its error is raised in the end."""
    failed: list[Exception] = []
    for tenant in levels.houses():
        try:
            service.tell_yesterday(tenant)
        except Exception as error:  # noqa: BLE001  the others are told all the same
            _log.error("report_failed", tenant=str(tenant), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]
