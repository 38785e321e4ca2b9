"""Reading a chain one block at a time. A step forward or back is one transaction, and only from where the reader still stands.

`Place` is the last block that was read. If the chain has another one there, everything after the last common block is undone: its
deposits are orphaned, and seen again if a later block has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel import db, failpoints, log
from kernel.clock import wall
from kernel.db import Tx
from wallet_bridge.custodian.addresses import service as addresses
from wallet_bridge.custodian.chains.port import Block, BlockRef, Incoming
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.outputs import service as outputs
from wallet_bridge.custodian.transfers import inclusion
from wallet_bridge.wire.schemas import DepositOut
from wallet_bridge.wire.states import EventType

_FEWEST_KEPT = 64
_MOST_TOLD = 24  # how often the confirmations of one deposit are told, at most
_LARGEST = 10**30
_FIELDS = "network, txid, output, asset, amount, address, memo, owner_ref, height, block, confirmations"
_log = log.get("custodian")
failpoints.declare("custody.block.before_commit", "custody.block.after_commit")


def place(network: str) -> BlockRef | None:
    """Where the reader stands; None before its first block."""
    with db.read_only() as tx:
        row = tx.first(
            """SELECT b.height, b.hash, b.parent FROM custody.networks n
                 JOIN custody.blocks b ON b.network = n.network AND b.height = n.scanned WHERE n.network = :network""",
            network=network,
        )  # fmt: skip
    return None if row is None else BlockRef(row.height, row.hash, row.parent)


def was_read(tx: Tx, network: str, ref: BlockRef) -> bool:
    """Whether this block is among those that were read, and was not taken back. Step."""
    found = tx.scalar(
        "SELECT EXISTS (SELECT 1 FROM custody.blocks WHERE network = :network AND hash = :hash)",
        network=network, hash=ref.hash,
    )  # fmt: skip
    return bool(found)


def kept(network: str) -> Sequence[BlockRef]:
    """The blocks we remember, the newest first."""
    with db.read_only() as tx:
        rows = tx.all(
            "SELECT height, hash, parent FROM custody.blocks WHERE network = :network ORDER BY height DESC",
            network=network,
        )
    return [BlockRef(row.height, row.hash, row.parent) for row in rows]


def forward(network: str, block: Block, *, after: BlockRef | None, final: int) -> bool:
    """Take in the next block; False where another reader was faster."""
    with db.transaction() as tx:
        if not _stands(tx, network, after):
            return False
        _remember(tx, network, block.ref, final=final)
        inclusion.note(tx, network, block.mined)
        _see(tx, network, block, final=final)
        if block.moves is not None:
            outputs.take_in(tx, network, block, block.moves)
        _confirm(tx, network, block.ref.height, final=final)
        failpoints.hit("custody.block.before_commit")
    failpoints.hit("custody.block.after_commit")
    return True


def back(network: str, *, to: BlockRef, after: BlockRef, final: int) -> bool:
    """Undo what was read after `to`; False where another reader was faster."""
    with db.transaction() as tx:
        if not _stands(tx, network, after):
            return False
        rows = tx.all(
            f"""UPDATE custody.deposits SET state = 'orphaned', confirmations = 0
                 WHERE network = :network AND height > :height AND state <> 'orphaned' RETURNING {_FIELDS}""",
            network=network, height=to.height,
        )  # fmt: skip
        lost = inclusion.forget_above(tx, network, to.height)
        tx.execute(
            "DELETE FROM custody.blocks WHERE network = :network AND height > :height",
            network=network,
            height=to.height,
        )
        tx.execute(
            "UPDATE custody.networks SET scanned = :height WHERE network = :network", network=network, height=to.height
        )
        outputs.undo(tx, network, to=to.height)
        if lost:
            _log.error("custodian_final_taken_back", network=network, txids=lost)
            _note_trouble(
                tx, network, f"payments that were final have left the chain and are sent again: {', '.join(lost)}"
            )
        for row in rows:
            feed.add(tx, EventType.DEPOSIT_ORPHANED, _shown(row, final))
        failpoints.hit("custody.block.before_commit")
    failpoints.hit("custody.block.after_commit")
    return True


def _stands(tx: Tx, network: str, at: BlockRef | None) -> bool:
    """Lock the reader's place, if it is still there."""
    tx.execute(
        "INSERT INTO custody.networks (network, scanned) VALUES (:network, -1) ON CONFLICT DO NOTHING", network=network
    )
    scanned = tx.scalar("SELECT scanned FROM custody.networks WHERE network = :network FOR UPDATE", network=network)
    known = tx.scalar(
        "SELECT hash FROM custody.blocks WHERE network = :network AND height = :height", network=network, height=scanned
    )
    return bool(known == (None if at is None else at.hash))


def _remember(tx: Tx, network: str, ref: BlockRef, *, final: int) -> None:
    tx.execute(
        "INSERT INTO custody.blocks (network, height, hash, parent) VALUES (:network, :height, :hash, :parent)",
        network=network, height=ref.height, hash=ref.hash, parent=ref.parent,
    )  # fmt: skip
    tx.execute(
        "DELETE FROM custody.blocks WHERE network = :network AND height < :oldest",
        network=network, oldest=ref.height - max(2 * final, _FEWEST_KEPT),  # what that many blocks stand on is kept too
    )  # fmt: skip
    tx.execute(
        "UPDATE custody.networks SET scanned = :height WHERE network = :network", network=network, height=ref.height
    )


def _see(tx: Tx, network: str, block: Block, *, final: int) -> None:
    """What this block paid to addresses of ours, but for what we paid there ourselves. An amount beyond all reason is left to people."""
    mine = addresses.owners(tx, network, {one.address for one in block.incoming})
    ours = {address for address, _memo in mine}
    found = [one for one in block.incoming if one.address in ours]
    own = inclusion.of_the_house(tx, network, {one.txid for one in found})
    for one in found:
        if one.amount >= _LARGEST:
            _too_large(tx, network, one)
        elif one.txid not in own:
            row = _insert(tx, network, block.ref, one, owner=mine.get((one.address, one.memo)))
            if row is not None:
                feed.add(tx, EventType.DEPOSIT_SEEN, _shown(row, final))


def _too_large(tx: Tx, network: str, one: Incoming) -> None:
    _log.error("custodian_deposit_too_large", network=network, txid=one.txid, output=one.output, asset=one.asset)
    _note_trouble(
        tx, network, f"{one.txid} output {one.output}: more {one.asset} than there can be; it is not told as a deposit"
    )


def _insert(tx: Tx, network: str, ref: BlockRef, one: Incoming, *, owner: str | None) -> Any:
    return tx.first(
        f"""INSERT INTO custody.deposits AS d (network, txid, output, asset, amount, address, memo, owner_ref, state, height, block,
                                               confirmations, seen_at)
            VALUES (:network, :txid, :output, :asset, :amount, :address, :memo, :owner, 'seen', :height, :block, 1, :now)
            ON CONFLICT (network, txid, output) DO UPDATE
               SET state = 'seen', asset = excluded.asset, amount = excluded.amount, address = excluded.address, memo = excluded.memo,
                   owner_ref = excluded.owner_ref, height = excluded.height, block = excluded.block, confirmations = 1
             WHERE d.state = 'orphaned'
            RETURNING {_FIELDS}""",
        network=network, txid=one.txid, output=one.output, asset=one.asset, amount=one.amount, address=one.address, memo=one.memo,
        owner=owner, height=ref.height, block=ref.hash, now=wall(),
    )  # fmt: skip


def _confirm(tx: Tx, network: str, height: int, *, final: int) -> None:
    """Every open deposit stands one block deeper."""
    rows = tx.all(
        f"""UPDATE custody.deposits
               SET confirmations = least(:height - height + 1, :final),
                   state = CASE WHEN :height - height + 1 >= :final THEN 'final' WHEN height < :height THEN 'confirming' ELSE state END
             WHERE network = :network AND state IN ('seen', 'confirming') RETURNING {_FIELDS}, state""",
        network=network, height=height, final=final,
    )  # fmt: skip
    step = max(1, final // _MOST_TOLD)
    for row in sorted(rows, key=lambda row: (row.height, row.txid, row.output)):
        if row.state == "final":
            feed.add(tx, EventType.DEPOSIT_FINAL, _shown(row, final))
        elif row.state == "confirming" and row.confirmations % step == 0:
            feed.add(tx, EventType.DEPOSIT_CONFIRMING, _shown(row, final))


def troubled(network: str, error: str) -> None:
    """What went wrong last, for whoever looks at the chain's state."""
    with db.transaction() as tx:
        _note_trouble(tx, network, error)


def _note_trouble(tx: Tx, network: str, error: str) -> None:
    tx.execute(
        """INSERT INTO custody.networks (network, scanned, last_error, last_error_at) VALUES (:network, -1, :error, :now)
           ON CONFLICT (network) DO UPDATE SET last_error = :error, last_error_at = :now""",
        network=network, error=error[:300], now=wall(),
    )  # fmt: skip


def reached(network: str, tip: int) -> None:
    with db.transaction() as tx:
        tx.execute(
            """INSERT INTO custody.networks (network, scanned, tip) VALUES (:network, -1, :tip)
               ON CONFLICT (network) DO UPDATE SET tip = :tip""",
            network=network, tip=tip,
        )  # fmt: skip


def _shown(row: Any, final: int) -> DepositOut:
    return DepositOut(
        network=row.network, txid=row.txid, output=row.output, asset=row.asset, amount=row.amount, address=row.address, memo=row.memo,
        owner_ref=row.owner_ref, height=row.height, block=row.block, confirmations=row.confirmations, final_at=final,
    )  # fmt: skip
