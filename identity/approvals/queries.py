"""Statements on approvals; the tenant stands in each WHERE beside row-level security, because the engine sees every tenant."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals.rules import Subject
from identity.approvals.states import APPROVAL, ApprovalState, Box
from identity.permissions import Permission
from identity.principals.queries import CALLED
from kernel import arrays
from kernel.db import Tx

_NAME = f"(SELECT {CALLED} FROM identity.principals p WHERE p.tenant_id = a.tenant_id AND p.id = %s)"
_COLUMNS = f"""a.id, a.kind, a.resource_id, a.version, a.summary, a.digest, a.permission, a.read_permission, a.maker, a.state, a.checker,
       a.reason, a.created_at, a.expires_at, a.decided_at, a.ended_at, a.maker = ANY (CAST(:mine AS uuid[])) AS own,
       a.resource_id = ANY (CAST(:mine AS uuid[])) AS about_reader,
       {_NAME % "a.maker"} AS maker_name, {_NAME % "a.checker"} AS checker_name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """`own`: the reader asked for it, by whichever account; `about_reader`: it would change one of theirs. Names are as they are now."""

    id: UUID
    subject: Subject
    digest: bytes
    permission: Permission
    read_permission: Permission
    maker: UUID
    maker_name: str | None
    state: ApprovalState
    checker: UUID | None
    checker_name: str | None
    reason: str | None
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    own: bool
    about_reader: bool

    @classmethod
    def read(cls, row: Row[Any]) -> ApprovalRow:
        return cls(
            id=row.id,
            subject=Subject(kind=row.kind, resource_id=row.resource_id, summary=row.summary, version=row.version),
            digest=bytes(row.digest),
            permission=Permission(row.permission),
            read_permission=Permission(row.read_permission),
            maker=row.maker,
            maker_name=row.maker_name,
            state=ApprovalState(row.state),
            checker=row.checker,
            checker_name=row.checker_name,
            reason=row.reason,
            created_at=row.created_at,
            expires_at=row.expires_at,
            decided_at=row.decided_at,
            ended_at=row.ended_at,
            own=row.own,
            about_reader=row.about_reader,
        )


_INSERT = """
INSERT INTO identity.approvals
       (id, tenant_id, kind, resource_id, version, summary, digest, permission, read_permission, maker, state, created_at, expires_at)
SELECT n.id, :tenant, n.kind, n.resource_id, n.version, n.summary, decode(n.digest, 'hex'), :permission, :read_permission, :maker,
       'requested', :now, CAST(:expires_at AS timestamptz)
  FROM json_to_recordset(CAST(:rows AS json))
       AS n (id uuid, kind text, resource_id uuid, version integer, summary jsonb, digest text)
ON CONFLICT (tenant_id, kind, resource_id) WHERE state IN ('requested', 'granted') DO NOTHING RETURNING id"""


def insert(
    tx: Tx,
    subjects: Mapping[UUID, Subject],
    *,
    maker: UUID,
    permission: Permission,
    read_permission: Permission,
    expires_at: datetime | None,
) -> set[UUID]:
    """The ids of those that were inserted: one whose resource has an open approval is not."""
    rows = [
        {
            "id": str(approval_id),
            "kind": subject.kind,
            "resource_id": str(subject.resource_id),
            "version": subject.version,
            "summary": subject.plain,
            "digest": subject.digest.hex(),
        }
        for approval_id, subject in subjects.items()
    ]
    written = tx.all(
        _INSERT,
        tenant=tx.tenant_id,
        rows=json.dumps(rows),
        permission=permission.value,
        read_permission=read_permission.value,
        maker=maker,
        now=tx.now,
        expires_at=expires_at,
    )
    return {row.id for row in written}


def get(tx: Tx, approval_id: UUID, *, mine: Collection[UUID]) -> ApprovalRow | None:
    """`mine`: the accounts of the person who reads."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.approvals a WHERE a.tenant_id = :tenant AND a.id = :id",
        tenant=tx.tenant_id,
        id=approval_id,
        mine=arrays.array(mine),
    )
    return None if row is None else ApprovalRow.read(row)


def lock(tx: Tx, approval_id: UUID) -> ApprovalRow | None:
    """Read by nobody, so it is nobody's own."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.approvals a WHERE a.tenant_id = :tenant AND a.id = :id FOR NO KEY UPDATE OF a",
        tenant=tx.tenant_id,
        id=approval_id,
        mine=arrays.array(()),
    )
    return None if row is None else ApprovalRow.read(row)


def latest(tx: Tx, kind: str, resource_id: UUID) -> UUID | None:
    """The newest approval of a resource, open or not."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT id FROM identity.approvals WHERE tenant_id = :tenant AND kind = :kind AND resource_id = :resource"
        " ORDER BY id DESC LIMIT 1",
        tenant=tx.tenant_id,
        kind=kind,
        resource=resource_id,
    )


def lock_open(tx: Tx, kind: str, resource_id: UUID) -> UUID | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT id FROM identity.approvals WHERE tenant_id = :tenant AND kind = :kind AND resource_id = :resource"
        " AND state IN ('requested', 'granted') FOR NO KEY UPDATE",
        tenant=tx.tenant_id,
        kind=kind,
        resource=resource_id,
    )


def move(
    tx: Tx, approval_id: UUID, to: ApprovalState, *, checker: UUID | None = None, reason: str | None = None
) -> Row[Any] | None:
    """What moved; None when it was in no state that may become `to`."""
    return tx.first(
        """UPDATE identity.approvals
              SET state = :to, reason = coalesce(CAST(:reason AS text), reason),
                  checker = coalesce(CAST(:checker AS uuid), checker),
                  decided_at = CASE WHEN CAST(:checker AS uuid) IS NULL THEN decided_at ELSE CAST(:now AS timestamptz) END,
                  ended_at = CASE WHEN :ends THEN CAST(:now AS timestamptz) END
            WHERE tenant_id = :tenant AND id = :id AND state = ANY (CAST(:sources AS text[])) RETURNING id, kind, resource_id, checker""",
        tenant=tx.tenant_id,
        id=approval_id,
        to=to.value,
        reason=reason,
        checker=checker,
        ends=to in APPROVAL.terminal,
        now=tx.now,
        sources=APPROVAL.sources(to),
    )


def page(
    tx: Tx,
    *,
    mine: Collection[UUID],
    permissions: Collection[Permission],
    box: Box | None,
    state: ApprovalState | None,
    kind: str | None,
    before: UUID | None,
    limit: int,
) -> list[ApprovalRow]:
    """Newest first: what the reader asked for, may decide or may read."""
    where, given = _filters(state=state, kind=kind, before=before)
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM identity.approvals a
             WHERE a.tenant_id = :tenant AND {_BOXES[box]}{where} ORDER BY a.id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        mine=arrays.array(mine),
        held=arrays.texts(sorted(permissions)),
        now=tx.now,
        limit=limit,
        **given,
    )
    return [ApprovalRow.read(row) for row in rows]


_OWN = "a.maker = ANY (CAST(:mine AS uuid[]))"
_MAY_DECIDE = "a.permission = ANY (CAST(:held AS text[]))"
_BOXES = {
    None: f"({_OWN} OR {_MAY_DECIDE} OR a.read_permission = ANY (CAST(:held AS text[])))",
    Box.ASKED: _OWN,
    Box.TO_DECIDE: f"a.state = 'requested' AND NOT {_OWN} AND {_MAY_DECIDE} AND (a.expires_at IS NULL OR a.expires_at > :now)",
}


def _filters(*, state: ApprovalState | None, kind: str | None, before: UUID | None) -> tuple[str, dict[str, Any]]:
    parts = {"state": state and state.value, "kind": kind, "before": before}
    words = {"state": "a.state = :state", "kind": "a.kind = :kind", "before": "a.id < :before"}
    where = [words[name] for name, value in parts.items() if value is not None]
    return "".join(f" AND {one}" for one in where), {k: v for k, v in parts.items() if v is not None}


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, approval) whose time has passed; only the engine sees all tenants."""
    rows = tx.all(
        """SELECT tenant_id, id FROM identity.approvals
            WHERE state = 'requested' AND expires_at <= kernel.business_now() ORDER BY expires_at, id LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]
