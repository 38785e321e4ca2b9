"""Statements on tenants: who there is, what each decided about itself, and its policy.

The tenant stands in each WHERE beside row-level security, because the engine's role sees every tenant.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.tenants.rules import Policy
from identity.tenants.states import CHANGE, ChangeState, Product
from kernel import arrays
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class TenantRow:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a tenant decided about itself; `name` is what its customers see."""

    tenant_id: UUID
    version: int
    name: str
    logo_text: str | None
    accent_dark: str | None
    accent_light: str | None
    products: frozenset[Product]
    registration_open: bool
    origins: tuple[str, ...]
    hosts: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyRow:
    version: int
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A wish to loosen the policy."""

    id: UUID
    base_version: int
    before: Policy
    after: Policy
    loosens: Sequence[str]
    delay_h: int
    approval_id: UUID
    asked_by: UUID
    state: ChangeState
    approved_by: UUID | None
    asked_at: datetime
    effective_at: datetime | None
    ended_at: datetime | None
    reason: str | None

    @classmethod
    def read(cls, row: Row[Any]) -> Change:
        return cls(
            id=row.id,
            base_version=row.base_version,
            before=Policy.read(row.before),
            after=Policy.read(row.after),
            loosens=list(row.loosens),
            delay_h=row.delay_h,
            approval_id=row.approval_id,
            asked_by=row.asked_by,
            state=ChangeState(row.state),
            approved_by=row.approved_by,
            asked_at=row.asked_at,
            effective_at=row.effective_at,
            ended_at=row.ended_at,
            reason=row.reason,
        )


# Who there is --------------------------------------------------------------------------------------------------------------------


def insert_if_absent(tx: Tx, *, tenant_id: UUID, name: str) -> None:
    tx.execute(
        "INSERT INTO identity.tenants (id, name) VALUES (:id, :name) ON CONFLICT (id) DO NOTHING",
        id=tenant_id,
        name=name,
    )


def every(tx: Tx) -> list[TenantRow]:
    return [TenantRow(row.id, row.name) for row in tx.all("SELECT id, name FROM identity.tenants ORDER BY id")]


def by_host(tx: Tx, host: str) -> UUID | None:
    """The tenant whose pages are served under this name."""
    return tx.scalar("SELECT identity.tenant_by_host(:host)", host=host)  # type: ignore[no-any-return]


def origins(tx: Tx) -> Mapping[str, frozenset[UUID]]:
    """Each origin, and the tenants that named it."""
    found: dict[str, set[UUID]] = {}
    for row in tx.all("SELECT tenant_id, origin FROM identity.origins()"):
        found.setdefault(row.origin, set()).add(row.tenant_id)
    return {named: frozenset(tenants) for named, tenants in found.items()}


def insert_host(tx: Tx, host: str) -> bool:
    """False when somebody has it."""
    row = tx.first(
        "INSERT INTO identity.tenant_hosts (tenant_id, host) VALUES (:tenant, :host) ON CONFLICT (host) DO NOTHING RETURNING host",
        tenant=tx.tenant_id,
        host=host,
    )
    return row is not None


# What it decided about itself ----------------------------------------------------------------------------------------------------

_SETTINGS = """
SELECT s.tenant_id, s.version, s.name, s.logo_text, s.accent_dark, s.accent_light, s.products, s.registration_open, s.changed_at,
       ARRAY(SELECT o.origin FROM identity.tenant_origins o WHERE o.tenant_id = s.tenant_id ORDER BY 1) AS origins,
       ARRAY(SELECT h.host FROM identity.tenant_hosts h WHERE h.tenant_id = s.tenant_id ORDER BY 1) AS hosts
  FROM identity.tenant_settings s WHERE s.tenant_id = :tenant"""


def settings(tx: Tx, *, lock: bool = False) -> Settings | None:
    row = tx.first(_SETTINGS + (" FOR NO KEY UPDATE OF s" if lock else ""), tenant=tx.tenant_id)
    if row is None:
        return None
    return Settings(
        tenant_id=row.tenant_id,
        version=row.version,
        name=row.name,
        logo_text=row.logo_text,
        accent_dark=row.accent_dark,
        accent_light=row.accent_light,
        products=frozenset(Product(name) for name in row.products),
        registration_open=row.registration_open,
        origins=tuple(row.origins),
        hosts=tuple(row.hosts),
        changed_at=row.changed_at,
    )


def update_settings(tx: Tx, new: Settings) -> None:
    """As the next version; the row is locked."""
    tx.execute(
        """UPDATE identity.tenant_settings
              SET version = version + 1, name = :name, logo_text = :logo_text, accent_dark = :accent_dark,
                  accent_light = :accent_light, products = CAST(:products AS text[]), registration_open = :registration_open,
                  changed_at = :now
            WHERE tenant_id = :tenant""",
        tenant=tx.tenant_id,
        name=new.name,
        logo_text=new.logo_text,
        accent_dark=new.accent_dark,
        accent_light=new.accent_light,
        products=arrays.texts(sorted(new.products)),
        registration_open=new.registration_open,
        now=tx.now,
    )


def replace_origins(tx: Tx, origins: Collection[str]) -> None:
    wanted = arrays.texts(sorted(origins))
    tx.execute(
        "DELETE FROM identity.tenant_origins WHERE tenant_id = :tenant AND origin <> ALL (CAST(:wanted AS text[]))",
        tenant=tx.tenant_id,
        wanted=wanted,
    )
    tx.execute(
        "INSERT INTO identity.tenant_origins (tenant_id, origin) SELECT :tenant, o FROM unnest(CAST(:wanted AS text[])) AS o"
        " ON CONFLICT DO NOTHING",
        tenant=tx.tenant_id,
        wanted=wanted,
    )


# The policy ----------------------------------------------------------------------------------------------------------------------

_POLICY = """jsonb_build_object('custody', p.custody, 'whitelist_delay_h', p.whitelist_delay_h, 'change_delay_h', p.change_delay_h,
                           'limits', p.limits, 'highest_apr', p.highest_apr::text)"""


def policy(tx: Tx, *, lock: bool = False) -> PolicyRow | None:
    row = tx.first(
        f"SELECT p.version, {_POLICY} AS plain FROM identity.policies p WHERE p.tenant_id = :tenant"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
    )
    return None if row is None else PolicyRow(row.version, Policy.read(row.plain))


def update_policy(tx: Tx, new: Policy, *, change_id: UUID | None) -> None:
    """As the next version; the row is locked. Looser only with a change whose time has come."""
    tx.execute(
        """UPDATE identity.policies
              SET version = version + 1, custody = :custody, whitelist_delay_h = :whitelist_delay_h,
                  change_delay_h = :change_delay_h, limits = CAST(:limits AS jsonb),
                  highest_apr = CAST(:highest_apr AS numeric), change_id = CAST(:change AS uuid), changed_at = :now
            WHERE tenant_id = :tenant""",
        tenant=tx.tenant_id,
        change=change_id,
        now=tx.now,
        **{**new.plain, "limits": json.dumps(new.plain["limits"])},
    )


_CHANGE = """id, base_version, before, after, loosens, delay_h, approval_id, asked_by, state, approved_by, asked_at, effective_at,
       ended_at, reason"""


def insert_change(tx: Tx, new: Change) -> bool:
    """False when another one is open."""
    row = tx.first(
        """INSERT INTO identity.policy_changes
                  (tenant_id, id, base_version, before, after, loosens, delay_h, approval_id, asked_by, state, asked_at)
           VALUES (:tenant, :id, :base, CAST(:before AS jsonb), CAST(:after AS jsonb), CAST(:loosens AS text[]), :delay, :approval,
                   :by, :state, :now)
           ON CONFLICT (tenant_id) WHERE state IN ('waiting', 'scheduled') DO NOTHING RETURNING id""",
        tenant=tx.tenant_id,
        id=new.id,
        base=new.base_version,
        before=json.dumps(new.before.plain),
        after=json.dumps(new.after.plain),
        loosens=arrays.texts(new.loosens),
        delay=new.delay_h,
        approval=new.approval_id,
        by=new.asked_by,
        state=new.state.value,
        now=new.asked_at,
    )
    return row is not None


def change(tx: Tx, change_id: UUID, *, lock: bool = False) -> Change | None:
    row = tx.first(
        f"SELECT {_CHANGE} FROM identity.policy_changes WHERE tenant_id = :tenant AND id = :id"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        id=change_id,
    )
    return None if row is None else Change.read(row)


def changes(tx: Tx, *, before: UUID | None, limit: int) -> list[Change]:
    """Newest first."""
    rows = tx.all(
        f"SELECT {_CHANGE} FROM identity.policy_changes WHERE tenant_id = :tenant"
        " AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid)) ORDER BY id DESC LIMIT :limit",
        tenant=tx.tenant_id,
        before=before,
        limit=limit,
    )
    return [Change.read(row) for row in rows]


def schedule_change(tx: Tx, change_id: UUID, *, by: UUID, effective_at: datetime) -> bool:
    row = tx.first(
        """UPDATE identity.policy_changes SET state = 'scheduled', approved_by = :by, effective_at = :at
            WHERE tenant_id = :tenant AND id = :id AND state = ANY (CAST(:sources AS text[])) RETURNING id""",
        tenant=tx.tenant_id,
        id=change_id,
        by=by,
        at=effective_at,
        sources=CHANGE.sources(ChangeState.SCHEDULED),
    )
    return row is not None


def end_change(tx: Tx, change_id: UUID, to: ChangeState, *, reason: str | None = None) -> bool:
    row = tx.first(
        """UPDATE identity.policy_changes SET state = :to, ended_at = :now, reason = CAST(:reason AS text)
            WHERE tenant_id = :tenant AND id = :id AND state = ANY (CAST(:sources AS text[])) RETURNING id""",
        tenant=tx.tenant_id,
        id=change_id,
        to=to.value,
        reason=reason,
        now=tx.now,
        sources=CHANGE.sources(to),
    )
    return row is not None


def due_changes(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, change) whose time has come; only the engine sees all tenants."""
    rows = tx.all(
        """SELECT tenant_id, id FROM identity.policy_changes
            WHERE state = 'scheduled' AND effective_at <= kernel.business_now() ORDER BY effective_at, id LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]
