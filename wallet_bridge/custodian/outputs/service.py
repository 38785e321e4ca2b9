"""What we own on a chain of outputs, as the reader saw it block by block: nothing here asks a node, and a reorganisation undoes itself.

The hot wallet pays from its own outputs and from those of the deposit addresses alike: the same program has the keys of both, and a
payment that gathers deposits saves the transaction that would only have moved them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import db
from kernel.db import Tx
from wallet_bridge.custodian import counters
from wallet_bridge.custodian.chains.port import Block, CannotPay, Moves, Output
from wallet_bridge.custodian.keys import DEPOSITS, HOT

_LOCK = "outputs"
_MOST = 1_000  # the largest ones are enough to pay from; a flood of dust stays below them
_BRANCH = {"hot": HOT, "deposits": DEPOSITS}  # no key of the cold wallet is here


class OutputTaken(Exception):
    """Stored bytes of another transfer use it: the whole step is undone, and the next round chooses anew."""


# Reading -------------------------------------------------------------------------------------------------------------------------


def take_in(tx: Tx, network: str, block: Block, moves: Moves) -> None:
    """What a block paid to us, and what it spent of ours. Step."""
    numbers = _numbers(tx, network, {one.address for one in block.incoming})
    found = []
    for one in block.incoming:
        wallet = moves.wallets.get(one.address, "deposits")
        if wallet == "deposits" and one.address not in numbers:
            continue
        index = {"hot": 0, "cold": None}.get(wallet, numbers.get(one.address))
        found.append(
            {
                "network": network, "txid": one.txid, "output": one.output, "address": one.address, "amount": one.amount,
                "wallet": wallet, "index": index, "height": block.ref.height, "rests": moves.resting.get(one.txid, 0),
            }
        )  # fmt: skip
    tx.execute_many(
        """INSERT INTO custody.outputs (network, txid, output, address, amount, wallet, index, height, rests)
           VALUES (:network, :txid, :output, :address, :amount, :wallet, :index, :height, :rests)""",
        found,
    )
    tx.execute(
        """UPDATE custody.outputs o SET spent_by = s.spender, spent_height = :height
             FROM unnest(CAST(:txids AS text[]), CAST(:numbers AS integer[]), CAST(:spenders AS text[])) AS s (txid, output, spender)
            WHERE o.network = :network AND o.txid = s.txid AND o.output = s.output""",
        network=network, height=block.ref.height, txids=[one[0] for one in moves.spent], numbers=[one[1] for one in moves.spent],
        spenders=[one[2] for one in moves.spent],
    )  # fmt: skip


def _numbers(tx: Tx, network: str, addresses: set[str]) -> dict[str, int]:
    rows: Sequence[Any] = tx.all(
        "SELECT address, index FROM custody.addresses WHERE network = :network AND address = ANY(:addresses)",
        network=network, addresses=list(addresses),
    )  # fmt: skip
    return {row.address: row.index for row in rows}


def undo(tx: Tx, network: str, *, to: int) -> None:
    """Blocks above this height are no longer on the chain. Step."""
    tx.execute("DELETE FROM custody.outputs WHERE network = :network AND height > :height", network=network, height=to)
    tx.execute(
        """UPDATE custody.outputs SET spent_by = NULL, spent_height = NULL
            WHERE network = :network AND spent_height > :height""",
        network=network, height=to,
    )  # fmt: skip


# Paying --------------------------------------------------------------------------------------------------------------------------


def hold(tx: Tx, network: str) -> None:
    """Until this transaction ends nobody else chooses among the network's outputs. Step."""
    counters.lock(tx, network, _LOCK, first=0)


def free(tx: Tx, network: str, *, final: int, wallets: Sequence[str] = ("hot", "deposits")) -> Sequence[Output]:
    """What may be spent, the largest first: deep enough never to vanish, and used by no stored bytes. Step."""
    rows = tx.all(
        """SELECT o.txid, o.output, o.amount, o.address, o.wallet, o.index
             FROM custody.outputs o JOIN custody.networks n ON n.network = o.network
            WHERE o.network = :network AND o.wallet = ANY(:wallets) AND o.spent_height IS NULL
              AND o.height + greatest(:final, o.rests) <= n.scanned + 1
              AND NOT EXISTS (SELECT FROM custody.spends s WHERE s.network = o.network AND s.txid = o.txid AND s.output = o.output)
            ORDER BY o.amount DESC, o.txid, o.output LIMIT :most""",
        network=network, final=final, most=_MOST, wallets=list(wallets),
    )  # fmt: skip
    return [_output(row) for row in rows]


def used(tx: Tx, network: str, transfer_id: UUID) -> Sequence[Output]:
    """What stored bytes of a transfer spend. Step.

    Raises:
        CannotPay: a reorganisation took one of them away; only the same bytes may be sent again.
    """
    rows = tx.all(
        """SELECT o.txid, o.output, o.amount, o.address, o.wallet, o.index FROM custody.spends s
             LEFT JOIN custody.outputs o ON o.network = s.network AND o.txid = s.txid AND o.output = s.output
            WHERE s.network = :network AND s.transfer_id = :id ORDER BY o.amount DESC, o.txid, o.output""",
        network=network, id=transfer_id,
    )  # fmt: skip
    if any(row.amount is None for row in rows):
        raise CannotPay("an output that it spends is not on the chain")
    return [_output(row) for row in rows]


def use(tx: Tx, network: str, transfer_id: UUID, spends: Sequence[tuple[str, int]]) -> None:
    """From now on these belong to one transfer, until it has failed, or is final without them. Step.

    Raises:
        OutputTaken
    """
    for txid, output in spends:
        owner = tx.scalar(
            """INSERT INTO custody.spends AS s (network, txid, output, transfer_id) VALUES (:network, :txid, :output, :id)
               ON CONFLICT (network, txid, output) DO UPDATE SET transfer_id = s.transfer_id RETURNING transfer_id""",
            network=network, txid=txid, output=output, id=transfer_id,
        )  # fmt: skip
        if owner != transfer_id:
            raise OutputTaken(f"{txid}:{output}")


def let_go(tx: Tx, network: str, transfer_id: UUID, *, but: Sequence[tuple[str, int]]) -> None:
    """A transfer has spent these and will spend none of its others. Step."""
    tx.execute(
        """DELETE FROM custody.spends s
            WHERE s.network = :network AND s.transfer_id = :id
              AND NOT EXISTS (SELECT FROM unnest(CAST(:txids AS text[]), CAST(:numbers AS integer[])) AS i (txid, output)
                               WHERE i.txid = s.txid AND i.output = s.output)""",
        network=network, id=transfer_id, txids=[one[0] for one in but], numbers=[one[1] for one in but],
    )  # fmt: skip


def spent_elsewhere(network: str, inputs: Sequence[tuple[str, int]], *, but: Sequence[str], final: int) -> bool:
    """Whether a final block has another transaction than these that spends one of the outputs."""
    with db.read_only() as tx:
        found: bool = tx.scalar(
            """SELECT EXISTS (
                 SELECT FROM unnest(CAST(:txids AS text[]), CAST(:numbers AS integer[])) AS i (txid, output)
                   JOIN custody.outputs o ON o.network = :network AND o.txid = i.txid AND o.output = i.output
                   JOIN custody.networks n ON n.network = o.network
                  WHERE o.spent_by <> ALL(:but) AND o.spent_height + :final <= n.scanned + 1)""",
            network=network, txids=[one[0] for one in inputs], numbers=[one[1] for one in inputs], but=list(but), final=final,
        )  # fmt: skip
    return found


def held(network: str, address: str, *, all_wallets: bool = False) -> Decimal:
    """What unspent outputs of an address hold; `all_wallets`: of all that the hot wallet pays from."""
    which = "wallet IN ('hot', 'deposits')" if all_wallets else "address = :address"
    with db.read_only() as tx:
        found: Decimal = tx.scalar(
            f"""SELECT coalesce(sum(amount), 0) FROM custody.outputs
                 WHERE network = :network AND {which} AND spent_height IS NULL""",
            network=network, address=address,
        )  # fmt: skip
    return found


def _output(row: Any) -> Output:
    return Output(row.txid, row.output, row.amount, row.address, _BRANCH.get(row.wallet), row.index)
