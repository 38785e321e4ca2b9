"""One address an owner and network; asked for again it is the same one. Numbers of derivation are never used twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kernel import db
from kernel.clock import wall
from kernel.db import Tx
from kernel.ids import uuid7
from wallet_bridge.custodian import counters
from wallet_bridge.custodian.chains.port import Chain
from wallet_bridge.custodian.errors import ClientRefConflict
from wallet_bridge.custodian.keys import Watch
from wallet_bridge.wire.schemas import AddressIn, AddressOut

_SELECT = "SELECT id, client_ref, owner_ref, network, address, memo, index FROM custody.addresses"
_INDEX = "addresses"


def make(wanted: AddressIn, chain: Chain, watch: Watch) -> AddressOut:
    """The owner's address on this network.

    Raises:
        ClientRefConflict: the reference belongs to another owner or network.
    """
    with db.transaction() as tx:
        index = counters.lock(tx, wanted.network, _INDEX, first=0)
        known = tx.first(f"{_SELECT} WHERE client_ref = :ref", ref=wanted.client_ref) or tx.first(
            f"{_SELECT} WHERE network = :network AND owner_ref = :owner", network=wanted.network, owner=wanted.owner_ref
        )
        if known is not None:
            if (known.network, known.owner_ref) != (wanted.network, wanted.owner_ref):
                raise ClientRefConflict
            return _shown(known)
        counters.advance(tx, wanted.network, _INDEX)
        made = tx.one(
            f"""INSERT INTO custody.addresses (id, client_ref, owner_ref, network, address, index, created_at)
                VALUES (:id, :ref, :owner, :network, :address, :index, :now)
                RETURNING {_SELECT.removeprefix("SELECT ").partition(" FROM")[0]}""",
            id=uuid7(), ref=wanted.client_ref, owner=wanted.owner_ref, network=wanted.network,
            address=chain.address_of(watch.public_key(index)), index=index, now=wall(),
        )  # fmt: skip
        return _shown(made)


def owners(tx: Tx, network: str, addresses: Collection[str]) -> Mapping[tuple[str, str | None], str]:
    """(address, memo) → owner, of those of the addresses that are ours. Step."""
    rows = tx.all(
        "SELECT address, memo, owner_ref FROM custody.addresses WHERE network = :network AND address = ANY(:addresses)",
        network=network, addresses=list(addresses),
    )  # fmt: skip
    return {(row.address, row.memo): row.owner_ref for row in rows}


def index_of(tx: Tx, network: str, address: str) -> int | None:
    """The number of derivation of an address of ours. Step."""
    found: int | None = tx.scalar(
        "SELECT index FROM custody.addresses WHERE network = :network AND address = :address",
        network=network, address=address,
    )  # fmt: skip
    return found


def _shown(row: Any) -> AddressOut:
    return AddressOut(
        id=row.id, client_ref=row.client_ref, owner_ref=row.owner_ref, network=row.network, address=row.address, memo=row.memo,
        index=row.index,
    )  # fmt: skip
