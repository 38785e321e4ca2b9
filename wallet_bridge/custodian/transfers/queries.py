"""One function, one statement on transfers, their attempts, and the outputs these spend."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.clock import wall
from kernel.db import AnyRow, Tx
from wallet_bridge.custodian.chains.port import Signed
from wallet_bridge.custodian.transfers.record import Attempt, Transfer
from wallet_bridge.wire.states import TRANSFER, Source, TransferState

_SELECT = """
    SELECT id, client_ref, request, source, payer, network, asset, amount, fee_cap, address, memo, state, confirmations, txid, fee,
           reason, created_at, updated_at
      FROM custody.transfers"""
_ATTEMPT = "SELECT transfer_id, number, payer, nonce, raw, txid, max_fee, created_at, sent_at, last_error FROM custody.attempts"


def insert(tx: Tx, one: Transfer, *, digest: bytes) -> bool:
    """False where the reference is used already."""
    made = tx.first(
        """INSERT INTO custody.transfers (id, client_ref, digest, request, source, payer, network, asset, amount, fee_cap, address,
                                          memo, state, created_at, updated_at)
           VALUES (:id, :ref, :digest, CAST(:request AS jsonb), :source, :payer, :network, :asset, :amount, :fee_cap, :address, :memo,
                   'accepted', :now, :now)
           ON CONFLICT (client_ref) DO NOTHING RETURNING id""",
        id=one.id, ref=one.client_ref, digest=digest, request=json.dumps(one.request), source=one.source.value, payer=one.payer,
        network=one.network, asset=one.asset, amount=one.amount, fee_cap=one.fee_cap, address=one.address, memo=one.memo,
        now=one.created_at,
    )  # fmt: skip
    return made is not None


def digest_of(tx: Tx, client_ref: str) -> tuple[UUID, bytes]:
    row = tx.one("SELECT id, digest FROM custody.transfers WHERE client_ref = :ref", ref=client_ref)
    return row.id, bytes(row.digest)


def get(tx: Tx, transfer_id: UUID) -> Transfer | None:
    row = tx.first(f"{_SELECT} WHERE id = :id", id=transfer_id)
    return None if row is None else _transfer(row)


def by_ref(tx: Tx, client_ref: str) -> Transfer | None:
    row = tx.first(f"{_SELECT} WHERE client_ref = :ref", ref=client_ref)
    return None if row is None else _transfer(row)


def lock(tx: Tx, transfer_id: UUID) -> Transfer:
    return _transfer(tx.one(f"{_SELECT} WHERE id = :id FOR UPDATE", id=transfer_id))


def lock_next(tx: Tx, network: str, *, after: UUID) -> Transfer | None:
    """The oldest one that waits for our signature and that nobody else is signing."""
    row = tx.first(
        f"""{_SELECT} WHERE network = :network AND state = 'accepted' AND source <> 'cold' AND id > :after
              ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED""",
        network=network, after=after,
    )  # fmt: skip
    return None if row is None else _transfer(row)


def waiting(tx: Tx, network: str) -> Sequence[Transfer]:
    """What waits for our signature, the oldest first."""
    rows = tx.all(
        f"{_SELECT} WHERE network = :network AND state = 'accepted' AND source <> 'cold' ORDER BY id", network=network
    )
    return [_transfer(row) for row in rows]


def open_ones(tx: Tx, network: str) -> Sequence[Transfer]:
    """Signed, and not known to be final."""
    rows = tx.all(
        f"{_SELECT} WHERE network = :network AND state IN ('signed', 'broadcast', 'confirming') ORDER BY id",
        network=network,
    )
    return [_transfer(row) for row in rows]


def open_cold(tx: Tx, network: str) -> Sequence[Transfer]:
    """Out of the cold wallet, and not at their end."""
    rows = tx.all(
        f"""{_SELECT} WHERE network = :network AND source = 'cold' AND state IN ('accepted', 'signed', 'broadcast', 'confirming')
              ORDER BY id""",
        network=network,
    )  # fmt: skip
    return [_transfer(row) for row in rows]


def fees_taken(tx: Tx, transfer_id: UUID) -> Decimal:
    """What attempts that a block has did cost."""
    found: Decimal = tx.scalar(
        "SELECT coalesce(sum(fee), 0) FROM custody.attempts WHERE transfer_id = :id AND height IS NOT NULL",
        id=transfer_id,
    )
    return found


def taken_back(tx: Tx, network: str) -> Sequence[tuple[str, bytes]]:
    """(txid, bytes) of what was final and has left the chain."""
    rows = tx.all(
        """SELECT a.txid, a.raw FROM custody.transfers t JOIN custody.attempts a ON a.transfer_id = t.id AND a.txid = t.txid
            WHERE t.network = :network AND t.state = 'final' AND t.confirmations = 0 ORDER BY t.id""",
        network=network,
    )  # fmt: skip
    return [(row.txid, bytes(row.raw)) for row in rows]


def attempts(tx: Tx, transfers: Sequence[UUID]) -> Mapping[UUID, list[Attempt]]:
    """Of each, the first one first."""
    rows = tx.all(f"{_ATTEMPT} WHERE transfer_id = ANY(:ids) ORDER BY transfer_id, number", ids=list(transfers))
    found: dict[UUID, list[Attempt]] = {one: [] for one in transfers}
    for row in rows:
        found[row.transfer_id].append(_attempt(row))
    return found


def add_attempt(
    tx: Tx, one: Transfer, made: Signed, *, number: int, nonce: int | None, payer: str | None = None
) -> None:
    """`payer`: who signed it, where that is not whose money it moves."""
    tx.execute(
        """INSERT INTO custody.attempts (transfer_id, number, network, payer, nonce, raw, txid, max_fee, created_at)
           VALUES (:id, :number, :network, :payer, :nonce, :raw, :txid, :max_fee, :now)""",
        id=one.id, number=number, network=one.network, payer=payer or one.payer, nonce=nonce, raw=made.raw, txid=made.txid,
        max_fee=made.max_fee, now=wall(),
    )  # fmt: skip


def release_spends(tx: Tx, transfer_id: UUID) -> None:
    tx.execute("DELETE FROM custody.spends WHERE transfer_id = :id", id=transfer_id)


def still_leaving(
    tx: Tx, *, network: str, payers: Sequence[str], native: str, height: int, besides: UUID | None = None
) -> Mapping[str, Decimal]:
    """What stored bytes that no block up to this height has will take from these accounts, by asset, fees at their most.

    A balance as of a block and this, as of the same height, count everything once: what a block took is in the balance, and the rest here,
    whatever state a transfer has reached meanwhile. What a Safe pays costs the hot wallet its fee.
    """
    rows = tx.all(
        """SELECT t.asset, sum(t.amount) FILTER (WHERE t.payer = ANY(:payers)) AS amount,
                  sum(a.fee) FILTER (WHERE a.payer = ANY(:payers)) AS fees
             FROM custody.transfers t
             CROSS JOIN LATERAL (
                 SELECT max(max_fee) AS fee, max(payer) AS payer, bool_or(height <= :height) AS taken
                   FROM custody.attempts a WHERE a.transfer_id = t.id
             ) a
            WHERE t.network = :network AND (t.payer = ANY(:payers) OR a.payer = ANY(:payers)) AND t.id IS DISTINCT FROM :besides
              AND a.taken IS NOT TRUE
              AND (t.state IN ('signed', 'broadcast', 'confirming')
                   OR t.id IN (SELECT transfer_id FROM custody.attempts WHERE network = :network AND height > :height))
            GROUP BY t.asset""",
        network=network, payers=list(payers), height=height, besides=besides,
    )  # fmt: skip
    found: dict[str, Decimal] = {native: Decimal(0)}
    for row in rows:
        found[row.asset] = found.get(row.asset, Decimal(0)) + (row.amount or 0)
        found[native] += row.fees or 0
    return found


def mark_sent(tx: Tx, transfer_id: UUID, number: int, *, error: str | None) -> None:
    """The bytes were shown to the node."""
    tx.execute(
        "UPDATE custody.attempts SET sent_at = coalesce(sent_at, :now), last_error = :error WHERE transfer_id = :id AND number = :number",
        now=wall(), error=error, id=transfer_id, number=number,
    )  # fmt: skip


def move(
    tx: Tx,
    one: Transfer,
    to: TransferState,
    *,
    txid: str | None = None,
    fee: Decimal | None = None,
    confirmations: int = 0,
    reason: str | None = None,
) -> None:
    """Into another state, or on within its own; the row is locked."""
    if to is not one.state:
        TRANSFER.check(one.state, to)
    tx.execute(
        """UPDATE custody.transfers SET state = :state, txid = :txid, fee = :fee, confirmations = :confirmations, reason = :reason,
                                        updated_at = :now WHERE id = :id""",
        state=to.value, txid=txid, fee=fee, confirmations=confirmations, reason=reason, now=wall(), id=one.id,
    )  # fmt: skip


def wait_for(tx: Tx, transfer_id: UUID, reason: str) -> None:
    """Why it was not signed this time."""
    tx.execute(
        "UPDATE custody.transfers SET reason = :reason, updated_at = :now WHERE id = :id AND reason IS DISTINCT FROM :reason",
        reason=reason, now=wall(), id=transfer_id,
    )  # fmt: skip


def _transfer(row: AnyRow) -> Transfer:
    fields: Any = row
    return Transfer(
        id=fields.id, client_ref=fields.client_ref, request=fields.request, source=Source(fields.source), payer=fields.payer,
        network=fields.network, asset=fields.asset, amount=fields.amount, fee_cap=fields.fee_cap, address=fields.address,
        memo=fields.memo, state=TransferState(fields.state), confirmations=fields.confirmations, txid=fields.txid, fee=fields.fee,
        reason=fields.reason, created_at=fields.created_at, updated_at=fields.updated_at,
    )  # fmt: skip


def _attempt(row: AnyRow) -> Attempt:
    sent_at: datetime | None = row.sent_at
    return Attempt(
        transfer_id=row.transfer_id, number=row.number, payer=row.payer, nonce=row.nonce, raw=bytes(row.raw), txid=row.txid,
        max_fee=row.max_fee, created_at=row.created_at, sent_at=sent_at, last_error=row.last_error,
    )  # fmt: skip
