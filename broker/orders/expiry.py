"""Orders whose date has passed: what rests ends, what is at a venue is looked at again when it rests."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from broker.execution.states import CHANNEL
from broker.orders import queries, steps
from broker.orders.states import OrderStatus
from kernel import cache, db

AT_ONCE = 500


def expire_due(*, limit: int = AT_ONCE) -> int:
    """End what rests past its date in business time, each in a transaction of its tenant. For the engine; returns how many."""
    ended = 0
    while True:
        with db.read_only() as tx:
            waiting = queries.expired(tx, limit=limit)
        done = sum(db.retrying(partial(_expire, tenant, order_id)) for tenant, order_id in waiting)
        ended += done
        if len(waiting) < limit or not done:
            return ended


def _expire(tenant: UUID, order_id: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        order = queries.lock(tx, order_id)
        if order.status != OrderStatus.RESTING or order.expires_at is None or order.expires_at > tx.now:
            return False
        if order.group_id is not None:
            legs = queries.lock_all(tx, queries.group(tx, order.group_id))
            if any(leg.status in {OrderStatus.WORKING, OrderStatus.TRIGGERED} for leg in legs):
                return False  # its twin is at a venue: this one goes with it, or the pair is looked at again
        steps.close(tx, order, OrderStatus.EXPIRED, "its time has passed")
        steps.wake_market(tx, order.symbol)
        tx.after_commit(lambda: cache.publish(CHANNEL, str(order_id)))
    return True
