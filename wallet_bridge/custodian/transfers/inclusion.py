"""Which stored bytes are in which block, so that a balance as of a block and what will still leave it are told apart exactly.

The reader notes it block by block and takes it back where history changed; the payer, when it looks what became of a transfer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from kernel.db import Tx
from wallet_bridge.custodian.chains.port import Mined

HOUSE = "house/"
GAS = f"{HOUSE}gas/"
"""References of transfers that the custodian makes by itself."""


def note(tx: Tx, network: str, mined: Mapping[str, Mined]) -> None:
    """These transactions are in a block; those that are none of ours are nobody's. Step."""
    tx.execute(
        """UPDATE custody.transfers SET confirmations = 1 WHERE network = :network AND state = 'final' AND confirmations = 0
              AND id IN (SELECT transfer_id FROM custody.attempts WHERE network = :network AND txid = ANY(:txids))""",
        network=network, txids=list(mined),
    )  # fmt: skip
    rows = tx.all(
        "SELECT txid FROM custody.attempts WHERE network = :network AND txid = ANY(:txids) ORDER BY transfer_id, number FOR UPDATE",
        network=network, txids=list(mined),
    )  # fmt: skip
    for row in rows:
        found = mined[row.txid]
        tx.execute(
            """UPDATE custody.attempts SET height = :height, block = :block, fee = :fee, ok = :ok
                WHERE network = :network AND txid = :txid AND (height, block) IS DISTINCT FROM (:height, :block)""",
            height=found.height, block=found.block, fee=found.fee, ok=found.ok, network=network, txid=row.txid,
        )  # fmt: skip


def forget_above(tx: Tx, network: str, height: int) -> Sequence[str]:
    """The blocks after this one are not on the chain any more; answers which of our payments were final there. Step.

    These stay final, for they were told so. No confirmations mark them, until a block has them again.
    """
    rows = tx.all(
        """UPDATE custody.transfers SET confirmations = 0 WHERE state = 'final'
              AND id IN (SELECT transfer_id FROM custody.attempts WHERE network = :network AND height > :height) RETURNING txid""",
        network=network, height=height,
    )  # fmt: skip
    tx.execute(
        """UPDATE custody.attempts SET height = NULL, block = NULL, fee = NULL, ok = NULL
            WHERE network = :network AND height > :height""",
        network=network, height=height,
    )  # fmt: skip
    return [row.txid for row in rows]


def forget(tx: Tx, transfer_id: UUID, *, besides: str | None = None) -> None:
    """No block has any attempt of this one, but for the one with this txid. Step."""
    tx.execute(
        """UPDATE custody.attempts SET height = NULL, block = NULL, fee = NULL, ok = NULL
            WHERE transfer_id = :id AND height IS NOT NULL AND txid IS DISTINCT FROM :besides""",
        id=transfer_id, besides=besides,
    )  # fmt: skip


def of_the_house(tx: Tx, network: str, txids: Collection[str]) -> set[str]:
    """Those by which we moved our own money: what they bring to an address is no deposit of its owner. Step."""
    rows = tx.all(
        """SELECT a.txid FROM custody.attempts a JOIN custody.transfers t ON t.id = a.transfer_id
            WHERE a.network = :network AND a.txid = ANY(:txids) AND starts_with(t.client_ref, :house)""",
        network=network, txids=list(txids), house=HOUSE,
    )  # fmt: skip
    return {row.txid for row in rows}
