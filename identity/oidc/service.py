"""Use cases of a login at the provider: begun in one browser, finished in the same one, for a member of staff whom we know.

The provider proves a person, it makes nobody staff and gives no role. The mail address that it vouches for finds the account at the first
login; from then on the account belongs to that person at the provider and to no other, whatever becomes of the mail address there.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.audit import service as audit
from identity.oauth import rules
from identity.oidc import queries
from identity.oidc.errors import OidcFailed
from identity.oidc.queries import LoginRow
from identity.principals import queries as principal_queries
from identity.principals.service import find_by_email
from identity.principals.states import Kind
from identity.sessions import service as sessions
from identity.sessions.errors import InvalidCredentials
from identity.sessions.service import Device, Login
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.ids import SYSTEM

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that begins: `browser` stays in the browser's cookie, the others go to the provider."""

    state: str
    nonce: str
    verifier: str
    browser: str


def begin() -> Begun:
    """Remember a login that begins, for ten minutes."""
    begun = Begun(*(secrets.token_urlsafe(32) for _ in range(4)))
    row = LoginRow(rules.digest(begun.browser), begun.nonce, begun.verifier)
    with transaction(tenant=SYSTEM) as tx:
        queries.insert_login(tx, state_hash=rules.digest(begun.state), row=row, expires_at=wall() + LIFE)
    return begun


def resume(*, state: str, browser: str) -> LoginRow:
    """The login that this browser began; it is used up, whatever comes of it.

    Raises:
        OidcFailed: none, an old one, or another browser's.
    """
    with transaction(tenant=SYSTEM) as tx:
        row = queries.take_login(tx, rules.digest(state), now=wall())
    if row is None or not hmac.compare_digest(row.browser_hash, rules.digest(browser)):
        raise OidcFailed
    return row


def open_session(*, issuer: str, subject: str, email: str, device: Device) -> Login:
    """A session of the member of staff who proved themselves at the provider.

    Raises:
        OidcFailed: no active member of staff has this mail address, or the account is another person's there.
    """
    found = find_by_email(email)
    if found is None:
        raise OidcFailed
    with read_only(tenant=found.tenant_id) as tx:
        who = principal_queries.get(tx, found.principal_id)
    if who is None or who.kind is not Kind.STAFF or not who.active:
        raise OidcFailed
    with transaction(tenant=found.tenant_id) as tx:
        _bind(tx, who.id, issuer=issuer, subject=subject)
    try:
        return sessions.open_proven_elsewhere(
            tenant=found.tenant_id, principal=who.id, who=f"oidc {issuer}", device=device
        )
    except InvalidCredentials:  # disabled at this very moment
        raise OidcFailed from None


def _bind(tx: Tx, principal: UUID, *, issuer: str, subject: str) -> None:
    known = queries.subject_of(tx, principal=principal, issuer=issuer)
    if known is None:
        queries.bind(tx, principal=principal, issuer=issuer, subject=subject, now=wall())
        audit.record(
            tx, "oidc_subject.bound", kind="principal", resource=principal, actor=principal,
            after={"issuer": issuer, "subject": subject}, issuer=issuer,
        )  # fmt: skip
        known = queries.subject_of(tx, principal=principal, issuer=issuer)
    if known != subject:
        raise OidcFailed


def purge_logins(tx: Tx, *, limit: int) -> int:
    """Forget logins that nobody finished; answers how many. Step of a schedule."""
    return queries.delete_expired(tx, before=wall(), limit=limit)
