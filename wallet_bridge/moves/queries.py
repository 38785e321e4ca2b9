"""One function, one statement on treasury's transfers, addresses, proposals and what venues offer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.moves import places
from wallet_bridge.moves.states import ADDRESS, COMING, TRANSFER, AddressState, HouseDepositState, TransferState


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer; `left_…` is what the source says that went, `arrived_amount` what the destination says that came.

    `fee_cap`: what the network may take of a wallet. `received_amount`: what people say that came, who settled it.
    """

    id: UUID
    source: str
    destination: str
    asset: str
    network: str
    amount: Decimal
    fee: Decimal
    fee_cap: Decimal | None
    address_id: UUID
    address: str
    memo: str | None
    key_name: str | None
    minutes: int
    proposal_id: UUID | None
    state: TransferState
    reason: str | None
    venue_ref: str | None
    txid: str | None
    left_amount: Decimal | None
    left_fee: Decimal | None
    arrived_amount: Decimal | None
    deposit_ref: str | None
    received_amount: Decimal | None
    settle_reason: str | None
    settle_asked_by: UUID | None
    settled_by: UUID | None
    created_by: UUID
    approved_by: UUID | None
    created_at: datetime
    approved_at: datetime | None
    left_at: datetime | None
    arrived_at: datetime | None
    ended_at: datetime | None
    late_at: datetime | None


_COLUMNS = ", ".join(Transfer.__dataclass_fields__)
_NEW = (
    "id", "source", "destination", "asset", "network", "amount", "fee", "fee_cap", "address_id", "address", "memo", "key_name", "minutes",
    "proposal_id", "created_by",
)  # fmt: skip


def insert(tx: Tx, row: Mapping[str, Any]) -> bool:
    """False where another one of the asset is leaving the venue."""
    written = tx.first(
        f"""INSERT INTO wallet_bridge.treasury_transfers (tenant_id, state, created_at, {", ".join(_NEW)})
            VALUES (:tenant, 'draft', :now, {", ".join(f":{name}" for name in _NEW)})
            ON CONFLICT (tenant_id, source, asset) WHERE state IN ('draft', 'reserved', 'sent', 'unknown') DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip
    return written is not None


def lock(tx: Tx, transfer_id: UUID) -> Transfer | None:
    return _one(
        tx.first(
            f"SELECT {_COLUMNS} FROM wallet_bridge.treasury_transfers WHERE tenant_id = :tenant AND id = :id FOR NO KEY UPDATE",
            tenant=tx.tenant_id, id=transfer_id,
        )
    )  # fmt: skip


def get(tx: Tx, transfer_id: UUID) -> Transfer | None:
    return _one(
        tx.first(
            f"SELECT {_COLUMNS} FROM wallet_bridge.treasury_transfers WHERE tenant_id = :tenant AND id = :id",
            tenant=tx.tenant_id, id=transfer_id,
        )
    )  # fmt: skip


def deciding(tx: Tx, approval_id: UUID) -> Transfer | None:
    """The transfer that the custodian is asked about for an approval, locked."""
    return _one(
        tx.first(
            f"""SELECT {_COLUMNS} FROM wallet_bridge.treasury_transfers WHERE tenant_id = :tenant AND deciding = :id
                FOR NO KEY UPDATE""",
            tenant=tx.tenant_id, id=approval_id,
        )
    )  # fmt: skip


def page(tx: Tx, *, states: Sequence[TransferState] | None, before: UUID | None, limit: int) -> list[Transfer]:
    """Newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.treasury_transfers
             WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before)
               AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, states=None if states is None else [s.value for s in states], limit=limit,
    )  # fmt: skip
    return [_transfer(row) for row in rows]


def change(tx: Tx, row: Transfer, to: TransferState | None, **columns: Any) -> None:
    """Write columns, and move the state where it is another one."""
    if to is not None and to is not row.state:
        TRANSFER.check(row.state, to)
        columns["state"] = to.value
    if columns:
        sets = ", ".join(f"{name} = :{name}" for name in columns)
        tx.execute(
            f"UPDATE wallet_bridge.treasury_transfers SET {sets} WHERE tenant_id = :tenant AND id = :transfer",
            tenant=tx.tenant_id, transfer=row.id, **columns,
        )  # fmt: skip


def refs_of_others(tx: Tx, *, source: str, but: UUID) -> list[str]:
    """The venue's numbers of other withdrawals."""
    rows = tx.all(
        """SELECT venue_ref FROM wallet_bridge.treasury_transfers
            WHERE tenant_id = :tenant AND source = :source AND venue_ref IS NOT NULL AND id <> :id""",
        tenant=tx.tenant_id, source=source, id=but,
    )  # fmt: skip
    return [row.venue_ref for row in rows]


def deposits_of_others(tx: Tx, *, destination: str) -> list[str]:
    rows = tx.all(
        """SELECT deposit_ref FROM wallet_bridge.treasury_transfers
            WHERE tenant_id = :tenant AND destination = :destination AND deposit_ref IS NOT NULL""",
        tenant=tx.tenant_id, destination=destination,
    )  # fmt: skip
    return [row.deposit_ref for row in rows]


def coming(tx: Tx, *, destination: str) -> list[Transfer]:
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.treasury_transfers
             WHERE tenant_id = :tenant AND destination = :destination AND state = 'in_transit' ORDER BY id""",
        tenant=tx.tenant_id, destination=destination,
    )  # fmt: skip
    return [_transfer(row) for row in rows]


def on_its_way(tx: Tx) -> Mapping[tuple[str, str], Decimal]:
    """(place, asset) → what has left elsewhere and has not arrived there."""
    rows = tx.all(
        """SELECT destination, asset, sum(left_amount) AS amount FROM wallet_bridge.treasury_transfers
            WHERE tenant_id = :tenant AND state = 'in_transit' GROUP BY destination, asset""",
        tenant=tx.tenant_id,
    )  # fmt: skip
    return {(places.located(row.destination), row.asset): row.amount for row in rows}


def expected(tx: Tx, *, destination: str, asset: str) -> bool:
    """Whether any transfer of this asset may still come there."""
    row = tx.first(
        """SELECT FROM wallet_bridge.treasury_transfers
            WHERE tenant_id = :tenant AND destination = :destination AND asset = :asset AND state = ANY(:states) LIMIT 1""",
        tenant=tx.tenant_id, destination=destination, asset=asset, states=sorted(state.value for state in COMING),
    )  # fmt: skip
    return row is not None


def late(tx: Tx, *, limit: int) -> list[AnyRow]:
    """(tenant, id) of what takes three times its time and was not told yet, over all tenants (the engine's role)."""
    return list(
        tx.all(
            """SELECT tenant_id, id FROM wallet_bridge.treasury_transfers
                WHERE state IN ('reserved', 'sent', 'unknown', 'in_transit') AND late_at IS NULL
                  AND approved_at + minutes * interval '3 minutes' < :now ORDER BY id LIMIT :limit""",
            now=tx.now, limit=limit,
        )
    )  # fmt: skip


# Addresses -----------------------------------------------------------------------------------------------------------------------


def insert_address(tx: Tx, row: Mapping[str, Any]) -> bool:
    written = tx.first(
        """INSERT INTO wallet_bridge.venue_addresses (tenant_id, id, venue, asset, network, address, memo, key_name, state, created_by,
                                                      created_at)
           VALUES (:tenant, :id, :venue, :asset, :network, :address, :memo, :key_name, 'waiting', :created_by, :now)
           ON CONFLICT (tenant_id, venue, asset, network) WHERE state <> 'removed' DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip
    return written is not None


def had_address(tx: Tx, *, venue: str, asset: str, network: str) -> bool:
    """Whether one was ever asked for."""
    found = tx.first(
        """SELECT 1 FROM wallet_bridge.venue_addresses
            WHERE tenant_id = :tenant AND venue = :venue AND asset = :asset AND network = :network LIMIT 1""",
        tenant=tx.tenant_id, venue=venue, asset=asset, network=network,
    )  # fmt: skip
    return found is not None


def lock_address(tx: Tx, address_id: UUID) -> AnyRow | None:
    return tx.first(
        "SELECT * FROM wallet_bridge.venue_addresses WHERE tenant_id = :tenant AND id = :id FOR NO KEY UPDATE",
        tenant=tx.tenant_id, id=address_id,
    )  # fmt: skip


def move_address(tx: Tx, row: AnyRow, to: AddressState, *, by: UUID | None = None) -> None:
    ADDRESS.check(AddressState(row.state), to)
    tx.execute(
        """UPDATE wallet_bridge.venue_addresses SET state = :to, approved_by = coalesce(:by, approved_by), decided_at = :now
            WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=row.id, to=to.value, by=by, now=tx.now,
    )  # fmt: skip


def active_address(tx: Tx, *, venue: str, asset: str, network: str) -> AnyRow | None:
    """Locked against its removal: whoever sends there does it before, or not at all."""
    return tx.first(
        """SELECT * FROM wallet_bridge.venue_addresses
            WHERE tenant_id = :tenant AND venue = :venue AND asset = :asset AND network = :network AND state = 'active' FOR SHARE""",
        tenant=tx.tenant_id, venue=venue, asset=asset, network=network,
    )  # fmt: skip


def addresses(tx: Tx) -> list[AnyRow]:
    return list(
        tx.all(
            """SELECT * FROM wallet_bridge.venue_addresses WHERE tenant_id = :tenant AND state <> 'removed'
                ORDER BY venue, asset, network""",
            tenant=tx.tenant_id,
        )
    )  # fmt: skip


# What venues offer ---------------------------------------------------------------------------------------------------------------


def put_rail(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.venue_rails (tenant_id, venue, asset, network, fee, minimum, scale, deposits, withdrawals,
                                                  memo_required, address, memo, read_at)
           VALUES (:tenant, :venue, :asset, :network, :fee, :minimum, :scale, :deposits, :withdrawals, :memo_required, :address, :memo,
                   :now)
           ON CONFLICT (tenant_id, venue, asset, network) DO UPDATE
              SET fee = :fee, minimum = :minimum, scale = :scale, deposits = :deposits, withdrawals = :withdrawals,
                  memo_required = :memo_required, address = coalesce(:address, venue_rails.address),
                  memo = CASE WHEN CAST(:address AS text) IS NULL THEN venue_rails.memo ELSE :memo END, read_at = :now""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def close_rails(tx: Tx, *, venue: str, but: Sequence[tuple[str, str]]) -> None:
    """What the venue does not name any more is closed."""
    tx.execute(
        """UPDATE wallet_bridge.venue_rails SET deposits = false, withdrawals = false
            WHERE tenant_id = :tenant AND venue = :venue AND NOT (asset || '/' || network = ANY(:but))""",
        tenant=tx.tenant_id, venue=venue, but=[f"{asset}/{network}" for asset, network in but],
    )  # fmt: skip


def rails(tx: Tx) -> list[AnyRow]:
    return list(
        tx.all(
            "SELECT * FROM wallet_bridge.venue_rails WHERE tenant_id = :tenant ORDER BY venue, asset, network",
            tenant=tx.tenant_id,
        )
    )


def rail(tx: Tx, *, venue: str, asset: str, network: str) -> AnyRow | None:
    return tx.first(
        """SELECT * FROM wallet_bridge.venue_rails
            WHERE tenant_id = :tenant AND venue = :venue AND asset = :asset AND network = :network""",
        tenant=tx.tenant_id, venue=venue, asset=asset, network=network,
    )  # fmt: skip


# What comes to the custodian ----------------------------------------------------------------------------------------------------


def insert_house_address(tx: Tx, address_id: UUID, *, network: str) -> bool:
    """False where there is one, or one is being asked for."""
    row = tx.first(
        """INSERT INTO wallet_bridge.house_addresses (tenant_id, id, network, asked_at) VALUES (:tenant, :id, :network, :now)
           ON CONFLICT (tenant_id, network) DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, id=address_id, network=network, now=tx.now,
    )  # fmt: skip
    return row is not None


def name_house_address(tx: Tx, address_id: UUID, *, network: str, address: str, memo: str | None) -> bool:
    """False where it is not the one that was asked for, or was named before."""
    done = tx.execute(
        """UPDATE wallet_bridge.house_addresses SET address = :address, memo = :memo, ready_at = :now
            WHERE tenant_id = :tenant AND id = :id AND network = :network AND address IS NULL""",
        tenant=tx.tenant_id, id=address_id, network=network, address=address, memo=memo, now=tx.now,
    )  # fmt: skip
    return bool(done.rowcount)


def forget_house_address(tx: Tx, address_id: UUID) -> bool:
    """It was refused: the next one is asked for anew."""
    done = tx.execute(
        "DELETE FROM wallet_bridge.house_addresses WHERE tenant_id = :tenant AND id = :id AND address IS NULL",
        tenant=tx.tenant_id, id=address_id,
    )  # fmt: skip
    return bool(done.rowcount)


def house_addresses(tx: Tx) -> list[AnyRow]:
    return list(
        tx.all(
            "SELECT network, address, memo FROM wallet_bridge.house_addresses WHERE tenant_id = :tenant ORDER BY network",
            tenant=tx.tenant_id,
        )
    )


def insert_house_deposit(tx: Tx, **row: Any) -> None:
    """Nothing is known of it yet."""
    tx.execute(
        """INSERT INTO wallet_bridge.house_deposits (tenant_id, network, txid, output, asset, state, seq, event, deposit, seen_at)
           VALUES (:tenant, :network, :txid, :output, :asset, 'coming', -1, '', '{}', :now) ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def lock_house_deposit(tx: Tx, *, network: str, txid: str, output: int) -> AnyRow:
    return tx.one(
        """SELECT * FROM wallet_bridge.house_deposits
            WHERE tenant_id = :tenant AND network = :network AND txid = :txid AND output = :output FOR UPDATE""",
        tenant=tx.tenant_id, network=network, txid=txid, output=output,
    )  # fmt: skip


def change_house_deposit(tx: Tx, row: AnyRow, to: HouseDepositState, **columns: Any) -> None:
    """A new event, or what became of it."""
    if "deposit" in columns:
        columns["deposit"] = json.dumps(columns["deposit"])
    sets = "".join(f", {name} = :{name}" for name in columns)
    tx.execute(
        f"""UPDATE wallet_bridge.house_deposits SET state = :state{sets}
             WHERE tenant_id = :tenant AND network = :at_network AND txid = :at_txid AND output = :at_output""",
        tenant=tx.tenant_id, state=to.value, at_network=row.network, at_txid=row.txid, at_output=row.output, **columns,
    )  # fmt: skip


def house_deposits_waiting(tx: Tx) -> list[AnyRow]:
    """(tenant, name) of what is final and has no transfer yet, over all tenants (the engine's role)."""
    return list(
        tx.all(
            """SELECT tenant_id, network, txid, output FROM wallet_bridge.house_deposits WHERE state = 'final'
                ORDER BY tenant_id, network, txid, output"""
        )
    )


# Proposals -----------------------------------------------------------------------------------------------------------------------


def lock_proposals(tx: Tx) -> None:
    """One computes at a time."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('treasury-proposals:' || CAST(:tenant AS text), 0))",
        tenant=tx.tenant_id,
    )


def open_proposals(tx: Tx) -> list[AnyRow]:
    return list(
        tx.all(
            """SELECT * FROM wallet_bridge.treasury_proposals
                WHERE tenant_id = :tenant AND taken_by IS NULL AND expires_at > :now ORDER BY id""",
            tenant=tx.tenant_id, now=tx.now,
        )
    )  # fmt: skip


def lock_proposal(tx: Tx, proposal_id: UUID) -> AnyRow | None:
    return tx.first(
        """SELECT * FROM wallet_bridge.treasury_proposals
            WHERE tenant_id = :tenant AND id = :id AND taken_by IS NULL AND expires_at > :now FOR NO KEY UPDATE""",
        tenant=tx.tenant_id, id=proposal_id, now=tx.now,
    )  # fmt: skip


def insert_proposal(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.treasury_proposals (tenant_id, id, source, destination, asset, network, amount, fee, minutes, usable,
                                                         line, computed_at, expires_at)
           VALUES (:tenant, :id, :source, :destination, :asset, :network, :amount, :fee, :minutes, :usable, :line, :now, :expires_at)""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def expire_proposals(tx: Tx, ids: Sequence[UUID], *, at: datetime) -> None:
    tx.execute(
        "UPDATE wallet_bridge.treasury_proposals SET expires_at = :at WHERE tenant_id = :tenant AND id = ANY(:ids)",
        tenant=tx.tenant_id, ids=list(ids), at=at,
    )  # fmt: skip


def take_proposal(tx: Tx, proposal_id: UUID, *, transfer_id: UUID) -> None:
    tx.execute(
        "UPDATE wallet_bridge.treasury_proposals SET taken_by = :transfer WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=proposal_id, transfer=transfer_id,
    )  # fmt: skip


def tenants(tx: Tx) -> list[UUID]:
    """Whose venues have said what they offer (the engine's role)."""
    return [row.tenant_id for row in tx.all("SELECT DISTINCT tenant_id FROM wallet_bridge.venue_rails ORDER BY 1")]


def _one(row: AnyRow | None) -> Transfer | None:
    return None if row is None else _transfer(row)


def _transfer(row: AnyRow) -> Transfer:
    values = row._asdict()
    return Transfer(**{**values, "state": TransferState(values["state"])})
