"""Use cases of the address book: an address is added with a proof, told to its owner, and usable when the house's delay is over.

The delay is the policy's (`whitelist_delay_h`) and counts in business time. It is written into the entry when that is made: a policy that
gets looser makes nothing usable sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Action, Product
from identity.security.factors import require_settled
from identity.tenants import policies
from identity.tenants import service as tenants
from identity.tenants.states import Product as Offered
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import InvalidRequest
from kernel.ids import uuid7
from wallet_bridge.address_book import queries, rules
from wallet_bridge.address_book.errors import AddressBookFull, AddressKnown, AddressNotActive, AddressNotFound
from wallet_bridge.address_book.events import AddressAdded
from wallet_bridge.address_book.record import Entry
from wallet_bridge.address_book.states import EntryStatus
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.errors import NetworkUnknown

__all__ = ["Entry", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """An address as it was typed."""

    network: str
    address: str
    memo: str | None
    label: str


def add(*, tenant: UUID, customer: UUID, wish: Wish, key: str | None) -> Outcome:
    """Into the book, to be used after the delay.

    Raises:
        NetworkUnknown, AddressInvalid, MemoRequired, MemoNotTaken, AddressKnown, AddressBookFull
        ProductNotOffered, NotEligible, CoolingDown
    """
    label = rules.label(wish.label)
    if not label:
        raise InvalidRequest("label: it must show something")

    def fn(tx: Tx) -> tuple[str, UUID]:
        require_allowed(tx, customer)
        made = _entry(tx, customer, wish, label)
        queries.one_at_a_time(tx, customer)
        if queries.count(tx, customer) >= rules.MOST:
            raise AddressBookFull(most=rules.MOST)
        if not queries.insert(tx, made):
            raise AddressKnown
        fact = AddressAdded(
            made.id, customer, made.network, made.address, made.label, made.active_from, made.created_at
        )
        outbox.publish(tx, fact, key=str(made.id))
        audit.about(
            tx, network=made.network, address=made.address, memo=made.memo, active_from=made.active_from.isoformat()
        )
        return "address", made.id

    body = {"network": wish.network, "address": wish.address, "memo": wish.memo, "label": label}
    return commands.run(
        tenant=tenant, principal=customer, route="POST /v1/address-book", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    )  # fmt: skip


def _entry(tx: Tx, customer: UUID, wish: Wish, label: str) -> Entry:
    offers = [one for one in networks.all_of(tx) if one.network == wish.network]
    if not offers:
        raise NetworkUnknown(network=wish.network)
    plain = rules.plain(offers[0].kind, wish.address)
    rules.check_memo(wish.memo, required=any(one.memo_required for one in offers))
    delay = timedelta(hours=policies.in_force(tx).whitelist_delay_h)
    return Entry(
        id=uuid7(), customer_id=customer, network=wish.network, address=wish.address, plain=plain, memo=wish.memo,
        label=label, active_from=tx.now + delay, created_at=tx.now,
    )  # fmt: skip


def remove(*, tenant: UUID, customer: UUID, entry_id: UUID) -> Entry:
    """At once; a withdrawal that is on its way goes on. Removing again changes nothing.

    Raises:
        AddressNotFound
    """

    def once() -> Entry:
        with db.transaction(tenant=tenant) as tx:
            gone = queries.remove(tx, entry_id, customer=customer)
            if gone is None:
                return _own(queries.get(tx, entry_id, customer=customer))
            audit.record(
                tx, "address.removed", kind="address", resource=entry_id, actor=customer,
                before={"address": gone.address, "network": gone.network}, address=gone.address,
            )  # fmt: skip
            return gone

    return db.retrying(once)


def read(tenant: UUID, entry_id: UUID, *, customer: UUID) -> tuple[Entry, EntryStatus]:
    """One's own, also one that was removed.

    Raises:
        AddressNotFound
    """
    with db.read_only(tenant=tenant) as tx:
        found = _own(queries.get(tx, entry_id, customer=customer))
        return found, _status(tx, found)


def page(tenant: UUID, *, customer: UUID, before: UUID | None, limit: int) -> list[tuple[Entry, EntryStatus]]:
    """Newest first, without those that were removed."""
    with db.read_only(tenant=tenant) as tx:
        return [(one, _status(tx, one)) for one in queries.page(tx, customer=customer, before=before, limit=limit)]


def added(tx: Tx, entries: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """Since when they have stood in their books, also those that were removed."""
    return queries.added(tx, entries)


def usable(tx: Tx, entry_id: UUID, *, customer: UUID) -> Entry:
    """To send to now; it cannot be removed before this transaction ends. Step.

    Raises:
        AddressNotFound, AddressNotActive
    """
    found = _own(queries.get(tx, entry_id, customer=customer, share=True))
    now = _status(tx, found)
    if now is EntryStatus.REMOVED:
        raise AddressNotFound
    if now is EntryStatus.WAITING:
        raise AddressNotActive(active_from=found.active_from.isoformat())
    return found


def require_allowed(tx: Tx, customer: UUID) -> eligibility.Decision:
    """Whether this customer may take money out at all, or prepare it. Step.

    Raises:
        ProductNotOffered, NotEligible
        CoolingDown: a password or factor was changed within the last day.
    """
    tenants.require_product(tx.tenant_id, Offered.WITHDRAWALS)
    decision = eligibility.require(tx, customer, Product.WITHDRAWALS, Action.BEGIN)
    require_settled(tx, customer)
    return decision


def _own(found: Entry | None) -> Entry:
    if found is None:
        raise AddressNotFound
    return found


def _status(tx: Tx, entry: Entry) -> EntryStatus:
    return rules.status(active_from=entry.active_from, removed_at=entry.removed_at, now=tx.now)
