"""Statements on what grants leave behind: codes, devices that ask, partners' tokens that were used, and the sessions of programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.api_keys.states import Scope
from identity.oauth.states import DEVICE, DeviceState
from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class CodeRow:
    """An authorization code, locked."""

    code_hash: bytes
    connection_id: UUID
    client_id: UUID
    principal_id: UUID
    scopes: frozenset[Scope]
    redirect_uri: str
    challenge: str
    expires_at: datetime
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    id: UUID
    client_id: UUID
    program: str
    user_code: str
    scopes: frozenset[Scope]
    state: DeviceState
    connection_id: UUID | None
    address: str
    interval_s: int
    polled_at: datetime | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of a program, access or refresh, and the session it belongs to."""

    session_id: UUID
    connection_id: UUID
    client_id: UUID
    principal_id: UUID
    scopes: frozenset[Scope]
    kind: str
    created_at: datetime
    expires_at: datetime
    live: bool


def _scopes(names: Iterable[str]) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in names)


def insert_code(
    tx: Tx,
    *,
    code_hash: bytes,
    connection_id: UUID,
    scopes: frozenset[Scope],
    redirect_uri: str,
    challenge: str,
    expires_at: datetime,
) -> None:
    tx.execute(
        "INSERT INTO identity.oauth_codes (tenant_id, code_hash, connection_id, scopes, redirect_uri, challenge, expires_at)"
        " VALUES (:tenant, :hash, :connection, :scopes, :uri, :challenge, :expires)",
        tenant=tx.tenant_id,
        hash=code_hash,
        connection=connection_id,
        scopes=sorted(scope.value for scope in scopes),
        uri=redirect_uri,
        challenge=challenge,
        expires=expires_at,
    )


def lock_code(tx: Tx, code_hash: bytes) -> CodeRow | None:
    """The code, for this transaction alone: of many uses at once each sees what the one before did."""
    row = tx.first(
        "SELECT o.code_hash, o.connection_id, n.client_id, n.principal_id, o.scopes, o.redirect_uri, o.challenge,"
        " o.expires_at, o.session_id"
        " FROM identity.oauth_codes o JOIN identity.oauth_connections n ON n.id = o.connection_id"
        " WHERE o.tenant_id = :tenant AND o.code_hash = :hash FOR UPDATE OF o",
        tenant=tx.tenant_id,
        hash=code_hash,
    )
    if row is None:
        return None
    return CodeRow(
        bytes(row.code_hash),
        row.connection_id,
        row.client_id,
        row.principal_id,
        _scopes(row.scopes),
        row.redirect_uri,
        row.challenge,
        row.expires_at,
        row.session_id,
    )


def use_code(tx: Tx, code_hash: bytes, *, session_id: UUID, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.oauth_codes SET used_at = :now, session_id = :session WHERE tenant_id = :tenant AND code_hash = :hash",
        tenant=tx.tenant_id,
        hash=code_hash,
        session=session_id,
        now=now,
    )


def insert_device(tx: Tx, device: DeviceRow, *, device_hash: bytes) -> bool:
    """False when another device waits with this code."""
    row = tx.first(
        "INSERT INTO identity.oauth_devices"
        " (tenant_id, id, device_hash, user_code, client_id, scopes, state, address, interval_s, created_at, expires_at)"
        " VALUES (:tenant, :id, :hash, :code, :client, :scopes, :state, :address, :interval, :now, :expires)"
        " ON CONFLICT (tenant_id, user_code) DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=device.id,
        hash=device_hash,
        code=device.user_code,
        client=device.client_id,
        scopes=sorted(scope.value for scope in device.scopes),
        state=device.state.value,
        address=device.address,
        interval=device.interval_s,
        now=device.created_at,
        expires=device.expires_at,
    )
    return row is not None


_DEVICE = (
    "SELECT d.id, d.client_id, c.name AS program, d.user_code, d.scopes, d.state, d.connection_id, d.address, d.interval_s,"
    " d.polled_at, d.created_at, d.expires_at FROM identity.oauth_devices d JOIN identity.oauth_clients c ON c.id = d.client_id"
    " WHERE d.tenant_id = :tenant AND c.removed_at IS NULL"
)


def _device(row: AnyRow) -> DeviceRow:
    return DeviceRow(
        id=row.id,
        client_id=row.client_id,
        program=row.program,
        user_code=row.user_code,
        scopes=_scopes(row.scopes),
        state=DeviceState(row.state),
        connection_id=row.connection_id,
        address=row.address,
        interval_s=row.interval_s,
        polled_at=row.polled_at,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def lock_device(tx: Tx, device_hash: bytes) -> DeviceRow | None:
    row = tx.first(f"{_DEVICE} AND d.device_hash = :hash FOR UPDATE OF d", tenant=tx.tenant_id, hash=device_hash)
    return None if row is None else _device(row)


def waiting_device(tx: Tx, user_code: str, *, now: datetime) -> DeviceRow | None:
    """The device that waits with this code, for this transaction alone."""
    row = tx.first(
        f"{_DEVICE} AND d.user_code = :code AND d.state = 'pending' AND d.expires_at > :now FOR UPDATE OF d",
        tenant=tx.tenant_id,
        code=user_code,
        now=now,
    )
    return None if row is None else _device(row)


def move_device(tx: Tx, device_id: UUID, state: DeviceState, *, connection_id: UUID | None = None) -> bool:
    """False when it is in no state from which it could go there."""
    row = tx.first(
        "UPDATE identity.oauth_devices SET state = :state, connection_id = coalesce(:connection, connection_id)"
        " WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources) RETURNING id",
        tenant=tx.tenant_id,
        id=device_id,
        state=state.value,
        connection=connection_id,
        sources=DEVICE.sources(state),
    )
    return row is not None


def note_poll(tx: Tx, device_id: UUID, *, interval_s: int, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.oauth_devices SET polled_at = :now, interval_s = :interval WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=device_id,
        interval=interval_s,
        now=now,
    )


def use_assertion(tx: Tx, *, client_id: UUID, assertion_hash: bytes, expires_at: datetime) -> bool:
    """False when it was used before."""
    row = tx.first(
        "INSERT INTO identity.oauth_assertions (tenant_id, client_id, assertion_hash, expires_at)"
        " VALUES (:tenant, :client, :hash, :expires) ON CONFLICT DO NOTHING RETURNING true",
        tenant=tx.tenant_id,
        client=client_id,
        hash=assertion_hash,
        expires=expires_at,
    )
    return row is not None


def insert_session(
    tx: Tx,
    *,
    session_id: UUID,
    principal: UUID,
    connection_id: UUID,
    scopes: frozenset[Scope],
    now: datetime,
    expires_at: datetime,
) -> bool:
    """A session of a program, which proves nothing about the person; False when the person may not log in any more."""
    row = tx.first(
        "INSERT INTO identity.sessions"
        " (tenant_id, id, principal_id, created_at, last_seen_at, expires_at, connection_id, scopes)"
        " SELECT p.tenant_id, :id, p.id, :now, :now, :expires, :connection, :scopes FROM identity.principals p"
        " WHERE p.id = :principal AND p.tenant_id = :tenant AND p.status = 'active' RETURNING id",
        tenant=tx.tenant_id,
        id=session_id,
        principal=principal,
        connection=connection_id,
        scopes=sorted(scope.value for scope in scopes),
        now=now,
        expires=expires_at,
    )
    return row is not None


def token(tx: Tx, token_hash: bytes, *, now: datetime) -> TokenRow | None:
    """A token that a program was given; `live` while it opens or fetches something."""
    row = tx.first(
        "SELECT t.session_id, s.connection_id, n.client_id, s.principal_id, s.scopes, t.kind, t.created_at, t.expires_at,"
        " s.ended_at IS NULL AND p.status = 'active' AND t.expires_at > :now AND t.used_at IS NULL AS live"
        " FROM identity.tokens t JOIN identity.sessions s ON s.id = t.session_id"
        " JOIN identity.oauth_connections n ON n.id = s.connection_id JOIN identity.principals p ON p.id = s.principal_id"
        " WHERE t.tenant_id = :tenant AND t.token_hash = :hash",
        tenant=tx.tenant_id,
        hash=token_hash,
        now=now,
    )
    if row is None:
        return None
    return TokenRow(
        row.session_id,
        row.connection_id,
        row.client_id,
        row.principal_id,
        _scopes(row.scopes),
        row.kind,
        row.created_at,
        row.expires_at,
        row.live,
    )


def delete_expired(tx: Tx, *, before: datetime, limit: int) -> int:
    """Forget codes, devices and partners' tokens that expired before a moment, of all tenants (the engine's role); the most of one kind."""
    tables = {"oauth_codes": "code_hash", "oauth_devices": "id", "oauth_assertions": "assertion_hash"}
    gone = [
        tx.all(
            f"DELETE FROM identity.{table} WHERE {key} IN"
            f" (SELECT {key} FROM identity.{table} WHERE expires_at < :before LIMIT :limit) RETURNING tenant_id",
            before=before,
            limit=limit,
        )
        for table, key in tables.items()
    ]
    return max(len(rows) for rows in gone)
