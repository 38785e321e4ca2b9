"""Entries of schedules: open orders are compared every minute, trades every five, of tenants where something happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from broker.listings import queries
from broker.listings.comparison import ORDERS, TRADES
from kernel import db
from kernel.ids import SYSTEM
from kernel.settings import settings
from payments.reconciliation import service as reconciliation
from payments.reconciliation.states import Level

RECENT = timedelta(minutes=20)


def compare_orders(_due: datetime) -> None:
    """At most a minute and a half after each order: is anything open at the venue that should not be, or the other way round?"""
    start(settings().house_tenant, ORDERS)


def compare_trades(_due: datetime) -> None:
    """Between five and ten minutes after each trade, and once more later."""
    start(settings().house_tenant, TRADES)


def start(tenant: UUID, scope: str) -> UUID | None:
    """Write a run down where there is something to compare; the schedule of runs takes its steps."""
    with db.transaction(tenant=tenant) as tx:
        if not queries.anything_recent(tx, within=RECENT):
            return None
        return reconciliation.new_run(
            tx, level=Level.SINGLE, source="venue", scope=scope, day=None, requested_by=SYSTEM
        )
