"""A new password: known to nobody's guesser, it ends every other session and starts the pause."""

from __future__ import annotations

from uuid import UUID

from identity.audit import service as audit
from identity.principals import passwords
from identity.principals import queries as principals
from identity.security import factors, rules
from identity.security.errors import PasswordTooWeak
from identity.security.events import PasswordChanged
from identity.sessions import service as sessions
from identity.sessions.errors import InvalidCredentials
from kernel import outbox
from kernel.clock import wall
from kernel.db import read_only, transaction


def change(
    *, tenant: UUID, principal: UUID, session_id: UUID, email: str, name: str, current: str, new: str, address: str
) -> None:
    """Replace the password of who knows the present one.

    Raises:
        PasswordTooWeak: the new one would be guessed.
        InvalidCredentials, TooManyAttempts, LoginBusy: about the present one, as at a login.
    """
    if new == current or rules.too_weak(new, known=[email, *email.split("@"), *name.split()]):
        raise PasswordTooWeak
    sessions.proven_password(email=email, password=current, address=address)
    with read_only(tenant=tenant) as tx:
        stored = principals.password_hash(tx, principal)
    hashed = passwords.hash_password(new)
    with transaction(tenant=tenant) as tx:
        if stored is None or not principals.replace_password(tx, principal, old=stored, new=hashed, changed_at=wall()):
            raise InvalidCredentials
        factors.weakened(tx, principal, session_id=session_id)
        audit.record(tx, "password.changed", kind="principal", resource=principal, actor=principal)
        outbox.publish(tx, PasswordChanged(principal, wall()), key=str(principal))
