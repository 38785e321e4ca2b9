"""Statements on holds; writing goes through the ledger's SQL functions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


def open_hold(
    tx: Tx,
    *,
    hold_id: UUID,
    account_id: int,
    amount: Decimal,
    kind: str,
    reference: str,
    order_id: UUID | None,
    expires_at: datetime | None,
) -> Row[Any]:
    return tx.one(
        """SELECT status, available FROM payments.hold_open(
               CAST(:hold_id AS uuid), :account_id, CAST(:amount AS numeric), :kind, :reference, CAST(:order_id AS uuid),
               CAST(:expires_at AS timestamptz))""",
        hold_id=hold_id, account_id=account_id, amount=amount, kind=kind, reference=reference, order_id=order_id, expires_at=expires_at,
    )  # fmt: skip


def capture(tx: Tx, *, hold_id: UUID, amount: Decimal, release_rest: bool) -> Row[Any]:
    return tx.one(
        """SELECT status, account_id, held_delta
             FROM payments.hold_capture(CAST(:hold_id AS uuid), CAST(:amount AS numeric), :release_rest)""",
        hold_id=hold_id, amount=amount, release_rest=release_rest,
    )  # fmt: skip


def capture_all(tx: Tx, *, hold_ids: list[UUID], amounts: list[Decimal]) -> list[Row[Any]]:
    """One row per hold, in their order, which is the order in which they are locked."""
    return tx.all(
        """SELECT t.n, c.status, c.account_id, c.held_delta
             FROM unnest(CAST(:hold_ids AS uuid[]), CAST(:amounts AS numeric[])) WITH ORDINALITY AS t (hold_id, amount, n),
                  LATERAL payments.hold_capture(t.hold_id, t.amount, false) c ORDER BY t.n""",
        hold_ids=hold_ids, amounts=amounts,
    )  # fmt: skip


def release_all(tx: Tx, *, hold_ids: list[UUID], end_as: str) -> list[Row[Any]]:
    """One row per hold; their rows first, then the balances, both in ascending order."""
    return tx.all(
        """WITH own AS MATERIALIZED (SELECT h.hold_id, h.account_id FROM payments.holds h
                                      WHERE h.hold_id = ANY(CAST(:hold_ids AS uuid[])) ORDER BY h.account_id, h.hold_id)
           SELECT r.status, r.released FROM own, LATERAL payments.hold_release(own.hold_id, :end_as) r""",
        hold_ids=hold_ids, end_as=end_as,
    )  # fmt: skip


def release(tx: Tx, *, hold_id: UUID, end_as: str) -> Row[Any]:
    return tx.one(
        "SELECT status, released FROM payments.hold_release(CAST(:hold_id AS uuid), :end_as)",
        hold_id=hold_id,
        end_as=end_as,
    )


def capture_later(tx: Tx, *, hold_id: UUID, capture_at: datetime, capture_to: int) -> str:
    return str(
        tx.scalar(
            "SELECT payments.hold_capture_later(CAST(:hold_id AS uuid), CAST(:capture_at AS timestamptz), :capture_to)",
            hold_id=hold_id,
            capture_at=capture_at,
            capture_to=capture_to,
        )
    )


def find(tx: Tx, hold_id: UUID) -> Row[Any] | None:
    return tx.first(
        """SELECT h.hold_id, h.account_id, s.code AS asset, h.amount, h.captured, h.kind, h.reference, h.state, h.order_id, h.opened_at,
                  h.expires_at, h.capture_at, h.capture_to, a.realm
             FROM payments.holds h JOIN payments.accounts a USING (account_id) JOIN payments.assets s USING (asset_id)
            WHERE h.hold_id = :hold_id AND h.tenant_id = CAST(:tenant AS uuid)""",
        hold_id=hold_id, tenant=tx.tenant,
    )  # fmt: skip


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Holds past their time, with their tenants; nothing is locked, whoever acts on one looks again."""
    rows = tx.all(
        """SELECT tenant_id, hold_id FROM payments.holds
            WHERE state = 'open' AND expires_at <= kernel.business_now() AND order_id IS NULL ORDER BY expires_at LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.hold_id) for row in rows]


def capture_due(tx: Tx, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Row[Any]]:
    """Open holds whose capture has come, with their tenants; nothing is locked."""
    place = {"moment": after[0], "hold_id": after[1]} if after else {}
    beyond = "AND (capture_at, hold_id) > (:moment, CAST(:hold_id AS uuid))" if after else ""
    return tx.all(
        f"""SELECT tenant_id, hold_id, capture_at FROM payments.holds
             WHERE state = 'open' AND capture_at <= kernel.business_now() {beyond} ORDER BY capture_at, hold_id LIMIT :limit""",
        limit=limit, **place,
    )  # fmt: skip
