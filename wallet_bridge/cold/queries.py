"""One function, one statement on payments out of the cold wallet and their signatures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.cold.record import Signature, Spend
from wallet_bridge.cold.states import SPEND, SignatureState, SpendState

_COLUMNS = ", ".join(Spend.__dataclass_fields__)
_SIGNATURE = ", ".join(Signature.__dataclass_fields__)


def insert(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.cold_spends (tenant_id, id, network, asset, amount, fee_cap, state, created_by, created_at)
           VALUES (:tenant, :id, :network, :asset, :amount, :fee_cap, 'waiting_approval', :created_by, :now)""",
        tenant=tx.tenant_id, now=tx.now, **row,
    )  # fmt: skip


def get(tx: Tx, spend_id: UUID, *, lock: bool = False) -> Spend | None:
    row = tx.first(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.cold_spends WHERE tenant_id = :tenant AND id = :id
            {"FOR NO KEY UPDATE" if lock else ""}""",
        tenant=tx.tenant_id, id=spend_id,
    )  # fmt: skip
    return None if row is None else _spend(row)


def page(tx: Tx, *, states: Sequence[SpendState] | None, before: UUID | None, limit: int) -> list[Spend]:
    """Newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.cold_spends
             WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before)
               AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, states=None if states is None else [one.value for one in states], limit=limit,
    )  # fmt: skip
    return [_spend(row) for row in rows]


def change(tx: Tx, row: Spend, to: SpendState | None, **columns: Any) -> None:
    """Write columns, and move the state where it is another one."""
    if to is not None and to is not row.state:
        SPEND.check(row.state, to)
        columns["state"] = to.value
    if columns:
        sets = ", ".join(f"{name} = :{name}" for name in columns)
        tx.execute(
            f"UPDATE wallet_bridge.cold_spends SET {sets} WHERE tenant_id = :tenant AND id = :spend",
            tenant=tx.tenant_id, spend=row.id, **columns,
        )  # fmt: skip


def set_draft(tx: Tx, row: Spend, draft: Mapping[str, Any], *, seq: int) -> None:
    """The digest of the first draft stays: a second one under it would be another payment."""
    tx.execute(
        """UPDATE wallet_bridge.cold_spends SET draft = CAST(:draft AS jsonb), draft_seq = :seq, drafted_as = coalesce(drafted_as, :digest)
            WHERE tenant_id = :tenant AND id = :spend""",
        tenant=tx.tenant_id, spend=row.id, draft=json.dumps(draft), seq=seq, digest=draft["digest"],
    )  # fmt: skip


def add_signature(tx: Tx, *, signature_id: UUID, spend_id: UUID, by: UUID) -> None:
    tx.execute(
        """INSERT INTO wallet_bridge.cold_signatures (tenant_id, id, spend_id, state, handed_in_by, at)
           VALUES (:tenant, :id, :spend, 'sent', :by, :now)""",
        tenant=tx.tenant_id, id=signature_id, spend=spend_id, by=by, now=tx.now,
    )  # fmt: skip


def end_signature(tx: Tx, signature_id: UUID, to: SignatureState, *, reason: str | None) -> AnyRow | None:
    """None where it was answered before."""
    return tx.first(
        """UPDATE wallet_bridge.cold_signatures SET state = :to, reason = :reason
            WHERE tenant_id = :tenant AND id = :id AND state = 'sent' RETURNING spend_id""",
        tenant=tx.tenant_id, id=signature_id, to=to.value, reason=reason,
    )  # fmt: skip


def signatures(tx: Tx, spend_id: UUID) -> list[Signature]:
    rows = tx.all(
        f"SELECT {_SIGNATURE} FROM wallet_bridge.cold_signatures WHERE tenant_id = :tenant AND spend_id = :spend ORDER BY id",
        tenant=tx.tenant_id, spend=spend_id,
    )  # fmt: skip
    return [Signature(**{**row._asdict(), "state": SignatureState(row.state)}) for row in rows]


def _spend(row: AnyRow) -> Spend:
    values = row._asdict()
    return Spend(**{**values, "state": SpendState(values["state"])})
