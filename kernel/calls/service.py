"""Ask for something outside, as part of the fact that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from kernel import cache
from kernel.calls import queries
from kernel.calls.states import CallState
from kernel.clock import wall
from kernel.db import Tx, transaction
from kernel.ids import uuid7

KEPT = timedelta(days=90)
_DELETE_AT_ONCE = 5_000


def channel(lane: str) -> str:
    return f"rm:lane:{lane}"


def request(
    tx: Tx,
    *,
    lane: str,
    kind: str,
    ref: str,
    payload: dict[str, Any],
    deadline: datetime | None = None,
    priority: int = 10,
) -> UUID:
    """Commit an intent with the fact. The row is the queue; the wake-up after the commit only saves the poll.

    Args:
        ref: our reference that the other side will know it by; unique per lane and kind.
        deadline: wall time after which it must not be sent any more.
        priority: lower goes first; cancels use 0.
    """
    call_id = uuid7()
    queries.insert(
        tx,
        call_id=call_id,
        lane=lane,
        kind=kind,
        ref=ref,
        payload=payload,
        deadline=deadline,
        priority=priority,
    )
    tx.after_commit(lambda: cache.publish(channel(lane)))
    return call_id


def withdraw(tx: Tx, *, lane: str, kind: str, ref: str) -> bool:
    """Take back an intent that was not sent yet; False when it is too late."""
    return queries.withdraw(tx, lane=lane, kind=kind, ref=ref)


def state_of(tx: Tx, *, lane: str, kind: str, ref: str) -> CallState | None:
    """Where a call stands; None where nothing was asked under this reference. Step."""
    found = queries.find(tx, lane=lane, kind=kind, ref=ref)
    return None if found is None else found[1]


def ask_now(tx: Tx, call_ids: Sequence[UUID]) -> None:
    """Ask about these calls at once: for receivers that may be asked again, whose time to ask is not the lane's. Step of the engine."""
    for lane in queries.ask_now(tx, call_ids):
        tx.after_commit(partial(cache.publish, channel(lane)))


def open_lanes(tx: Tx, *, prefix: str) -> set[str]:
    """Lanes of this prefix that have work: for owners of targets that come and go."""
    return queries.open_lanes(tx, prefix=prefix)


def decide(tx: Tx, *, call_id: UUID, to: CallState, decision: UUID) -> bool:
    """End a call that waits for a person as people decided; False when the other side's answer was faster."""
    return queries.settle(
        tx,
        call_id=call_id,
        state=to,
        outcome={"decision": str(decision)},
        ask_again_s=None,
        sources=[CallState.MANUAL.value],
    )


def stop_asking(tx: Tx, *, lane: str, kind: str, ref: str, decision: UUID) -> bool:
    """From now on nothing is sent under this reference: people decide. False while the call is not theirs. Step of the engine."""
    found = queries.find(tx, lane=lane, kind=kind, ref=ref)
    if found is None:
        return True
    call_id, state = found
    if state is CallState.MANUAL:
        return decide(tx, call_id=call_id, to=CallState.NOT_PLACED, decision=decision)
    return state not in {CallState.INTENT, CallState.SENT, CallState.UNKNOWN}


def forget_old(kinds: Sequence[str]) -> None:
    """Delete calls of these kinds that were settled three months ago. Only the engine may."""
    deleted = _DELETE_AT_ONCE
    while deleted == _DELETE_AT_ONCE:
        with transaction() as tx:
            deleted = queries.delete_settled(tx, kinds=kinds, before=wall() - KEPT, limit=_DELETE_AT_ONCE)
