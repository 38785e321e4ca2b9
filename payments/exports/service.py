"""Exports as jobs: asked for here, carried out in steps by a worker, resumed by any worker after a crash.

What a job may see is fixed when it begins: the rows of transactions below the committed horizon, which is a closed set. A step reads at
most 10,000 rows in a transaction of its own, writes them as one part, and only then records how far it came. What other packages export
is theirs to read (`sources`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel import commands, db, log
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import InvalidRequest, NotFound
from kernel.ids import uuid7
from kernel.money import canonical
from kernel.settings import settings
from payments.accounts.states import Realm
from payments.balances import service as balances
from payments.errors import AccountNotFound, LedgerArchived, NotFinalYet
from payments.exports import files, queries, sources
from payments.exports.errors import ExportFileGone, ExportNotReady
from payments.exports.rules import COLUMNS
from payments.exports.sources import Source, Span
from payments.exports.states import ExportState, Format, What

STEP_ROWS = 10_000
KEPT = timedelta(days=7)
_CLAIM = timedelta(seconds=60)
_GIVE_UP_AFTER = 5
_COUNTED = 1_000_000
_log = log.get("exports")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for; `from_at` and `to_at` bound the booked time, the first inclusive, the second not."""

    what: What | str
    format: Format
    account_id: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(slots=True)
class Batch:
    """The rows of one step, and where the next one begins; `whole` when one step reads them all."""

    rows: Sequence[Sequence[Any]]
    scanned: int
    position: dict[str, Any] = field(default_factory=dict)
    whole: bool = False

    @property
    def more(self) -> bool:
        return not self.whole and self.scanned == STEP_ROWS


def request(*, tenant: UUID, by: UUID, realm: str, wanted: Wanted, key: str | None, fingerprint: bytes) -> Outcome:
    """Put the job in the queue.

    Raises:
        InvalidRequest: nobody exports this; a statement without an account, balances with a beginning, an empty stretch of time.
        AccountNotFound: the account is not one of this tenant and realm.
        NotFinalYet: something may still be booked before `to`; it would be in no export at all.
        LedgerArchived: `to` lies where the journals have left the tables.
    """
    source = sources.find(wanted.what)
    _demand_sense(wanted, source, realm)

    def make(tx: Tx) -> tuple[str, UUID]:
        if wanted.account_id is not None and not queries.account_exists(tx, account_id=wanted.account_id, realm=realm):
            raise AccountNotFound
        if wanted.to_at is not None and source is None:
            balances.demand_final(tx, wanted.to_at)
        export_id = uuid7()
        queries.insert(
            tx, export_id=export_id, realm=realm, what=str(wanted.what), format_=wanted.format.value, account_id=wanted.account_id,
            from_at=wanted.from_at, to_at=wanted.to_at, by=by,
        )  # fmt: skip
        return "export", export_id

    return commands.run(
        tenant=tenant, principal=by, route="POST /v1/ledger/exports", key=key, fingerprint=fingerprint, fn=make
    )


def _demand_sense(wanted: Wanted, source: Source | None, realm: str) -> None:
    if source is None and not isinstance(wanted.what, What):
        raise InvalidRequest(f"what: one of {', '.join([*What, *sources.names()])}")
    if source is not None and (wanted.account_id is not None or realm != Realm.REAL):
        raise InvalidRequest("only the ledger exports by account, and play money")
    if source is not None and not source.spans and (wanted.from_at is not None or wanted.to_at is not None):
        raise InvalidRequest("this is as of now: give neither `from` nor `to`")
    if wanted.what is What.STATEMENT and wanted.account_id is None:
        raise InvalidRequest("a statement is of one account")
    if wanted.what is What.BALANCES and wanted.from_at is not None:
        raise InvalidRequest("balances are as of one moment: give `to` alone, or nothing for now")
    if wanted.from_at is not None and wanted.to_at is not None and wanted.from_at >= wanted.to_at:
        raise InvalidRequest("`from` must lie before `to`")


def read(tenant: UUID, export_id: UUID) -> Row[Any]:
    with db.read_only(tenant=tenant) as tx:
        row = queries.one(tx, export_id)
    if row is None:
        raise NotFound
    return row


def page(tenant: UUID, *, before: UUID | None, limit: int) -> list[Row[Any]]:
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, before=before, limit=limit)


def file_of(tenant: UUID, export_id: UUID) -> tuple[Row[Any], Path]:
    """The job and its finished file.

    Raises:
        ExportNotReady: there is no file yet, or none any more.
        ExportFileGone: there should be one, but not on this machine.
    """
    job = read(tenant, export_id)
    if job.state != ExportState.DONE:
        raise ExportNotReady(state=job.state)
    path = _place(tenant, job).file
    if not path.is_file():
        raise ExportFileGone
    return job, path


def waiting(*, limit: int = 100) -> list[tuple[UUID, UUID]]:
    """(tenant, job) of all jobs that nobody works on; only the engine sees all tenants."""
    with db.read_only() as tx:
        return [(row.tenant_id, row.id) for row in queries.waiting(tx, limit=limit)]


def run(tenant: UUID, export_id: UUID) -> None:
    """Carry a job out to its end, from wherever it stands; nothing to do when somebody else has it."""
    me = uuid7()
    with db.transaction(tenant=tenant) as tx:
        job = queries.claim(tx, export_id, by=me, ttl=_CLAIM)
    if job is None:
        return
    try:
        _work(tenant, job, me)
    except Exception as error:  # noqa: BLE001  whatever it was: it is counted, and tried again
        _log.exception("export_failed", export=str(export_id))
        with db.transaction(tenant=tenant) as tx:
            queries.note_failure(tx, export_id, by=me, error=type(error).__name__, give_up_after=_GIVE_UP_AFTER)
        return
    _forget_old(tenant)


def _work(tenant: UUID, job: Row[Any], me: UUID) -> None:
    place, source = _place(tenant, job), sources.find(job.what)
    columns = COLUMNS[What(job.what)] if source is None else source.columns
    position, parts = dict(job.position), job.parts
    if not position and source is None:
        position = _begin(tenant, job)
    while True:
        with db.read_only(tenant=tenant, repeatable=True) as tx:
            batch = _ledger_step(tx, job, position) if source is None else _source_step(tx, source, job, position)
        files.write_part(place, parts, columns, batch.rows)
        parts, position = parts + 1, batch.position
        with db.transaction(tenant=tenant) as tx:
            if not queries.advance(
                tx, job.id, by=me, ttl=_CLAIM, position=json.dumps(position), parts=parts, scanned=batch.scanned,
                written=len(batch.rows),
            ):  # fmt: skip
                return
        if not batch.more:
            break
    made = files.finish(place, parts, columns)
    with db.transaction(tenant=tenant) as tx:
        if not queries.complete(tx, job.id, by=me, size=made.size, sha256=made.sha256):
            return
    files.clean_up(place)


def _begin(tenant: UUID, job: Row[Any]) -> dict[str, Any]:
    """How much there is to do, for the progress; and for balances, the last account that belongs to the set.

    Raises:
        NotFinalYet: the horizon is held back so far that it does not cover `to`.
    """
    with db.transaction(tenant=tenant) as tx:
        if job.to_at is not None and queries.booked_beyond(tx, job):
            raise NotFinalYet
        begun = {"archived": queries.archived_before(tx)}
        if job.what == What.BALANCES:
            return {**begun, "after": 0, "last": queries.last_account(tx)}
        counted = queries.count_entries(tx, job, limit=_COUNTED + 1)
        queries.expect(tx, job.id, counted if counted <= _COUNTED else None)
        if job.what == What.STATEMENT:
            return {**begun, "balance": canonical(queries.archived(tx, job.account_id))}
    return begun


def _source_step(tx: Tx, source: Source, job: Row[Any], position: Mapping[str, Any]) -> Batch:
    span = Span(job.from_at, job.to_at, job.requested_at)
    rows = source.read(tx, span, after=position.get("after"), limit=STEP_ROWS)
    after = source.placed(rows[-1]) if rows else position.get("after")
    return Batch(rows, len(rows), {"after": after}, whole=not source.place)


def _ledger_step(tx: Tx, job: Row[Any], position: Mapping[str, Any]) -> Batch:
    if queries.archived_before(tx) != position["archived"]:  # rows of the set have left the tables since
        raise LedgerArchived
    batch = _next(tx, job, position)
    batch.position["archived"] = position["archived"]
    return batch


def _next(tx: Tx, job: Row[Any], position: Mapping[str, Any]) -> Batch:
    what = What(job.what)
    names = list(COLUMNS[what])
    if what is What.BALANCES:
        rows = queries.balances(tx, job, after=position["after"], last=position["last"], limit=STEP_ROWS)
        after = rows[-1].account_id if rows else position["after"]
        return Batch([_cells(row, names) for row in rows], len(rows), {**position, "after": after})
    place = {
        name: value for name, value in position.items() if name not in {"balance", "archived"}
    }  # empty at the beginning
    rows = queries.entries(tx, job, position=place, limit=STEP_ROWS)
    if rows:
        last = rows[-1]
        place = {"epoch": last.epoch, "xid": last.xid, "journal": str(last.journal_id), "line": last.line}
    if what is not What.STATEMENT:
        return Batch([_cells(row, names) for row in rows if row.wanted], len(rows), place)
    balance, lines = Decimal(position["balance"]), []
    for row in rows:
        balance += row.amount
        if row.wanted:
            lines.append(_cells(row, names, balance_after=balance))
    return Batch(lines, len(rows), {**place, "balance": canonical(balance)})


def _cells(row: Row[Any], names: list[str], **more: Any) -> list[Any]:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public way to read by name
    return [more[name] if name in more else values[name] for name in names]


def _forget_old(tenant: UUID) -> None:
    with db.transaction(tenant=tenant) as tx:
        old = queries.expire(tx, older_than=KEPT)
    for row in old:
        files.delete(files.Place(settings().exports, tenant, row.id, Format(row.format)))


def _place(tenant: UUID, job: Row[Any]) -> files.Place:
    return files.Place(settings().exports, tenant, job.id, Format(job.format))
