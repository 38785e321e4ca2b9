"""Statements on runs, breaks and what the rounding pool took. One function, one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from kernel.ids import SYSTEM

_RUN = """id, tenant_id, level, source, scope, day, state, part, position, parts, compared, agreed, breaks, levelled, ticketed, rebuilt,
          reason, requested_by, created_at, started_at, as_of, finished_at"""
_ITEM = """i.id, i.run_id, i.level, i.source, i.reference, i.asset, i.account_id, i.ours, i.theirs, i.theirs_text, i.difference,
           i.class AS kind, i.state, i.suspended, i.journal_id, i.raw, i.day, i.times, i.first_seen_at, i.last_seen_at, i.closed_at,
           greatest(CAST(extract(epoch FROM coalesce(i.closed_at, kernel.business_now()) - i.first_seen_at) AS bigint), 0) AS age_s"""


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison; the counts grow with each step."""

    id: UUID
    tenant_id: UUID
    level: str
    source: str
    scope: str | None
    day: date | None
    state: str
    part: int
    position: str | None
    parts: int
    compared: int
    agreed: int
    breaks: int
    levelled: int
    ticketed: int
    rebuilt: int
    reason: str | None
    requested_by: UUID
    created_at: datetime
    started_at: datetime | None
    as_of: datetime | None
    finished_at: datetime | None


# Runs ----------------------------------------------------------------------------------------------------------------------------


def insert_run(
    tx: Tx,
    *,
    run_id: UUID,
    level: str,
    source: str,
    scope: str | None,
    day: date | None,
    parts: int,
    requested_by: UUID,
) -> bool:
    """False when the schedule has made this day's run before."""
    return (
        tx.first(
            """INSERT INTO payments.recon_runs (id, tenant_id, level, source, scope, day, parts, requested_by, created_at)
               VALUES (:id, :tenant, :level, :source, :scope, :day, :parts, :by, :now) ON CONFLICT DO NOTHING RETURNING id""",
            id=run_id, tenant=tx.tenant_id, level=level, source=source, scope=scope, day=day, parts=parts, by=requested_by, now=tx.now,
        ) is not None
    )  # fmt: skip


def run(tx: Tx, run_id: UUID) -> Run | None:
    row = tx.first(
        f"SELECT {_RUN} FROM payments.recon_runs WHERE tenant_id = :tenant AND id = :id", tenant=tx.tenant_id, id=run_id
    )
    return Run(*row) if row is not None else None


def runs(tx: Tx, *, before: UUID | None, limit: int) -> list[Run]:
    rows = tx.all(
        f"""SELECT {_RUN} FROM payments.recon_runs
             WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, limit=limit,
    )  # fmt: skip
    return [Run(*row) for row in rows]


def waiting_runs(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, run) that have steps to go, oldest first; seen by the engine over all tenants."""
    rows = tx.all(
        "SELECT tenant_id, id FROM payments.recon_runs WHERE state IN ('queued', 'running') ORDER BY id LIMIT :limit",
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]


def claim_run(tx: Tx, run_id: UUID) -> Run | None:
    """Lock a run that has steps to go; None when it has none, or somebody else is at it."""
    row = tx.first(
        f"""SELECT {_RUN} FROM payments.recon_runs
             WHERE tenant_id = :tenant AND id = :id AND state IN ('queued', 'running') FOR UPDATE SKIP LOCKED""",
        tenant=tx.tenant_id, id=run_id,
    )  # fmt: skip
    return Run(*row) if row is not None else None


def serialise(tx: Tx, *, source: str) -> None:
    """One step of a source at a time within a tenant: what it reads next already knows what the other one posted."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('recon:' || :key, 0))", key=f"{tx.tenant_id}:{source}")


def advance_run(
    tx: Tx, run_id: UUID, *, part: int, position: str | None, counts: Mapping[str, int], done: bool
) -> None:
    tx.execute(
        """UPDATE payments.recon_runs
              SET state = CASE WHEN :done THEN 'done' ELSE 'running' END, part = :part, position = :position,
                  compared = compared + :compared, agreed = agreed + :agreed, breaks = breaks + :breaks,
                  levelled = levelled + :levelled, ticketed = ticketed + :ticketed, rebuilt = rebuilt + :rebuilt,
                  started_at = coalesce(started_at, :now), as_of = coalesce(as_of, :now),
                  finished_at = CASE WHEN :done THEN CAST(:now AS timestamptz) END
            WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant_id, id=run_id, part=part, position=position, done=done, now=tx.now, **counts,
    )  # fmt: skip


def fail_run(tx: Tx, run_id: UUID, reason: str) -> None:
    tx.execute(
        """UPDATE payments.recon_runs SET state = 'failed', reason = :reason, finished_at = :now
            WHERE tenant_id = :tenant AND id = :id AND state IN ('queued', 'running')""",
        tenant=tx.tenant_id, id=run_id, reason=reason[:500], now=tx.now,
    )  # fmt: skip


def last_scheduled_day(tx: Tx, *, source: str) -> date | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT max(day) FROM payments.recon_runs
            WHERE tenant_id = :tenant AND source = :source AND level = 'day' AND requested_by = :system""",
        tenant=tx.tenant_id, source=source, system=SYSTEM,
    )  # fmt: skip


def tenants_with_books(tx: Tx) -> list[UUID]:
    return [row.id for row in tx.all(
        """SELECT t.id FROM identity.tenants t
            WHERE EXISTS (SELECT FROM payments.accounts a WHERE a.tenant_id = t.id) ORDER BY t.id"""
    )]  # fmt: skip


# Breaks --------------------------------------------------------------------------------------------------------------------------


def insert_item(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.execute(
        """INSERT INTO payments.recon_items
             (id, tenant_id, run_id, level, source, reference, asset, account_id, ours, theirs, theirs_text, difference, class, state,
              suspended, raw, day, journal_id, first_seen_at, last_seen_at, closed_at)
           VALUES (:id, :tenant, :run_id, :level, :source, :reference, :asset, :account_id, :ours, :theirs, :theirs_text, :difference,
                   :kind, :state, :suspended, CAST(:raw AS jsonb), :day, :journal_id, :now, :now,
                   CASE WHEN :closed THEN CAST(:now AS timestamptz) END)""",
        tenant=tx.tenant_id, now=tx.now, **{**row, "raw": json.dumps(row["raw"])},
    )  # fmt: skip


def live_items(tx: Tx, *, source: str, references: Sequence[str]) -> list[AnyRow]:
    """Unsuspended breaks of these references that are not closed, locked."""
    return tx.all(
        f"""SELECT {_ITEM} FROM payments.recon_items i
             WHERE i.tenant_id = :tenant AND i.source = :source AND i.reference = ANY(CAST(:references AS text[]))
               AND i.state IN ('open', 'ticketed', 'proposed') AND NOT i.suspended ORDER BY i.id FOR UPDATE""",
        tenant=tx.tenant_id, source=source, references=list(references),
    )  # fmt: skip


def settled_items(tx: Tx, *, source: str, references: Sequence[str]) -> list[AnyRow]:
    """The newest break of each reference that was levelled, suspended or closed by people."""
    return tx.all(
        """SELECT DISTINCT ON (reference, asset) reference, asset, difference, state FROM payments.recon_items
            WHERE tenant_id = :tenant AND source = :source AND reference = ANY(CAST(:references AS text[]))
              AND (state IN ('levelled', 'resolved') OR suspended)
            ORDER BY reference, asset, id DESC""",
        tenant=tx.tenant_id, source=source, references=list(references),
    )  # fmt: skip


def see_again(tx: Tx, item_id: UUID, row: Mapping[str, Any]) -> None:
    """The same break, as it stands now."""
    tx.execute(
        """UPDATE payments.recon_items
              SET run_id = :run_id, ours = :ours, theirs = :theirs, theirs_text = :theirs_text, difference = :difference,
                  account_id = :account_id, class = :kind, state = :state, suspended = :suspended, journal_id = :journal_id,
                  raw = CAST(:raw AS jsonb), times = times + 1, last_seen_at = :now, day = :day,
                  closed_at = CASE WHEN :closed THEN CAST(:now AS timestamptz) END
            WHERE tenant_id = :tenant AND id = :item""",
        tenant=tx.tenant_id, item=item_id, now=tx.now,
        **{name: row[name] for name in ("run_id", "ours", "theirs", "theirs_text", "difference", "account_id", "kind", "state",
                                        "suspended", "journal_id", "day", "closed")},
        raw=json.dumps(row["raw"]),
    )  # fmt: skip


def move_item(tx: Tx, item_id: UUID, *, state: str, sources: Sequence[str], closed: bool) -> bool:
    """Change a break's state; False when it is in none of the states this may come from."""
    return (
        tx.first(
            """UPDATE payments.recon_items
                  SET state = :state, closed_at = CASE WHEN :closed THEN CAST(:now AS timestamptz) END
                WHERE tenant_id = :tenant AND id = :item AND state = ANY(CAST(:sources AS text[])) RETURNING id""",
            tenant=tx.tenant_id, item=item_id, state=state, sources=list(sources), closed=closed, now=tx.now,
        ) is not None
    )  # fmt: skip


def set_journal(tx: Tx, item_id: UUID, journal_id: UUID) -> None:
    tx.execute(
        "UPDATE payments.recon_items SET journal_id = :journal WHERE tenant_id = :tenant AND id = :item",
        tenant=tx.tenant_id, item=item_id, journal=journal_id,
    )  # fmt: skip


def lock_item(tx: Tx, item_id: UUID) -> AnyRow | None:
    return tx.first(
        f"""SELECT {_ITEM}, a.realm, a.normal_side FROM payments.recon_items i
              LEFT JOIN payments.accounts a ON a.account_id = i.account_id
             WHERE i.tenant_id = :tenant AND i.id = :item FOR UPDATE OF i""",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


_TICKET = """t.owner, t.opened_at, t.due_at, t.resolution, t.target_account, t.proposed_by, t.proposed_at, t.confirmed_by, t.confirmed_at,
             t.journal_id AS closing_journal_id"""


def item(tx: Tx, item_id: UUID) -> AnyRow | None:
    return tx.first(
        f"""SELECT {_ITEM}, {_TICKET} FROM payments.recon_items i LEFT JOIN payments.tickets t ON t.item_id = i.id
             WHERE i.tenant_id = :tenant AND i.id = :item""",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


def items(
    tx: Tx, *, states: Sequence[str], source: str | None, kind: str | None, day: date | None, run_id: UUID | None,
    before: UUID | None, limit: int,
) -> list[AnyRow]:  # fmt: skip
    return tx.all(
        f"""SELECT {_ITEM}, {_TICKET} FROM payments.recon_items i LEFT JOIN payments.tickets t ON t.item_id = i.id
             WHERE i.tenant_id = :tenant AND i.state = ANY(CAST(:states AS text[]))
               AND (CAST(:source AS text) IS NULL OR i.source = :source) AND (CAST(:kind AS text) IS NULL OR i.class = :kind)
               AND (CAST(:day AS date) IS NULL OR i.day = :day) AND (CAST(:run AS uuid) IS NULL OR i.run_id = :run)
               AND (CAST(:before AS uuid) IS NULL OR i.id < :before)
             ORDER BY i.id DESC LIMIT :limit""",
        tenant=tx.tenant_id, states=list(states), source=source, kind=kind, day=day, run=run_id, before=before, limit=limit,
    )  # fmt: skip


# Limits and the pool -------------------------------------------------------------------------------------------------------------


def limits(tx: Tx) -> dict[str, AnyRow]:
    rows = tx.all(
        """SELECT asset, dust, daily_cap, in_transit_for, suspense_for FROM payments.recon_limits WHERE tenant_id = :tenant""",
        tenant=tx.tenant_id,
    )
    return {row.asset: row for row in rows}


def set_limits(
    tx: Tx, *, asset: str, dust: Decimal, daily_cap: Decimal, in_transit_for: timedelta, suspense_for: timedelta
) -> None:
    tx.execute(
        """INSERT INTO payments.recon_limits (tenant_id, asset, dust, daily_cap, in_transit_for, suspense_for)
           VALUES (:tenant, :asset, :dust, :cap, :transit, :suspense)
           ON CONFLICT (tenant_id, asset) DO UPDATE
              SET dust = :dust, daily_cap = :cap, in_transit_for = :transit, suspense_for = :suspense""",
        tenant=tx.tenant_id, asset=asset, dust=dust, cap=daily_cap, transit=in_transit_for, suspense=suspense_for,
    )  # fmt: skip


def take_from_cap(tx: Tx, *, asset: str, day: date, cap: Decimal, gap: Decimal) -> bool:
    """Use |gap| of the day's cap, all or nothing. A cap that was lowered counts at once; one that was raised, from tomorrow."""
    return (
        tx.first(
            """INSERT INTO payments.rounding_days AS d (tenant_id, asset, day, cap, used, net)
               SELECT :tenant, :asset, :day, CAST(:cap AS numeric), abs(CAST(:gap AS numeric)), CAST(:gap AS numeric)
                WHERE abs(CAST(:gap AS numeric)) <= CAST(:cap AS numeric)
               ON CONFLICT (tenant_id, asset, day) DO UPDATE
                  SET used = d.used + excluded.used, net = d.net + excluded.net, times = d.times + 1
                WHERE d.used + excluded.used <= least(d.cap, excluded.cap)
               RETURNING d.asset""",
            tenant=tx.tenant_id, asset=asset, day=day, cap=cap, gap=gap,
        ) is not None
    )  # fmt: skip


def recent_rounding(tx: Tx, *, asset: str, since: date) -> AnyRow:
    return tx.one(
        """SELECT coalesce(sum(net), 0) AS net, coalesce(sum(used), 0) AS gross, coalesce(sum(times), 0) AS times
             FROM payments.rounding_days WHERE tenant_id = :tenant AND asset = :asset AND day >= :since""",
        tenant=tx.tenant_id, asset=asset, since=since,
    )  # fmt: skip


def rounding_of_day(tx: Tx, *, day: date) -> list[AnyRow]:
    return tx.all(
        """SELECT asset, cap, used, net, times FROM payments.rounding_days
            WHERE tenant_id = :tenant AND day = :day ORDER BY asset""",
        tenant=tx.tenant_id, day=day,
    )  # fmt: skip


# The day -------------------------------------------------------------------------------------------------------------------------


def runs_of_day(tx: Tx, *, day: date) -> list[Run]:
    rows = tx.all(
        f"SELECT {_RUN} FROM payments.recon_runs WHERE tenant_id = :tenant AND day = :day ORDER BY source, id",
        tenant=tx.tenant_id, day=day,
    )  # fmt: skip
    return [Run(*row) for row in rows]


def breaks_of_day(tx: Tx, *, day: date) -> list[AnyRow]:
    return tx.all(
        """SELECT level, source, class AS kind, state, asset, count(*) AS breaks, sum(abs(difference)) AS amount
             FROM payments.recon_items WHERE tenant_id = :tenant AND day = :day
            GROUP BY level, source, class, state, asset ORDER BY level, source, class, state, asset""",
        tenant=tx.tenant_id, day=day,
    )  # fmt: skip


def ages(tx: Tx) -> list[AnyRow]:
    """Breaks that are not closed, by how long they have been known."""
    return tx.all(
        """SELECT age, count(*) AS breaks, count(*) FILTER (WHERE suspended) AS suspended
             FROM (SELECT suspended, CASE WHEN :now - first_seen_at < interval '1 day' THEN '0-1d'
                                          WHEN :now - first_seen_at < interval '7 days' THEN '1-7d'
                                          WHEN :now - first_seen_at < interval '30 days' THEN '7-30d' ELSE '30d+' END AS age
                     FROM payments.recon_items WHERE tenant_id = :tenant AND state IN ('open', 'ticketed', 'proposed')) t
            GROUP BY age ORDER BY age""",
        tenant=tx.tenant_id, now=tx.now,
    )  # fmt: skip
