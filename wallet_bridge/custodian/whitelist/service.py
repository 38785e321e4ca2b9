"""Entries of the whitelist. Two people and a day stand between a wish and an address that counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from kernel import db
from kernel.clock import wall
from kernel.db import Tx
from kernel.ids import uuid7
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.wire.schemas import WhitelistIn, WhitelistOut
from wallet_bridge.wire.states import EventType

DELAY = timedelta(hours=24)
_FIELDS = "id, client_ref, network, address, memo, label, proposed_by, approved_by, active_from, removed_at"


def propose(house: House, wanted: WhitelistIn) -> WhitelistOut:
    """Raises: NetworkUnknown, AddressInvalid, ClientRefConflict."""
    house.network(wanted.network)
    address = house.chain(wanted.network).valid(wanted.address)
    if address is None:
        raise errors.AddressInvalid
    with db.transaction() as tx:
        tx.execute(
            """INSERT INTO custody.whitelist (id, client_ref, network, address, memo, label, proposed_by, created_at)
               VALUES (:id, :ref, :network, :address, :memo, :label, :by, :now) ON CONFLICT (client_ref) DO NOTHING""",
            id=uuid7(), ref=wanted.client_ref, network=wanted.network, address=address, memo=wanted.memo, label=wanted.label,
            by=wanted.proposed_by, now=wall(),
        )  # fmt: skip
        row = tx.one(f"SELECT {_FIELDS} FROM custody.whitelist WHERE client_ref = :ref", ref=wanted.client_ref)
        if (row.network, row.address, row.memo) != (wanted.network, address, wanted.memo):
            raise errors.ClientRefConflict
        return _shown(row)


def approve(entry_id: UUID, *, by: str) -> WhitelistOut:
    """From now on its delay runs; again, nothing happens.

    Raises:
        WhitelistEntryNotFound, SamePerson
    """
    with db.transaction() as tx:
        row = tx.first(
            f"SELECT {_FIELDS} FROM custody.whitelist WHERE id = :id AND removed_at IS NULL FOR UPDATE", id=entry_id
        )
        if row is None:
            raise errors.WhitelistEntryNotFound
        if row.proposed_by == by:
            raise errors.SamePerson
        if row.approved_by is None:
            tx.execute(
                "UPDATE custody.whitelist SET approved_by = :by, active_from = :at WHERE id = :id",
                by=by, at=wall() + DELAY, id=entry_id,
            )  # fmt: skip
        return _shown(tx.one(f"SELECT {_FIELDS} FROM custody.whitelist WHERE id = :id", id=entry_id))


def remove(entry_id: UUID) -> WhitelistOut:
    """At once; again, nothing happens.

    Raises:
        WhitelistEntryNotFound
    """
    with db.transaction() as tx:
        row = tx.first(
            f"UPDATE custody.whitelist SET removed_at = coalesce(removed_at, :now) WHERE id = :id RETURNING {_FIELDS}",
            now=wall(), id=entry_id,
        )  # fmt: skip
        if row is None:
            raise errors.WhitelistEntryNotFound
        return _shown(row)


def active(tx: Tx, entry_id: UUID, *, network: str) -> tuple[str, str | None]:
    """Where an entry leads, if it counts by now. Step.

    Raises:
        DestinationUnfit
    """
    row = tx.first(
        """SELECT address, memo FROM custody.whitelist
            WHERE id = :id AND network = :network AND removed_at IS NULL AND active_from <= :now FOR SHARE""",
        id=entry_id, network=network, now=wall(),
    )  # fmt: skip
    if row is None:
        raise errors.DestinationUnfit("the whitelist has no active entry of this id for this network")
    return row.address, row.memo


def tell_active() -> None:
    """Say once of each entry that its delay has passed."""
    with db.transaction() as tx:
        rows = tx.all(
            f"""UPDATE custody.whitelist SET told = true WHERE NOT told AND removed_at IS NULL AND active_from <= :now
                RETURNING {_FIELDS}""",
            now=wall(),
        )  # fmt: skip
        for row in rows:
            feed.add(tx, EventType.WHITELIST_ACTIVE, _shown(row))


def _shown(row: Any) -> WhitelistOut:
    return WhitelistOut(
        id=row.id, client_ref=row.client_ref, network=row.network, address=row.address, memo=row.memo, label=row.label,
        proposed_by=row.proposed_by, approved_by=row.approved_by, active_from=row.active_from, removed_at=row.removed_at,
    )  # fmt: skip
