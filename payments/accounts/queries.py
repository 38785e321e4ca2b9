"""Statements on accounts; writing goes through the ledger's SQL functions."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx


def open_account(
    tx: Tx,
    *,
    realm: str,
    asset: str,
    kind: str,
    path: str,
    owner: UUID | None,
    guarded: bool,
    floor: Decimal,
    normal_side: str,
) -> tuple[str, int]:
    row = tx.one(
        """SELECT status, account_id FROM payments.account_open(:realm, :asset, :kind, :path, CAST(:owner AS uuid), :guarded,
                                                                CAST(:floor AS numeric), :normal_side)""",
        realm=realm, asset=asset, kind=kind, path=path, owner=owner, guarded=guarded, floor=floor, normal_side=normal_side,
    )  # fmt: skip
    return row.status, row.account_id


def set_status(tx: Tx, *, account_id: int, status: str) -> str:
    return str(
        tx.scalar("SELECT payments.account_set_status(:account_id, :status)", account_id=account_id, status=status)
    )


def set_floor(tx: Tx, *, account_id: int, floor: Decimal) -> str:
    statement = "SELECT payments.account_set_floor(:account_id, CAST(:floor AS numeric))"
    return str(tx.scalar(statement, account_id=account_id, floor=floor))
