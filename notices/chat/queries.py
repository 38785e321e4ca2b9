"""Statements on channels, alerts and messages; all but the search for what waits run inside one tenant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import arrays
from kernel.db import AnyRow, Tx
from notices.chat.rules import SHOWN, Alert
from notices.chat.states import MESSAGE, AlertKind, MessageState, Topic
from notices.states import Language


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`last_*`: of the newest message."""

    id: UUID
    name: str
    service: str
    topics: tuple[Topic, ...]
    language: Language
    created_at: datetime
    last_state: MessageState | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What a message needs to be sent."""

    channel_id: UUID
    sealed_address: bytes
    language: Language
    alerts: tuple[Alert, ...]
    count: int


_CHANNEL = "c.id, c.name, c.service, c.topics, c.language, c.created_at"


def _channel(row: AnyRow) -> ChannelRow:
    return ChannelRow(
        row.id, row.name, row.service, tuple(map(Topic, row.topics)), Language(row.language), row.created_at
    )


def lock_tenant(tx: Tx) -> None:
    """Two new channels of one tenant are made one after the other, so that both count."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtext('notices.channels'), hashtext(:tenant))", tenant=str(tx.tenant_id)
    )


def count(tx: Tx) -> int:
    return int(tx.scalar("SELECT count(*) FROM notices.channels WHERE tenant_id = :tenant", tenant=tx.tenant_id))


def insert(tx: Tx, channel: ChannelRow, *, sealed_address: bytes, by: UUID) -> None:
    tx.execute(
        "INSERT INTO notices.channels (tenant_id, id, name, service, topics, language, sealed_address, created_by, created_at)"
        " VALUES (:tenant, :id, :name, :service, CAST(:topics AS text[]), :language, :sealed, :by, :now)",
        tenant=tx.tenant_id,
        id=channel.id,
        name=channel.name,
        service=channel.service,
        topics=[topic.value for topic in channel.topics],
        language=channel.language.value,
        sealed=sealed_address,
        by=by,
        now=channel.created_at,
    )


def every(tx: Tx) -> list[ChannelRow]:
    """The newest first, each with what became of its newest message."""
    rows = tx.all(
        f"""SELECT {_CHANNEL}, m.state AS last_state, m.changed_at AS last_at FROM notices.channels c
              LEFT JOIN LATERAL (SELECT state, changed_at FROM notices.chat_messages
                                  WHERE tenant_id = c.tenant_id AND channel_id = c.id ORDER BY id DESC LIMIT 1) m ON true
             WHERE c.tenant_id = :tenant ORDER BY c.id DESC""",
        tenant=tx.tenant_id,
    )
    return [_with_last(row) for row in rows]


def _with_last(row: AnyRow) -> ChannelRow:
    plain = _channel(row)
    return ChannelRow(
        plain.id, plain.name, plain.service, plain.topics, plain.language, plain.created_at,
        None if row.last_state is None else MessageState(row.last_state), row.last_at,
    )  # fmt: skip


def listening(tx: Tx) -> list[ChannelRow]:
    rows = tx.all(f"SELECT {_CHANNEL} FROM notices.channels c WHERE c.tenant_id = :tenant", tenant=tx.tenant_id)
    return [_channel(row) for row in rows]


def find(tx: Tx, channel_id: UUID) -> ChannelRow | None:
    row = tx.first(
        f"SELECT {_CHANNEL} FROM notices.channels c WHERE c.tenant_id = :tenant AND c.id = :id",
        tenant=tx.tenant_id,
        id=channel_id,
    )
    return None if row is None else _channel(row)


def delete(tx: Tx, channel_id: UUID) -> bool:
    row = tx.first(
        "DELETE FROM notices.channels WHERE tenant_id = :tenant AND id = :id RETURNING id",
        tenant=tx.tenant_id,
        id=channel_id,
    )
    return row is not None


def insert_alert(
    tx: Tx, *, alert_id: UUID, channel_id: UUID, kind: AlertKind, params: Mapping[str, str], dedup_key: str
) -> None:
    """Nothing happens where the channel has this alert already."""
    tx.execute(
        "INSERT INTO notices.alerts (tenant_id, id, channel_id, kind, params, dedup_key, created_at)"
        " VALUES (:tenant, :id, :channel, :kind, CAST(:params AS jsonb), :dedup, :now) ON CONFLICT DO NOTHING",
        tenant=tx.tenant_id,
        id=alert_id,
        channel=channel_id,
        kind=kind.value,
        params=json.dumps(dict(params)),
        dedup=dedup_key,
        now=tx.now,
    )


def waiting(tx: Tx, *, since: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, channel) of all tenants that have something to tell and told nothing since then (the engine's role)."""
    rows = tx.all(
        """SELECT DISTINCT a.tenant_id, a.channel_id FROM notices.alerts a
            WHERE a.message_id IS NULL
              AND NOT EXISTS (SELECT FROM notices.chat_messages m WHERE m.channel_id = a.channel_id AND m.created_at > :since)
            LIMIT :limit""",
        since=since,
        limit=limit,
    )
    return [(row.tenant_id, row.channel_id) for row in rows]


def gather(tx: Tx, channel_id: UUID, *, limit: int) -> list[UUID]:
    """The alerts that wait, locked, the oldest first."""
    rows = tx.all(
        "SELECT id FROM notices.alerts WHERE tenant_id = :tenant AND channel_id = :channel AND message_id IS NULL"
        " ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED",
        tenant=tx.tenant_id,
        channel=channel_id,
        limit=limit,
    )
    return [row.id for row in rows]


def insert_message(tx: Tx, *, message_id: UUID, channel_id: UUID, alerts: Sequence[UUID]) -> None:
    tx.execute(
        "INSERT INTO notices.chat_messages (tenant_id, id, channel_id, state, created_at, changed_at)"
        " VALUES (:tenant, :id, :channel, 'waiting', :now, :now)",
        tenant=tx.tenant_id,
        id=message_id,
        channel=channel_id,
        now=tx.now,
    )
    tx.execute(
        "UPDATE notices.alerts SET message_id = :message WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[]))",
        tenant=tx.tenant_id,
        message=message_id,
        ids=arrays.array(alerts),
    )


def job(tx: Tx, message_id: UUID) -> Job | None:
    row = tx.first(
        """SELECT c.id, c.sealed_address, c.language,
                  (SELECT count(*) FROM notices.alerts a WHERE a.tenant_id = m.tenant_id AND a.message_id = m.id) AS alerts
             FROM notices.chat_messages m JOIN notices.channels c ON c.tenant_id = m.tenant_id AND c.id = m.channel_id
            WHERE m.tenant_id = :tenant AND m.id = :id AND m.state = 'waiting'""",
        tenant=tx.tenant_id,
        id=message_id,
    )
    if row is None:
        return None
    first = tx.all(
        "SELECT kind, params FROM notices.alerts WHERE tenant_id = :tenant AND message_id = :id ORDER BY id LIMIT :limit",
        tenant=tx.tenant_id,
        id=message_id,
        limit=SHOWN,
    )
    alerts = tuple(Alert(AlertKind(one.kind), one.params) for one in first)
    return Job(row.id, bytes(row.sealed_address), Language(row.language), alerts, row.alerts)


def move(tx: Tx, message_id: UUID, to: MessageState, *, reason: str | None) -> bool:
    """False when its present state does not allow the move."""
    row = tx.first(
        "UPDATE notices.chat_messages SET state = :to, reason = :reason, changed_at = :now"
        " WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources) RETURNING id",
        tenant=tx.tenant_id,
        id=message_id,
        to=to.value,
        reason=reason,
        now=tx.now,
        sources=list(MESSAGE.sources(to)),
    )
    return row is not None


def release(tx: Tx, message_id: UUID) -> None:
    """Its alerts wait again."""
    tx.execute(
        "UPDATE notices.alerts SET message_id = NULL WHERE tenant_id = :tenant AND message_id = :message",
        tenant=tx.tenant_id,
        message=message_id,
    )


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    result = tx.execute(
        "DELETE FROM notices.chat_messages WHERE id IN"
        " (SELECT id FROM notices.chat_messages WHERE created_at < :before AND state <> 'waiting' LIMIT :limit)",
        before=before,
        limit=limit,
    )
    return int(result.rowcount)
