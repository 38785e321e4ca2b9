"""Step-up: what is dangerous asks for a proof of who you are from the last ten minutes.

The proof is the strongest factor somebody has. A login is one, because whoever enrolled a second factor showed it there; later it is the
factor itself, or the password where there is nothing else. A refreshed token proves nothing.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity.audit import refusals
from identity.audit import service as audit
from identity.security import factors
from identity.security import queries as factor_queries
from identity.security.errors import SecondFactorInvalid, SecondFactorLocked, StepUpRequired
from identity.security.factors import NO_PROOF, Proof
from identity.sessions import queries, service
from identity.sessions.errors import InvalidCredentials
from identity.sessions.queries import SessionRow
from kernel.clock import wall
from kernel.db import transaction
from kernel.errors import DomainError

_REFUSALS = (StepUpRequired, SecondFactorInvalid, SecondFactorLocked, InvalidCredentials)
RECENT = timedelta(minutes=10)


def methods(*, totp: bool, passkey: bool) -> tuple[str, ...]:
    """By what a person can prove themselves who has these factors, or neither."""
    return factor_queries.methods_of(totp=totp, passkey=passkey) or ("password",)


def require_recent(session: SessionRow) -> None:
    """Pass whoever proved themselves lately.

    Raises:
        StepUpRequired: the last proof is too old; `methods` says what counts.
    """
    if session.proven_at is None or wall() - session.proven_at > RECENT:
        raise StepUpRequired(methods=methods(totp=session.totp, passkey=session.passkey))


def prove(
    *,
    tenant: UUID,
    principal: UUID,
    session_id: UUID,
    email: str,
    totp: bool,
    passkey: bool,
    proof: Proof,
    password: str | None,
    address: str,
) -> None:
    """Show it again: a code of who has a second factor (`totp`, `passkey`), the password of who has none.

    Raises:
        StepUpRequired: what was shown is not what counts.
        SecondFactorInvalid, SecondFactorLocked, InvalidCredentials, TooManyAttempts, LoginBusy
    """
    guarded = totp or passkey
    try:
        if guarded and proof != NO_PROOF:
            factors.check(tenant=tenant, principal=principal, proof=proof)
        elif not guarded and password is not None:
            service.proven_password(email=email, password=password, address=address)
        else:
            raise StepUpRequired(methods=methods(totp=totp, passkey=passkey))
    except _REFUSALS as refusal:
        note_refusal(tenant, principal, session_id, refusal)
        raise
    with transaction(tenant=tenant) as tx:
        now = wall()
        queries.note_proof(tx, session_id, now=now)
        audit.record(
            tx, "session.proven", kind="session", resource=session_id, after={"proven_at": now}, actor=principal,
            by="password" if not guarded else "totp" if proof.totp is not None else "recovery_code",
        )  # fmt: skip


def note_refusal(tenant: UUID, principal: UUID, session_id: UUID, refusal: DomainError) -> None:
    """Somebody with an open session could not prove who they are."""
    refusals.note(
        tenant, "step_up.refused", kind="session", resource=session_id, subject=str(principal), actor=principal,
        why=refusal.code,
    )  # fmt: skip
