"""The tables of drafts, of the signatures that were handed in for them, and of what the chain says of a Safe.

A Safe's owner signs input 0, and is named by address where a holder of outputs is by public key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.clock import wall
from kernel.db import Tx
from wallet_bridge.custodian.chains.safes import SafeState
from wallet_bridge.custodian.errors import AlreadySigned


@dataclass(frozen=True, slots=True)
class Draft:
    """A PSBT with its fee; or a SafeTx with its nonce, and the block it was drafted at."""

    raw: bytes
    fee: Decimal | None = None
    nonce: int | None = None
    height: int | None = None


def add(tx: Tx, transfer_id: UUID, one: Draft) -> None:
    tx.execute(
        """INSERT INTO custody.cold_drafts (transfer_id, raw, fee, nonce, height, created_at)
           VALUES (:id, :raw, :fee, :nonce, :height, :now)""",
        id=transfer_id, raw=one.raw, fee=one.fee, nonce=one.nonce, height=one.height, now=wall(),
    )  # fmt: skip


def get(tx: Tx, transfer_id: UUID) -> Draft | None:
    row = tx.first("SELECT raw, fee, nonce, height FROM custody.cold_drafts WHERE transfer_id = :id", id=transfer_id)
    return None if row is None else Draft(bytes(row.raw), row.fee, row.nonce, row.height)


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


# A Safe ----------------------------------------------------------------------------------------------------------------------------


def of_safe(tx: Tx, network: str) -> Sequence[tuple[int, str, Decimal]]:
    """(nonce, asset, amount) of what is drafted and not at its end."""
    rows = tx.all(
        """SELECT d.nonce, t.asset, t.amount FROM custody.cold_drafts d JOIN custody.transfers t ON t.id = d.transfer_id
            WHERE t.network = :network AND d.nonce IS NOT NULL AND t.state IN ('accepted', 'signed', 'broadcast', 'confirming')""",
        network=network,
    )  # fmt: skip
    return [(row.nonce, row.asset, row.amount) for row in rows]


def hold_safe(tx: Tx, network: str) -> None:
    """Nobody else drafts for it before this transaction ends."""
    tx.all("SELECT 1 FROM custody.safes WHERE network = :network FOR UPDATE", network=network)


def safe(tx: Tx, network: str) -> SafeState | None:
    """As it was read last."""
    row = tx.first(
        "SELECT height, owners, threshold, nonce, trouble FROM custody.safes WHERE network = :network", network=network
    )
    return None if row is None else SafeState(row.height, tuple(row.owners), row.threshold, row.nonce, row.trouble)


def trouble(tx: Tx, network: str) -> str | None:
    """Why nothing is paid into a network's Safe."""
    found = safe(tx, network)
    return "the Safe was not read yet" if found is None else found.trouble


def put_safe(tx: Tx, network: str, address: str, state: SafeState) -> None:
    """What was read just now. Step."""
    tx.execute(
        """INSERT INTO custody.safes (network, address, height, owners, threshold, nonce, trouble, at)
           VALUES (:network, :address, :height, :owners, :threshold, :nonce, :trouble, :now)
           ON CONFLICT (network) DO UPDATE SET address = :address, height = :height, owners = :owners, threshold = :threshold,
                                               nonce = :nonce, trouble = :trouble, at = :now""",
        network=network, address=address, height=state.height, owners=list(state.owners), threshold=state.threshold,
        nonce=state.nonce, trouble=state.trouble, now=wall(),
    )  # fmt: skip


def drop(tx: Tx, transfer_id: UUID) -> None:
    """The draft of a transfer that is cancelled, while nobody has signed it.

    Raises:
        AlreadySigned
    """
    if signatures(tx, transfer_id):
        raise AlreadySigned
    tx.execute("DELETE FROM custody.cold_drafts WHERE transfer_id = :id", id=transfer_id)
