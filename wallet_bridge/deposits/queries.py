"""One function, one statement on deposits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus, Place

_COLUMNS = """
    id, customer_id, network, txid, output, asset, amount, address, memo, status, reason, height, block, confirmations,
    confirmations_to_credit AS to_credit, confirmations_to_final AS to_final, seq, place, booked, fine, journal_id, bookings, shortage,
    seen_at, credited_at, final_at, refund_id, refund_txid, refund_refused"""
_NAMED = {"to_credit": "confirmations_to_credit", "to_final": "confirmations_to_final"}
_FIELDS = tuple(Deposit.__dataclass_fields__)
_ONCE = {"id", "network", "txid", "output", "seen_at"}


def insert(tx: Tx, deposit: Deposit) -> bool:
    """False where it is there already."""
    names = ", ".join(_NAMED.get(field, field) for field in _FIELDS)
    values = ", ".join(f":{field}" for field in _FIELDS)
    row = tx.first(
        f"""INSERT INTO wallet_bridge.deposits (tenant_id, {names}, updated_at) VALUES (:tenant, {values}, :now)
            ON CONFLICT (network, txid, output) DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, now=tx.now, **asdict(deposit),
    )  # fmt: skip
    return row is not None


def save(tx: Tx, deposit: Deposit) -> None:
    """The whole row; its caller holds its lock."""
    changed = [field for field in _FIELDS if field not in _ONCE]
    tx.execute(
        f"""UPDATE wallet_bridge.deposits
               SET {", ".join(f"{_NAMED.get(field, field)} = :{field}" for field in changed)}, updated_at = :now
             WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, now=tx.now, id=deposit.id, **{field: getattr(deposit, field) for field in changed},
    )  # fmt: skip


def lock_named(tx: Tx, *, network: str, txid: str, output: int) -> Deposit | None:
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.deposits
             WHERE tenant_id = :tenant AND network = :network AND txid = :txid AND output = :output FOR UPDATE""",
        tenant=tx.tenant_id, network=network, txid=txid, output=output,
    )  # fmt: skip
    return None if row is None else _read(row)


def lock(tx: Tx, deposit_id: UUID) -> Deposit | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.deposits WHERE tenant_id = :tenant AND id = :id FOR UPDATE",
        tenant=tx.tenant_id, id=deposit_id,
    )  # fmt: skip
    return None if row is None else _read(row)


def get(tx: Tx, deposit_id: UUID, *, customer: UUID | None) -> Deposit | None:
    """One; of anybody when no customer is named."""
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.deposits
             WHERE tenant_id = :tenant AND id = :id AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)""",
        tenant=tx.tenant_id, id=deposit_id, customer=customer,
    )  # fmt: skip
    return None if row is None else _read(row)


def page(
    tx: Tx, *, customer: UUID | None, asset: str | None, status: DepositStatus | None, before: UUID | None, limit: int
) -> Sequence[Deposit]:
    """Newest first; of everybody when no customer is named."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.deposits
             WHERE tenant_id = :tenant AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
               AND (CAST(:asset AS text) IS NULL OR asset = :asset) AND (CAST(:status AS text) IS NULL OR status = :status)
               AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer, asset=asset, status=status, before=before, limit=limit,
    )  # fmt: skip
    return [_read(row) for row in rows]


def unsettled(tx: Tx, customer: UUID, asset: str) -> Decimal:
    """What a customer was credited of one asset and the chain has not made final."""
    return Decimal(
        tx.scalar(
            """SELECT coalesce(sum(booked), 0) FROM wallet_bridge.deposits
                WHERE tenant_id = :tenant AND customer_id = :customer AND asset = :asset AND status = 'credited'""",
            tenant=tx.tenant_id, customer=customer, asset=asset,
        )
    )  # fmt: skip


def missing(tx: Tx, customer: UUID, *, but: UUID) -> bool:
    """Whether anything else was reversed that the customer had spent, and nobody has let them go since."""
    row = tx.first(
        """SELECT FROM wallet_bridge.deposits
            WHERE tenant_id = :tenant AND customer_id = :customer AND shortage > 0 AND reason IS DISTINCT FROM 'let_go' AND id <> :but
            LIMIT 1""",
        tenant=tx.tenant_id, customer=customer, but=but,
    )  # fmt: skip
    return row is not None


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of a customer is on its way, waits for a person, or is owed after a reversal."""
    row = tx.first(
        """SELECT FROM wallet_bridge.deposits WHERE tenant_id = :tenant AND customer_id = :customer
              AND (status IN ('seen', 'confirming', 'credited', 'held', 'refunding') OR shortage > 0
                   OR (refund_id IS NOT NULL AND refund_txid IS NULL)) LIMIT 1""",
        tenant=tx.tenant_id, customer=customer,
    )  # fmt: skip
    return row is not None


def _read(row: AnyRow) -> Deposit:
    known = {field: getattr(row, field) for field in _FIELDS}
    known |= {"status": DepositStatus(row.status), "place": None if row.place is None else Place(row.place)}
    return Deposit(**known)
