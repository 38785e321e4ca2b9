"""How money leaves a place: a venue's by the lane of its withdrawals, a wallet's by the custodian.

At a venue orders spend what lies there, so a transfer reserves it on the row that they use too. A wallet has no such row: one transfer of
an asset leaves it at a time, what customers take out counts first, and what is not there in the end waits with the custodian.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from kernel.calls import service as calls
from kernel.clock import wall
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from payments.balances import service as balances
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.funds import service as funds
from wallet_bridge.moves import places
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.networks import service as networks
from wallet_bridge.refunds import service as refunds
from wallet_bridge.wire.schemas import Approval, Destination, TransferIn
from wallet_bridge.wire.states import DestinationType
from wallet_bridge.withdrawals import service as withdrawals

CALL = "wallet.treasury_withdraw"
SEND_WITHIN = timedelta(hours=1)


def lane_of(tenant: UUID, venue: str) -> str:
    """A lane of its own: the key that withdraws is not the one that trades."""
    return f"{venue}:withdraw:{tenant}"


def reference(transfer_id: UUID) -> str:
    """What the venue knows it by."""
    return transfer_id.hex


def fee_on_top(sending: AnyRow) -> Decimal:
    """What leaves the place beside the amount. What a network takes of a wallet is in its own coin, and booked when it is known."""
    return Decimal(0) if places.is_wallet(sending.venue) else sending.fee


def fee_cap(tx: Tx, sending: AnyRow) -> Decimal | None:
    """The most that the network may take of a wallet. Raises: NetworkUnknown."""
    if not places.is_wallet(sending.venue):
        return None
    return networks.find(tx, network=sending.network, asset=sending.asset).fee_cap


def room(tx: Tx, place: str, asset: str) -> Decimal:
    """What could leave it now; nothing is locked. Step."""
    if not places.is_wallet(place):
        return funds.room_at(tx, venue=place, asset=asset)
    network = places.network_of(place)
    said = next((row for row in funds.wallet_reports(tx) if (row.wallet, row.asset) == (network, asset)), None)
    if said is None:
        return Decimal(0)
    owned = -balances.exact(tx, custody.custody_account(tx, network=network, asset=asset))
    promised = withdrawals.leaving(tx, network=network, asset=asset) + refunds.leaving(tx, network=network, asset=asset)
    return max(min(said.free, owned) - promised, Decimal(0))


def reserve(tx: Tx, row: Transfer) -> bool:
    """False where there is too little. Step."""
    if places.is_wallet(row.source):
        return room(tx, row.source, row.asset) >= row.amount
    return funds.reserve(tx, venue=row.source, asset=row.asset, amount=row.amount + row.fee) is None


def release(tx: Tx, row: Transfer) -> None:
    """What was reserved is free again, or has left. Step."""
    if not places.is_wallet(row.source):
        funds.release(tx, venue=row.source, asset=row.asset, amount=row.amount + row.fee)


def send(tx: Tx, row: Transfer, *, agreed: Sequence[UUID]) -> None:
    """Committed with the reservation: whoever pays is asked once. Step."""
    if not places.is_wallet(row.source):
        payload = {
            "transfer": str(row.id), "ref": reference(row.id), "asset": row.asset, "network": row.network,
            "amount": canonical(row.amount), "fee": canonical(row.fee), "address": row.address, "memo": row.memo, "key": row.key_name,
            "source": row.source,
        }  # fmt: skip
        calls.request(
            tx, lane=lane_of(tx.tenant_id, row.source), kind=CALL, ref=reference(row.id), payload=payload, deadline=wall() + SEND_WITHIN
        )  # fmt: skip
        return
    custody.ask_transfer(tx, wanted(tx, row, agreed=agreed))


def wanted(tx: Tx, row: Transfer, *, agreed: Sequence[UUID] = ()) -> TransferIn:
    """What the custodian is asked for, of a transfer out of a wallet. Step."""
    assert row.fee_cap is not None, "a wallet's transfer says what it may cost"
    to = Destination(type=DestinationType.ADDRESS, address=row.address, memo=row.memo)
    return TransferIn(
        client_ref=str(ref(tx, row)), destination=to, asset=row.asset, network=row.network, amount=row.amount, fee_cap=row.fee_cap,
        purpose="treasury", approvals=[Approval(by=str(who), at=tx.now) for who in agreed],
    )  # fmt: skip


def take_back(tx: Tx, row: Transfer) -> bool:
    """False when it was sent already. Step."""
    if places.is_wallet(row.source):
        return custody.take_back(tx, ref(tx, row))
    return calls.withdraw(tx, lane=lane_of(tx.tenant_id, row.source), kind=CALL, ref=reference(row.id))


def refresh(tx: Tx, place: str) -> None:
    """Its balance has changed. A wallet's is read twice a minute anyway. Step."""
    if not places.is_wallet(place):
        funds.want_refresh(tx, place)


def ref(tx: Tx, row: Transfer) -> Ref:
    """As the custodian knows it."""
    return Ref(RefKind.TREASURY, tx.tenant_id, row.id)
