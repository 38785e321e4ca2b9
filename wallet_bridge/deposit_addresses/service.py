"""One address per customer and network: asked of the custodian with the row, shown once it has answered.

Nobody waits for the custodian in a request: the engine's lane asks, and its answer comes to `Made`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.service import Product
from kernel import db, log
from kernel.db import Tx
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountStatus
from payments.errors import AccountClosed, AccountFrozen
from wallet_bridge.custody import refs
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Owner, Ref, RefKind
from wallet_bridge.deposit_addresses import queries
from wallet_bridge.deposit_addresses.errors import DepositAddressRefused, DepositsClosed
from wallet_bridge.deposit_addresses.queries import Row
from wallet_bridge.deposit_addresses.states import AddressStatus
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.wire.schemas import AddressOut

__all__ = ["AddressView", "Made", "ask", "look", "owner_of"]

_log = log.get("deposits")


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address with the terms of the asset that was asked about."""

    row: Row
    offer: Offer

    @property
    def ready(self) -> bool:
        return self.row.status is AddressStatus.READY


def ask(tenant: UUID, customer: UUID, *, network: str, asset: str) -> AddressView:
    """The customer's address, as far as it is; the first time it is asked for.

    Raises:
        WalletNotConfigured, NetworkUnknown, DepositsClosed
        NotEligible: the level, the lists of names or the country do not allow it.
        AccountFrozen, AccountClosed
    """
    custody.require_configured()
    with db.transaction(tenant=tenant) as tx:
        offer = networks.find(tx, network=network, asset=asset)
        if not offer.deposits:
            raise DepositsClosed(network=network, asset=asset)
        eligibility.require(tx, customer, Product.DEPOSITS)
        _require_open(tx, customer, asset)
        row = queries.of_customer(tx, customer, network) or _order(tx, customer, network=network, asset=asset)
        return AddressView(row, offer)


def look(tenant: UUID, seen: AddressView) -> AddressView:
    """The same once more.

    Raises:
        DepositAddressRefused
    """
    with db.read_only(tenant=tenant) as tx:
        row = queries.get(tx, seen.row.id)
    assert row is not None, "addresses are kept for ever"
    if row.status is AddressStatus.REFUSED:
        raise DepositAddressRefused(reason=row.reason)
    return AddressView(row, seen.offer)


def owner_of(tx: Tx, *, network: str, address: str, memo: str | None) -> UUID | None:
    """Which customer of this house a payment to this address would reach; None where it is nobody's of ours. Step."""
    return queries.owner(tx, network, address, memo)


def _require_open(tx: Tx, customer: UUID, asset: str) -> None:
    account = accounts.get(
        tx, accounts.customer(tx, customer_id=customer, asset=asset), owner=customer, realm="REAL"
    )  # fmt: skip
    if account.status is AccountStatus.FROZEN:
        raise AccountFrozen
    if account.status is AccountStatus.CLOSED:
        raise AccountClosed


def _order(tx: Tx, customer: UUID, *, network: str, asset: str) -> Row:
    address_id = uuid7()
    if queries.insert(tx, address_id, customer, network=network, asset=asset):
        ref = Ref(RefKind.ADDRESS, tx.tenant_id, address_id)
        custody.ask_address(tx, ref=ref, owner=Owner(tx.tenant_id, customer), asset=asset, network=network)
        audit.record(
            tx, "deposit_address.asked", kind="deposit_address", resource=address_id, actor=customer,
            after={"network": network}, network=network,
        )  # fmt: skip
    made = queries.of_customer(tx, customer, network)
    assert made is not None, "it was written a line ago, here or by a twin"
    return made


class Made:
    """Hears what became of the request. Told twice, the second time changes nothing."""

    def made(self, tx: Tx, ref: Ref, address: AddressOut) -> None:
        row = queries.get(tx, ref.id)
        if row is None or row.status is not AddressStatus.PREPARING:
            return
        problem = _problem(tx, row, address)
        if problem is None:
            queries.move(tx, row.id, AddressStatus.READY, address=address.address, memo=address.memo)
        else:
            _log.error("deposit_address_unusable", address=str(row.id), network=row.network, problem=problem)
            queries.move(tx, row.id, AddressStatus.REFUSED, reason=problem)

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        _log.warning("deposit_address_refused", address=str(ref.id), code=code, text=text)
        queries.move(tx, ref.id, AddressStatus.REFUSED, reason=code)


def _problem(tx: Tx, row: Row, told: AddressOut) -> str | None:
    """Why this address must not be shown to the customer who asked: money sent there would reach somebody else, or nobody."""
    if refs.read_owner(told.owner_ref) != Owner(tx.tenant_id, row.customer_id) or told.network != row.network:
        return "for_somebody_else"
    if queries.taken(tx, told.network, told.address, told.memo):
        return "taken"
    offer = networks.find(tx, network=row.network, asset=row.asset)
    return "memo_missing" if offer.memo_required and told.memo is None else None
