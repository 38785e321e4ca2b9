"""Customers and staff: find, register, disable. A password is hashed before the transaction: it takes 25 ms that no lock should last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Level
from identity.principals import passwords, queries
from identity.principals.errors import EmailTaken
from identity.principals.queries import PrincipalRow
from identity.principals.states import Kind, Role, Status
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound
from kernel.ids import uuid7

__all__ = [
    "Found",
    "PrincipalRow",
    "customers_among",
    "disable",
    "ensure_customer",
    "ensure_staff",
    "find_by_email",
    "find_customer",
    "find_customer_by_email",
    "find_principal",
    "hash_password",
    "normal_email",
    "register_customer",
    "register_staff",
    "same_person",
]

hash_password = passwords.hash_password


def normal_email(email: str) -> str:
    return email.strip().lower()


@dataclass(frozen=True, slots=True)
class Found:
    """Where somebody lives: all that is told before a tenant is known."""

    tenant_id: UUID
    principal_id: UUID


def find_by_email(email: str) -> Found | None:
    """Somebody of any tenant by e-mail, which is unique per deployment."""
    with read_only() as tx:
        known = queries.lookup_by_email(tx, normal_email(email))
    return None if known is None else Found(*known)


def ensure_customer(
    tenant: UUID,
    *,
    email: str,
    password: str,
    name: str = "",
    level: Level = Level.VERIFIED,
    country: str | None = None,
) -> UUID:
    """The customer with this e-mail, registered if new by the house, which knows them; an existing one keeps the password."""
    return _ensure(
        tenant,
        email,
        password,
        lambda tx, hashed: register_customer(
            tx, email=email, password_hash=hashed, name=name, level=level, country=country
        ),
    )


def ensure_staff(tenant: UUID, *, email: str, password: str, roles: Iterable[Role], name: str = "") -> UUID:
    """The member of staff with this e-mail, registered if new; an existing one keeps password and roles."""
    wanted = frozenset(roles)
    return _ensure(
        tenant,
        email,
        password,
        lambda tx, hashed: register_staff(tx, email=email, password_hash=hashed, roles=wanted, name=name),
    )


def _ensure(tenant: UUID, email: str, password: str, register: Callable[[Tx, str], PrincipalRow]) -> UUID:
    found = find_by_email(email)
    if found is None:
        hashed = hash_password(password)
        with transaction(tenant=tenant) as tx:
            return register(tx, hashed).id
    if found.tenant_id != tenant:
        raise EmailTaken
    return found.principal_id


def register_customer(
    tx: Tx,
    *,
    email: str,
    password_hash: str,
    name: str = "",
    level: Level = Level.REGISTERED,
    country: str | None = None,
) -> PrincipalRow:
    """A retail customer of this transaction's tenant, whom nobody knows yet unless the caller says how well.

    Raises:
        EmailTaken: in this deployment, whichever the tenant.
    """
    made = _register(tx, kind=Kind.CUSTOMER, email=email, password_hash=password_hash, name=name, roles={Role.RETAIL})
    eligibility.open_standing(tx, made.id, level=level, country=country)
    return made


def register_staff(tx: Tx, *, email: str, password_hash: str, roles: Iterable[Role], name: str = "") -> PrincipalRow:
    """A member of staff with these roles (not retail: who also trades has a customer's login for that)."""
    return _register(tx, kind=Kind.STAFF, email=email, password_hash=password_hash, name=name, roles=frozenset(roles))


def _register(tx: Tx, *, kind: Kind, email: str, password_hash: str, name: str, roles: Iterable[Role]) -> PrincipalRow:
    principal = PrincipalRow(
        tenant_id=tx.tenant_id,
        id=uuid7(),
        kind=kind,
        email=normal_email(email),
        name=name,
        roles=frozenset(roles),
        status=Status.ACTIVE,
    )
    if not queries.insert(tx, principal):
        raise EmailTaken
    queries.insert_password(tx, principal.id, password_hash)
    after = {"kind": kind, "email": principal.email, "roles": sorted(principal.roles), "status": principal.status}
    audit.record(
        tx, "principal.registered", kind="principal", resource=principal.id, after=after, roles=sorted(principal.roles)
    )
    return principal


def find_customer_by_email(tx: Tx, email: str) -> PrincipalRow | None:
    """A customer of this transaction's tenant."""
    found = queries.by_email(tx, normal_email(email))
    return found if found is not None and found.kind is Kind.CUSTOMER else None


def find_customer(tx: Tx, customer_id: UUID) -> PrincipalRow | None:
    """A customer of this transaction's tenant."""
    found = queries.get(tx, customer_id)
    return found if found is not None and found.kind is Kind.CUSTOMER else None


def customers_among(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    """Which of these are customers of this transaction's tenant."""
    return queries.customers_among(tx, ids) if ids else set()


def staff_with(tx: Tx, roles: Collection[Role]) -> list[UUID]:
    """Staff of this transaction's tenant who hold one of these roles and may log in."""
    return queries.staff_with(tx, roles)


def same_person(tenant: UUID, emails: Sequence[str]) -> int:
    """Note that these accounts belong to one person, who is then no second person to any of them; answers how many the person has.

    Raises:
        NotFound: one of them is not an account of this tenant.
    """
    with transaction(tenant=tenant) as tx:
        found = [queries.by_email(tx, normal_email(email)) for email in emails]
        ids = [one.id for one in found if one is not None]
        if len(ids) < len(emails):
            raise NotFound
        count = queries.join_person(tx, ids, person=min(ids))
        accounts = sorted(str(one) for one in queries.accounts_of_person(tx, min(ids)))
        audit.record(
            tx, "person.joined", kind="principal", resource=min(ids), after={"accounts": accounts}, accounts=accounts
        )
        return count


def find_principal(tx: Tx, principal_id: UUID) -> PrincipalRow | None:
    """Anybody of this transaction's tenant, customer or staff."""
    return queries.get(tx, principal_id)


def disable(tx: Tx, principal_id: UUID) -> None:
    """No login any more, and open sessions end with their next request.

    Raises:
        NotFound: not a principal of this tenant.
    """
    found = queries.get(tx, principal_id)
    if found is None or not queries.set_status(tx, principal_id, Status.DISABLED):
        raise NotFound
    audit.record(
        tx, "principal.disabled", kind="principal", resource=principal_id, before={"status": found.status},
        after={"status": Status.DISABLED},
    )  # fmt: skip
