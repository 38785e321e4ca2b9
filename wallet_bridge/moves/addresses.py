"""Where treasury may send to: an address of ours at a venue, agreed to by two people, and gone at once when one person removes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from wallet_bridge.moves import errors, queries
from wallet_bridge.moves.states import AddressState

KIND = "wallet.treasury_address"
_TO_DECIDE = timedelta(days=7)
_S = AddressState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """`key_name`: how venues that want a name for an address know it (Kraken)."""

    venue: str
    asset: str
    network: str
    address: str
    memo: str | None
    key_name: str | None


def listed(tenant: UUID) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.addresses(tx)


def offered(tenant: UUID) -> list[AnyRow]:
    """What venues offer, with the addresses that they name."""
    with db.read_only(tenant=tenant) as tx:
        return queries.rails(tx)


def ask(*, tenant: UUID, actor: UUID, wish: NewAddress, key: str | None) -> UUID:
    """An address that waits for a second person; answers the approval.

    Raises:
        TreasuryRouteUnknown, TreasuryAddressDiffers, TreasuryAddressTaken, TreasuryAddressMissing
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        rail = queries.rail(tx, venue=wish.venue, asset=wish.asset, network=wish.network)
        if rail is None:
            raise errors.TreasuryRouteUnknown
        if rail.memo_required and not wish.memo:
            raise errors.TreasuryAddressMissing("this network needs a memo")
        if rail.address is None or (rail.address, rail.memo) != (wish.address, wish.memo):
            raise errors.TreasuryAddressDiffers
        address_id = uuid7()
        row = {"id": address_id, "created_by": actor, **_plain(wish)}
        if not queries.insert_address(tx, row):
            raise errors.TreasuryAddressTaken
        approval_id = approvals.request(
            tx, Subject(kind=KIND, resource_id=address_id, summary=_plain(wish)), maker=actor, permission=Permission.TREASURY_APPROVE,
            read_permission=Permission.TREASURY_READ, expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=_plain(wish))
        return "approval", approval_id

    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/treasury/addresses", key=key, fingerprint=commands.fingerprint(_plain(wish)),
        fn=fn,
    ).id  # fmt: skip


def default(tx: Tx, wish: NewAddress, *, asked_by: UUID, agreed_by: UUID) -> None:
    """An address that two people have agreed to elsewhere; where there was ever one, removed or not, that stays. Step of a demo's start."""
    if not queries.had_address(tx, venue=wish.venue, asset=wish.asset, network=wish.network):
        address_id = uuid7()
        queries.insert_address(tx, {"id": address_id, "created_by": asked_by, **_plain(wish)})
        made = queries.lock_address(tx, address_id)
        assert made is not None, "it was written a line ago"
        queries.move_address(tx, made, _S.ACTIVE, by=agreed_by)


def remove(*, tenant: UUID, actor: UUID, address_id: UUID, key: str | None) -> None:
    """Nothing more is sent there. What was sent is on its way.

    Raises:
        TreasuryAddressNotFound
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = queries.lock_address(tx, address_id)
        if row is None or row.state == _S.REMOVED:
            raise errors.TreasuryAddressNotFound
        approvals.void(tx, kind=KIND, resource_id=address_id, reason="removed")
        queries.move_address(tx, row, _S.REMOVED)
        audit.about(
            tx, before={"state": row.state, "venue": row.venue, "address": row.address}, after={"state": _S.REMOVED}
        )
        return "treasury_address", address_id

    commands.run(
        tenant=tenant, principal=actor, route="DELETE /v1/treasury/addresses/{id}", key=key,
        fingerprint=commands.fingerprint({"id": str(address_id)}), fn=fn,
    )  # fmt: skip


def carry_out(tx: Tx, *, address_id: UUID, approval_id: UUID) -> None:
    """A second person agreed. Step of the engine."""
    row = queries.lock_address(tx, address_id)
    if row is None or row.state != _S.WAITING:
        return
    checker = approvals.granted(tx, approval_id, Subject(kind=KIND, resource_id=row.id, summary=_of(row)))
    if checker is None:
        return
    queries.move_address(tx, row, _S.ACTIVE, by=checker)
    audit.record(
        tx, "treasury_address.approved", kind="treasury_address", resource=row.id, after=_of(row), actor=checker
    )
    approvals.carried_out(tx, approval_id)


def not_agreed(tx: Tx, address_id: UUID) -> None:
    """Step of the engine."""
    row = queries.lock_address(tx, address_id)
    if row is not None and row.state == _S.WAITING:
        queries.move_address(tx, row, _S.REMOVED)


def _plain(wish: NewAddress) -> dict[str, str | None]:
    return {
        "venue": wish.venue, "asset": wish.asset, "network": wish.network, "address": wish.address, "memo": wish.memo,
        "key_name": wish.key_name,
    }  # fmt: skip


def _of(row: AnyRow) -> dict[str, str | None]:
    return _plain(
        NewAddress(
            venue=row.venue, asset=row.asset, network=row.network, address=row.address, memo=row.memo, key_name=row.key_name
        )
    )  # fmt: skip
