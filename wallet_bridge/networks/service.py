"""What a house offers on which network."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kernel import db
from kernel.db import Tx
from wallet_bridge.networks import queries
from wallet_bridge.networks.errors import NetworkUnknown
from wallet_bridge.networks.queries import Offer

__all__ = ["Offer", "all_of", "coin", "find", "offered", "put"]


def offered(tenant: UUID) -> Sequence[Offer]:
    """Everything, by asset; what is closed says so."""
    with db.read_only(tenant=tenant) as tx:
        return queries.all_of(tx)


def all_of(tx: Tx) -> Sequence[Offer]:
    return queries.all_of(tx)


def find(tx: Tx, *, network: str, asset: str) -> Offer:
    """Raises: NetworkUnknown."""
    found = queries.find(tx, network=network, asset=asset)
    if found is None:
        raise NetworkUnknown
    return found


def coin(tx: Tx, network: str) -> str | None:
    """What a network takes its fees in; None where the house does not know it."""
    return queries.coin(tx, network=network)


def put(tx: Tx, offer: Offer) -> None:
    """Offer it, or change the terms; what is on its way keeps the terms it began with. Step of the set-up."""
    queries.put(tx, offer)
