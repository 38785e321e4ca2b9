"""The next pair of tokens for one that is shown: each refresh token is good once, and a second use tells that somebody copied it.

A used token keeps answering with the same successors for a short grace, because clients refresh in parallel and lose answers. After that
its use ends the whole session: the thief's and the owner's tokens alike, for nobody can tell which is which.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.audit import service as audit
from identity.sessions import ending, queries, tokens
from identity.sessions.errors import RefreshRefused
from identity.sessions.events import RefreshTokenReused
from identity.sessions.queries import RefreshRow
from identity.sessions.states import EndReason, TokenKind
from kernel import log, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, retrying, transaction

ACCESS_LIFE = timedelta(hours=12)
REFRESH_LIFE = timedelta(days=30)
GRACE = timedelta(seconds=60)

_log = log.get("identity")


@dataclass(frozen=True, slots=True)
class Pair:
    """What a program holds of a session."""

    session_id: UUID
    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


def issue(
    tx: Tx, session_id: UUID, *, access: str, refresh: str, now: datetime, access_life: timedelta = ACCESS_LIFE
) -> Pair:
    """Store a new pair. Step."""
    pair = Pair(session_id, access, now + access_life, refresh, now + REFRESH_LIFE)
    for token, kind, expires_at in (
        (access, TokenKind.ACCESS, pair.expires_at),
        (refresh, TokenKind.REFRESH, pair.refresh_expires_at),
    ):
        queries.insert_token(
            tx, token_hash=tokens.token_hash(token), session_id=session_id, kind=kind, now=now, expires_at=expires_at
        )
    return pair


def refresh(refresh_token: str) -> Pair:
    """The successors of a refresh token.

    Raises:
        RefreshRefused: unknown, expired, of an ended session, or used before; the last ends the session.
    """
    if not tokens.looks_right(refresh_token, TokenKind.REFRESH):
        raise RefreshRefused
    with read_only() as tx:
        found = queries.lookup_by_token(tx, tokens.token_hash(refresh_token))
    if found is None:
        raise RefreshRefused

    def once() -> Pair | None:
        with transaction(tenant=found[0]) as tx:
            return rotate(tx, refresh_token)

    pair = retrying(once)
    if pair is None:
        raise RefreshRefused
    return pair


def rotate(
    tx: Tx, refresh_token: str, *, client: UUID | None = None, access_life: timedelta = ACCESS_LIFE
) -> Pair | None:
    """The successors. None is a refusal, to be committed: it may have ended the session. Step.

    Args:
        client: the program that shows the token and has proven itself; a program's token is worth nothing to anybody else.
    """
    hashed, now = tokens.token_hash(refresh_token), wall()
    row = queries.lock_refresh(tx, hashed)
    if row is None or not row.live or row.expires_at <= now or row.client_id != client:
        return None
    if row.used_at is None:
        salt = secrets.token_bytes(32)
        queries.use_refresh(tx, hashed, salt=salt, now=now)
        queries.prolong(tx, row.session_id, now=now, expires_at=now + REFRESH_LIFE)
        access, following = (tokens.successor(refresh_token, salt, kind) for kind in TokenKind)
        audit.record(
            tx, "session.refreshed", kind="session", resource=row.session_id, after={"expires_at": now + REFRESH_LIFE},
            actor=row.principal_id,
        )  # fmt: skip
        return issue(tx, row.session_id, access=access, refresh=following, now=now, access_life=access_life)
    if now - row.used_at <= GRACE:
        return _again(tx, refresh_token, row)
    ending.end(tx, row.session_id, principal=row.principal_id, reason=EndReason.TOKEN_REUSED)
    audit.record(tx, "refresh_token.reused", kind="session", resource=row.session_id)
    outbox.publish(tx, RefreshTokenReused(row.principal_id, row.session_id, now), key=str(row.principal_id))
    _log.warning(
        "a refresh token was used twice: its session is ended", session=row.session_id, principal=row.principal_id
    )
    return None


def _again(tx: Tx, refresh_token: str, row: RefreshRow) -> Pair:
    assert row.salt is not None, "a used token keeps its salt"
    access, following = (tokens.successor(refresh_token, row.salt, kind) for kind in TokenKind)
    return Pair(
        row.session_id,
        access,
        queries.expiry_of(tx, tokens.token_hash(access)),
        following,
        queries.expiry_of(tx, tokens.token_hash(following)),
    )
