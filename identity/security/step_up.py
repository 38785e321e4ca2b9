"""Step-up: what is dangerous asks for a proof of who you are from the last ten minutes.

The proof is the strongest factor somebody has. A login is one, because whoever enrolled a second factor showed it there; later it is the
factor itself, or the password where there is nothing else. A refreshed token proves nothing.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity.security import factors
from identity.security.errors import StepUpRequired
from identity.security.factors import NO_PROOF, Proof
from identity.sessions import queries, service
from identity.sessions.queries import SessionRow
from kernel.clock import wall
from kernel.db import transaction

RECENT = timedelta(minutes=10)


def methods(*, guarded: bool) -> tuple[str, ...]:
    """By what a person can prove themselves who has a second factor (`guarded`), or has none."""
    return factors.METHODS if guarded else ("password",)


def require_recent(session: SessionRow) -> None:
    """Pass whoever proved themselves lately.

    Raises:
        StepUpRequired: the last proof is too old; `methods` says what counts.
    """
    if session.proven_at is None or wall() - session.proven_at > RECENT:
        raise StepUpRequired(methods=methods(guarded=session.second_factor))


def prove(
    *,
    tenant: UUID,
    principal: UUID,
    session_id: UUID,
    email: str,
    guarded: bool,
    proof: Proof,
    password: str | None,
    address: str,
) -> None:
    """Show it again: a code of who has a second factor (`guarded`), the password of who has none.

    Raises:
        StepUpRequired: what was shown is not what counts.
        SecondFactorInvalid, SecondFactorLocked, InvalidCredentials, TooManyAttempts, LoginBusy
    """
    if guarded and proof != NO_PROOF:
        factors.check(tenant=tenant, principal=principal, proof=proof)
    elif not guarded and password is not None:
        service.proven_password(email=email, password=password, address=address)
    else:
        raise StepUpRequired(methods=methods(guarded=guarded))
    with transaction(tenant=tenant) as tx:
        queries.note_proof(tx, session_id, now=wall())
