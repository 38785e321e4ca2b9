"""Statements on stock; writing goes through the ledger's SQL functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


def open_stock(tx: Tx, sku: str) -> None:
    tx.execute("SELECT payments.stock_open(:sku)", sku=sku)


def reserve(tx: Tx, *, sku: str, qty: int) -> Row[Any]:
    return tx.one("SELECT status, available FROM payments.stock_reserve(:sku, :qty)", sku=sku, qty=qty)


def release(tx: Tx, *, sku: str, qty: int) -> None:
    tx.execute("SELECT payments.stock_release(:sku, :qty)", sku=sku, qty=qty)


def move(
    tx: Tx,
    *,
    move_id: UUID,
    sku: str,
    on_hand: int,
    reserved: int,
    reason: str,
    order_id: UUID | None,
    actor: str | None,
) -> None:
    tx.execute(
        """SELECT payments.stock_move(CAST(:move_id AS uuid), :sku, :on_hand, :reserved, :reason, CAST(:order_id AS uuid),
                                      CAST(:actor AS text))""",
        move_id=move_id, sku=sku, on_hand=on_hand, reserved=reserved, reason=reason, order_id=order_id, actor=actor,
    )  # fmt: skip


def exact(tx: Tx, skus: Sequence[str]) -> list[Row[Any]]:
    return tx.all(
        "SELECT sku, on_hand, reserved FROM payments.stock_exact(CAST(:tenant AS uuid), CAST(:skus AS text[]))",
        tenant=tx.tenant, skus=list(skus),
    )  # fmt: skip


def waits(tx: Tx) -> bool:
    return bool(tx.scalar("SELECT payments.inventory_waits()"))


def fold(tx: Tx, *, limit: int) -> int:
    return int(tx.scalar("SELECT folded FROM payments.fold_inventory(:limit)", limit=limit))
