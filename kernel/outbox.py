"""The transactional outbox: an event is a row in the transaction of its fact; consumers read by the committed horizon.

A consumer has a cursor (xid, id) and reads only rows whose transaction id lies below the oldest running one: nothing can appear behind
it any more. Handler, inbox row and cursor commit together, so a kill anywhere means the event is handled exactly once. A cursor also passes
what concerns only others: whoever rarely has something to do would else read all of it again, each time, and it could never be deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from kernel import arrays, cache, db, events, failpoints
from kernel.ids import uuid7
from kernel.metrics import EVENTS

CHANNEL = "rm:outbox"
failpoints.declare("outbox.before_commit", "outbox.after_commit")

_INSERT = """
INSERT INTO kernel.outbox (id, tenant_id, topic, key, payload)
VALUES (:id, :tenant, :topic, :key, CAST(:payload AS jsonb))
"""
_INSERT_ALL = """
INSERT INTO kernel.outbox (id, tenant_id, topic, key, payload)
SELECT t.id, :tenant, t.topic, t.key, CAST(t.payload AS jsonb)
  FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:payloads AS text[]))
       AS t (id, topic, key, payload)
"""
_NEXT = """
SELECT o.id, o.tenant_id, o.topic, o.payload, o.xid::text AS xid
  FROM kernel.outbox o
 WHERE o.xid < pg_snapshot_xmin(pg_current_snapshot())
   AND (o.xid, o.id) > (SELECT c.xid, c.id FROM kernel.cursors c WHERE c.consumer = :consumer)
   AND o.topic = ANY(:topics)
 ORDER BY o.xid, o.id LIMIT :limit
"""
_START = """
INSERT INTO kernel.cursors (consumer, xid, id) VALUES (:consumer, '0', '00000000-0000-0000-0000-000000000000')
ON CONFLICT DO NOTHING
"""
_LAST = """
SELECT xid::text AS xid, id FROM kernel.outbox
 WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY outbox.xid DESC, id DESC LIMIT 1
"""
_WAITED_FOR = """
SELECT DISTINCT n.consumer
  FROM unnest(CAST(:consumers AS text[]), CAST(:topics AS text[])) AS n (consumer, topic)
  LEFT JOIN kernel.cursors c USING (consumer)
 WHERE c.consumer IS NULL
    OR EXISTS (SELECT FROM kernel.outbox o
                WHERE (o.xid, o.id) > (c.xid, c.id) AND (o.xid, o.id) <= (CAST(:xid AS xid8), CAST(:id AS uuid)) AND o.topic = n.topic)
"""
_ADVANCE = """
UPDATE kernel.cursors SET xid = CAST(:xid AS xid8), id = :id
 WHERE consumer = ANY(:consumers) AND (xid, id) < (CAST(:xid AS xid8), CAST(:id AS uuid))
"""
_SEEN = """
INSERT INTO kernel.inbox (tenant_id, consumer, event_id) VALUES (:tenant, :consumer, :event)
ON CONFLICT DO NOTHING RETURNING event_id
"""
_SEEN_TOGETHER = """
INSERT INTO kernel.inbox (tenant_id, consumer, event_id)
SELECT :tenant, :consumer, e FROM unnest(CAST(:events AS uuid[])) AS e
ON CONFLICT DO NOTHING RETURNING event_id
"""
_MOVE = """
UPDATE kernel.cursors SET xid = CAST(:xid AS xid8), id = :id
 WHERE consumer = :consumer AND (xid, id) < (CAST(:xid AS xid8), CAST(:id AS uuid))
"""
_FORGET = """
WITH done AS (SELECT min(xid) AS xid FROM kernel.cursors)
DELETE FROM kernel.outbox USING done WHERE outbox.xid < done.xid AND outbox.published_at < now() - interval '7 days'
"""

_UNDATE = "UPDATE kernel.outbox SET xid = '3'"  # the first id of a cluster's ordinary transactions
_REWIND = "UPDATE kernel.cursors SET xid = '0', id = '00000000-0000-0000-0000-000000000000'"

Handler = Callable[[db.Tx, Any], None]


@dataclass(frozen=True, slots=True)
class Consumer:
    """`handlers` maps a topic to a function of the transaction (tenant set) and the decoded event."""

    name: str
    handlers: Mapping[str, Handler]

    @property
    def topics(self) -> Sequence[str]:
        return list(self.handlers)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as it was read: `id` is its own, for ever."""

    id: UUID
    topic: str
    event: Any


@dataclass(frozen=True, slots=True)
class BatchConsumer:
    """Takes many events of one tenant at once and in order, for those who would be too slow one by one."""

    name: str
    topics: Sequence[str]
    handle: Callable[[db.Tx, Sequence[Fact]], None]


C = TypeVar("C", Consumer, BatchConsumer)


def publish(tx: db.Tx, fact: object, *, key: str) -> UUID:
    """Record an event with its fact; `key` names the thing it is about (events of one key stay in order)."""
    event_id = uuid7()
    tx.execute(
        _INSERT,
        id=event_id,
        tenant=tx.tenant_id,
        topic=events.topic_of(fact),
        key=key,
        payload=json.dumps(events.encode(fact)),
    )
    tx.after_commit(lambda: cache.publish(CHANNEL))
    return event_id


def publish_all(tx: db.Tx, facts: Sequence[tuple[object, str]]) -> None:
    """Record many events, each with its key, in one statement."""
    if not facts:
        return
    tx.execute(
        _INSERT_ALL,
        tenant=tx.tenant_id,
        ids=arrays.array(uuid7() for _ in facts),
        topics=arrays.texts(events.topic_of(fact) for fact, _ in facts),
        keys=arrays.texts(key for _, key in facts),
        payloads=arrays.texts(json.dumps(events.encode(fact)) for fact, _ in facts),
    )
    tx.after_commit(lambda: cache.publish(CHANNEL))


def waited_for(consumers: Sequence[C]) -> list[C]:
    """Those for whom there is something to read; one question for all, since most of the time there is nothing."""
    pairs = [(one.name, topic) for one in consumers for topic in one.topics]
    with db.transaction() as tx:
        last = tx.first(_LAST)
        if last is None:
            return []
        names, topics = arrays.texts(name for name, _ in pairs), arrays.texts(topic for _, topic in pairs)
        found = {row.consumer for row in tx.all(_WAITED_FOR, consumers=names, topics=topics, xid=last.xid, id=last.id)}
        tx.execute("SET LOCAL synchronous_commit = off")  # who forgets this reads it again
        tx.execute(
            _ADVANCE, consumers=[one.name for one in consumers if one.name not in found], xid=last.xid, id=last.id
        )
    return [one for one in consumers if one.name in found]


def _next(consumer: Consumer | BatchConsumer, limit: int) -> Sequence[Any]:
    with db.transaction() as tx:
        tx.execute(_START, consumer=consumer.name)
        return tx.all(_NEXT, consumer=consumer.name, topics=list(consumer.topics), limit=limit)


def consume(consumer: Consumer, *, limit: int = 200) -> int:
    """Handle the next events in order; returns how many were read. One transaction per run of events of the same tenant."""
    rows = _next(consumer, limit)
    for tenant, run in groupby(rows, key=lambda row: row.tenant_id):
        batch = list(run)
        with db.transaction(tenant=tenant) as tx:
            for row in batch:
                if tx.first(_SEEN, tenant=tenant, consumer=consumer.name, event=row.id) is not None:
                    consumer.handlers[row.topic](tx, events.decode(row.topic, row.payload))
            tx.execute(_MOVE, consumer=consumer.name, xid=batch[-1].xid, id=batch[-1].id)
            failpoints.hit("outbox.before_commit")
        failpoints.hit("outbox.after_commit")
        EVENTS.labels(consumer.name).inc(len(batch))
    return len(rows)


def consume_together(consumer: BatchConsumer, *, limit: int = 1_000) -> int:
    """Like `consume`, with one call of the handler for each run of events of the same tenant."""
    rows = _next(consumer, limit)
    for tenant, run in groupby(rows, key=lambda row: row.tenant_id):
        batch = list(run)
        with db.transaction(tenant=tenant) as tx:
            events_new = tx.all(_SEEN_TOGETHER, tenant=tenant, consumer=consumer.name, events=[row.id for row in batch])
            new = {row.event_id for row in events_new}
            facts = [Fact(row.id, row.topic, events.decode(row.topic, row.payload)) for row in batch if row.id in new]
            if facts:
                consumer.handle(tx, facts)
            tx.execute(_MOVE, consumer=consumer.name, xid=batch[-1].xid, id=batch[-1].id)
            failpoints.hit("outbox.before_commit")
        failpoints.hit("outbox.after_commit")
        EVENTS.labels(consumer.name).inc(len(batch))
    return len(rows)


def restart(tx: db.Tx) -> None:
    """After a logical restore the rows carry transaction ids of another cluster: read all of them again from the beginning.

    What a consumer has handled stands in its inbox and is not handled twice.
    """
    tx.execute(_UNDATE)
    tx.execute(_REWIND)


def forget_old() -> None:
    """Delete events that every consumer has passed and that are older than a week."""
    with db.transaction() as tx:
        tx.execute(_FORGET)
