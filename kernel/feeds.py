"""What a person is told, kept: one gap-free numbered list per owner and channel, written with the fact and read from any point.

The list stands in Postgres, so whoever was away reads on where they stopped and misses nothing, whatever happened to Valkey, which only
carries a copy of each new entry to those who listen. Numbers are given under the lock of the channel's head: the order of the numbers is
the order in which entries become visible.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kernel import cache
from kernel.db import Tx

CHANNEL = "rm:feed"
KEPT_DAYS = 7
_FORGET_AT_ONCE = 10_000

_TAKE_NUMBERS = """
INSERT INTO kernel.feed_heads AS h (tenant_id, owner_id, channel, seq)
SELECT :tenant, n.owner, n.channel, n.more
  FROM unnest(CAST(:owners AS uuid[]), CAST(:channels AS text[]), CAST(:counts AS bigint[])) AS n (owner, channel, more)
 ORDER BY n.owner, n.channel
ON CONFLICT (tenant_id, owner_id, channel) DO UPDATE SET seq = h.seq + EXCLUDED.seq
RETURNING owner_id, channel, seq
"""
_APPEND = """
INSERT INTO kernel.feed_entries (tenant_id, owner_id, channel, seq, source, data)
SELECT :tenant, n.owner, n.channel, n.seq, n.source, n.data
  FROM unnest(CAST(:owners AS uuid[]), CAST(:channels AS text[]), CAST(:seqs AS bigint[]), CAST(:sources AS uuid[]),
              CAST(:data AS text[])) AS n (owner, channel, seq, source, data)
"""
_TOLD = """
SELECT source FROM kernel.feed_entries
 WHERE tenant_id = :tenant AND channel = :channel AND source = ANY(CAST(:sources AS uuid[]))
"""
_AFTER = """
SELECT seq, data FROM kernel.feed_entries
 WHERE tenant_id = :tenant AND owner_id = :owner AND channel = :channel AND seq > :seq
 ORDER BY seq LIMIT :limit
"""
_HEAD = "SELECT seq FROM kernel.feed_heads WHERE tenant_id = :tenant AND owner_id = :owner AND channel = :channel"
_HEADS = """
SELECT owner_id, channel, seq FROM kernel.feed_heads
 WHERE tenant_id = :tenant AND owner_id = ANY(CAST(:owners AS uuid[]))
"""
_FORGET = """
DELETE FROM kernel.feed_entries WHERE (tenant_id, owner_id, channel, seq) IN
 (SELECT tenant_id, owner_id, channel, seq FROM kernel.feed_entries
   WHERE told_at < now() - make_interval(days => :days) ORDER BY told_at LIMIT :limit)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell an owner; `source` identifies it for ever, `data` is JSON."""

    owner_id: UUID
    channel: str
    source: UUID
    data: str


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    data: str


@dataclass(frozen=True, slots=True)
class News:
    """New entries of one owner in the order in which they were written, as (channel, entry)."""

    tenant_id: UUID
    owner_id: UUID
    entries: tuple[tuple[str, Entry], ...]


def append(tx: Tx, told: Sequence[Told]) -> None:
    """Number and keep these in order, and send copies to the listeners once this is committed. Only the engine may."""
    if not told:
        return
    counts = Counter((one.owner_id, one.channel) for one in told)
    heads = tx.all(
        _TAKE_NUMBERS,
        tenant=tx.tenant_id,
        owners=[owner for owner, _ in counts],
        channels=[channel for _, channel in counts],
        counts=list(counts.values()),
    )
    following = {(row.owner_id, row.channel): row.seq - counts[row.owner_id, row.channel] for row in heads}
    numbers = []
    for one in told:
        following[one.owner_id, one.channel] += 1
        numbers.append(following[one.owner_id, one.channel])
    tx.execute(
        _APPEND,
        tenant=tx.tenant_id,
        owners=[one.owner_id for one in told],
        channels=[one.channel for one in told],
        seqs=numbers,
        sources=[one.source for one in told],
        data=[one.data for one in told],
    )
    for message in _messages(tx.tenant_id, zip(told, numbers, strict=True)):
        tx.after_commit(partial(cache.publish, CHANNEL, message))


def _messages(tenant_id: UUID, numbered: Iterable[tuple[Told, int]]) -> list[str]:
    by_owner: defaultdict[UUID, list[tuple[str, int, str]]] = defaultdict(list)
    for one, seq in numbered:
        by_owner[one.owner_id].append((one.channel, seq, one.data))
    return [f"{tenant_id} {owner} {json.dumps(entries)}" for owner, entries in by_owner.items()]


def address_of(message: str) -> tuple[UUID, UUID]:
    """(tenant, owner) of a copy, without reading the rest: most listeners are about somebody else."""
    return UUID(message[:36]), UUID(message[37:73])


def read(message: str) -> News:
    tenant_id, owner_id = address_of(message)
    entries = tuple((channel, Entry(seq, data)) for channel, seq, data in json.loads(message[74:]))
    return News(tenant_id, owner_id, entries)


def already_told(tx: Tx, channel: str, sources: Sequence[UUID]) -> set[UUID]:
    """Which of these stand in the channel."""
    rows = tx.all(_TOLD, tenant=tx.tenant_id, channel=channel, sources=list(sources))
    return {row.source for row in rows}


def after(tx: Tx, owner: UUID, channel: str, seq: int, *, limit: int = 500) -> list[Entry]:
    """The entries behind number `seq`, oldest first."""
    rows = tx.all(_AFTER, tenant=tx.tenant_id, owner=owner, channel=channel, seq=seq, limit=limit)
    return [Entry(row.seq, row.data) for row in rows]


def head(tx: Tx, owner: UUID, channel: str) -> int:
    """The number of the newest entry, 0 before the first."""
    return int(tx.scalar(_HEAD, tenant=tx.tenant_id, owner=owner, channel=channel) or 0)


def heads(tx: Tx, owners: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """The newest numbers of many owners: what somebody compares who cannot trust that every copy arrives."""
    rows = tx.all(_HEADS, tenant=tx.tenant_id, owners=list(owners))
    return {(row.owner_id, row.channel): row.seq for row in rows}


def forget_old(tx: Tx) -> bool:
    """Delete what is older than a week; True while there may be more. Step of a schedule."""
    return int(tx.execute(_FORGET, days=KEPT_DAYS, limit=_FORGET_AT_ONCE).rowcount) == _FORGET_AT_ONCE
