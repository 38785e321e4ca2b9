"""Adding to the list of events, and reading on from a number. Whoever adds holds the head of the list until the commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from kernel import db
from kernel.clock import wall
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from wallet_bridge.wire.schemas import EventOut, EventsOut
from wallet_bridge.wire.states import EventType

MOST = 500


def add(tx: Tx, kind: EventType, about: BaseModel) -> None:
    """Step; the last lock that its transaction takes."""
    seq = tx.scalar("UPDATE custody.event_head SET seq = seq + 1 RETURNING seq")
    tx.execute(
        "INSERT INTO custody.events (seq, id, type, at, data) VALUES (:seq, :id, :type, :at, CAST(:data AS jsonb))",
        seq=seq, id=uuid7(), type=kind.value, at=wall(), data=json.dumps(about.model_dump(mode="json")),
    )  # fmt: skip


def after(seq: int, *, limit: int) -> EventsOut:
    """The events that follow a number, oldest first."""
    with db.read_only(repeatable=True) as tx:
        rows = tx.all(
            "SELECT seq, id, type, at, data FROM custody.events WHERE seq > :seq ORDER BY seq LIMIT :limit",
            seq=seq, limit=min(limit, MOST),
        )  # fmt: skip
        head = tx.scalar("SELECT seq FROM custody.event_head")
    return EventsOut(items=_shown(rows), head=head)


def _shown(rows: Sequence[AnyRow]) -> list[EventOut]:
    def one(row: Any) -> EventOut:
        return EventOut(seq=row.seq, id=row.id, type=EventType(row.type), at=row.at, data=row.data)

    return [one(row) for row in rows]
