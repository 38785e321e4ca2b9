"""The tables of drafts and of the signatures that were handed in for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.clock import wall
from kernel.db import Tx
from wallet_bridge.custodian.errors import AlreadySigned


@dataclass(frozen=True, slots=True)
class Draft:
    psbt: bytes
    fee: Decimal


def add(tx: Tx, transfer_id: UUID, one: Draft) -> None:
    tx.execute(
        "INSERT INTO custody.cold_drafts (transfer_id, psbt, fee, created_at) VALUES (:id, :psbt, :fee, :now)",
        id=transfer_id, psbt=one.psbt, fee=one.fee, now=wall(),
    )  # fmt: skip


def get(tx: Tx, transfer_id: UUID) -> Draft | None:
    row = tx.first("SELECT psbt, fee FROM custody.cold_drafts WHERE transfer_id = :id", id=transfer_id)
    return None if row is None else Draft(bytes(row.psbt), row.fee)


def undrafted(tx: Tx, network: str) -> Sequence[UUID]:
    """Cold transfers that wait for their draft."""
    rows = tx.all(
        """SELECT id FROM custody.transfers t WHERE network = :network AND source = 'cold' AND state = 'accepted'
              AND NOT EXISTS (SELECT FROM custody.cold_drafts d WHERE d.transfer_id = t.id) ORDER BY id""",
        network=network,
    )  # fmt: skip
    return [row.id for row in rows]


def signatures(tx: Tx, transfer_id: UUID) -> Mapping[tuple[int, bytes], bytes]:
    rows = tx.all(
        "SELECT input, public_key, signature FROM custody.cold_signatures WHERE transfer_id = :id", id=transfer_id
    )
    return {(row.input, bytes(row.public_key)): bytes(row.signature) for row in rows}


def sign(tx: Tx, transfer_id: UUID, found: Mapping[tuple[int, bytes], bytes]) -> None:
    """A holder's signature counts once, the first one."""
    tx.execute_many(
        """INSERT INTO custody.cold_signatures (transfer_id, input, public_key, signature, at)
           VALUES (:id, :input, :public_key, :signature, :now) ON CONFLICT DO NOTHING""",
        [
            {"id": transfer_id, "input": number, "public_key": public_key, "signature": signature, "now": wall()}
            for (number, public_key), signature in found.items()
        ],
    )


def drop(tx: Tx, transfer_id: UUID) -> None:
    """The draft of a transfer that is cancelled, while nobody has signed it.

    Raises:
        AlreadySigned
    """
    if signatures(tx, transfer_id):
        raise AlreadySigned
    tx.execute("DELETE FROM custody.cold_drafts WHERE transfer_id = :id", id=transfer_id)
