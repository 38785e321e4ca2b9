"""One function, one statement on addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.deposit_addresses.states import ADDRESS, AddressStatus

_COLUMNS = "id, customer_id, network, asset, status, address, memo, reason, created_at"


@dataclass(frozen=True, slots=True)
class Row:
    """`address` is there once it is ready; `reason` once it was refused."""

    id: UUID
    customer_id: UUID
    network: str
    asset: str
    status: AddressStatus
    address: str | None
    memo: str | None
    reason: str | None
    created_at: datetime


def of_customer(tx: Tx, customer: UUID, network: str) -> Row | None:
    """The one that counts."""
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.deposit_addresses
             WHERE tenant_id = :tenant AND customer_id = :customer AND network = :network AND status <> 'refused'""",
        tenant=tx.tenant_id, customer=customer, network=network,
    )  # fmt: skip
    return None if row is None else _read(row)


def get(tx: Tx, address_id: UUID) -> Row | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.deposit_addresses WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=address_id,
    )  # fmt: skip
    return None if row is None else _read(row)


def insert(tx: Tx, address_id: UUID, customer: UUID, *, network: str, asset: str) -> bool:
    """False where a twin was faster."""
    row = tx.first(
        """INSERT INTO wallet_bridge.deposit_addresses (tenant_id, id, customer_id, network, asset, status, created_at)
           VALUES (:tenant, :id, :customer, :network, :asset, 'preparing', :now) ON CONFLICT DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, id=address_id, customer=customer, network=network, asset=asset, now=tx.now,
    )  # fmt: skip
    return row is not None


def move(
    tx: Tx,
    address_id: UUID,
    to: AddressStatus,
    *,
    address: str | None = None,
    memo: str | None = None,
    reason: str | None = None,
) -> bool:
    """False where it is not what it was any more: it was told twice."""
    done = tx.execute(
        """UPDATE wallet_bridge.deposit_addresses
              SET status = :to, address = :address, memo = :memo, reason = :reason,
                  ready_at = CASE WHEN :to = 'ready' THEN CAST(:now AS timestamptz) END
            WHERE tenant_id = :tenant AND id = :id AND status = ANY(:sources)""",
        tenant=tx.tenant_id, id=address_id, to=to.value, address=address, memo=memo, reason=reason, now=tx.now,
        sources=ADDRESS.sources(to),
    )  # fmt: skip
    return bool(done.rowcount == 1)


def owner(tx: Tx, network: str, address: str, memo: str | None) -> UUID | None:
    """Whose it is in this house; None where it is nobody's here."""
    found: UUID | None = tx.scalar(
        """SELECT customer_id FROM wallet_bridge.deposit_addresses
            WHERE tenant_id = :tenant AND network = :network AND address = :address AND coalesce(memo, '') = coalesce(:memo, '')""",
        tenant=tx.tenant_id, network=network, address=address, memo=memo,
    )  # fmt: skip
    return found


def taken(tx: Tx, network: str, address: str, memo: str | None) -> bool:
    """Whether it is anybody's, as far as this role sees."""
    row = tx.first(
        """SELECT FROM wallet_bridge.deposit_addresses
            WHERE network = :network AND address = :address AND coalesce(memo, '') = coalesce(:memo, '')""",
        network=network, address=address, memo=memo,
    )  # fmt: skip
    return row is not None


def _read(row: AnyRow) -> Row:
    return Row(
        row.id, row.customer_id, row.network, row.asset, AddressStatus(row.status), row.address, row.memo, row.reason, row.created_at
    )  # fmt: skip
