"""Use cases on tenants: who there is, and what each decides about itself. Only the engine's role may create one.

What keeps money in is not decided here but in `policies`, by two people.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from identity.audit import service as audit
from identity.tenants import queries, rules
from identity.tenants.errors import HostTaken, ProductNotOffered
from identity.tenants.queries import Settings, TenantRow
from identity.tenants.states import Product
from kernel import clock, commands, db
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound

__all__ = [
    "Settings",
    "TenantRow",
    "Wish",
    "add_host",
    "allowed_origins",
    "change",
    "ensure",
    "every",
    "of_host",
    "offers",
    "read",
    "registers",
    "require_product",
]

REMEMBERED_S = 2.0
"""How long a process may go on offering what was switched off."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which settings somebody changes; what is not named stays."""

    values: Mapping[str, Any]
    origins: Iterable[str] | None = None


def ensure(tenant_id: UUID, *, name: str) -> None:
    """Create the tenant if it is new; a second call changes nothing."""
    with transaction() as tx:
        queries.insert_if_absent(tx, tenant_id=tenant_id, name=name)


def every() -> list[TenantRow]:
    """All tenants of the deployment."""
    with read_only() as tx:
        return queries.every(tx)


def allowed_origins() -> Mapping[str, frozenset[UUID]]:
    """Origins whose pages may call this API, as browsers write them in `Origin`, each with the tenants that named it."""
    with read_only() as tx:
        return queries.origins(tx)


def of_host(host: str) -> UUID | None:
    """Whose pages are served under this name, with or without a port; None where nobody said so."""
    named = host.strip().lower()
    without_port = named.rpartition(":")[0] if named.rpartition(":")[2].isdigit() else named
    with read_only() as tx:
        return queries.by_host(tx, without_port[:255]) if without_port else None


def add_host(tenant_id: UUID, host: str) -> None:
    """Let pages under this name belong to a tenant (the engine's role: names are the operator's to give).

    Raises:
        HostTaken
    """
    with transaction(tenant=tenant_id) as tx:
        if not queries.insert_host(tx, host.strip().lower()):
            raise HostTaken
        audit.record(tx, "tenant.host_added", kind="tenant", resource=tenant_id, host=host.strip().lower())


def read(tenant_id: UUID) -> Settings:
    """What a tenant decided about itself.

    Raises:
        NotFound
    """
    with read_only(tenant=tenant_id) as tx:
        found = queries.settings(tx)
    if found is None:
        raise NotFound
    return found


def registers(tenant_id: UUID) -> bool:
    """Whether a house lets people register themselves; one that does not exist has no door."""
    with read_only(tenant=tenant_id) as tx:
        found = queries.settings(tx)
    return found is not None and found.registration_open


def change(*, tenant: UUID, by: UUID, wish: Wish) -> Settings:
    """Change what one person may decide alone; it counts at once.

    Raises:
        ThemeUnreadable, OriginInvalid
    """
    origins = None if wish.origins is None else tuple(sorted({rules.normal_origin(one) for one in wish.origins}))
    rules.check_theme({name: wish.values.get(name) for name in rules.GROUNDS})

    def fn(tx: Tx) -> tuple[str, UUID]:
        old = queries.settings(tx, lock=True)
        if old is None:
            raise NotFound
        new = replace(old, **wish.values, origins=old.origins if origins is None else origins)
        if new != old:
            queries.update_settings(tx, new)
            if origins is not None:
                queries.replace_origins(tx, origins)
        audit.about(
            tx, before=_plain(old), after=_plain(new), changed=[n for n in _NAMES if getattr(old, n) != getattr(new, n)]
        )
        tx.after_commit(lambda: _forget(tenant))
        return "tenant", tenant

    commands.run(tenant=tenant, principal=by, route="PATCH /v1/tenants", key=None, fingerprint=b"", fn=fn)
    return read(tenant)


_NAMES = ("name", "logo_text", "accent_dark", "accent_light", "products", "registration_open", "origins")


def _plain(settings: Settings) -> dict[str, Any]:
    return {
        **{name: getattr(settings, name) for name in _NAMES},
        "products": sorted(settings.products),
        "version": settings.version,
    }


# What is asked with every order --------------------------------------------------------------------------------------------------

_offered: dict[UUID, tuple[float, frozenset[Product]]] = {}
_lock = threading.Lock()


def require_product(tenant: UUID, product: Product) -> None:
    """Let through what the tenant offers.

    Raises:
        ProductNotOffered
    """
    if not offers(tenant, product):
        raise ProductNotOffered(product=product.value)


def offers(tenant: UUID, product: Product) -> bool:
    """Whether the tenant offers that; read at most every two seconds, so it costs an order nothing."""
    now = clock.monotonic()
    with _lock:
        read_at, offered = _offered.get(tenant, (now - 2 * REMEMBERED_S, frozenset()))
    if now - read_at > REMEMBERED_S:
        offered = _read_offered(tenant)
        with _lock:
            _offered[tenant] = (now, offered)
    return product in offered


def _read_offered(tenant: UUID) -> frozenset[Product]:
    """In the transaction that is open, if one is. A tenant without settings is one of a test or of long ago: it offers everything."""
    open_one = db.current()
    if open_one is not None:
        found = queries.settings(open_one)
    else:
        with read_only(tenant=tenant) as tx:
            found = queries.settings(tx)
    return frozenset(Product) if found is None else found.products


def _forget(tenant: UUID) -> None:
    with _lock:
        _offered.pop(tenant, None)
