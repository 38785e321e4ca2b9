"""Statements on payments back to senders; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx
from wallet_bridge.refunds.record import Refund
from wallet_bridge.withdrawals.states import WITHDRAWAL, WithdrawalState

_FIELDS = tuple(Refund.__dataclass_fields__)
_KNOWN = {"txid", "confirmations", "reported_at", "contradiction", "cancel_asked_at", "ended_because"}


def insert(tx: Tx, new: Refund) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.deposit_refunds
                  (tenant_id, id, deposit_id, asset, network, address, memo, amount, fee, fee_cap, reason, state, asked_by, approved_by,
                   created_at, updated_at)
           VALUES (:tenant, :id, :deposit, :asset, :network, :address, :memo, :amount, :fee, :fee_cap, :reason, :state, :asked_by,
                   :approved_by, :now, :now)""",
        tenant=tx.tenant_id, id=new.id, deposit=new.deposit_id, asset=new.asset, network=new.network, address=new.address, memo=new.memo,
        amount=new.amount, fee=new.fee, fee_cap=new.fee_cap, reason=new.reason, state=new.state.value, asked_by=new.asked_by,
        approved_by=new.approved_by, now=tx.now,
    )  # fmt: skip


def lock(tx: Tx, refund_id: UUID) -> Refund | None:
    """Whoever locks it has locked its deposit."""
    row = tx.first(
        f"""SELECT {", ".join(_FIELDS)} FROM wallet_bridge.deposit_refunds WHERE tenant_id = :tenant AND id = :id FOR UPDATE""",
        tenant=tx.tenant_id, id=refund_id,
    )  # fmt: skip
    if row is None:
        return None
    known = {name: getattr(row, name) for name in _FIELDS}
    return Refund(**(known | {"state": WithdrawalState(row.state)}))


def deposit_of(tx: Tx, refund_id: UUID) -> UUID | None:
    found: UUID | None = tx.scalar(
        "SELECT deposit_id FROM wallet_bridge.deposit_refunds WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=refund_id,
    )
    return found


def move(tx: Tx, refund_id: UUID, to: WithdrawalState, **facts: Any) -> None:
    """A step of its life with what is known by it. The row is locked."""
    ended = {"ended_at": tx.now} if to in WITHDRAWAL.terminal else {}
    row = tx.first(
        f"""UPDATE wallet_bridge.deposit_refunds SET state = :state, updated_at = :now{_set(facts)}{_sets(ended)}
             WHERE tenant_id = :tenant AND id = :id AND state = ANY(CAST(:sources AS text[])) RETURNING id""",
        tenant=tx.tenant_id, id=refund_id, state=to.value, now=tx.now, sources=WITHDRAWAL.sources(to), **facts, **ended,
    )  # fmt: skip
    assert row is not None, "the row is locked and its state was looked at"


def note(tx: Tx, refund_id: UUID, **facts: Any) -> None:
    """What is known more of it, its state unchanged. The row is locked."""
    tx.execute(
        f"""UPDATE wallet_bridge.deposit_refunds SET updated_at = :now{_set(facts)} WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=refund_id, now=tx.now, **facts,
    )  # fmt: skip


def _set(facts: dict[str, Any]) -> str:
    assert facts.keys() <= _KNOWN, f"nothing is noted of {facts.keys() - _KNOWN}"
    return _sets(facts)


def _sets(facts: dict[str, Any]) -> str:
    return "".join(f", {name} = :{name}" for name in facts)


def is_ours(tx: Tx, *, network: str, address: str) -> bool:
    """Whether money that is sent there comes back to this house, whatever the memo."""
    found = tx.scalar(
        """SELECT true WHERE EXISTS (SELECT FROM wallet_bridge.deposit_addresses
                                      WHERE tenant_id = :tenant AND network = :network AND lower(address) = lower(:address))
                          OR EXISTS (SELECT FROM wallet_bridge.house_addresses
                                      WHERE tenant_id = :tenant AND network = :network AND lower(address) = lower(:address))""",
        tenant=tx.tenant_id, network=network, address=address,
    )  # fmt: skip
    return found is not None


def leaving(tx: Tx, *, network: str, asset: str) -> Decimal:
    """What goes back from a wallet and has not been paid yet."""
    return Decimal(
        tx.scalar(
            """SELECT coalesce(sum(amount), 0) FROM wallet_bridge.deposit_refunds
                WHERE tenant_id = :tenant AND network = :network AND asset = :asset AND ended_at IS NULL""",
            tenant=tx.tenant_id, network=network, asset=asset,
        )
    )  # fmt: skip
