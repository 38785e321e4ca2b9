"""Use cases of API keys: make, list, revoke, and the question of every signed request: who is this, and is it really theirs?

A key and its secret are checked against the database each time, so a revoked key is worthless at once. Windows of signatures are wall
time. Whoever signs by HMAC shares a secret with us, which is sealed at rest; with Ed25519 we hold nothing that could sign.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.api_keys import misuse, queries, rules
from identity.api_keys.errors import (
    ApiKeyAddressRefused,
    ApiKeyExpiryInvalid,
    ApiKeyRefused,
    NonceUsed,
    SignatureInvalid,
    TooManyApiKeys,
)
from identity.api_keys.queries import ApiKeyRow, LiveKey
from identity.api_keys.rules import DEFAULT_WINDOW_MS
from identity.api_keys.signing import SAFE_METHODS, SignedRequest
from identity.api_keys.states import Misuse, Scope
from identity.audit import service as audit
from identity.permissions import Permission, permissions_of
from identity.principals.states import Role
from identity.security.factors import require_settled
from identity.sessions.errors import SecretNotRepeatable
from identity.sessions.tenant_memory import TenantMemory
from kernel import commands, crypto, origin
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound
from kernel.ids import uuid7

__all__ = [
    "DEFAULT_WINDOW_MS",
    "ApiKeyRow",
    "Caller",
    "NewKey",
    "authenticate_key",
    "authenticate_request",
    "authenticate_signed",
    "create",
    "list_keys",
    "purge_nonces",
    "revoke",
    "revoke_all",
]

MOST_KEYS = 30
_TABLE = "identity.api_keys"
NONCE_KEPT = timedelta(minutes=5)  # longer than any window, so that no nonce outlives its memory
_SHAPE = re.compile(r"rmk_[A-Za-z0-9_-]{43}", re.ASCII)

_tenants = TenantMemory(100_000)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request, and what the key may do."""

    tenant_id: UUID
    principal_id: UUID
    key_id: UUID
    scopes: frozenset[Scope]
    roles: frozenset[Role]

    def may(self, permission: Permission) -> bool:
        return permission in permissions_of(self.roles)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once; `secret` is None where the customer keeps a private key."""

    row: ApiKeyRow
    secret: str | None
    replayed: bool


def create(
    *,
    tenant: UUID,
    principal: UUID,
    name: str,
    scopes: Sequence[Scope],
    ip_allow: Sequence[str] = (),
    public_key: str | None = None,
    expires_at: datetime | None = None,
    key: str | None = None,
) -> NewKey:
    """Make a key; its secret is in the answer and, sealed, in the database.

    Raises:
        PublicKeyInvalid, IpRangeInvalid, IpAllowRequired, ApiKeyExpiryInvalid: not what they should be.
        TooManyApiKeys: one more than a customer may have.
        CoolingDown: the password or a second factor was changed within a day.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    ranges = rules.read_ranges(ip_allow)
    rules.require_places(scopes, ranges)
    public = None if public_key is None else rules.read_public_key(public_key)
    key_id, text, now = uuid7(), "rmk_" + secrets.token_urlsafe(32), wall()
    if expires_at is not None and expires_at <= now:
        raise ApiKeyExpiryInvalid
    secret = secrets.token_urlsafe(48) if public is None else None
    sealed = None if secret is None else crypto.seal(secret.encode(), tenant=tenant, table=_TABLE, row=key_id)

    def insert(tx: Tx) -> tuple[str, UUID]:
        require_settled(tx, principal)
        queries.lock_principal(tx, principal)
        if queries.count(tx, principal) >= MOST_KEYS:
            raise TooManyApiKeys
        queries.insert(
            tx,
            key_id=key_id,
            principal=principal,
            key=text,
            name=name,
            scopes=sorted(set(scopes)),
            ip_allow=ranges,
            sealed_secret=sealed,
            public_key=public,
            now=now,
            expires_at=expires_at,
        )
        row = queries.get(tx, principal=principal, key_id=key_id)
        assert row is not None, "it was inserted just now"
        audit.about(tx, after=_state(row), scopes=sorted(row.scopes))
        return "api_key", key_id

    outcome = commands.run(
        tenant=tenant,
        principal=principal,
        route="POST /v1/api-keys",
        key=key,
        fingerprint=commands.fingerprint(
            {
                "name": name,
                "scopes": sorted(scopes),
                "ip_allow": ranges,
                "public_key": public and public.hex(),
                "expires_at": expires_at,
            }
        ),
        fn=insert,
    )
    if outcome.replayed and secret is not None:
        raise SecretNotRepeatable
    return NewKey(_read(tenant, principal, outcome.id), secret, outcome.replayed)


def _read(tenant: UUID, principal: UUID, key_id: UUID) -> ApiKeyRow:
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, principal=principal, key_id=key_id)
    if row is None:
        raise NotFound
    return row


def list_keys(*, tenant: UUID, principal: UUID, before: UUID | None, limit: int) -> list[ApiKeyRow]:
    """The newest first; revoked ones are gone."""
    with read_only(tenant=tenant) as tx:
        return queries.page(tx, principal=principal, before=before, limit=limit)


def revoke(*, tenant: UUID, principal: UUID, key_id: UUID) -> None:
    """From the next request on the key is worthless, and its secret is forgotten.

    Raises:
        NotFound: no such key of this customer, or it is revoked already.
    """
    with transaction(tenant=tenant) as tx:
        row = queries.get(tx, principal=principal, key_id=key_id)
        if row is None or not queries.revoke(tx, principal=principal, key_id=key_id, now=wall()):
            raise NotFound
        audit.record(tx, "api_key.revoked", kind="api_key", resource=key_id, before=_state(row), actor=principal)


def revoke_all(tx: Tx, principal: UUID) -> None:
    """No key of this customer opens anything any more. Step."""
    for row in queries.page(tx, principal=principal, before=None, limit=MOST_KEYS):
        queries.revoke(tx, principal=principal, key_id=row.id, now=wall())
        audit.record(tx, "api_key.revoked", kind="api_key", resource=row.id, before=_state(row), actor=principal)


def _state(row: ApiKeyRow) -> audit.State:
    return {
        "name": row.name, "scopes": sorted(row.scopes), "ip_allow": row.ip_allow, "algorithm": row.algorithm,
    }  # fmt: skip


def authenticate_signed(
    *,
    key: str,
    payload: bytes,
    signature: str,
    timestamp_ms: int,
    recv_window_ms: int = DEFAULT_WINDOW_MS,
    address: str,
    scope: Scope,
) -> Caller:
    """Who signed `payload`, which holds the timestamp. The signature is judged first: who cannot sign learns nothing about windows.

    Args:
        payload: exactly the bytes that were signed.
        signature: hex (HMAC-SHA256) or base64 (Ed25519), by the kind of the key.
        address: where the request came from.

    Raises:
        ApiKeyRefused: unknown or revoked key, another address, or the key lacks the scope, or may withdraw: too much for a
            signature that covers neither method nor path.
        SignatureInvalid: it is not the key's.
        RequestTooOld: outside the window.
    """
    live = _live(key)
    if not _signature_matches(live, payload=payload, signature=signature, exact=False):
        raise SignatureInvalid
    rules.require_fresh(timestamp_ms=timestamp_ms, window_ms=recv_window_ms, now=wall())
    if not rules.address_allowed(address, live.key.ip_allow):
        misuse.tell(live, Misuse.ADDRESS, address=address)
    elif scope not in live.key.scopes:
        misuse.tell(live, Misuse.SCOPE, address=address)
    return _admitted(live, address=address, scope=scope)


def authenticate_request(signed: SignedRequest) -> LiveKey:
    """Whose request this really is. The nonce of one that changes something is spent with it, whatever becomes of the request.

    Raises:
        ApiKeyRefused: unknown, expired or revoked key.
        SignatureInvalid: it is not the key's, or not of this very request.
        ApiKeyAddressRefused: it is the key's, from another address.
        RequestTooOld: outside the window.
        NonceUsed: this request, or another with its nonce, was here before.
    """
    live = _live(signed.key)
    if not _signature_matches(live, payload=signed.payload, signature=signed.signature, exact=True):
        raise SignatureInvalid
    now = wall()
    rules.require_fresh(timestamp_ms=signed.timestamp_ms, window_ms=signed.window_ms, now=now)
    if not rules.address_allowed(signed.address, live.key.ip_allow):
        misuse.tell(live, Misuse.ADDRESS, address=signed.address)
        raise ApiKeyAddressRefused
    _note_use(live, address=signed.address)
    if signed.method not in SAFE_METHODS:
        with transaction(tenant=live.principal.tenant_id) as tx:
            if not queries.use_nonce(tx, key_id=live.key.id, nonce=signed.nonce, expires_at=now + NONCE_KEPT):
                raise NonceUsed
    return live


def purge_nonces(tx: Tx, *, limit: int) -> int:
    """Forget nonces that no window needs any more; answers how many. Step of a schedule."""
    return queries.delete_nonces(tx, before=wall(), limit=limit)


def authenticate_key(*, key: str, address: str, scope: Scope) -> Caller:
    """Who a key belongs to, unsigned: only for what reveals and changes nothing by itself, such as opening a stream's listen key.

    Raises:
        ApiKeyRefused: unknown or revoked key, another address, or the key lacks the scope.
    """
    return _admitted(_live(key), address=address, scope=scope)


def _live(key: str) -> LiveKey:
    if not _SHAPE.fullmatch(key):
        raise ApiKeyRefused
    hashed = key.encode("ascii")
    tenant = _tenants.get(hashed)
    if tenant is None:
        with read_only() as tx:
            found = queries.lookup(tx, key)
        if found is None:
            raise ApiKeyRefused
        tenant = found[0]
        _tenants.put(hashed, tenant)
    with read_only(tenant=tenant) as tx:
        live = queries.live(tx, key, now=wall())
    if live is None:
        raise ApiKeyRefused
    return live


def _signature_matches(live: LiveKey, *, payload: bytes, signature: str, exact: bool) -> bool:
    if live.key.public_key is not None:
        return rules.ed25519_matches(public_key=live.key.public_key, payload=payload, signature=signature)
    assert live.key.sealed_secret is not None
    secret = crypto.unseal(live.key.sealed_secret, tenant=live.principal.tenant_id, table=_TABLE, row=live.key.id)
    matches = rules.exact_hmac_matches if exact else rules.hmac_matches
    return matches(secret=secret, payload=payload, signature=signature)


def _admitted(live: LiveKey, *, address: str, scope: Scope) -> Caller:
    if scope not in live.key.scopes or Scope.WITHDRAW in live.key.scopes:
        raise ApiKeyRefused
    _note_use(live, address=address)
    origin.caller(principal=live.principal.id, roles=live.principal.roles, api_key_id=live.key.id)
    return Caller(
        tenant_id=live.principal.tenant_id,
        principal_id=live.principal.id,
        key_id=live.key.id,
        scopes=live.key.scopes,
        roles=live.principal.roles,
    )


def _note_use(live: LiveKey, *, address: str) -> None:
    if not rules.address_allowed(address, live.key.ip_allow):
        raise ApiKeyRefused
    now = wall()
    if live.key.last_used_at is None or now - live.key.last_used_at >= queries.LAST_USED_EVERY:
        with transaction(tenant=live.principal.tenant_id) as tx:
            queries.note_use(tx, key_id=live.key.id, now=now)
