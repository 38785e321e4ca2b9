"""What `rivermouth tenants …` does and prints; it runs as the engine, for only the operator of a deployment makes tenants."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from identity.principals import service as principals
from identity.principals.errors import EmailTaken
from identity.principals.states import Role
from identity.security.errors import PasswordTooWeak
from identity.security.rules import too_weak
from identity.tenants import service as tenants
from identity.tenants.states import Product
from kernel import db
from kernel.ids import uuid7


@contextmanager
def _database() -> Iterator[None]:
    db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-tenants")
    try:
        yield
    finally:
        db.dispose()


def create(name: str, *, hosts: Sequence[str], admin: str, password: str) -> None:
    """A new house with its first administrator, who lets the others in.

    Raises:
        PasswordTooWeak, EmailTaken: nothing is made.
        HostTaken: what was made before stays, and a second run with another one goes on.
    """
    if too_weak(password, known=[admin, *admin.split("@"), *name.split()]):
        raise PasswordTooWeak
    with _database():
        if principals.find_by_email(admin) is not None:
            raise EmailTaken
        tenant_id = uuid7()
        tenants.ensure(tenant_id, name=name)
        principals.ensure_staff(tenant_id, email=admin, password=password, roles=[Role.ADMIN])
        print(f"tenant {tenant_id}: {name}, administrator {admin}")
        for host in hosts:
            tenants.add_host(tenant_id, host)
            print(f"  pages under {host} are theirs")


def show() -> None:
    """Every tenant, its name and its host names."""
    with _database():
        for tenant in tenants.every():
            found = tenants.read(tenant.id)
            switched_off = sorted(set(Product) - found.products)
            hosts = ", ".join(found.hosts) or "no host name"
            print(
                f"{tenant.id}  {tenant.name}  ({hosts})"
                + (f"  without {', '.join(switched_off)}" if switched_off else "")
            )
