"""A schedule: the newest plans are made again from what was stored; one that comes out differently is an incident."""

from __future__ import annotations

from datetime import datetime

from broker.routing import service
from kernel import log
from kernel.settings import settings

LATEST = 100
_log = log.get("routing")


def recompute_latest(_due: datetime) -> None:
    for stored in service.latest_plans(settings().house_tenant, limit=LATEST):
        if service.differs(stored):
            _log.error("plan_differs", plan=stored.id, symbol=stored.symbol)
