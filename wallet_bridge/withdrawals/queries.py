"""Statements on withdrawals; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import arrays
from kernel.db import AnyRow, Tx
from wallet_bridge.withdrawals.record import Decision, Withdrawal
from wallet_bridge.withdrawals.rules import Day
from wallet_bridge.withdrawals.states import (
    DECISION,
    UNPAID,
    WITHDRAWAL,
    DecisionState,
    WithdrawalState,
    WithdrawalVerdict,
)

_COLUMNS = ", ".join(Withdrawal.__dataclass_fields__)


def one_at_a_time(tx: Tx, customer: UUID) -> None:
    """Withdrawals of a customer wait for each other, so that two at once cannot both pass a limit."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 51))", name=f"{tx.tenant_id}:withdrawals:{customer}"
    )


def insert(tx: Tx, new: Withdrawal) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.withdrawals
                  (tenant_id, id, customer_id, address_id, asset, network, address, plain, memo, label, amount, fee, fee_cap, value,
                   receiver_id, state, review, hold_id, created_at, updated_at)
           VALUES (:tenant, :id, :customer, :address_id, :asset, :network, :address, :plain, :memo, :label, :amount, :fee, :fee_cap,
                   CAST(:value AS numeric), CAST(:receiver AS uuid), :state, CAST(:review AS text[]), :hold, :now, :now)""",
        tenant=tx.tenant_id, id=new.id, customer=new.customer_id, address_id=new.address_id, asset=new.asset, network=new.network,
        address=new.address, plain=new.plain, memo=new.memo, label=new.label, amount=new.amount, fee=new.fee, fee_cap=new.fee_cap,
        value=new.value, receiver=new.receiver_id, state=new.state.value, review=arrays.texts(new.review), hold=new.hold_id, now=tx.now,
    )  # fmt: skip
    _note(tx, new.id, new.state)


def get(tx: Tx, withdrawal_id: UUID, *, customer: UUID | None, lock: bool = False) -> Withdrawal | None:
    """One, of this customer or of anybody."""
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.withdrawals WHERE tenant_id = :tenant AND id = :id
               AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)""" + (" FOR UPDATE" if lock else ""),
        tenant=tx.tenant_id, id=withdrawal_id, customer=customer,
    )  # fmt: skip
    return None if row is None else _withdrawal(row)


def page(
    tx: Tx, *, customer: UUID | None, state: WithdrawalState | None, before: UUID | None, limit: int
) -> list[Withdrawal]:
    """Newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.withdrawals WHERE tenant_id = :tenant
               AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
               AND (CAST(:state AS text) IS NULL OR state = :state)
               AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid)) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer, state=state and state.value, before=before, limit=limit,
    )  # fmt: skip
    return [_withdrawal(row) for row in rows]


def steps(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[WithdrawalState, datetime]]:
    """When each was first in each state, in order."""
    found: dict[UUID, dict[WithdrawalState, datetime]] = {one: {} for one in ids}
    rows = tx.all(
        """SELECT withdrawal_id, state, at FROM wallet_bridge.withdrawal_steps
            WHERE tenant_id = :tenant AND withdrawal_id = ANY(CAST(:ids AS uuid[])) ORDER BY at""",
        tenant=tx.tenant_id, ids=arrays.array(ids),
    )  # fmt: skip
    for row in sorted(rows, key=lambda row: (row.at, _ORDER[row.state])):
        found[row.withdrawal_id][WithdrawalState(row.state)] = row.at
    return found


_ORDER: Mapping[str, int] = {state.value: n for n, state in enumerate(WithdrawalState)}


def move(tx: Tx, withdrawal_id: UUID, to: WithdrawalState, **facts: Any) -> bool:
    """A step of its life with what is known by it; True when it is in that state for the first time. The row is locked."""
    known = {"released_by", "approved_by", "txid", "confirmations", "reported_at", "reason", "contradiction"}
    assert set(facts) <= known, f"a move says nothing of {set(facts) - known}"
    ended = ", ended_at = :now, cancel_asked_at = NULL" if to in WITHDRAWAL.terminal else ""
    row = tx.first(
        f"""UPDATE wallet_bridge.withdrawals SET state = :state, updated_at = :now{ended}
                   {"".join(f", {name} = :{name}" for name in facts)}
             WHERE tenant_id = :tenant AND id = :id AND state = ANY(CAST(:sources AS text[])) RETURNING id""",
        tenant=tx.tenant_id, id=withdrawal_id, state=to.value, now=tx.now, sources=WITHDRAWAL.sources(to), **facts,
    )  # fmt: skip
    assert row is not None, "the row is locked and its state was looked at"
    return _note(tx, withdrawal_id, to)


def note(tx: Tx, withdrawal_id: UUID, **facts: Any) -> None:
    """What is known more of it, its state unchanged. The row is locked."""
    known = {
        "txid",
        "confirmations",
        "reported_at",
        "contradiction",
        "cancel_asked_at",
        "cancel_refused",
        "released_by",
    }
    assert facts, "something must be known"
    assert set(facts) <= known, f"nothing is noted of {set(facts) - known}"
    tx.execute(
        f"""UPDATE wallet_bridge.withdrawals SET updated_at = :now{"".join(f", {name} = :{name}" for name in facts)}
             WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=withdrawal_id, now=tx.now, **facts,
    )  # fmt: skip


def _note(tx: Tx, withdrawal_id: UUID, state: WithdrawalState) -> bool:
    row = tx.first(
        "INSERT INTO wallet_bridge.withdrawal_steps (tenant_id, withdrawal_id, state, at) VALUES (:tenant, :id, :state, :now)"
        " ON CONFLICT DO NOTHING RETURNING state",
        tenant=tx.tenant_id,
        id=withdrawal_id,
        state=state.value,
        now=tx.now,
    )
    return row is not None


def taken_out(tx: Tx, customer: UUID, *, since: datetime) -> Day:
    """What was asked for after `since` and has left or may leave yet."""
    row = tx.one(
        """SELECT coalesce(sum(value), 0) AS value, count(*) FILTER (WHERE value IS NULL) AS unknown FROM wallet_bridge.withdrawals
            WHERE tenant_id = :tenant AND customer_id = :customer AND created_at > :since AND state <> ALL(CAST(:unpaid AS text[]))""",
        tenant=tx.tenant_id, customer=customer, since=since, unpaid=_texts(UNPAID),
    )  # fmt: skip
    return Day(Decimal(row.value), row.unknown)


def went_before(tx: Tx, address_id: UUID) -> bool:
    """Whether anything arrived at this entry of a book."""
    found = tx.scalar(
        "SELECT true FROM wallet_bridge.withdrawals"
        " WHERE tenant_id = :tenant AND address_id = :id AND state = 'final' LIMIT 1",
        tenant=tx.tenant_id,
        id=address_id,
    )
    return found is not None


def addresses_like(tx: Tx, *, network: str, address: str, memo: str | None) -> list[AnyRow]:
    """Deposit addresses of this house that differ from this one in their letters' case at most."""
    return tx.all(
        """SELECT customer_id, address FROM wallet_bridge.deposit_addresses
            WHERE tenant_id = :tenant AND network = :network AND lower(address) = lower(:address)
              AND coalesce(memo, '') = coalesce(CAST(:memo AS text), '') AND status = 'ready'""",
        tenant=tx.tenant_id, network=network, address=address, memo=memo,
    )  # fmt: skip


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of this customer is on its way."""
    found = tx.scalar(
        "SELECT true FROM wallet_bridge.withdrawals"
        " WHERE tenant_id = :tenant AND customer_id = :customer AND ended_at IS NULL LIMIT 1",
        tenant=tx.tenant_id,
        customer=customer,
    )
    return found is not None


def insert_decision(tx: Tx, row: Mapping[str, Any]) -> None:
    """What was proposed before and is not agreed to gives way."""
    tx.execute(
        """UPDATE wallet_bridge.withdrawal_decisions SET state = 'refused', told = 'replaced', ended_at = :now
            WHERE tenant_id = :tenant AND withdrawal_id = :withdrawal AND state = 'proposed'""",
        tenant=tx.tenant_id, withdrawal=row["withdrawal_id"], now=tx.now,
    )  # fmt: skip
    tx.execute(
        """INSERT INTO wallet_bridge.withdrawal_decisions
                  (tenant_id, id, withdrawal_id, verdict, txid, evidence, state, proposed_by, proposed_at)
           VALUES (:tenant, :id, :withdrawal_id, :verdict, :txid, :evidence, 'proposed', :proposed_by, :now)""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def decision_of(tx: Tx, withdrawal_id: UUID, *, state: DecisionState) -> AnyRow | None:
    """The open one of a withdrawal, whose row is locked."""
    return tx.first(
        "SELECT * FROM wallet_bridge.withdrawal_decisions"
        " WHERE tenant_id = :tenant AND withdrawal_id = :id AND state = :state FOR NO KEY UPDATE",
        tenant=tx.tenant_id,
        id=withdrawal_id,
        state=state.value,
    )


def decisions(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """The newest of each that has one."""
    rows = tx.all(
        f"""SELECT DISTINCT ON (withdrawal_id) withdrawal_id, {", ".join(Decision.__dataclass_fields__)}
              FROM wallet_bridge.withdrawal_decisions WHERE tenant_id = :tenant AND withdrawal_id = ANY(CAST(:ids AS uuid[]))
             ORDER BY withdrawal_id, id DESC""",
        tenant=tx.tenant_id, ids=arrays.array(ids),
    )  # fmt: skip
    return {row.withdrawal_id: _decision(row) for row in rows}


def withdrawal_of_decision(tx: Tx, decision_id: UUID) -> UUID | None:
    found: UUID | None = tx.scalar(
        "SELECT withdrawal_id FROM wallet_bridge.withdrawal_decisions WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=decision_id,
    )  # fmt: skip
    return found


def move_decision(tx: Tx, row: AnyRow, to: DecisionState, **facts: Any) -> None:
    DECISION.check(DecisionState(row.state), to)
    if to in DECISION.terminal:
        facts["ended_at"] = tx.now
    tx.execute(
        f"""UPDATE wallet_bridge.withdrawal_decisions SET state = :to{"".join(f", {name} = :{name}" for name in facts)}
             WHERE tenant_id = :tenant AND id = :decision""",
        tenant=tx.tenant_id, decision=row.id, to=to.value, **facts,
    )  # fmt: skip


def leaving(tx: Tx, *, network: str, asset: str) -> Decimal:
    """What customers have asked for and a wallet has not paid yet."""
    return Decimal(
        tx.scalar(
            """SELECT coalesce(sum(amount), 0) FROM wallet_bridge.withdrawals
                WHERE tenant_id = :tenant AND network = :network AND asset = :asset AND ended_at IS NULL AND receiver_id IS NULL""",
            tenant=tx.tenant_id, network=network, asset=asset,
        )
    )  # fmt: skip


def _texts(states: Iterable[WithdrawalState]) -> Any:
    return arrays.texts(sorted(state.value for state in states))


def _decision(row: AnyRow) -> Decision:
    known = {name: getattr(row, name) for name in Decision.__dataclass_fields__}
    return Decision(**(known | {"state": DecisionState(row.state), "verdict": WithdrawalVerdict(row.verdict)}))


def _withdrawal(row: AnyRow) -> Withdrawal:
    known = {name: getattr(row, name) for name in Withdrawal.__dataclass_fields__}
    return Withdrawal(**(known | {"state": WithdrawalState(row.state)}))
