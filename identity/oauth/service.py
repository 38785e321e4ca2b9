"""Use cases of programs and connections: staff register a program, a customer agrees to it, either of them ends it at any time.

Nobody but the customer makes a program act for them: staff can only propose. What a program may do is its scopes and never more than
the customer may do, which is looked up with every request. A connection that ends takes its sessions along.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from identity.api_keys.states import Scope
from identity.audit import service as audit
from identity.oauth import grant_queries, queries, rules
from identity.oauth.errors import ConnectionTaken, OAuthClientInvalid
from identity.oauth.events import ProgramConnected
from identity.oauth.queries import ClientRow, ConnectionRow
from identity.oauth.states import ConnectionState, Grant
from identity.principals import queries as principal_queries
from identity.principals.states import Kind
from identity.security.factors import require_settled
from identity.sessions import ending
from identity.sessions.errors import SecretNotRepeatable
from identity.sessions.states import EndReason
from kernel import commands, outbox, outside
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.errors import Forbidden, NotFound
from kernel.ids import uuid7
from kernel.settings import settings

__all__ = [
    "ClientRow",
    "ConnectionRow",
    "NewClient",
    "Partner",
    "agree",
    "allow",
    "client_by_key",
    "connections",
    "create_client",
    "disconnect",
    "ensure_public_client",
    "list_clients",
    "may_frame",
    "propose",
    "purge_grants",
    "remove_client",
]

KEPT_AFTER_EXPIRY = timedelta(days=1)  # a code that comes again within this time still ends what it opened
_KEY = re.compile(r"rmc_[A-Za-z0-9_-]{22}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Partner:
    """Whose tokens are exchanged for ours, and on which pages."""

    issuer: str
    jwks: dict[str, Any] | None
    jwks_url: str | None
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewClient:
    """A program as it is shown once; `secret` is None where it can keep none."""

    row: ClientRow
    secret: str | None
    replayed: bool


def new_key() -> str:
    return "rmc_" + secrets.token_urlsafe(16)


def create_client(
    *,
    tenant: UUID,
    principal: UUID,
    name: str,
    grants: Collection[Grant],
    scopes: Collection[Scope],
    redirect_uris: Sequence[str] = (),
    confidential: bool,
    partner: Partner | None = None,
    key: str | None = None,
) -> NewClient:
    """Register a program.

    Raises:
        OAuthClientInvalid: what is given makes no client.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    _check(grants, redirect_uris, confidential=confidential, partner=partner)
    secret = "rmx_" + secrets.token_urlsafe(32) if confidential else None
    row = ClientRow(
        tenant_id=tenant,
        id=uuid7(),
        key=new_key(),
        name=name,
        secret_hash=None if secret is None else rules.digest(secret),
        grants=frozenset(grants),
        scopes=frozenset(scopes),
        redirect_uris=tuple(dict.fromkeys(redirect_uris)),
        issuer=partner.issuer if partner else None,
        jwks=partner.jwks if partner else None,
        jwks_url=partner.jwks_url if partner else None,
        origins=partner.origins if partner else (),
        created_at=wall(),
    )

    def insert(tx: Tx) -> tuple[str, UUID]:
        assert queries.insert_client(tx, row), "128 random bits were drawn twice"
        audit.about(tx, after=_state(row), name=row.name, scopes=sorted(row.scopes), grants=sorted(row.grants))
        return "oauth_client", row.id

    outcome = commands.run(
        tenant=tenant,
        principal=principal,
        route="POST /v1/oauth/clients",
        key=key,
        fingerprint=commands.fingerprint({**_state(row), "confidential": confidential}),
        fn=insert,
    )
    if outcome.replayed and secret is not None:
        raise SecretNotRepeatable
    with read_only(tenant=tenant) as tx:
        made = queries.client(tx, outcome.id)
    if made is None:
        raise NotFound
    return NewClient(made, secret, outcome.replayed)


def _check(
    grants: Collection[Grant], redirect_uris: Sequence[str], *, confidential: bool, partner: Partner | None
) -> None:
    rules.check_grants(grants, confidential=confidential)
    for uri in redirect_uris:
        rules.check_redirect_uri(uri)
    if (Grant.AUTHORIZATION_CODE in grants) != bool(redirect_uris):
        raise OAuthClientInvalid("authorization_code, and only it, needs redirect_uris")
    if (Grant.TOKEN_EXCHANGE in grants) != (partner is not None):
        raise OAuthClientInvalid("token exchange, and only it, needs a partner")
    if partner is None:
        return
    if confidential:
        raise OAuthClientInvalid("a partner's signature is the proof; its page can keep no secret")
    for origin in partner.origins:
        rules.check_origin(origin)
    if (partner.jwks is None) == (partner.jwks_url is None):
        raise OAuthClientInvalid("a partner has jwks or jwks_url")
    if partner.jwks is not None:
        rules.read_keys(partner.jwks)
    elif partner.jwks_url is not None:
        check_keys_url(partner.jwks_url)


def check_keys_url(url: str) -> None:
    """Judge where keys are to be fetched from, as far as its text tells.

    Raises:
        OAuthClientInvalid: we would send nothing there.
    """
    chosen = settings()
    try:
        outside.read_url(
            url, plain=chosen.sandbox, allowed=chosen.private_webhook_targets if chosen.sandbox else frozenset()
        )
    except outside.UrlRefused as error:
        raise OAuthClientInvalid(f"jwks_url: {error}") from None


def ensure_public_client(
    tenant: UUID, *, key: str, name: str, grants: Collection[Grant], scopes: Collection[Scope]
) -> None:
    """A program without a secret under a key that everybody knows; a second call changes nothing."""
    rules.check_grants(grants, confidential=False)
    row = ClientRow(
        tenant, uuid7(), key, name, None, frozenset(grants), frozenset(scopes), (), None, None, None, (), wall()
    )
    with transaction(tenant=tenant) as tx:
        queries.insert_client(tx, row)


def list_clients(*, tenant: UUID, before: UUID | None, limit: int) -> list[ClientRow]:
    """The newest first; removed ones are gone."""
    with read_only(tenant=tenant) as tx:
        return queries.clients(tx, before=before, limit=limit)


def client_by_key(key: str) -> ClientRow | None:
    """A program of whichever tenant, by the name it gives itself."""
    if not _KEY.fullmatch(key):
        return None
    with read_only() as tx:
        found = queries.lookup_client(tx, key)
    if found is None:
        return None
    with read_only(tenant=found[0]) as tx:
        return queries.client(tx, found[1])


def may_frame(key: str) -> tuple[str, ...]:
    """The origins of pages that may show `/embed` of this partner."""
    client = client_by_key(key)
    return client.origins if client is not None else ()


def remove_client(*, tenant: UUID, principal: UUID, client_id: UUID) -> None:
    """The program gets nothing any more, and what it has ends.

    Raises:
        NotFound: no such client of this tenant.
    """
    with transaction(tenant=tenant) as tx:
        row = queries.lock_client(tx, client_id)
        if row is None:
            raise NotFound
        for connection in queries.connections_of_client(tx, client_id):
            _end(tx, connection)
        queries.remove_client(tx, client_id, now=wall())
        audit.record(
            tx, "oauth_client.removed", kind="oauth_client", resource=client_id, before=_state(row), actor=principal
        )


def propose(
    *,
    tenant: UUID,
    principal: UUID,
    client_id: UUID,
    customer: UUID,
    scopes: Collection[Scope],
    subject: str | None,
    key: str | None = None,
) -> ConnectionRow:
    """Ask a customer to let a program act for them; it does so when they agree and not before.

    Args:
        subject: what a partner calls the customer in its own tokens.

    Raises:
        NotFound: no such client or customer of this tenant.
        OAuthClientInvalid: the client has no grant for this, or not these scopes, or the subject is missing or too much.
        ConnectionTaken: connected already.
        IdempotencyConflict: this Idempotency-Key was used before.
    """
    wanted = frozenset(scopes)

    def insert(tx: Tx) -> tuple[str, UUID]:
        client = queries.lock_client(tx, client_id)
        found = principal_queries.get(tx, customer)
        if client is None or found is None or found.kind is not Kind.CUSTOMER:
            raise NotFound
        if not client.grants & {Grant.CLIENT_CREDENTIALS, Grant.TOKEN_EXCHANGE}:
            raise OAuthClientInvalid("people connect this program themselves")
        if (Grant.TOKEN_EXCHANGE in client.grants) != (subject is not None):
            raise OAuthClientInvalid("a partner's customer, and only that, has a subject")
        if not wanted or not wanted <= client.scopes:
            raise OAuthClientInvalid("the client does not have these scopes")
        if Grant.CLIENT_CREDENTIALS in client.grants and queries.connections_of_client(tx, client_id):
            raise ConnectionTaken("a program with client_credentials acts for one customer")
        made = uuid7()
        if not queries.insert_connection(
            tx, connection_id=made, client_id=client_id, principal=customer, scopes=wanted, subject=subject,
            state=ConnectionState.PROPOSED, now=wall(),
        ):  # fmt: skip
            raise ConnectionTaken
        audit.about(
            tx, after={"customer": customer, "scopes": sorted(wanted), "subject": subject}, customer=str(customer)
        )
        return "oauth_connection", made

    outcome = commands.run(
        tenant=tenant,
        principal=principal,
        route=f"POST /v1/oauth/clients/{client_id}/proposals",
        key=key,
        fingerprint=commands.fingerprint({"customer": customer, "scopes": sorted(wanted), "subject": subject}),
        fn=insert,
    )
    with read_only(tenant=tenant) as tx:
        row = queries.connection(tx, outcome.id)
    if row is None:
        raise NotFound
    return row


def allow(tx: Tx, client: ClientRow, *, principal: UUID, scopes: frozenset[Scope]) -> ConnectionRow:
    """The customer's consent to a program that asked: with what it may do already, this. Step.

    Raises:
        Forbidden: a member of staff, who may see the whole house: no program gets to see that for a month.
        CoolingDown: the password or a second factor was changed within a day.
        NotFound: the program was removed meanwhile.
    """
    who = principal_queries.get(tx, principal)
    if who is None or who.kind is not Kind.CUSTOMER:
        raise Forbidden("programs act for customers, not for staff")
    require_settled(tx, principal)
    if queries.lock_client(tx, client.id) is None:
        raise NotFound
    row = queries.connection_of(tx, client_id=client.id, principal=principal)
    now = wall()
    if row is None:
        queries.insert_connection(
            tx, connection_id=uuid7(), client_id=client.id, principal=principal, scopes=scopes, subject=None,
            state=ConnectionState.AGREED, now=now,
        )  # fmt: skip
    elif row.state is ConnectionState.AGREED and scopes <= row.scopes:
        return row
    else:
        queries.agree(tx, row.id, scopes=scopes | row.scopes, now=now)
    made = queries.connection_of(tx, client_id=client.id, principal=principal)
    assert made is not None, "it was made just now"
    _tell(tx, made, before=row, now=now)
    return made


def agree(*, tenant: UUID, principal: UUID, connection_id: UUID) -> ConnectionRow:
    """Agree to what was proposed; agreeing again changes nothing.

    Raises:
        NotFound: nothing of the kind was proposed to this customer.
        CoolingDown: the password or a second factor was changed within a day.
    """
    with transaction(tenant=tenant) as tx:
        row = _own(tx, principal, connection_id)
        if row.state is ConnectionState.PROPOSED:
            require_settled(tx, principal)
            now = wall()
            queries.agree(tx, row.id, scopes=row.scopes, now=now)
            _tell(tx, row, before=row, now=now)
        return _own(tx, principal, connection_id)


def _tell(tx: Tx, row: ConnectionRow, *, before: ConnectionRow | None, now: datetime) -> None:
    scopes = tuple(sorted(scope.value for scope in row.scopes))
    audit.record(
        tx, "oauth_connection.agreed", kind="oauth_connection", resource=row.id, actor=row.principal_id, program=row.program,
        before=None if before is None else {"state": before.state, "scopes": sorted(before.scopes)},
        after={"state": ConnectionState.AGREED, "scopes": scopes},
    )  # fmt: skip
    outbox.publish(tx, ProgramConnected(row.principal_id, row.id, row.program, scopes, now), key=str(row.principal_id))


def connections(*, tenant: UUID, principal: UUID) -> list[ConnectionRow]:
    """Which programs act for somebody, or ask to; the newest first."""
    with read_only(tenant=tenant) as tx:
        return queries.connections_of_principal(tx, principal)


def disconnect(*, tenant: UUID, principal: UUID, connection_id: UUID) -> None:
    """The program acts for this customer no more; what it has ends at once.

    Raises:
        NotFound: no such connection of this customer.
    """
    with transaction(tenant=tenant) as tx:
        _end(tx, _own(tx, principal, connection_id))


def _own(tx: Tx, principal: UUID, connection_id: UUID) -> ConnectionRow:
    row = queries.connection(tx, connection_id)
    if row is None or row.principal_id != principal:
        raise NotFound
    return row


def _end(tx: Tx, row: ConnectionRow) -> None:
    queries.end_connection(tx, row.id, now=wall())
    for session_id in queries.live_sessions(tx, row.id):
        ending.end(tx, session_id, principal=row.principal_id, reason=EndReason.KILLED)
    audit.record(
        tx, "oauth_connection.ended", kind="oauth_connection", resource=row.id, program=row.program,
        before={"state": row.state, "scopes": sorted(row.scopes)}, after={"state": ConnectionState.ENDED},
    )  # fmt: skip


def purge_grants(tx: Tx, *, limit: int) -> int:
    """Forget codes, devices and partners' tokens of yesterday; answers how many. Step of a schedule."""
    return grant_queries.delete_expired(tx, before=wall() - KEPT_AFTER_EXPIRY, limit=limit)


def _state(row: ClientRow) -> dict[str, Any]:
    return {
        "name": row.name, "grants": sorted(row.grants), "scopes": sorted(row.scopes), "redirect_uris": row.redirect_uris,
        "issuer": row.issuer, "jwks": row.jwks, "jwks_url": row.jwks_url, "origins": row.origins,
    }  # fmt: skip
