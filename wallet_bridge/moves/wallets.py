"""The custodian's wallets as places that treasury moves money from and to: what each offers, and its address for the house's own money.

They stand among what venues offer, so that a route, an approved address and a proposal are the same thing for both. The fee of a wallet
is what the house reckons with for its network, as it asks it of customers; the true one is booked when the network has taken it.
"""

from __future__ import annotations

from datetime import datetime

from kernel import db, log
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from kernel.settings import settings
from payments.assets import service as assets
from wallet_bridge.custody import refs
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Owner, Ref, RefKind
from wallet_bridge.funds import service as funds
from wallet_bridge.lines import service as lines
from wallet_bridge.moves import places, queries, sources
from wallet_bridge.moves.rules import Stock
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.wire.schemas import AddressOut

_log = log.get("treasury")


def read(_at: datetime) -> None:
    """What the house's wallets offer now; an address that is missing is asked for. Step of the schedule."""
    if settings().custodian_url is None:
        return
    with db.transaction(tenant=settings().house_tenant) as tx:
        named = {row.network: row for row in queries.house_addresses(tx)}
        known = assets.all_assets()
        for offer in networks.all_of(tx):
            if offer.asset in known:
                _put(tx, offer, known[offer.asset], named.get(offer.network))
            if offer.network not in named:
                _ask(tx, offer)


def _put(tx: Tx, offer: Offer, scale: int, named: AnyRow | None) -> None:
    row = {
        "venue": places.wallet(offer.network), "asset": offer.asset, "network": offer.network, "fee": offer.withdrawal_fee,
        "minimum": offer.minimum_withdrawal, "scale": scale, "deposits": offer.deposits, "withdrawals": offer.withdrawals,
        "memo_required": offer.memo_required, "address": named.address if named else None, "memo": named.memo if named else None,
    }  # fmt: skip
    queries.put_rail(tx, row)


def _ask(tx: Tx, offer: Offer) -> None:
    address_id = uuid7()
    if queries.insert_house_address(tx, address_id, network=offer.network):
        ref = Ref(RefKind.ADDRESS, tx.tenant_id, address_id)
        custody.ask_address(tx, ref=ref, owner=Owner(tx.tenant_id, None), asset=offer.asset, network=offer.network)


class HouseAddresses:
    """Hears what became of the request; a customer's is none of ours."""

    def made(self, tx: Tx, ref: Ref, address: AddressOut) -> None:
        if refs.read_owner(address.owner_ref) == Owner(tx.tenant_id, None):
            queries.name_house_address(
                tx, ref.id, network=address.network, address=address.address, memo=address.memo
            )  # fmt: skip

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        if queries.forget_house_address(tx, ref.id):
            _log.warning("house_address_refused", code=code, text=text)


def stocks(tx: Tx) -> list[Stock]:
    """What lies in each wallet and may be moved. Step."""
    standings, known = lines.standings(tx), assets.all_assets()
    made = []
    for row in funds.wallet_reports(tx):
        place = places.wallet(row.wallet)
        if row.asset not in known:
            continue
        line = standings.get((place, row.asset))
        made.append(
            Stock(
                venue=place, asset=row.asset, usable=sources.room(tx, place, row.asset),
                line=row.free * 0 if line is None else line.warning,
            )
        )  # fmt: skip
    return made
