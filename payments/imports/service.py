"""Imports: sent by one person, checked without writing, approved by another, posted in chunks that a crash cannot repeat.

A file key stands for one import for ever (unless it was rejected), and each row for one journal key under it. The digest that is approved
is that of the file as it was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals import service as approvals
from identity.audit import service as audit
from kernel import commands, db, log
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import NotFound
from kernel.ids import uuid7
from payments.errors import SecondPersonRequired
from payments.imports import postings, queries, rules, second_person
from payments.imports.errors import DigestDiffers, FileKnown, ImportNotWaiting
from payments.imports.states import IMPORT, Format, ImportState

STEP_ROWS = 5_000
_CLAIM = timedelta(seconds=60)
_log = log.get("imports")


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import and what became of its rows so far, by status."""

    job: Row[Any]
    counts: Mapping[str, int]


def send(
    *,
    tenant: UUID,
    by: UUID,
    realm: str,
    body: bytes,
    format_: Format,
    dry_run: bool,
    file_key: str | None,
    key: str | None,
) -> Outcome:
    """Take a file in; a worker checks it. Without a `file_key` the file's own digest is its key.

    Raises:
        InvalidImport: it cannot be read as journals.
        FileKnown: a file with this key is here already.
    """
    rows = rules.read(body, format_)  # before the transaction: an open writer holds back the fold
    digest = hashlib.sha256(body).digest()
    name = file_key or digest.hex()
    print_ = commands.fingerprint(
        {"sha256": digest.hex(), "realm": realm, "format": format_, "dry_run": dry_run, "file_key": name}
    )

    def make(tx: Tx) -> tuple[str, UUID]:
        import_id = uuid7()
        if not queries.insert(
            tx, import_id=import_id, realm=realm, file_key=name, format_=format_.value, dry_run=dry_run, sha256=digest, rows=len(rows),
            by=by,
        ):  # fmt: skip
            raise FileKnown(file_key=name, id=str(queries.find_by_file_key(tx, realm=realm, file_key=name)))
        queries.insert_rows(tx, import_id, rows)
        return "import", import_id

    return commands.run(
        tenant=tenant, principal=by, route="POST /v1/ledger/imports", key=key, fingerprint=print_, fn=make
    )


def approve(*, tenant: UUID, by: UUID, import_id: UUID, sha256: str, key: str | None) -> Outcome:
    """Let the rows be posted.

    Raises:
        SecondPersonRequired: the sender approves the own file, whichever account is used.
        DigestDiffers, ApprovalVoid: another file was looked at.
        ImportNotWaiting: it is not checked yet, decided already, or a dry run.
    """

    def decide(tx: Tx) -> tuple[str, UUID]:
        job = _locked(tx, import_id)
        if job.uploaded_by == by:
            raise SecondPersonRequired
        if job.sha256 != sha256.lower():
            raise DigestDiffers
        if job.state != ImportState.AWAITING_APPROVAL:
            raise ImportNotWaiting(state=job.state)
        approval_id = second_person.agree(tx, job, by=by)
        _decide(tx, job, ImportState.POSTING, by)
        approvals.carried_out(tx, approval_id)
        return "import", import_id

    digest = commands.fingerprint({"id": str(import_id), "sha256": sha256})
    return commands.run(
        tenant=tenant,
        principal=by,
        route="POST /v1/ledger/imports/{id}/approve",
        key=key,
        fingerprint=digest,
        fn=decide,
    )


def reject(*, tenant: UUID, by: UUID, import_id: UUID, key: str | None) -> Outcome:
    """Drop the file, as anybody of finance may, its sender too; its key is free again.

    Raises:
        ImportNotWaiting: it was decided already.
    """

    def decide(tx: Tx) -> tuple[str, UUID]:
        _decide(tx, _locked(tx, import_id), ImportState.REJECTED, by)
        second_person.take_back(tx, import_id)
        return "import", import_id

    digest = commands.fingerprint({"id": str(import_id)})
    return commands.run(
        tenant=tenant, principal=by, route="POST /v1/ledger/imports/{id}/reject", key=key, fingerprint=digest, fn=decide
    )


def carry_out(tx: Tx, *, import_id: UUID, approval_id: UUID) -> bool:
    """Let the rows be posted that a second person agreed to in the inbox, if they are still those; a step of the engine."""
    job = queries.one(tx, import_id, lock=True)
    if job is None or job.state != ImportState.AWAITING_APPROVAL:
        return False
    checker = approvals.granted(tx, approval_id, second_person.subject(tx, job))
    if checker is None:
        return False
    _decide(tx, job, ImportState.POSTING, checker)
    approvals.carried_out(tx, approval_id)
    return True


def drop(tx: Tx, *, import_id: UUID, by: UUID | None) -> None:
    """A second person said no in the inbox. A step of the engine."""
    job = queries.one(tx, import_id, lock=True)
    if job is not None and job.state == ImportState.AWAITING_APPROVAL:
        _decide(tx, job, ImportState.REJECTED, by)


def _locked(tx: Tx, import_id: UUID) -> Row[Any]:
    job = queries.one(tx, import_id, lock=True)
    if job is None:
        raise NotFound
    return job


def _decide(tx: Tx, job: Row[Any], target: ImportState, by: UUID | None) -> None:
    final = target is ImportState.REJECTED
    if not queries.move(tx, job.id, sources=IMPORT.sources(target), target=target.value, by=by, final=final):
        raise ImportNotWaiting(state=job.state)
    audit.about(tx, before={"state": job.state}, after={"state": target.value}, sha256=job.sha256)


def read(tenant: UUID, import_id: UUID) -> ImportView:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        job = queries.one(tx, import_id)
        if job is None:
            raise NotFound
        return ImportView(job, queries.counts(tx, import_id))


def page(tenant: UUID, *, before: UUID | None, limit: int) -> list[ImportView]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return [ImportView(job, queries.counts(tx, job.id)) for job in queries.page(tx, before=before, limit=limit)]


def rows(tenant: UUID, import_id: UUID, *, only_refused: bool, after: int, limit: int) -> list[Row[Any]]:
    """Rows in the order of the file, each with what became of it."""
    with db.read_only(tenant=tenant) as tx:
        job = queries.one(tx, import_id)
        if job is None:
            raise NotFound
        prefix = postings.key_prefix(job)
        return queries.rows(
            tx, import_id, by=job.uploaded_by, key_prefix=prefix, only_refused=only_refused, after=after, limit=limit
        )


def waiting(*, limit: int = 100) -> list[tuple[UUID, UUID]]:
    """(tenant, import) of everything that nobody works on; only the engine sees all tenants."""
    with db.read_only() as tx:
        return [(row.tenant_id, row.id) for row in queries.waiting(tx, limit=limit)]


def run(tenant: UUID, import_id: UUID) -> None:
    """Check or post, from wherever it stands; nothing to do when somebody else has it. A failure is told and tried again later."""
    me = uuid7()
    with db.transaction(tenant=tenant) as tx:
        if queries.claim(tx, import_id, by=me, ttl=_CLAIM) is None:
            return
    try:
        while db.retrying(lambda: _step(tenant, import_id, me)):
            pass
    except Exception as error:  # noqa: BLE001  whatever it was: it is told, and tried again
        _log.exception("import_failed", import_id=str(import_id))
        with db.transaction(tenant=tenant) as tx:
            queries.note_failure(tx, import_id, by=me, error=type(error).__name__)


def _step(tenant: UUID, import_id: UUID, me: UUID) -> bool:
    """One chunk: its journals, what became of each row, and how far the import has come commit together."""
    with db.transaction(tenant=tenant) as tx:
        job = queries.hold_claim(tx, import_id, by=me, ttl=_CLAIM)
        if job is None:
            return False
        found = queries.next_rows(tx, import_id, after=job.position, limit=STEP_ROWS)
        if not found:
            _finish(tx, job)
            return False
        posting = job.state == ImportState.POSTING
        names = sorted({name for row in found for name in row.accounts})
        wanted = postings.journals(job, found, queries.accounts_by_path(tx, realm=job.realm, paths=names))
        answers = postings.post(tx, wanted) if posting else postings.check(tx, wanted)
        queries.record(
            tx, import_id, after=job.position, up_to=found[-1].number, default="posted" if posting else "ok",
            others=[(found[a.item].number, a.status) for a in answers],
        )  # fmt: skip
    return True


def _finish(tx: Tx, job: Row[Any]) -> None:
    checked = ImportState.CHECKED if job.dry_run else ImportState.AWAITING_APPROVAL
    target = ImportState.DONE if job.state == ImportState.POSTING else checked
    final = target is not ImportState.AWAITING_APPROVAL
    moved = queries.move(tx, job.id, sources=[job.state], target=target.value, final=final)
    assert moved, "the step holds the row's lock"
    if target is ImportState.AWAITING_APPROVAL:
        second_person.ask(tx, job)
    audit.record(
        tx, "import." + target.value, kind="import", resource=job.id, before={"state": job.state}, after={"state": target.value}
    )  # fmt: skip
