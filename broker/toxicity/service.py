"""Use cases of toxicity: a fill asks for its markouts, the engine takes them when their time comes, and customers get their class.

Markouts live in wall time, as quotes do. One that is taken late, or when the market has no trustworthy price, says nothing and is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from broker.orders.events import OrderFilled
from broker.toxicity import errors, events, queries, rules
from broker.toxicity.queries import classes
from broker.toxicity.states import MarkoutState, ToxicityClass
from identity.audit import service as audit
from identity.principals import service as principals
from kernel import cache, clock, commands, db, log, outbox
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from markets.composite.states import CompositeState
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable

__all__ = ["classes", "follow", "forget_old", "list_customers", "measure", "override"]

LATE_AFTER = timedelta(seconds=2)
BATCH = 500
CHANNEL = "rm:controls"
_log = log.get("toxicity")


def follow(tx: Tx, fact: OrderFilled) -> None:
    """A fill was booked: ask for its markouts. Step of an event consumer."""
    # The order's remainder after the fill names the fill: an event that is handled twice makes its rows once.
    event_id = uuid5(fact.order_id, f"{fact.venue}:{canonical(fact.remaining)}:{canonical(fact.quantity)}")
    fill = {
        "owner_id": fact.owner_id, "order_id": fact.order_id, "symbol": fact.symbol, "side": fact.side, "venue": fact.venue,
        "price": fact.price, "quantity": fact.quantity,
    }  # fmt: skip
    if fact.price > 0:
        queries.insert_markouts(tx, event_id=event_id, horizons=rules.HORIZONS_S, at=clock.wall(), fill=fill)


def measure(*, price_of: Callable[[str], Decimal | None] | None = None) -> int:
    """Take the markouts that are due, of all tenants, and score the customers they belong to; returns how many were due."""
    now, price_of = clock.wall(), price_of or _trusted_price
    with db.read_only() as tx:
        symbols = queries.due_symbols(tx, now=now)
    if not symbols:
        return 0
    prices = {symbol: price_of(symbol) for symbol in symbols}
    with db.transaction() as tx:
        due = [row for row in queries.claim_due(tx, now=now, limit=BATCH) if row.symbol in prices]
        queries.settle(tx, [_settled(row, prices[row.symbol], now) for row in due])
    for tenant, owner in sorted({(row.tenant_id, row.owner_id) for row in due}):
        _score(tenant, owner)
    return len(due)


def _settled(row: AnyRow, reference: Decimal | None, now: Any) -> dict[str, Any]:
    missed = reference is None or now - row.due_at > LATE_AFTER
    return {
        "tenant": row.tenant_id, "event": row.event_id, "horizon": row.horizon_s, "at": now,
        "state": (MarkoutState.MISSED if missed else MarkoutState.MEASURED).value,
        "reference": None if missed else reference,
        "markout": None if missed or reference is None else rules.markout(side=row.side, price=row.price, reference=reference),
    }  # fmt: skip


def _trusted_price(symbol: str) -> Decimal | None:
    try:
        view = quotes.load(symbol)
    except QuotesUnavailable:
        return None
    return None if view.composite.state is CompositeState.HALT else view.composite.price


def _score(tenant: UUID, owner: UUID) -> None:
    with db.transaction(tenant=tenant) as tx:
        known = queries.lock_class(tx, tenant=tenant, customer=owner)
        scores = {
            horizon: rules.score(
                queries.recent(tx, tenant=tenant, owner=owner, horizon_s=horizon, limit=rules.SCORED_FILLS)
            )
            for horizon in rules.HORIZONS_S
        }
        told = {
            str(h): {"fills": s.fills, "mean": canonical(s.mean), "low": canonical(s.low)} for h, s in scores.items()
        }
        measured, fills = rules.classify(scores), max(s.fills for s in scores.values())
        queries.store_measured(tx, tenant=tenant, customer=owner, measured=measured, scores=told, fills=fills)
        before = ToxicityClass(known.class_) if known is not None else ToxicityClass.NORMAL
        if measured is not before and (known is None or known.override_by is None):
            _tell(tx, events.ToxicityChanged(owner, before.value, measured.value, fills, None))


def _tell(tx: Tx, fact: events.ToxicityChanged) -> None:
    outbox.publish(tx, fact, key=str(fact.customer_id))
    tx.after_commit(lambda: cache.publish(CHANNEL))
    _log.warning("toxicity_changed", customer=str(fact.customer_id), before=fact.before, after=fact.after)


def override(
    *, tenant: UUID, actor: UUID, customer: UUID, chosen: ToxicityClass | None, reason: str, key: str | None = None
) -> AnyRow:
    """A person sets a customer's class; None lets it follow what is measured again.

    Raises:
        CustomerNotFound: not one of this tenant's.
    """

    def change(tx: Tx) -> tuple[str, UUID]:
        if principals.find_customer(tx, customer) is None:
            raise errors.CustomerNotFound
        known = queries.lock_class(tx, tenant=tenant, customer=customer)
        queries.store_override(tx, customer=customer, chosen=chosen, reason=reason, actor=actor)
        before = known.class_ if known is not None else ToxicityClass.NORMAL.value
        after = chosen.value if chosen is not None else (known.measured_class if known is not None else before)
        audit.about(tx, before={"class": before}, after={"class": after}, was=before, now=after, reason=reason)
        _tell(tx, events.ToxicityChanged(customer, before, after, known.fills if known is not None else 0, actor))
        return "toxicity", customer

    body = {"customer": customer, "class": chosen, "reason": reason}
    commands.run(
        tenant=tenant, principal=actor, route="POST /v1/controls/toxicity", key=key, fingerprint=commands.fingerprint(body),
        fn=change,
    )  # fmt: skip
    with db.read_only(tenant=tenant) as tx:
        row = queries.one(tx, customer)
    assert row is not None
    return row


def list_customers(tenant: UUID, *, after: UUID | None, limit: int, only: ToxicityClass | None) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, after=after, limit=limit, only=only and only.value)


def forget_old(*, days: int = 90) -> int:
    """Delete markouts nobody scores any more, of all tenants."""
    with db.transaction() as tx:
        return queries.forget_old(tx, before=clock.wall() - timedelta(days=days))
