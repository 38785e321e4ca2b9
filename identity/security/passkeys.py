"""Use cases of passkeys: register, use for a login or a step-up, remove.

A passkey is two factors in one, what one has and what one is or knows, so a login with it asks for nothing else. Each answer belongs to one
challenge, which is taken out of the database before anything is judged: a second try needs another one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from identity.audit import service as audit
from identity.security import factors, passkey_queries, queries, rules, webauthn_rules
from identity.security.errors import PasskeyInvalid, PasskeyKnown, TooManyPasskeys
from identity.security.events import PasskeyRegistered, PasskeyRemoved
from identity.security.passkey_queries import PasskeyRow
from identity.security.webauthn_rules import RelyingParty
from identity.sessions import queries as sessions
from kernel import log, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, retrying, transaction
from kernel.errors import NotFound
from kernel.ids import SYSTEM, uuid7

CHALLENGE_LIFE = timedelta(minutes=5)
MOST = 10
REGISTER, LOGIN, STEP_UP = "register", "login", "step_up"

_log = log.get("identity")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a browser needs: `options` for `navigator.credentials`, and the id under which its answer is expected."""

    challenge_id: UUID
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey; recovery codes come with somebody's first factor."""

    passkey: PasskeyRow
    recovery_codes: list[str] | None


def _challenge(tx: Tx, *, principal: UUID | None, purpose: str) -> tuple[UUID, bytes]:
    challenge_id, challenge = uuid7(), secrets.token_bytes(32)
    passkey_queries.insert_challenge(
        tx,
        challenge_id=challenge_id,
        principal=principal,
        purpose=purpose,
        challenge=challenge,
        expires_at=wall() + CHALLENGE_LIFE,
    )
    return challenge_id, challenge


def _taken(tenant: UUID, challenge_id: UUID, *, principal: UUID | None, purpose: str) -> bytes:
    with transaction(tenant=tenant) as tx:
        challenge = passkey_queries.take_challenge(tx, challenge_id, principal=principal, purpose=purpose, now=wall())
    if challenge is None:
        raise PasskeyInvalid
    return challenge


def offer(*, tenant: UUID, principal: UUID, account: str, name: str, party: RelyingParty) -> Offer:
    """Begin a registration.

    Raises:
        TooManyPasskeys: one more than anybody may have.
    """
    with transaction(tenant=tenant) as tx:
        known = passkey_queries.of_principal(tx, principal)
        if len(known) >= MOST:
            raise TooManyPasskeys
        challenge_id, challenge = _challenge(tx, principal=principal, purpose=REGISTER)
    options = webauthn_rules.registration_options(
        party,
        challenge=challenge,
        handle=principal.bytes,
        account=account,
        name=name,
        known=[row.credential_id for row in known],
    )
    return Offer(challenge_id, options)


def register(
    *,
    tenant: UUID,
    principal: UUID,
    session_id: UUID,
    challenge_id: UUID,
    credential: dict[str, Any],
    name: str,
    party: RelyingParty,
) -> Registered:
    """Finish it: from now on this passkey opens the account.

    Raises:
        PasskeyInvalid: not the answer to this challenge.
        PasskeyKnown: it is registered already.
        TooManyPasskeys
    """
    challenge = _taken(tenant, challenge_id, principal=principal, purpose=REGISTER)
    made = webauthn_rules.registered(party, credential, challenge=challenge)
    now, codes = wall(), rules.new_recovery_codes()
    row = PasskeyRow(
        uuid7(), principal, made.credential_id, made.credential_public_key, made.sign_count, name, now, None
    )

    def once() -> bool:
        with transaction(tenant=tenant) as tx:
            queries.lock(tx, principal)
            first = not queries.methods(tx, principal)
            if len(passkey_queries.of_principal(tx, principal)) >= MOST:
                raise TooManyPasskeys
            if not passkey_queries.insert(tx, row):
                raise PasskeyKnown
            if first:
                queries.replace_codes(tx, principal, map(rules.recovery_hash, codes))
            sessions.forget_proofs(tx, principal, but=session_id)
            sessions.note_proof(tx, session_id, now=now)
            outbox.publish(tx, PasskeyRegistered(principal, name, now), key=str(principal))
            audit.record(tx, "passkey.registered", kind="passkey", resource=row.id, actor=principal, name=name)
            return first

    first = retrying(once)
    _log.info("a passkey was registered", principal=principal)
    return Registered(row, codes if first else None)


def every(*, tenant: UUID, principal: UUID) -> list[PasskeyRow]:
    """Somebody's passkeys, the oldest first."""
    with read_only(tenant=tenant) as tx:
        return passkey_queries.of_principal(tx, principal)


def remove(*, tenant: UUID, principal: UUID, session_id: UUID, passkey: UUID) -> None:
    """It opens nothing any more; other sessions end and the pause begins, as with every factor taken away.

    Raises:
        NotFound: no passkey of this principal.
    """
    with transaction(tenant=tenant) as tx:
        queries.lock(tx, principal)
        if not passkey_queries.delete(tx, principal, passkey):
            raise NotFound
        if not queries.methods(tx, principal):
            queries.replace_codes(tx, principal, [])
        factors.weakened(tx, principal, session_id=session_id)
        outbox.publish(tx, PasskeyRemoved(principal, passkey, wall()), key=str(principal))
        audit.record(tx, "passkey.removed", kind="passkey", resource=passkey, actor=principal)
    _log.warning("a passkey was removed", principal=principal)


def login_offer(party: RelyingParty) -> Offer:
    """Begin a login of whoever it is: the answer says who."""
    with transaction(tenant=SYSTEM) as tx:
        challenge_id, challenge = _challenge(tx, principal=None, purpose=LOGIN)
    return Offer(challenge_id, webauthn_rules.authentication_options(party, challenge=challenge, known=()))


def prove_login(*, challenge_id: UUID, credential: dict[str, Any], party: RelyingParty) -> tuple[UUID, UUID]:
    """(tenant, principal) of who answered.

    Raises:
        PasskeyInvalid: unknown passkey, or not the answer to this challenge: one answer.
    """
    challenge = _taken(SYSTEM, challenge_id, principal=None, purpose=LOGIN)
    known = webauthn_rules.credential_id(credential)
    with read_only() as tx:
        found = passkey_queries.lookup(tx, known)
    if found is None:
        raise PasskeyInvalid
    _use(*found, credential=credential, challenge=challenge, party=party)
    return found


def step_up_offer(*, tenant: UUID, principal: UUID, party: RelyingParty) -> Offer:
    """Begin a proof of somebody who is logged in.

    Raises:
        NotFound: this person has no passkey.
    """
    with transaction(tenant=tenant) as tx:
        known = passkey_queries.of_principal(tx, principal)
        if not known:
            raise NotFound
        challenge_id, challenge = _challenge(tx, principal=principal, purpose=STEP_UP)
    options = webauthn_rules.authentication_options(
        party, challenge=challenge, known=[row.credential_id for row in known]
    )
    return Offer(challenge_id, options)


def prove(
    *,
    tenant: UUID,
    principal: UUID,
    session_id: UUID,
    challenge_id: UUID,
    credential: dict[str, Any],
    party: RelyingParty,
) -> None:
    """Finish it: this session has proven itself now.

    Raises:
        PasskeyInvalid
    """
    challenge = _taken(tenant, challenge_id, principal=principal, purpose=STEP_UP)
    _use(tenant, principal, credential=credential, challenge=challenge, party=party)
    with transaction(tenant=tenant) as tx:
        sessions.note_proof(tx, session_id, now=(now := wall()))
        audit.record(
            tx, "session.proven", kind="session", resource=session_id, after={"proven_at": now}, actor=principal, by="passkey"
        )  # fmt: skip


def _use(tenant: UUID, principal: UUID, *, credential: dict[str, Any], challenge: bytes, party: RelyingParty) -> None:
    now: datetime = wall()
    known = webauthn_rules.credential_id(credential)
    with transaction(tenant=tenant) as tx:
        row = passkey_queries.lock(tx, principal, known)
        if row is None:
            raise PasskeyInvalid
        used = webauthn_rules.authenticated(
            party, credential, challenge=challenge, public_key=row.public_key, sign_count=row.sign_count
        )
        passkey_queries.note_use(tx, row.id, sign_count=used.new_sign_count, now=now)


def purge_challenges(tx: Tx, *, limit: int) -> int:
    """Forget challenges nobody answered; how many. Step of a schedule."""
    return passkey_queries.delete_challenges(tx, before=wall(), limit=limit)
