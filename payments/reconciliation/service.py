"""Runs on demand and by the calendar, what they found, and the report of a day.

Starting a run only writes it down; the engine's schedule takes it step by step, so that a request never waits for a comparison and a
restart goes on where the last step committed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from identity.audit import service as audit
from kernel import clock, commands, db
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.errors import InvalidRequest
from kernel.ids import SYSTEM, uuid7
from kernel.money import LIMIT, InvalidAmount
from payments.assets import service as assets
from payments.balances import service as balances
from payments.balances.service import PathBalance
from payments.reconciliation import queries, rules, running, sources, ticket_queries
from payments.reconciliation.errors import BreakNotFound, RunNotFound
from payments.reconciliation.queries import Run
from payments.reconciliation.states import BreakClass, BreakState, Level

__all__ = ["OPERATOR", "DayReport", "Rounding", "Run", "close_incident", "raise_incident", "run_now", "start_run"]

LIVE = (BreakState.OPEN, BreakState.TICKETED, BreakState.PROPOSED)
MISSED_DAYS = 31
OPERATOR = UUID(int=1)  # somebody at the command line, who has no login
raise_incident = running.raise_incident
close_incident = running.close_incident


@dataclass(frozen=True, slots=True)
class Rounding:
    """What the rounding pool took and gave for one asset; `drifts`: over the last days it went one way only."""

    asset: str
    cap: Decimal
    used: Decimal
    net: Decimal
    times: int
    drifts: bool


@dataclass(frozen=True, slots=True)
class DayReport:
    """Finance's day. `complete`: every source was compared for this day and no run failed."""

    date: date
    complete: bool
    runs: list[Run]
    breaks: list[AnyRow]
    rounding: list[Rounding]
    pool: list[PathBalance]
    suspense: list[PathBalance]
    ages: list[AnyRow]


# Runs ----------------------------------------------------------------------------------------------------------------------------


def start_run(
    *,
    tenant: UUID,
    principal: UUID,
    level: Level,
    source: str,
    scope: str | None = None,
    day: date | None = None,
    key: str | None = None,
) -> Outcome:
    """Write a run down for the engine; a day-level run without a date looks at today.

    Raises:
        SourceUnknown: nothing here can be compared under this name.
        InvalidRequest: the date lies in the future.
    """
    body = {"level": level.value, "source": source, "scope": scope, "day": day}

    def make(tx: Tx) -> tuple[str, UUID]:
        return "reconciliation_run", new_run(
            tx, level=level, source=source, scope=scope, day=day, requested_by=principal
        )

    return commands.run(
        tenant=tenant, principal=principal, route="POST /v1/reconciliation/runs", key=key, fingerprint=commands.fingerprint(body), fn=make
    )  # fmt: skip


def new_run(tx: Tx, *, level: Level, source: str, scope: str | None, day: date | None, requested_by: UUID) -> UUID:
    """The step of `start_run`."""
    now = sources.today(tx)
    if day is not None and day > now:
        raise InvalidRequest("this day has not come yet")
    if day is None and level is Level.DAY:
        day = now
    run_id = uuid7()
    parts = len(sources.parts(source, level))
    made = queries.insert_run(
        tx, run_id=run_id, level=level, source=source, scope=scope, day=day, parts=parts, requested_by=requested_by
    )
    assert made, "only the schedule makes a day's run once"
    return run_id


def run_now(tenant: UUID, run_id: UUID) -> Run:
    """Take all steps of a run here, beside whoever else works on it; returns it as it stands then."""
    while running.step(tenant, run_id):
        pass
    return get_run(tenant, run_id)


def work_off(*, budget_s: float) -> int:
    """Take steps of waiting runs of all tenants, oldest first, for about this long; returns the number of steps."""
    deadline, steps = clock.monotonic() + budget_s, 0
    with db.read_only() as tx:
        waiting = queries.waiting_runs(tx, limit=100)
    failed: DBAPIError | None = None
    for tenant, run_id in waiting:
        more = True
        while more and clock.monotonic() < deadline:
            try:
                more = running.step(tenant, run_id)
            except DBAPIError as error:  # the runs after it do not wait for what one of them meets
                failed, more = failed or error, False
            steps += 1
    if failed is not None:
        raise failed
    return steps


def start_days(due: datetime) -> int:
    """Write down yesterday's run of every source and tenant, and those of days that were missed; safe to repeat."""
    with db.read_only() as tx:
        tenants = queries.tenants_with_books(tx)
    yesterday = due.astimezone(UTC).date() - timedelta(days=1)
    return sum(_start_days_of(tenant, yesterday) for tenant in tenants)


def _start_days_of(tenant: UUID, yesterday: date) -> int:
    made = 0
    with db.transaction(tenant=tenant) as tx:
        for source in sources.names():
            last = queries.last_scheduled_day(tx, source=source)
            missed = 1 if last is None else min((yesterday - last).days, MISSED_DAYS)
            for back in range(missed):
                made += queries.insert_run(
                    tx, run_id=uuid7(), level=Level.DAY, source=source, scope=None, day=yesterday - timedelta(days=back),
                    parts=len(sources.parts(source, Level.DAY)), requested_by=SYSTEM,
                )  # fmt: skip
    return made


def get_run(tenant: UUID, run_id: UUID) -> Run:
    with db.read_only(tenant=tenant) as tx:
        found = queries.run(tx, run_id)
    if found is None:
        raise RunNotFound
    return found


def list_runs(tenant: UUID, *, before: UUID | None, limit: int) -> list[Run]:
    with db.read_only(tenant=tenant) as tx:
        return queries.runs(tx, before=before, limit=limit)


# Breaks --------------------------------------------------------------------------------------------------------------------------


def list_breaks(
    tenant: UUID,
    *,
    states: tuple[BreakState, ...] = LIVE,
    source: str | None = None,
    kind: BreakClass | None = None,
    day: date | None = None,
    run_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[AnyRow]:
    """Newest first; without `states`, those that are not closed."""
    with db.read_only(tenant=tenant) as tx:
        return queries.items(
            tx, states=states, source=source, kind=kind, day=day, run_id=run_id, before=before, limit=limit
        )


def get_break(tenant: UUID, item_id: UUID) -> tuple[AnyRow, list[AnyRow]]:
    """The break with its ticket, and the notes."""
    with db.read_only(tenant=tenant) as tx:
        found = queries.item(tx, item_id)
        if found is None:
            raise BreakNotFound
        return found, ticket_queries.notes(tx, item_id)


def list_incidents(tenant: UUID, *, limit: int = 200) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return ticket_queries.incidents(tx, limit=limit)


def set_limits(tenant: UUID, *, asset: str, **given: Any) -> rules.Limits:
    """Change what may be levelled of an asset; what is not given stays. An operator's decision, from the command line.

    Raises:
        AssetUnknown: there is no such asset.
        InvalidAmount: a limit is negative or not a number.
    """
    assets.scale(asset)
    with db.transaction(tenant=tenant) as tx:
        now = running.limits_of(tx, {asset})[asset]
        chosen = rules.Limits(
            dust=given.get("dust", now.dust), daily_cap=given.get("daily_cap", now.daily_cap),
            in_transit_for=given.get("in_transit_for", now.in_transit_for), suspense_for=given.get("suspense_for", now.suspense_for),
        )  # fmt: skip
        if not (0 <= chosen.dust < LIMIT and 0 <= chosen.daily_cap < LIMIT):
            raise InvalidAmount("a limit is zero or more")
        queries.set_limits(
            tx, asset=asset, dust=chosen.dust, daily_cap=chosen.daily_cap, in_transit_for=chosen.in_transit_for,
            suspense_for=chosen.suspense_for,
        )  # fmt: skip
        before, after = asdict(now), asdict(chosen)
        audit.record(
            tx, "reconciliation_limits.set", kind="asset", resource=asset, before=before, after=after, actor=OPERATOR,
            was=before, now=after,
        )  # fmt: skip
    return chosen


# The day -------------------------------------------------------------------------------------------------------------------------


def day_report(tenant: UUID, day: date) -> DayReport:
    """All that finance signs off for a business day; balances of pool and suspense stand as of now."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        runs = queries.runs_of_day(tx, day=day)
        done = {run.source for run in runs if run.state == "done" and run.level == Level.DAY}
        return DayReport(
            date=day,
            complete=done >= set(sources.names()) and all(run.state == "done" for run in runs),
            runs=runs,
            breaks=queries.breaks_of_day(tx, day=day),
            rounding=[_rounding(tx, row, day) for row in queries.rounding_of_day(tx, day=day)],
            pool=balances.by_path_prefix(tx, "pool:rounding:"),
            suspense=balances.by_path_prefix(tx, "suspense:"),
            ages=queries.ages(tx),
        )


def _rounding(tx: Tx, row: AnyRow, day: date) -> Rounding:
    recent = queries.recent_rounding(tx, asset=row.asset, since=day - timedelta(days=running.DRIFT_DAYS - 1))
    dust = running.limits_of(tx, {row.asset})[row.asset].dust
    drifting = rules.drifts(net=recent.net, gross=recent.gross, times=recent.times, dust=dust)
    return Rounding(row.asset, row.cap, row.used, row.net, row.times, drifting)
