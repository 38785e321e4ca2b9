"""Statements on webhooks and their deliveries; all but the search for what is due run inside one tenant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from notices.webhooks.states import DeliveryState, EventKind


@dataclass(frozen=True, slots=True)
class WebhookRow:
    id: UUID
    principal_id: UUID
    url: str
    kinds: tuple[EventKind, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`round` counts the replays: each is a call of its own for the same event."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    kind: EventKind
    data: dict[str, Any]
    state: DeliveryState
    round: int
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """What an attempt needs to know."""

    principal_id: UUID
    url: str
    sealed_secret: bytes
    delivery: DeliveryRow


_WEBHOOK = "id, principal_id, url, kinds, created_at"
_DELIVERY = ", ".join(f"d.{name}" for name in DeliveryRow.__dataclass_fields__)


def _webhook(row: AnyRow) -> WebhookRow:
    return WebhookRow(row.id, row.principal_id, row.url, tuple(map(EventKind, row.kinds)), row.created_at)


def _delivery(row: AnyRow) -> DeliveryRow:
    values = {name: getattr(row, name) for name in DeliveryRow.__dataclass_fields__}
    return DeliveryRow(**values | {"kind": EventKind(row.kind), "state": DeliveryState(row.state)})


def lock_owner(tx: Tx, principal: UUID) -> None:
    """Two new webhooks of one customer are made one after the other, so that both count."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('notices.webhooks'), hashtext(:owner))", owner=str(principal))


def count(tx: Tx, principal: UUID) -> int:
    return int(
        tx.scalar(
            "SELECT count(*) FROM notices.webhooks WHERE tenant_id = :tenant AND principal_id = :principal",
            tenant=tx.tenant_id,
            principal=principal,
        )
    )


def insert(tx: Tx, webhook: WebhookRow, *, sealed_secret: bytes) -> None:
    tx.execute(
        "INSERT INTO notices.webhooks (tenant_id, id, principal_id, url, kinds, sealed_secret, created_at)"
        " VALUES (:tenant, :id, :principal, :url, CAST(:kinds AS text[]), :sealed, :now)",
        tenant=tx.tenant_id,
        id=webhook.id,
        principal=webhook.principal_id,
        url=webhook.url,
        kinds=[kind.value for kind in webhook.kinds],
        sealed=sealed_secret,
        now=webhook.created_at,
    )


def every(tx: Tx, principal: UUID) -> list[WebhookRow]:
    rows = tx.all(
        f"SELECT {_WEBHOOK} FROM notices.webhooks WHERE tenant_id = :tenant AND principal_id = :principal ORDER BY id DESC",
        tenant=tx.tenant_id,
        principal=principal,
    )
    return [_webhook(row) for row in rows]


def find(tx: Tx, principal: UUID, webhook_id: UUID) -> WebhookRow | None:
    row = tx.first(
        f"SELECT {_WEBHOOK} FROM notices.webhooks WHERE tenant_id = :tenant AND principal_id = :principal AND id = :id",
        tenant=tx.tenant_id,
        principal=principal,
        id=webhook_id,
    )
    return None if row is None else _webhook(row)


def delete(tx: Tx, principal: UUID, webhook_id: UUID) -> bool:
    """With its deliveries."""
    row = tx.first(
        "DELETE FROM notices.webhooks WHERE tenant_id = :tenant AND principal_id = :principal AND id = :id RETURNING id",
        tenant=tx.tenant_id,
        principal=principal,
        id=webhook_id,
    )
    return row is not None


def of_principals(tx: Tx, principals: Sequence[UUID]) -> list[WebhookRow]:
    rows = tx.all(
        f"SELECT {_WEBHOOK} FROM notices.webhooks"
        " WHERE tenant_id = :tenant AND principal_id = ANY(CAST(:principals AS uuid[])) ORDER BY id",
        tenant=tx.tenant_id,
        principals=list(principals),
    )
    return [_webhook(row) for row in rows]


def insert_delivery(
    tx: Tx, *, delivery_id: UUID, webhook_id: UUID, event_id: UUID, kind: EventKind, data: dict[str, Any]
) -> bool:
    """False when this webhook was told of this event before."""
    row = tx.first(
        "INSERT INTO notices.deliveries"
        " (tenant_id, id, webhook_id, event_id, kind, data, state, round, attempts, next_attempt_at, created_at)"
        " VALUES (:tenant, :id, :webhook, :event, :kind, CAST(:data AS jsonb), 'pending', 0, 0, :now, :now)"
        " ON CONFLICT (webhook_id, event_id) DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=delivery_id,
        webhook=webhook_id,
        event=event_id,
        kind=kind.value,
        data=json.dumps(data),
        now=tx.now,
    )
    return row is not None


def name_call(tx: Tx, delivery_id: UUID, call_id: UUID) -> None:
    tx.execute(
        "UPDATE notices.deliveries SET call_id = :call WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=delivery_id,
        call=call_id,
    )


def deliveries(tx: Tx, webhook_id: UUID, *, before: UUID | None, limit: int) -> list[DeliveryRow]:
    rows = tx.all(
        f"""SELECT {_DELIVERY} FROM notices.deliveries d
             WHERE d.tenant_id = :tenant AND d.webhook_id = :webhook AND (CAST(:before AS uuid) IS NULL OR d.id < :before)
             ORDER BY d.id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        webhook=webhook_id,
        before=before,
        limit=limit,
    )
    return [_delivery(row) for row in rows]


def delivery(tx: Tx, webhook_id: UUID, delivery_id: UUID) -> DeliveryRow | None:
    row = tx.first(
        f"SELECT {_DELIVERY} FROM notices.deliveries d"
        " WHERE d.tenant_id = :tenant AND d.webhook_id = :webhook AND d.id = :id",
        tenant=tx.tenant_id,
        webhook=webhook_id,
        id=delivery_id,
    )
    return None if row is None else _delivery(row)


def is_pending(tx: Tx, webhook_id: UUID, kind: EventKind) -> bool:
    """Whether a delivery of this kind is still being tried there."""
    found = tx.first(
        "SELECT FROM notices.deliveries WHERE tenant_id = :tenant AND webhook_id = :webhook AND kind = :kind"
        " AND state = 'pending' LIMIT 1",
        tenant=tx.tenant_id,
        webhook=webhook_id,
        kind=kind.value,
    )
    return found is not None


def job(tx: Tx, delivery_id: UUID, *, round_: int) -> Job | None:
    """None when the webhook is gone, or this round is over."""
    row = tx.first(
        f"SELECT {_DELIVERY}, w.principal_id, w.url, w.sealed_secret FROM notices.deliveries d"
        " JOIN notices.webhooks w ON w.id = d.webhook_id AND w.tenant_id = d.tenant_id"
        " WHERE d.tenant_id = :tenant AND d.id = :id AND d.round = :round AND d.state = 'pending'",
        tenant=tx.tenant_id,
        id=delivery_id,
        round=round_,
    )
    return None if row is None else Job(row.principal_id, row.url, bytes(row.sealed_secret), _delivery(row))


def note_failure(
    tx: Tx, delivery_id: UUID, *, attempts: int, status: int | None, error: str, next_attempt_at: datetime | None
) -> None:
    tx.execute(
        "UPDATE notices.deliveries SET attempts = :attempts, last_attempt_at = :now, last_status = :status,"
        " last_error = :error, next_attempt_at = coalesce(:next, next_attempt_at)"
        " WHERE tenant_id = :tenant AND id = :id AND state = 'pending'",
        tenant=tx.tenant_id,
        id=delivery_id,
        attempts=attempts,
        now=tx.now,
        status=status,
        error=error,
        next=next_attempt_at,
    )


def deliver(tx: Tx, delivery_id: UUID, *, round_: int, status: int) -> None:
    tx.execute(
        "UPDATE notices.deliveries SET state = 'delivered', attempts = attempts + 1, last_attempt_at = :now,"
        " last_status = :status, last_error = NULL, next_attempt_at = NULL"
        " WHERE tenant_id = :tenant AND id = :id AND round = :round AND state = 'pending'",
        tenant=tx.tenant_id,
        id=delivery_id,
        round=round_,
        now=tx.now,
        status=status,
    )


def give_up(tx: Tx, delivery_id: UUID, *, round_: int) -> AnyRow | None:
    """Whose it was, where it should have gone, and what it told; None when it was over already."""
    return tx.first(
        "UPDATE notices.deliveries d SET state = 'given_up', next_attempt_at = NULL FROM notices.webhooks w"
        " WHERE w.id = d.webhook_id AND d.tenant_id = :tenant AND d.id = :id AND d.round = :round AND d.state = 'pending'"
        " RETURNING w.id AS webhook_id, w.principal_id, w.url, d.kind",
        tenant=tx.tenant_id,
        id=delivery_id,
        round=round_,
    )


def begin_again(tx: Tx, delivery_id: UUID) -> int | None:
    """The number of the new round; None while the last one is not over."""
    return tx.scalar(  # type: ignore[no-any-return]
        "UPDATE notices.deliveries SET state = 'pending', round = round + 1, attempts = 0, next_attempt_at = :now"
        " WHERE tenant_id = :tenant AND id = :id AND state <> 'pending' RETURNING round",
        tenant=tx.tenant_id,
        id=delivery_id,
        now=tx.now,
    )


def due_calls(tx: Tx, *, limit: int) -> list[UUID]:
    """Calls whose delivery may be tried again now, of all tenants (the engine's role)."""
    rows = tx.all(
        "SELECT call_id FROM notices.deliveries WHERE state = 'pending' AND attempts > 0 AND next_attempt_at <= :now"
        " ORDER BY next_attempt_at LIMIT :limit",
        now=tx.now,
        limit=limit,
    )
    return [row.call_id for row in rows]


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    """Finished ones of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM notices.deliveries WHERE id IN (SELECT id FROM notices.deliveries"
            " WHERE state <> 'pending' AND created_at < :before ORDER BY created_at LIMIT :limit) RETURNING id",
            before=before,
            limit=limit,
        )
    )
