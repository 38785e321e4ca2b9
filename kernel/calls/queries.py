"""One function, one statement on `kernel.calls`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import arrays
from kernel.calls.outcomes import Call
from kernel.calls.states import CALL, CallState
from kernel.db import Tx

_COLUMNS = "id, tenant_id, lane, kind, ref, payload, state, created_at, sent_at, asked, negatives"


def _call(row: Any) -> Call:
    return Call(
        id=row.id,
        tenant=row.tenant_id,
        lane=row.lane,
        kind=row.kind,
        ref=row.ref,
        payload=row.payload,
        state=row.state,
        created_at=row.created_at,
        sent_at=row.sent_at,
        asked=row.asked,
        negatives=row.negatives,
    )


def insert(
    tx: Tx,
    *,
    call_id: UUID,
    lane: str,
    kind: str,
    ref: str,
    payload: dict[str, Any],
    deadline: datetime | None,
    priority: int,
) -> None:
    tx.execute(
        """INSERT INTO kernel.calls (id, tenant_id, lane, kind, ref, payload, state, priority, deadline)
           VALUES (:id, :tenant, :lane, :kind, :ref, CAST(:payload AS jsonb), 'intent', :priority, :deadline)""",
        id=call_id,
        tenant=tx.tenant_id,
        lane=lane,
        kind=kind,
        ref=ref,
        payload=json.dumps(payload),
        priority=priority,
        deadline=deadline,
    )


def work(tx: Tx, *, lane: str) -> tuple[bool, bool, bool]:
    """What a lane has to do: (intents to send, intents past their deadline, calls to ask about). One cheap look per poll."""
    row = tx.one(
        """SELECT EXISTS (SELECT 1 FROM kernel.calls WHERE lane = :lane AND state = 'intent'
                             AND (deadline IS NULL OR deadline > clock_timestamp())) AS intents,
                  EXISTS (SELECT 1 FROM kernel.calls WHERE lane = :lane AND state = 'intent' AND deadline <= clock_timestamp()) AS overdue,
                  EXISTS (SELECT 1 FROM kernel.calls WHERE lane = :lane AND next_ask_at <= clock_timestamp()) AS due""",
        lane=lane,
    )
    return row.intents, row.overdue, row.due


def claim(tx: Tx, *, lane: str, limit: int, holder: str, epoch: int, ask_after_s: float) -> list[Call]:
    """Mark the next intents *sent*, cancels first, if this process still owns the lane."""
    rows = tx.all(
        f"""WITH picked AS MATERIALIZED (
                 SELECT id FROM kernel.calls
                  WHERE lane = :lane AND state = 'intent' AND (deadline IS NULL OR deadline > clock_timestamp())
                  ORDER BY priority, created_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
            UPDATE kernel.calls SET state = 'sent', sent_at = clock_timestamp(), epoch = :epoch,
                   next_ask_at = clock_timestamp() + make_interval(secs => :ask_after)
             WHERE id IN (SELECT id FROM picked)
               AND EXISTS (SELECT 1 FROM kernel.leases WHERE name = :lease AND holder = :holder AND epoch = :epoch
                              AND expires_at > clock_timestamp())
            RETURNING {_COLUMNS}""",
        lane=lane,
        limit=limit,
        lease=f"lane:{lane}",
        holder=holder,
        epoch=epoch,
        ask_after=ask_after_s,
    )
    return sorted(map(_call, rows), key=lambda call: (call.created_at, call.id))


def find(tx: Tx, *, lane: str, kind: str, ref: str) -> tuple[UUID, CallState] | None:
    row = tx.first(
        "SELECT id, state FROM kernel.calls WHERE tenant_id = :tenant AND lane = :lane AND kind = :kind AND ref = :ref",
        tenant=tx.tenant_id, lane=lane, kind=kind, ref=ref,
    )  # fmt: skip
    return None if row is None else (row.id, CallState(row.state))


def overdue_intents(tx: Tx, *, lane: str, limit: int) -> list[Call]:
    return [
        _call(row)
        for row in tx.all(
            f"""SELECT {_COLUMNS} FROM kernel.calls
             WHERE lane = :lane AND state = 'intent' AND deadline <= clock_timestamp() ORDER BY deadline LIMIT :limit""",
            lane=lane,
            limit=limit,
        )
    ]


def intents(tx: Tx, *, lane: str, limit: int) -> list[Call]:
    return [
        _call(row)
        for row in tx.all(
            f"SELECT {_COLUMNS} FROM kernel.calls WHERE lane = :lane AND state = 'intent' ORDER BY created_at LIMIT :limit",
            lane=lane,
            limit=limit,
        )
    ]


def due_to_ask(tx: Tx, *, lane: str, limit: int, not_these: Sequence[UUID]) -> list[Call]:
    return [
        _call(row)
        for row in tx.all(
            f"""SELECT {_COLUMNS} FROM kernel.calls
             WHERE lane = :lane AND next_ask_at <= clock_timestamp() AND id <> ALL(CAST(:flying AS uuid[]))
             ORDER BY next_ask_at LIMIT :limit""",
            lane=lane,
            limit=limit,
            flying=list(not_these),
        )
    ]


def ask_all_now(tx: Tx, *, lane: str) -> int:
    """On taking over a lane: whatever was sent and not settled is asked about at once."""
    result = tx.execute(
        "UPDATE kernel.calls SET next_ask_at = clock_timestamp() WHERE lane = :lane AND next_ask_at IS NOT NULL",
        lane=lane,
    )
    return int(result.rowcount)


def settle(
    tx: Tx,
    *,
    call_id: UUID,
    state: CallState,
    outcome: dict[str, Any],
    ask_again_s: float | None,
    sources: Sequence[str] | None = None,
) -> bool:
    """Move a call on; False when somebody else moved it first. `ask_again_s` keeps it on the resolver's list."""
    result = tx.execute(
        """UPDATE kernel.calls SET state = :state, outcome = CAST(:outcome AS jsonb),
                  next_ask_at = clock_timestamp() + make_interval(secs => CAST(:again AS double precision)),
                  settled_at = CASE WHEN CAST(:again AS double precision) IS NULL THEN clock_timestamp() END
            WHERE id = :id AND state = ANY(:sources)""",
        id=call_id,
        state=state.value,
        outcome=json.dumps(outcome, default=str),
        again=ask_again_s,
        sources=list(sources) if sources is not None else [*CALL.sources(state), state.value],
    )
    return bool(result.rowcount)


def ask_now(tx: Tx, calls: Sequence[UUID]) -> list[str]:
    """Bring the next question forward, where the answer is not known yet; answers whose lanes have work."""
    rows = tx.all(
        "UPDATE kernel.calls SET next_ask_at = clock_timestamp()"
        " WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'unknown' AND next_ask_at > clock_timestamp() RETURNING lane",
        ids=list(calls),
    )
    return sorted({row.lane for row in rows})


def open_lanes(tx: Tx, *, prefix: str) -> set[str]:
    """Lanes of this prefix that have something to send or to ask about."""
    rows = tx.all(
        "SELECT DISTINCT lane FROM kernel.calls WHERE state = 'intent' AND starts_with(lane, :prefix)"
        " UNION SELECT DISTINCT lane FROM kernel.calls WHERE next_ask_at IS NOT NULL AND starts_with(lane, :prefix)",
        prefix=prefix,
    )
    return {row.lane for row in rows}


def note_ask(tx: Tx, *, call_id: UUID, negative: bool, again_s: float) -> None:
    """Record a fruitless ask; a `sent` call that has to be asked about is *unknown* from here on."""
    tx.execute(
        """UPDATE kernel.calls SET asked = asked + 1, negatives = CASE WHEN :negative THEN negatives + 1 ELSE negatives END,
                  state = CASE WHEN state = 'sent' THEN 'unknown' ELSE state END,
                  next_ask_at = clock_timestamp() + make_interval(secs => :again)
            WHERE id = :id AND state IN ('sent', 'unknown', 'done', 'manual')""",
        id=call_id,
        negative=negative,
        again=again_s,
    )


def withdraw(tx: Tx, *, lane: str, kind: str, ref: str) -> bool:
    """Take an intent back before it is sent; False when it is too late."""
    return bool(tx.scalar("SELECT kernel.withdraw_call(:lane, :kind, :ref)", lane=lane, kind=kind, ref=ref))


def count_unknown(tx: Tx, *, lane: str) -> int:
    return int(tx.scalar("SELECT count(*) FROM kernel.calls WHERE lane = :lane AND state = 'unknown'", lane=lane))


def delete_settled(tx: Tx, *, kinds: Sequence[str], before: datetime, limit: int) -> int:
    result = tx.execute(
        """DELETE FROM kernel.calls WHERE id IN (
               SELECT id FROM kernel.calls WHERE kind = ANY(CAST(:kinds AS text[])) AND settled_at < :before LIMIT :limit)""",
        kinds=arrays.texts(kinds),
        before=before,
        limit=limit,
    )
    return int(result.rowcount)
