"""Statements on programs and on the connections that customers agreed to; all but the look-up of a client run inside one tenant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.api_keys.states import Scope
from identity.oauth.states import CONNECTION, ConnectionState, Grant
from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A program; `issuer`, `jwks` or `jwks_url` and `origins` are a partner's whose tokens are exchanged for ours."""

    tenant_id: UUID
    id: UUID
    key: str
    name: str
    secret_hash: bytes | None
    grants: frozenset[Grant]
    scopes: frozenset[Scope]
    redirect_uris: tuple[str, ...]
    issuer: str | None
    jwks: dict[str, Any] | None
    jwks_url: str | None
    origins: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """That a program may act for a customer, or asks to."""

    id: UUID
    client_id: UUID
    client_key: str
    program: str
    principal_id: UUID
    scopes: frozenset[Scope]
    subject: str | None
    state: ConnectionState
    proposed_at: datetime
    agreed_at: datetime | None
    last_used_at: datetime | None


_CLIENT = (
    "tenant_id, id, key, name, secret_hash, grants, scopes, redirect_uris, issuer, jwks, jwks_url, origins, created_at"
)
_CONNECTION = (
    "SELECT n.id, n.client_id, c.key AS client_key, c.name AS program, n.principal_id, n.scopes, n.subject, n.state,"
    " n.proposed_at, n.agreed_at,"
    " (SELECT max(s.created_at) FROM identity.sessions s WHERE s.connection_id = n.id) AS last_used_at"
    " FROM identity.oauth_connections n JOIN identity.oauth_clients c ON c.id = n.client_id"
    " WHERE n.tenant_id = :tenant AND c.removed_at IS NULL"
)


def _client(row: AnyRow) -> ClientRow:
    return ClientRow(
        tenant_id=row.tenant_id,
        id=row.id,
        key=row.key,
        name=row.name,
        secret_hash=None if row.secret_hash is None else bytes(row.secret_hash),
        grants=frozenset(Grant(name) for name in row.grants),
        scopes=frozenset(Scope(name) for name in row.scopes),
        redirect_uris=tuple(row.redirect_uris),
        issuer=row.issuer,
        jwks=row.jwks,
        jwks_url=row.jwks_url,
        origins=tuple(row.origins),
        created_at=row.created_at,
    )


def _connection(row: AnyRow) -> ConnectionRow:
    return ConnectionRow(
        id=row.id,
        client_id=row.client_id,
        client_key=row.client_key,
        program=row.program,
        principal_id=row.principal_id,
        scopes=frozenset(Scope(name) for name in row.scopes),
        subject=row.subject,
        state=ConnectionState(row.state),
        proposed_at=row.proposed_at,
        agreed_at=row.agreed_at,
        last_used_at=row.last_used_at,
    )


def lookup_client(tx: Tx, key: str) -> tuple[UUID, UUID] | None:
    """(tenant, client) of a client's key in any tenant."""
    row = tx.first("SELECT tenant_id, client_id FROM identity.oauth_client_by_key(:key)", key=key)
    return None if row is None else (row.tenant_id, row.client_id)


def insert_client(tx: Tx, client: ClientRow) -> bool:
    """False when the key is taken."""
    row = tx.first(
        f"INSERT INTO identity.oauth_clients ({_CLIENT}) VALUES (:tenant, :id, :key, :name, :secret, :grants, :scopes,"
        " CAST(:uris AS text[]), :issuer, CAST(:jwks AS jsonb), :jwks_url, CAST(:origins AS text[]), :now)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        tenant=client.tenant_id,
        id=client.id,
        key=client.key,
        name=client.name,
        secret=client.secret_hash,
        grants=sorted(grant.value for grant in client.grants),
        scopes=sorted(scope.value for scope in client.scopes),
        uris=list(client.redirect_uris),
        issuer=client.issuer,
        jwks=None if client.jwks is None else json.dumps(client.jwks),
        jwks_url=client.jwks_url,
        origins=list(client.origins),
        now=client.created_at,
    )
    return row is not None


def client(tx: Tx, client_id: UUID) -> ClientRow | None:
    row = tx.first(
        f"SELECT {_CLIENT} FROM identity.oauth_clients WHERE id = :id AND tenant_id = :tenant AND removed_at IS NULL",
        id=client_id,
        tenant=tx.tenant_id,
    )
    return None if row is None else _client(row)


def lock_client(tx: Tx, client_id: UUID) -> ClientRow | None:
    """The client, which nobody removes before this transaction ends; connections of one client are made one after the other."""
    row = tx.first(
        f"SELECT {_CLIENT} FROM identity.oauth_clients"
        " WHERE id = :id AND tenant_id = :tenant AND removed_at IS NULL FOR NO KEY UPDATE",
        id=client_id,
        tenant=tx.tenant_id,
    )
    return None if row is None else _client(row)


def clients(tx: Tx, *, before: UUID | None, limit: int) -> list[ClientRow]:
    rows = tx.all(
        f"SELECT {_CLIENT} FROM identity.oauth_clients WHERE tenant_id = :tenant AND removed_at IS NULL"
        " AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        tenant=tx.tenant_id,
        before=before,
        limit=limit,
    )
    return [_client(row) for row in rows]


def remove_client(tx: Tx, client_id: UUID, *, now: datetime) -> bool:
    row = tx.first(
        "UPDATE identity.oauth_clients SET removed_at = :now"
        " WHERE id = :id AND tenant_id = :tenant AND removed_at IS NULL RETURNING id",
        id=client_id,
        tenant=tx.tenant_id,
        now=now,
    )
    return row is not None


def insert_connection(
    tx: Tx,
    *,
    connection_id: UUID,
    client_id: UUID,
    principal: UUID,
    scopes: frozenset[Scope],
    subject: str | None,
    state: ConnectionState,
    now: datetime,
) -> bool:
    """False when the two are connected already, or the partner knows somebody else by this name."""
    row = tx.first(
        "INSERT INTO identity.oauth_connections"
        " (tenant_id, id, client_id, principal_id, scopes, subject, state, proposed_at, agreed_at)"
        " VALUES (:tenant, :id, :client, :principal, :scopes, :subject, :state, :now, :agreed)"
        " ON CONFLICT DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=connection_id,
        client=client_id,
        principal=principal,
        scopes=sorted(scope.value for scope in scopes),
        subject=subject,
        state=state.value,
        now=now,
        agreed=now if state is ConnectionState.AGREED else None,
    )
    return row is not None


def agree(tx: Tx, connection_id: UUID, *, scopes: frozenset[Scope], now: datetime) -> bool:
    """The connection, proposed or agreed to before, has these scopes from now on; False when it has ended."""
    row = tx.first(
        "UPDATE identity.oauth_connections SET state = 'agreed', agreed_at = coalesce(agreed_at, :now), scopes = :scopes"
        " WHERE tenant_id = :tenant AND id = :id AND state IN ('proposed', 'agreed') RETURNING id",
        tenant=tx.tenant_id,
        id=connection_id,
        scopes=sorted(scope.value for scope in scopes),
        now=now,
    )
    return row is not None


def end_connection(tx: Tx, connection_id: UUID, *, now: datetime) -> bool:
    row = tx.first(
        "UPDATE identity.oauth_connections SET state = 'ended', ended_at = :now"
        " WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources) RETURNING id",
        tenant=tx.tenant_id,
        id=connection_id,
        sources=CONNECTION.sources(ConnectionState.ENDED),
        now=now,
    )
    return row is not None


def connection(tx: Tx, connection_id: UUID) -> ConnectionRow | None:
    row = tx.first(f"{_CONNECTION} AND n.id = :id AND n.state <> 'ended'", tenant=tx.tenant_id, id=connection_id)
    return None if row is None else _connection(row)


def connection_of(tx: Tx, *, client_id: UUID, principal: UUID) -> ConnectionRow | None:
    row = tx.first(
        f"{_CONNECTION} AND n.client_id = :client AND n.principal_id = :principal AND n.state <> 'ended'",
        tenant=tx.tenant_id,
        client=client_id,
        principal=principal,
    )
    return None if row is None else _connection(row)


def connection_of_subject(tx: Tx, *, client_id: UUID, subject: str) -> ConnectionRow | None:
    """What a customer agreed to whom the partner calls this."""
    row = tx.first(
        f"{_CONNECTION} AND n.client_id = :client AND n.subject = :subject AND n.state = 'agreed'",
        tenant=tx.tenant_id,
        client=client_id,
        subject=subject,
    )
    return None if row is None else _connection(row)


def connections_of_client(tx: Tx, client_id: UUID) -> list[ConnectionRow]:
    rows = tx.all(
        f"{_CONNECTION} AND n.client_id = :client AND n.state <> 'ended' ORDER BY n.id",
        tenant=tx.tenant_id,
        client=client_id,
    )
    return [_connection(row) for row in rows]


def connections_of_principal(tx: Tx, principal: UUID) -> list[ConnectionRow]:
    """The newest first."""
    rows = tx.all(
        f"{_CONNECTION} AND n.principal_id = :principal AND n.state <> 'ended' ORDER BY n.id DESC LIMIT 200",
        tenant=tx.tenant_id,
        principal=principal,
    )
    return [_connection(row) for row in rows]


def live_sessions(tx: Tx, connection_id: UUID) -> list[UUID]:
    """What would go on to act through this connection."""
    rows = tx.all(
        "SELECT id FROM identity.sessions WHERE tenant_id = :tenant AND connection_id = :connection AND ended_at IS NULL",
        tenant=tx.tenant_id,
        connection=connection_id,
    )
    return [row.id for row in rows]
