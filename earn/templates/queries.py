"""One function, one statement on templates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from earn.templates.checks import Wish
from earn.templates.states import TEMPLATE, TemplateStatus
from earn.templates.terms import TemplateVersion, Terms
from kernel.db import AnyRow, Tx

_SELECT = "SELECT id, version, status, name, asset, terms, effective_from FROM earn.templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who made a version, and when it began and ended."""

    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


def version(tx: Tx, template_id: UUID, number: int) -> TemplateVersion | None:
    row = tx.first(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id AND version = :version",
        tenant=tx.tenant_id, id=template_id, version=number,
    )  # fmt: skip
    return None if row is None else _version(row)


def draft(tx: Tx, template_id: UUID) -> TemplateVersion | None:
    row = tx.first(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id AND status = 'draft'", tenant=tx.tenant_id, id=template_id
    )
    return None if row is None else _version(row)


def governing(tx: Tx, template_id: UUID) -> Sequence[TemplateVersion]:
    """What is published, the newest first: a day of sale follows the first of them that has begun by it."""
    rows = tx.all(
        f"{_SELECT} WHERE tenant_id = :tenant AND id = :id AND status = 'published' ORDER BY version DESC",
        tenant=tx.tenant_id, id=template_id,
    )  # fmt: skip
    return [_version(row) for row in rows]


def published_ids(tx: Tx, *, asset: str | None = None) -> Sequence[UUID]:
    """The templates with a published version, of one asset or of all."""
    rows = tx.all(
        """SELECT DISTINCT id FROM earn.templates
            WHERE tenant_id = :tenant AND status = 'published' AND (CAST(:asset AS text) IS NULL OR asset = :asset) ORDER BY id""",
        tenant=tx.tenant_id, asset=asset,
    )  # fmt: skip
    return [row.id for row in rows]


def page(
    tx: Tx, *, after: tuple[UUID, int] | None, limit: int, only: UUID | None = None
) -> Sequence[tuple[TemplateVersion, Story]]:
    """Every version, the newest template first and its newest version first; of one template where it is named."""
    before, number = after or (None, None)
    rows = tx.all(
        """SELECT id, version, status, name, asset, terms, effective_from, created_by, created_at, published_at, retired_at
             FROM earn.templates
            WHERE tenant_id = :tenant AND (CAST(:only AS uuid) IS NULL OR id = :only)
              AND (CAST(:before AS uuid) IS NULL OR (id, version) < (:before, :number))
            ORDER BY id DESC, version DESC LIMIT :limit""",
        tenant=tx.tenant_id, only=only, before=before, number=number, limit=limit,
    )  # fmt: skip
    return [(_version(row), _story(row)) for row in rows]


def lock(tx: Tx, template_id: UUID) -> int:
    """All versions of a template, for one person at a time changes them; the newest one's number, 0 where there is no such template."""
    rows = tx.all(
        "SELECT version FROM earn.templates WHERE tenant_id = :tenant AND id = :id ORDER BY version FOR NO KEY UPDATE",
        tenant=tx.tenant_id, id=template_id,
    )  # fmt: skip
    return rows[-1].version if rows else 0


def insert(tx: Tx, *, template_id: UUID, number: int, wish: Wish, actor: UUID) -> None:
    tx.execute(
        """INSERT INTO earn.templates (tenant_id, id, version, status, name, asset, terms, effective_from, created_by, created_at)
           VALUES (:tenant, :id, :version, 'draft', :name, :asset, CAST(:terms AS jsonb), :effective, :actor, :now)""",
        tenant=tx.tenant_id, id=template_id, version=number, name=wish.name, asset=wish.asset,
        terms=json.dumps(wish.terms.document()), effective=wish.effective_from, actor=actor, now=tx.now,
    )  # fmt: skip


def rewrite(tx: Tx, *, template_id: UUID, number: int, wish: Wish, actor: UUID) -> None:
    """A draft, whole; who typed it last made it."""
    tx.execute(
        """UPDATE earn.templates SET name = :name, asset = :asset, terms = CAST(:terms AS jsonb), effective_from = :effective,
                  created_by = :actor
            WHERE tenant_id = :tenant AND id = :id AND version = :version AND status = 'draft'""",
        tenant=tx.tenant_id, id=template_id, version=number, name=wish.name, asset=wish.asset,
        terms=json.dumps(wish.terms.document()), effective=wish.effective_from, actor=actor,
    )  # fmt: skip


def publish(tx: Tx, template_id: UUID, number: int, *, effective_from: date) -> None:
    TEMPLATE.check(TemplateStatus.DRAFT, TemplateStatus.PUBLISHED)
    tx.execute(
        """UPDATE earn.templates SET status = 'published', published_at = :now, effective_from = :effective
            WHERE tenant_id = :tenant AND id = :id AND version = :version AND status = 'draft'""",
        tenant=tx.tenant_id, id=template_id, version=number, effective=effective_from, now=tx.now,
    )  # fmt: skip


def retire(tx: Tx, template_id: UUID, number: int, *, start: TemplateStatus) -> None:
    TEMPLATE.check(start, TemplateStatus.RETIRED)
    tx.execute(
        """UPDATE earn.templates SET status = 'retired', retired_at = :now
            WHERE tenant_id = :tenant AND id = :id AND version = :version AND status = :start""",
        tenant=tx.tenant_id, id=template_id, version=number, start=start.value, now=tx.now,
    )  # fmt: skip


def named(tx: Tx, name: str) -> UUID | None:
    found: UUID | None = tx.scalar(
        "SELECT id FROM earn.templates WHERE tenant_id = :tenant AND name = :name LIMIT 1",
        tenant=tx.tenant_id, name=name,
    )  # fmt: skip
    return found


def knows_zone(tx: Tx, name: str) -> bool:
    """Whether the database knows a time zone too: it counts the days that have passed in it."""
    found: bool = tx.scalar("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :name)", name=name)
    return found


def _version(row: AnyRow) -> TemplateVersion:
    return TemplateVersion(
        id=row.id, version=row.version, status=TemplateStatus(row.status), name=row.name, asset=row.asset,
        terms=Terms.read(row.terms), effective_from=row.effective_from,
    )  # fmt: skip


def _story(row: AnyRow) -> Story:
    return Story(
        created_by=row.created_by, created_at=row.created_at, published_at=row.published_at, retired_at=row.retired_at
    )
