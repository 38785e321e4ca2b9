"""Schedules are rows in business time, run in due order, one owner at a time; Celery beat only pokes.

A run and the move of its row commit apart: the job itself is idempotent (it claims what is due), so a kill between the two repeats it
harmlessly. Advancing the sandbox clock walks from due row to due row, so that every job sees the moment it was meant for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel import cache, db, log
from kernel.errors import InvalidRequest, NotFound
from kernel.ids import uuid7

CHANNEL = "rm:schedules"
_log = log.get("schedules")

_REGISTER = """
INSERT INTO kernel.schedules (name, every, next_due) VALUES (:name, :every, kernel.business_now() + :every)
ON CONFLICT (name) DO UPDATE SET every = :every WHERE schedules.every <> :every
"""
# One that does not catch up stands where its latest moment is: what it does then must not come before the earlier days of others.
_NEXT_DUE = """
SELECT name, next_due, runs_at FROM kernel.schedules
 CROSS JOIN LATERAL (SELECT CASE WHEN name = ANY(:catching_up) THEN next_due
     ELSE next_due + every * floor(extract(epoch FROM :until - next_due) / extract(epoch FROM every)) END AS runs_at) moment
 WHERE next_due <= :until AND name = ANY(:names) ORDER BY runs_at, name LIMIT 1
"""
_MOVE = """
UPDATE kernel.schedules SET last_run = :ran, next_due = :ran + every WHERE name = :name AND next_due = :due
"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`job` gets the business time it was due; it opens its own transactions and may run twice for the same moment.

    `catch_up` False: after a pause one run is enough, that of the latest moment (sweepers); True: each missed moment runs (payouts).
    """

    name: str
    every: timedelta
    job: Callable[[datetime], None]
    catch_up: bool = False


def register(schedules: Mapping[str, Schedule]) -> None:
    with db.transaction() as tx:
        for schedule in schedules.values():
            tx.execute(_REGISTER, name=schedule.name, every=schedule.every)


def run_due(schedules: Mapping[str, Schedule], *, until: datetime | None = None) -> int:
    """Run everything due until now (or `until`), oldest first; returns the number of runs.

    A job that fails stays due and keeps nobody waiting: its error is raised once the others have run.
    """
    runs = 0
    failed: dict[str, Exception] = {}
    while True:
        with db.read_only() as tx:
            horizon = until or tx.now
            row = tx.first(_NEXT_DUE, until=horizon, **_names(schedules, failed))
        if row is None:
            break
        try:
            schedules[row.name].job(row.runs_at)
        except Exception as error:  # noqa: BLE001  whatever it was, it is raised below
            _log.error("schedule_failed", schedule=row.name, error=str(error))
            failed[row.name] = error
            continue
        with db.transaction() as tx:
            tx.execute(_MOVE, name=row.name, due=row.next_due, ran=row.runs_at)
        runs += 1
    if failed:
        raise next(iter(failed.values()))
    return runs


def _names(schedules: Mapping[str, Schedule], failed: Collection[str]) -> dict[str, list[str]]:
    names = [name for name in schedules if name not in failed]
    return {"names": names, "catching_up": [name for name in names if schedules[name].catch_up]}


def request_advance(by: timedelta) -> UUID:
    """Ask for a jump of the business clock (sandbox); the engine carries it out."""
    with db.transaction() as tx:
        return ask_for_advance(tx, by)


def ask_for_advance(tx: db.Tx, by: timedelta) -> UUID:
    """The step of `request_advance`."""
    if not timedelta(0) < by <= timedelta(days=3660):
        raise InvalidRequest("advance by more than nothing and at most ten years")
    advance_id = uuid7()
    tx.execute("INSERT INTO kernel.clock_advances (id, by_interval) VALUES (:id, :by)", id=advance_id, by=by)
    tx.after_commit(lambda: cache.publish(CHANNEL))
    return advance_id


def advance_state(advance_id: UUID) -> str:
    with db.read_only() as tx:
        state: str | None = tx.scalar("SELECT state FROM kernel.clock_advances WHERE id = :id", id=advance_id)
    if state is None:
        raise NotFound
    return state


def carry_out_advances(schedules: Mapping[str, Schedule]) -> int:
    """Carry out pending jumps one after the other; a kill in the middle is resumed at the next start."""
    done = 0
    while True:
        with db.transaction() as tx:
            row = tx.first(
                """UPDATE kernel.clock_advances SET state = 'running', target = coalesce(target, kernel.business_now() + by_interval)
                    WHERE id = (SELECT id FROM kernel.clock_advances WHERE state <> 'done' ORDER BY id LIMIT 1)
                   RETURNING id, target"""
            )
        if row is None:
            return done
        _walk_to(row.target, schedules)
        with db.transaction() as tx:
            tx.execute("UPDATE kernel.clock_advances SET state = 'done' WHERE id = :id", id=row.id)
        _log.info("clock_advanced", target=row.target.isoformat())
        done += 1


def _walk_to(target: datetime, schedules: Mapping[str, Schedule]) -> None:
    days = {name: schedule for name, schedule in schedules.items() if schedule.catch_up}
    while True:
        with db.read_only() as tx:
            row = tx.first(_NEXT_DUE, until=target, **_names(days, ()))
        stop = target if row is None else min(row.next_due, target)
        with db.transaction() as tx:
            tx.execute("""UPDATE kernel.clock SET "offset" = greatest("offset", :stop - now())""", stop=stop)
        run_due(schedules, until=stop)
        if row is None:
            return
