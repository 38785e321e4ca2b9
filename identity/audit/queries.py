"""Statements on entries (inside one tenant), and on links and checkpoints (the engine's role, over all tenants)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.principals.queries import CALLED
from kernel import arrays
from kernel.db import AnyRow, Tx

_INSERT = """
INSERT INTO identity.audit_entries (tenant_id, id, actor, roles, via, credential, address, request_id, action, resource_kind, resource_id,
                                    asked, before, after, details)
VALUES (:tenant, :id, :actor, CAST(:roles AS text[]), :via, :credential, :address, :request_id, :action, :resource_kind, :resource_id,
        :asked, :before, :after, CAST(:details AS jsonb))
"""
_PAGE = f"""
SELECT e.id, l.seq, e.at, e.recorded_at, e.actor,
       (SELECT {CALLED} FROM identity.principals p WHERE p.tenant_id = e.tenant_id AND p.id = e.actor) AS actor_name, e.roles,
       e.via, e.credential, e.address, e.request_id, e.action, e.resource_kind,
       e.resource_id, encode(e.asked, 'hex') AS asked, encode(e.before, 'hex') AS before, encode(e.after, 'hex') AS after, e.details
  FROM identity.audit_entries e LEFT JOIN identity.audit_links l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
 WHERE e.tenant_id = :tenant
"""
# All that is complete: of transactions that have ended, and of those that a dump brought along, whose numbers nobody here has had yet.
_WAITING = """
SELECT e.tenant_id, e.id, e.xid::text AS xid, identity.audit_leaf(e) AS leaf FROM identity.audit_entries e
 WHERE e.xid >= CAST(:since AS xid8)
   AND (e.xid < pg_snapshot_xmin(pg_current_snapshot()) OR e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
   AND NOT EXISTS (SELECT FROM identity.audit_links l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id)
 ORDER BY e.xid, e.id LIMIT :limit
"""
_LINK = """
INSERT INTO identity.audit_links (tenant_id, seq, entry_id, leaf, hash)
SELECT t.tenant_id, :first + t.place - 1, t.entry_id, decode(t.leaf, 'hex'), decode(t.hash, 'hex')
  FROM unnest(CAST(:tenants AS uuid[]), CAST(:entries AS uuid[]), CAST(:leaves AS text[]), CAST(:hashes AS text[]))
       WITH ORDINALITY AS t (tenant_id, entry_id, leaf, hash, place)
"""
_CHAIN = """
SELECT l.seq, l.entry_id, l.leaf, l.hash, CASE WHEN e.id IS NOT NULL THEN identity.audit_leaf(e) END AS found
  FROM identity.audit_links l LEFT JOIN identity.audit_entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
 WHERE l.seq > :after ORDER BY l.seq LIMIT :limit
"""
_UNLINKED = """
SELECT e.id FROM identity.audit_entries e CROSS JOIN identity.audit_state s
 WHERE e.xid < s.horizon AND NOT EXISTS (SELECT FROM identity.audit_links l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id)
 ORDER BY e.id LIMIT 100
"""


def insert(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(_INSERT, tenant=tx.tenant_id, **row)


def page(
    tx: Tx,
    *,
    actor: UUID | None,
    action: str | None,
    resource_kind: str | None,
    resource_id: str | None,
    since: datetime | None,
    until: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[AnyRow]:
    """Newest first. `action` names one, or all that begin with it and a dot; only what is asked for is in the statement."""
    conditions: dict[str, tuple[str, object]] = {
        "e.actor = :actor": ("actor", actor),
        "(e.action = :action OR starts_with(e.action, CAST(:action AS text) || '.'))": ("action", action),
        "e.resource_kind = :resource_kind": ("resource_kind", resource_kind),
        "e.resource_id = :resource_id": ("resource_id", resource_id),
        "e.at >= :since": ("since", since),
        "e.at < :until": ("until", until),
        "e.id < :before": ("before", before),
    }
    asked = {condition: named for condition, named in conditions.items() if named[1] is not None}
    where = "".join(f" AND {condition}" for condition in asked)
    return tx.all(
        f"{_PAGE}{where} ORDER BY e.id DESC LIMIT :limit", tenant=tx.tenant_id, limit=limit, **dict(asked.values())
    )


def own_the_chain(tx: Tx) -> bool:
    """Whether this transaction alone may add links."""
    return bool(tx.scalar("SELECT pg_try_advisory_xact_lock(hashtextextended('identity.audit_links', 24))"))


def state(tx: Tx) -> AnyRow:
    """`here`: the cluster it was written in is the one that runs. `ended`: all transactions below this have ended."""
    return tx.one(
        "SELECT s.horizon::text AS horizon, s.checked_seq, s.faults, pg_snapshot_xmin(pg_current_snapshot())::text AS ended,"
        " s.system_identifier = c.system_identifier AS here FROM identity.audit_state s, pg_control_system() c"
    )


def set_horizon(tx: Tx, horizon: str) -> None:
    tx.execute(
        "UPDATE identity.audit_state SET horizon = CAST(:horizon AS xid8),"
        " system_identifier = (SELECT system_identifier FROM pg_control_system())",
        horizon=horizon,
    )


def set_checked(tx: Tx, *, seq: int, faults: int) -> None:
    tx.execute("UPDATE identity.audit_state SET checked_seq = :seq, faults = :faults", seq=seq, faults=faults)


def waiting(tx: Tx, *, since: str, limit: int) -> list[AnyRow]:
    return tx.all(_WAITING, since=since, limit=limit)


def last_link(tx: Tx) -> AnyRow | None:
    return tx.first("SELECT seq, hash FROM identity.audit_links ORDER BY seq DESC LIMIT 1")


def link_at(tx: Tx, seq: int) -> AnyRow | None:
    return tx.first("SELECT seq, hash FROM identity.audit_links WHERE seq = :seq", seq=seq)


def insert_links(tx: Tx, *, first: int, rows: Sequence[AnyRow], hashes: Sequence[bytes]) -> None:
    tx.execute(
        _LINK,
        first=first,
        tenants=arrays.array(row.tenant_id for row in rows),
        entries=arrays.array(row.id for row in rows),
        leaves=arrays.array(bytes(row.leaf).hex() for row in rows),
        hashes=arrays.array(hash_.hex() for hash_ in hashes),
    )


def chain(tx: Tx, *, after: int, limit: int) -> list[AnyRow]:
    """Links in order, each with the leaf of its entry as it is now; none where there is no entry."""
    return tx.all(_CHAIN, after=after, limit=limit)


def unlinked(tx: Tx) -> list[UUID]:
    return [row.id for row in tx.all(_UNLINKED)]


def last_checkpoint(tx: Tx) -> AnyRow | None:
    return tx.first("SELECT * FROM identity.audit_checkpoints ORDER BY checkpoint_no DESC LIMIT 1")


def checkpoints(tx: Tx, *, after: int, upto: int) -> list[AnyRow]:
    """Those that vouch for links in (after, upto]."""
    return tx.all(
        "SELECT c.*, l.hash AS stands FROM identity.audit_checkpoints c LEFT JOIN identity.audit_links l ON l.seq = c.seq"
        " WHERE c.seq > :after AND c.seq <= :upto ORDER BY c.checkpoint_no",
        after=after,
        upto=upto,
    )


def gaps(tx: Tx) -> list[int]:
    """Numbers of checkpoints that are not there; of several in a row the last."""
    rows = tx.all(
        "SELECT c.checkpoint_no - 1 AS gone FROM (SELECT checkpoint_no, lag(checkpoint_no, 1, CAST(0 AS bigint)) OVER"
        " (ORDER BY checkpoint_no) AS last FROM identity.audit_checkpoints) c WHERE c.checkpoint_no <> c.last + 1"
        " ORDER BY 1 LIMIT 100"
    )
    return [row.gone for row in rows]


def first_unsigned(tx: Tx, *, before: datetime) -> int | None:
    """The first link that no checkpoint covers although its entry is older than this."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT l.seq FROM identity.audit_links l JOIN identity.audit_entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id"
        " WHERE l.seq > (SELECT coalesce(max(seq), 0) FROM identity.audit_checkpoints) AND e.recorded_at < :before"
        " ORDER BY l.seq LIMIT 1",
        before=before,
    )


def insert_checkpoint(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(
        "INSERT INTO identity.audit_checkpoints (checkpoint_no, seq, hash, made_at, key_id, signature)"
        " VALUES (:checkpoint_no, :seq, :hash, :made_at, :key_id, :signature)",
        **row,
    )
