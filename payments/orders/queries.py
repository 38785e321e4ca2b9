"""One function, one statement on payment orders and their legs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from payments.orders.order import Leg, Order
from payments.orders.states import PAYMENT_ORDER, PaymentStatus

_COLUMNS = (
    "o.order_id AS id, o.realm, o.user_id, o.sku, o.qty AS quantity, s.code AS asset, o.price, o.price_version, o.amount, o.refunded,"
    " o.refunds, o.returned, o.hold_id, o.payer_account, o.state AS status, o.expires_at, o.created_at, o.updated_at, o.paid_at"
)
_FROM = "payments.orders o JOIN payments.assets s USING (asset_id)"


def _order(row: Row[Any] | None) -> Order | None:
    if row is None:
        return None
    return Order(**{**row._mapping, "status": PaymentStatus(row.status)})  # noqa: SLF001  the public name of a row's columns


def insert(tx: Tx, order: dict[str, Any]) -> bool:
    """False when the customer used this key before; nothing is written then."""
    row = tx.first(
        """INSERT INTO payments.orders (order_id, tenant_id, realm, user_id, client_key, sku, qty, asset_id, price, price_version, amount,
                                        expires_at, created_at, updated_at)
           VALUES (:id, :tenant, :realm, :user_id, CAST(:client_key AS text), :sku, :quantity, :asset_id, :price, :price_version, :amount,
                   :expires_at, :now, :now)
           ON CONFLICT (tenant_id, user_id, client_key) DO NOTHING RETURNING order_id""",
        tenant=tx.tenant_id, now=tx.now, **order,
    )  # fmt: skip
    return row is not None


def get(tx: Tx, order_id: UUID) -> Order | None:
    return _order(
        tx.first(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE o.order_id = :id AND o.tenant_id = :tenant",
            id=order_id,
            tenant=tx.tenant_id,
        )
    )


def by_client_key(tx: Tx, *, user_id: UUID, client_key: str | None) -> Order | None:
    return _order(
        tx.first(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE o.tenant_id = :tenant AND o.user_id = :user_id AND o.client_key = :client_key",
            tenant=tx.tenant_id, user_id=user_id, client_key=client_key,
        )
    )  # fmt: skip


def lock(tx: Tx, order_id: UUID) -> Order | None:
    """The first lock of every flow that touches an order."""
    return _order(
        tx.first(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE o.order_id = :id AND o.tenant_id = :tenant FOR UPDATE OF o",
            id=order_id,
            tenant=tx.tenant_id,
        )
    )


def lock_due(tx: Tx, order_id: UUID) -> Order | None:
    """The order, locked, if its time has passed and nobody else is at it."""
    return _order(
        tx.first(
            f"""SELECT {_COLUMNS} FROM {_FROM}
                 WHERE o.order_id = :id AND o.tenant_id = :tenant AND o.state IN ('pending', 'reserved') AND o.expires_at <= :now
                   FOR UPDATE OF o SKIP LOCKED""",
            id=order_id,
            tenant=tx.tenant_id,
            now=tx.now,
        )
    )


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, order) past their time; nothing is locked, whoever acts on one looks again."""
    rows = tx.all(
        """SELECT tenant_id, order_id FROM payments.orders
            WHERE state IN ('pending', 'reserved') AND expires_at <= kernel.business_now() ORDER BY expires_at LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.order_id) for row in rows]


def move(tx: Tx, order_id: UUID, to: PaymentStatus, **changes: Any) -> bool:
    """One conditional UPDATE; False when the order was not in a state that allows it."""
    extra = "".join(f", {column} = :{column}" for column in changes)
    row = tx.first(
        f"""UPDATE payments.orders SET state = :to, updated_at = :now{extra}
             WHERE order_id = :id AND tenant_id = :tenant AND state = ANY(:sources) RETURNING order_id""",
        id=order_id, tenant=tx.tenant_id, to=to.value, now=tx.now, sources=PAYMENT_ORDER.sources(to), **changes,
    )  # fmt: skip
    return row is not None


def mark_paid(tx: Tx, order_id: UUID, *, user_id: UUID) -> bool:
    """The conditional move to `paid`: False when it was not reserved, its time has passed, or it is somebody else's."""
    row = tx.first(
        """UPDATE payments.orders SET state = 'paid', paid_at = :now, updated_at = :now
            WHERE order_id = :id AND tenant_id = :tenant AND user_id = :user_id AND state = ANY(:sources) AND expires_at > :now
           RETURNING order_id""",
        id=order_id, tenant=tx.tenant_id, user_id=user_id, now=tx.now, sources=PAYMENT_ORDER.sources(PaymentStatus.PAID),
    )  # fmt: skip
    return row is not None


def page(
    tx: Tx, *, user_id: UUID | None, status: str | None, sku: str | None, realm: str, before: UUID | None, limit: int
) -> list[Order]:
    """Newest first; of everybody when `user_id` is None. Only what is asked for stands in the statement: each form has its own plan."""
    given = {"user_id": user_id, "state": status, "sku": sku}
    where = "".join(f" AND o.{column} = :{column}" for column, value in given.items() if value is not None)
    where += " AND o.order_id < :before" if before is not None else ""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE o.tenant_id = :tenant AND o.realm = :realm{where}
             ORDER BY o.order_id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        realm=realm,
        limit=limit,
        **{name: value for name, value in {**given, "before": before}.items() if value is not None},
    )
    return [order for row in rows if (order := _order(row)) is not None]


def insert_legs(tx: Tx, order_id: UUID, legs: Sequence[Leg]) -> None:
    tx.execute(
        """INSERT INTO payments.order_legs (tenant_id, order_id, position, role, account_id, amount)
           SELECT :tenant, :id, t.position, t.role, t.account_id, t.amount
             FROM unnest(CAST(:positions AS smallint[]), CAST(:roles AS text[]), CAST(:accounts AS bigint[]), CAST(:amounts AS numeric[]))
                  AS t (position, role, account_id, amount)""",
        tenant=tx.tenant_id,
        id=order_id,
        positions=[leg.position for leg in legs],
        roles=[leg.role for leg in legs],
        accounts=[leg.account_id for leg in legs],
        amounts=[leg.amount for leg in legs],
    )


def legs(tx: Tx, order_id: UUID) -> list[Leg]:
    rows = tx.all(
        """SELECT position, role, account_id, amount, refunded FROM payments.order_legs
            WHERE tenant_id = :tenant AND order_id = :id ORDER BY position""",
        tenant=tx.tenant_id, id=order_id,
    )  # fmt: skip
    return [Leg(*row) for row in rows]


def take_back(tx: Tx, order_id: UUID, parts: Sequence[tuple[int, Decimal]]) -> None:
    """`parts`: position of a leg → what it gives back."""
    tx.execute(
        """UPDATE payments.order_legs l SET refunded = l.refunded + t.part
             FROM unnest(CAST(:positions AS smallint[]), CAST(:parts AS numeric[])) AS t (position, part)
            WHERE l.tenant_id = :tenant AND l.order_id = :id AND l.position = t.position""",
        tenant=tx.tenant_id,
        id=order_id,
        positions=[position for position, _ in parts],
        parts=[part for _, part in parts],
    )
