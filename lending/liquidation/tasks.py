"""Entries of the engine's loop and of the consumer that hears when a sale has ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from broker.orders.events import SaleEnded
from kernel import cache, db, log
from kernel.db import Tx
from lending.liquidation import queries, selling

CHANNEL = "rm:liquidations"
AT_ONCE = 100
STEPS_AT_ONCE = 10
LATER = timedelta(seconds=5)
_log = log.get("liquidation")


def step_due() -> int:
    """Go on with every liquidation whose time has come, of all tenants; how many steps changed something. Only the engine may."""
    with db.read_only() as tx:
        due = queries.due(tx, limit=AT_ONCE)
    return sum(_go_on(tenant, liquidation_id) for tenant, liquidation_id in due)


def _go_on(tenant: UUID, liquidation_id: UUID) -> int:
    """Some steps of one liquidation; what fails is looked at later and keeps nobody else waiting."""
    done = 0
    try:
        while done < STEPS_AT_ONCE and selling.step(tenant, liquidation_id):
            done += 1
    except Exception as error:  # noqa: BLE001  the others must go on; without a database the next line fails as well
        _log.error("liquidation_failed", liquidation=str(liquidation_id), error=repr(error), exc_info=True)
        with db.transaction(tenant=tenant) as tx:
            queries.look_at(tx, liquidation_id, at=tx.now + LATER)
    return done


def ended(tx: Tx, fact: SaleEnded) -> None:
    """A sale is over: its liquidation goes on at once."""
    queries.wake(tx, fact.order_id)
    tx.after_commit(lambda: cache.publish(CHANNEL))
