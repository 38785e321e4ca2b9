"""One function, one statement on orders, venue orders, transitions and fills."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.orders.states import ORDER, WAITING, ChildStatus, OrderStatus, OwnerKind, RestsIn
from kernel import arrays
from kernel.db import Tx
from kernel.ids import uuid7


@dataclass(frozen=True, slots=True)
class Order:
    """A row of broker.orders."""

    id: UUID
    tenant_id: UUID
    owner_kind: str
    owner_id: UUID
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    venue: str
    quantity: Decimal
    quote_quantity: Decimal | None
    limit_price: Decimal | None
    protect_price: Decimal
    markup: Decimal
    fee_rate: Decimal
    maker_rate: Decimal | None
    taker_cost: Decimal | None
    fill_mode: str
    status: str
    filled_quantity: Decimal
    filled_cost: Decimal
    fee: Decimal
    base_asset: str
    quote_asset: str
    spend_account: int
    receive_account: int
    hold_id: UUID
    accept_seq: int
    failed_price: Decimal | None
    rearm_at: datetime | None
    routed: int
    cancel_requested_at: datetime | None
    reason: str | None
    created_at: datetime
    updated_at: datetime
    rests_in: str = RestsIn.BOOK.value
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_fraction: Decimal | None = None
    trail_best: Decimal | None = None
    stopped_at: datetime | None = None
    expires_at: datetime | None = None
    post_only: bool = False
    display_quantity: Decimal | None = None
    group_id: UUID | None = None
    slices_left: int = 0
    slice_target: Decimal | None = None
    replaces: UUID | None = None
    cancel_reason: str | None = None

    @property
    def of_customer(self) -> bool:
        return self.owner_kind == OwnerKind.CUSTOMER

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled_quantity

    @property
    def wanted(self) -> Decimal:
        """What may be sent to venues now: all that remains, or one slice of it."""
        if self.slice_target is not None:
            return max(min(self.slice_target - self.filled_quantity, self.remaining), Decimal(0))
        return min(self.remaining, self.display_quantity or self.remaining)

    @property
    def rests(self) -> bool:
        """Whether what is left rests again once no venue order is out; else it is routed again or ends."""
        if self.rests_in == RestsIn.CLOCK:
            return self.slices_left > 0
        return self.limit_price is not None and self.time_in_force in WAITING

    @property
    def has_limit(self) -> bool:
        """Whether the customer named the worst price; else it is the edge of the protection band."""
        return self.limit_price is not None


@dataclass(frozen=True, slots=True)
class Child:
    """A row of broker.venue_orders; `order_id` is the order that it serves alone, None where it serves several."""

    id: UUID
    order_id: UUID | None
    batch: UUID
    venue: str
    coid_number: int
    client_order_id: str
    venue_order_id: str | None
    symbol: str
    side: str
    quantity: Decimal
    limit_price: Decimal
    seen_price: Decimal
    status: str
    filled_quantity: Decimal
    filled_cost: Decimal
    reserved_asset: str
    reserved: Decimal
    reason: str | None
    created_at: datetime


ORDER_COLUMNS = ", ".join(Order.__dataclass_fields__)
_CHILD = ", ".join(Child.__dataclass_fields__)
# An order shown in parts queues anew with each part.
_PLACE = """CASE WHEN :to = 'resting' AND status = 'working' AND display_quantity IS NOT NULL
                 THEN nextval('broker.accept_seq') ELSE accept_seq END"""


def insert_order(tx: Tx, order: dict[str, Any], plan: dict[str, Any]) -> bool:
    """False when the client_order_id is taken; nothing is written then."""
    columns = list(order)
    row = tx.first(
        f"""INSERT INTO broker.orders (tenant_id, {", ".join(columns)}, accept_seq, plan, created_at, updated_at)
            VALUES (:tenant, {", ".join(":" + c for c in columns)}, nextval('broker.accept_seq'), CAST(:plan AS jsonb), :now, :now)
            ON CONFLICT (tenant_id, owner_id, client_order_id) DO NOTHING RETURNING id""",
        tenant=tx.tenant_id,
        now=tx.now,
        plan=json.dumps(plan, default=str),
        **order,
    )
    return row is not None


def get(tx: Tx, order_id: UUID) -> Order | None:
    row = tx.first(
        f"SELECT {ORDER_COLUMNS} FROM broker.orders WHERE id = :id AND tenant_id = :tenant",
        id=order_id,
        tenant=tx.tenant_id,
    )
    return Order(*row) if row is not None else None


def lock(tx: Tx, order_id: UUID) -> Order:
    """The first lock of every flow that touches an order."""
    row = tx.one(
        f"SELECT {ORDER_COLUMNS} FROM broker.orders WHERE id = :id AND tenant_id = :tenant FOR UPDATE",
        id=order_id,
        tenant=tx.tenant_id,
    )
    return Order(*row)


def page(tx: Tx, *, owner: UUID, status: Sequence[str] | None, before: UUID | None, limit: int) -> list[Order]:
    rows = tx.all(
        f"""SELECT {ORDER_COLUMNS} FROM broker.orders
             WHERE tenant_id = :tenant AND owner_id = :owner
               AND (CAST(:status AS text[]) IS NULL OR status = ANY(:status)) AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        status=list(status) if status else None,
        before=before,
        limit=limit,
    )
    return [Order(*row) for row in rows]


def move(tx: Tx, order: Order, to: OrderStatus, *, reason: str | None = None, **changes: Any) -> int | None:
    """One conditional UPDATE and its line in the transition log; the new version, None when the order's state did not allow it."""
    extra = "".join(f", {column} = :{column}" for column in changes)
    row = tx.first(
        f"""UPDATE broker.orders SET status = :to, reason = coalesce(:reason, reason), updated_at = :now, version = version + 1,
                   xid = pg_current_xact_id(), accept_seq = {_PLACE}{extra}
             WHERE id = :id AND tenant_id = :tenant AND status = ANY(:sources) RETURNING version""",
        id=order.id,
        tenant=tx.tenant_id,
        to=to.value,
        reason=reason,
        now=tx.now,
        sources=ORDER.sources(to),
        **changes,
    )
    if row is None:
        return None
    log_transition(tx, order_id=order.id, source=order.status, target=to, reason=reason)
    return int(row.version)


def move_all(
    tx: Tx, orders: Sequence[Order], to: OrderStatus, *, reason: str | None = None, **changes: Any
) -> dict[UUID, int]:
    """The same move for many orders: one UPDATE, one INSERT into the log; the new version of each that its state allowed."""
    extra = "".join(f", {column} = :{column}" for column in changes)
    rows = tx.all(
        f"""UPDATE broker.orders SET status = :to, reason = coalesce(:reason, reason), updated_at = :now, version = version + 1,
                   xid = pg_current_xact_id(), accept_seq = {_PLACE}{extra}
             WHERE id = ANY(CAST(:ids AS uuid[])) AND tenant_id = :tenant AND status = ANY(:sources) RETURNING id, version""",
        ids=arrays.array(order.id for order in orders),
        tenant=tx.tenant_id,
        to=to.value,
        reason=reason,
        now=tx.now,
        sources=ORDER.sources(to),
        **changes,
    )
    moved = {row.id: int(row.version) for row in rows}
    logged = [order for order in orders if order.id in moved]
    tx.execute(
        """INSERT INTO broker.transitions (id, tenant_id, order_id, from_status, to_status, reason, at)
           SELECT t.id, :tenant, t.order_id, t.source, :target, :reason, :now
             FROM unnest(CAST(:ids AS uuid[]), CAST(:orders AS uuid[]), CAST(:sources AS text[])) AS t (id, order_id, source)""",
        ids=arrays.array(uuid7() for _ in logged),
        orders=arrays.array(order.id for order in logged),
        sources=arrays.texts(order.status for order in logged),
        tenant=tx.tenant_id,
        target=to.value,
        reason=reason,
        now=tx.now,
    )
    return moved


def log_transition(
    tx: Tx, *, order_id: UUID, source: str | None, target: OrderStatus, reason: str | None = None
) -> None:
    tx.execute(
        """INSERT INTO broker.transitions (id, tenant_id, order_id, from_status, to_status, reason, at)
           VALUES (:id, :tenant, :order, :source, :target, :reason, :now)""",
        id=uuid7(),
        tenant=tx.tenant_id,
        order=order_id,
        source=source,
        target=target.value,
        reason=reason,
        now=tx.now,
    )


def request_cancel(tx: Tx, order_id: UUID, *, reason: str) -> None:
    """Ask for the end of an order at work; who asked first is named when it ends."""
    tx.execute(
        """UPDATE broker.orders SET cancel_requested_at = coalesce(cancel_requested_at, :now), updated_at = :now,
                  cancel_reason = coalesce(cancel_reason, :reason)
            WHERE id = :id AND tenant_id = :tenant""",
        id=order_id,
        tenant=tx.tenant_id,
        now=tx.now,
        reason=reason,
    )


def count_routing(tx: Tx, order_id: UUID) -> None:
    tx.execute(
        "UPDATE broker.orders SET routed = routed + 1 WHERE id = :id AND tenant_id = :tenant",
        id=order_id,
        tenant=tx.tenant_id,
    )


def insert_child(tx: Tx, child: dict[str, Any]) -> None:
    columns = list(child)
    tx.execute(
        f"""INSERT INTO broker.venue_orders (tenant_id, {", ".join(columns)}, status, created_at, updated_at)
            VALUES (:tenant, {", ".join(":" + c for c in columns)}, 'intent', :now, :now)""",
        tenant=tx.tenant_id,
        now=tx.now,
        **child,
    )


def lock_child(tx: Tx, child_id: UUID) -> Child:
    row = tx.one(
        f"SELECT {_CHILD} FROM broker.venue_orders WHERE id = :id AND tenant_id = :tenant FOR UPDATE",
        id=child_id,
        tenant=tx.tenant_id,
    )
    return Child(*row)


def children(tx: Tx, order_ids: Sequence[UUID]) -> list[Child]:
    """The venue orders of these orders, each as far as it is the order's: a shared one is cut down to the order's share."""
    rows = tx.all(
        """SELECT v.id, a.order_id, v.batch, v.venue, v.coid_number, v.client_order_id, v.venue_order_id, v.symbol, v.side, a.quantity,
                  v.limit_price, v.seen_price, v.status, CASE WHEN v.order_id IS NULL THEN a.filled_quantity ELSE v.filled_quantity END,
                  CASE WHEN v.order_id IS NOT NULL THEN v.filled_cost
                       ELSE (SELECT coalesce(sum(f.venue_cost), 0) FROM broker.fills f
                              WHERE f.venue_order_id = v.id AND f.order_id = a.order_id AND f.owner = 'customer') END, v.reserved_asset,
                  CASE WHEN v.order_id IS NULL THEN 0 ELSE v.reserved END, v.reason, v.created_at
             FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id
            WHERE a.tenant_id = :tenant AND a.order_id = ANY(CAST(:orders AS uuid[])) ORDER BY v.id""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )
    return [Child(*row) for row in rows]


def update_child(
    tx: Tx, child_id: UUID, *, status: ChildStatus, venue_order_id: str | None, reason: str | None
) -> None:
    tx.execute(
        """UPDATE broker.venue_orders SET status = :status, venue_order_id = coalesce(:venue_order_id, venue_order_id),
                  reason = coalesce(:reason, reason), updated_at = :now
            WHERE id = :id AND tenant_id = :tenant""",
        id=child_id,
        tenant=tx.tenant_id,
        status=status.value,
        venue_order_id=venue_order_id,
        reason=reason,
        now=tx.now,
    )


def add_fill_to_child(tx: Tx, child_id: UUID, *, quantity: Decimal, cost: Decimal) -> None:
    tx.execute(
        """UPDATE broker.venue_orders SET filled_quantity = filled_quantity + :quantity, filled_cost = filled_cost + :cost,
                  updated_at = :now
            WHERE id = :id AND tenant_id = :tenant""",
        id=child_id,
        tenant=tx.tenant_id,
        quantity=quantity,
        cost=cost,
        now=tx.now,
    )


def clear_reserved(tx: Tx, child_id: UUID) -> None:
    """A venue order that has ended reserves nothing any more."""
    tx.execute(
        "UPDATE broker.venue_orders SET reserved = 0, updated_at = :now WHERE id = :id AND tenant_id = :tenant",
        id=child_id,
        tenant=tx.tenant_id,
        now=tx.now,
    )


def fills(tx: Tx, order_ids: Sequence[UUID]) -> list[Any]:
    return tx.all(
        """SELECT order_id, venue, trade_id, price, quantity, customer_price, customer_cost, customer_fee, executed_at
             FROM broker.fills WHERE tenant_id = :tenant AND order_id = ANY(CAST(:orders AS uuid[])) AND owner = 'customer'
            ORDER BY id""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )


def lock_resting(tx: Tx, order_ids: Sequence[UUID], *, rests_in: RestsIn = RestsIn.BOOK) -> list[Order]:
    """Lock those that still rest, in time priority; what is cancelled at this moment is skipped, and so is a leg whose twin works.

    What is past its date only waits to be ended.
    """
    rows = tx.all(
        f"""SELECT {ORDER_COLUMNS} FROM broker.orders o
             WHERE tenant_id = :tenant AND id = ANY(CAST(:orders AS uuid[])) AND status = 'resting' AND rests_in = :rests_in
               AND (expires_at IS NULL OR expires_at > :now)
               AND (group_id IS NULL OR NOT EXISTS (SELECT 1 FROM broker.orders twin WHERE twin.group_id = o.group_id
                                                       AND twin.id <> o.id AND twin.status IN ('triggered', 'working')))
             ORDER BY accept_seq FOR UPDATE SKIP LOCKED""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
        rests_in=rests_in.value,
        now=tx.now,
    )
    return [Order(*row) for row in rows]


def lock_all(tx: Tx, order_ids: Sequence[UUID]) -> list[Order]:
    """Lock these orders in the one order of rows for all flows."""
    rows = tx.all(
        f"""SELECT {ORDER_COLUMNS} FROM broker.orders WHERE tenant_id = :tenant AND id = ANY(CAST(:orders AS uuid[]))
             ORDER BY accept_seq FOR UPDATE""",
        tenant=tx.tenant_id,
        orders=list(order_ids),
    )
    return [Order(*row) for row in rows]


def group(tx: Tx, group_id: UUID) -> list[UUID]:
    """The legs of a pair."""
    rows = tx.all(
        "SELECT id FROM broker.orders WHERE tenant_id = :tenant AND group_id = :group ORDER BY accept_seq",
        tenant=tx.tenant_id,
        group=group_id,
    )
    return [row.id for row in rows]


def open_of(tx: Tx, *, owner: UUID, symbol: str | None, after: int, limit: int) -> list[tuple[UUID, int]]:
    """(id, accept_seq) of a customer's open orders, oldest first."""
    rows = tx.all(
        """SELECT id, accept_seq FROM broker.orders
            WHERE tenant_id = :tenant AND owner_id = :owner AND status IN ('accepted', 'working', 'resting', 'triggered')
              AND (CAST(:symbol AS text) IS NULL OR symbol = :symbol) AND accept_seq > :after
            ORDER BY accept_seq LIMIT :limit""",
        tenant=tx.tenant_id,
        owner=owner,
        symbol=symbol,
        after=after,
        limit=limit,
    )
    return [(row.id, row.accept_seq) for row in rows]


def expired(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, order) that rest past their date; nothing is locked, whoever acts on one looks again."""
    rows = tx.all(
        """SELECT tenant_id, id FROM broker.orders WHERE status = 'resting' AND expires_at <= kernel.business_now()
            ORDER BY expires_at LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]


def amend(tx: Tx, order_id: UUID, *, loses_priority: bool, **changes: Any) -> int:
    """Change a resting order's terms; the new version."""
    columns = "".join(f"{column} = :{column}, " for column in changes)
    place = "nextval('broker.accept_seq')" if loses_priority else "accept_seq"
    row = tx.one(
        f"""UPDATE broker.orders SET {columns} accept_seq = {place}, updated_at = :now, version = version + 1,
                   xid = pg_current_xact_id()
             WHERE id = :id AND tenant_id = :tenant AND status = 'resting' RETURNING version""",
        id=order_id,
        tenant=tx.tenant_id,
        now=tx.now,
        **changes,
    )
    return int(row.version)
