"""Commands from outside: one transaction each, done once per Idempotency-Key, tried again when Postgres asks for it.

The key is inserted in the transaction of the use case itself. So a twin in flight waits at the unique index; a refusal rolls the key
back with everything else and may be tried again; and a crash leaves neither the key nor the deed. What is remembered is which
resource the key made, not the answer: the caller of a repeat gets that resource as it is now. The keys of the money itself
(`journal_keys`) are kept for ever; these here are a service to clients and expire after three days.

Every command that did something is told to one witness, in its own transaction: so no package has to remember to write it down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from kernel.clock import wall
from kernel.db import Tx, retrying, transaction
from kernel.errors import IdempotencyConflict
from kernel.ids import SYSTEM

KEPT = timedelta(days=3)
_PENDING = ""  # the kind of a resource that its own transaction is still making; nobody else can ever read it


@dataclass(frozen=True, slots=True)
class Outcome:
    """The resource that the command made, now or (`replayed`) when the key was first used."""

    kind: str
    id: UUID
    replayed: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was carried out just now; repeats and refusals are none. `fingerprint` is what was asked."""

    principal: UUID
    route: str
    fingerprint: bytes
    kind: str
    resource: UUID


Witness = Callable[[Tx, Done], None]
_witness: Witness | None = None


def tell(witness: Witness | None) -> None:
    """From now on each command of this process is told to `witness`, which writes in the command's transaction."""
    global _witness  # noqa: PLW0603  one witness per process
    _witness = witness


def fingerprint(body: Mapping[str, Any]) -> bytes:
    """One digest per meaning of a request: the order of fields does not matter. Leave secrets out, it is a fast hash."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()).digest()


def run(
    *,
    tenant: UUID,
    principal: UUID,
    route: str,
    key: str | None,
    fingerprint: bytes,
    fn: Callable[[Tx], tuple[str, UUID]],
) -> Outcome:
    """Run `fn`, which answers (kind, id) of what it made, in a transaction of the tenant; at most once per key.

    `fn` may be called several times (each time in a fresh transaction), so it must do nothing outside its `tx`.

    Raises:
        IdempotencyConflict: the key was used on another route or with another body.
    """

    def once() -> Outcome:
        with transaction(tenant=tenant) as tx:
            if key is not None and not _claim(tx, principal=principal, key=key, route=route, digest=fingerprint):
                return _recall(tx, principal=principal, key=key, route=route, digest=fingerprint)
            kind, resource = fn(tx)
            if key is not None:
                _remember(tx, principal=principal, key=key, kind=kind, resource=resource)
            if _witness is not None:
                _witness(tx, Done(principal, route, fingerprint, kind, resource))
            return Outcome(kind, resource, replayed=False)

    return retrying(once)


def used(tx: Tx, *, principal: UUID, key: str) -> bool:
    """Whether a command holds this key: for routes whose money key does the same work without one."""
    found = tx.scalar(
        "SELECT true FROM kernel.http_idempotency WHERE tenant_id = :tenant AND principal_id = :principal AND key = :key"
        " AND expires_at > :now",
        tenant=tx.tenant_id,
        principal=principal,
        key=key,
        now=wall(),
    )
    return found is not None


def _claim(tx: Tx, *, principal: UUID, key: str, route: str, digest: bytes) -> bool:
    """True for the first one, or when the key's earlier use has expired; waits for a twin in flight."""
    now = wall()
    row = tx.first(
        "INSERT INTO kernel.http_idempotency AS k"
        " (tenant_id, principal_id, key, route, fingerprint, resource_kind, resource_id, expires_at)"
        " VALUES (:tenant, :principal, :key, :route, :digest, :pending, :nobody, :expires)"
        " ON CONFLICT (tenant_id, principal_id, key) DO UPDATE SET route = excluded.route,"
        " fingerprint = excluded.fingerprint, resource_kind = excluded.resource_kind,"
        " resource_id = excluded.resource_id, expires_at = excluded.expires_at"
        " WHERE k.expires_at <= :now RETURNING true",
        tenant=tx.tenant_id,
        principal=principal,
        key=key,
        route=route,
        digest=digest,
        pending=_PENDING,
        nobody=SYSTEM,
        expires=now + KEPT,
        now=now,
    )
    return row is not None


def _recall(tx: Tx, *, principal: UUID, key: str, route: str, digest: bytes) -> Outcome:
    row = tx.one(
        "SELECT route, fingerprint, resource_kind, resource_id FROM kernel.http_idempotency"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND key = :key",
        tenant=tx.tenant_id,
        principal=principal,
        key=key,
    )
    if row.route != route or bytes(row.fingerprint) != digest:
        raise IdempotencyConflict
    return Outcome(row.resource_kind, row.resource_id, replayed=True)


def _remember(tx: Tx, *, principal: UUID, key: str, kind: str, resource: UUID) -> None:
    tx.execute(
        "UPDATE kernel.http_idempotency SET resource_kind = :kind, resource_id = :resource"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND key = :key",
        tenant=tx.tenant_id,
        principal=principal,
        key=key,
        kind=kind,
        resource=resource,
    )


def purge(tx: Tx, *, limit: int = 1_000) -> int:
    """Forget expired keys of all tenants (the engine's role); answers how many. Step of a schedule."""
    return len(
        tx.all(
            "DELETE FROM kernel.http_idempotency WHERE (tenant_id, principal_id, key) IN"
            " (SELECT tenant_id, principal_id, key FROM kernel.http_idempotency"
            " WHERE expires_at < :now ORDER BY expires_at LIMIT :limit) RETURNING key",
            now=wall(),
            limit=limit,
        )
    )
