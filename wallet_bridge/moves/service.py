"""Treasury's transfers between venues and wallets: asked for by one person, agreed to by another, sent once, followed until closed.

From `reserved` on, amount and fee are reserved at the source until the source itself says what left; only then is it booked. Nothing
here sends: the lane of the venue's withdrawals or the custodian's does, once for a transfer, and what is unknown is asked of the history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import canonical, fits_scale
from venues.moves import MINUTES, DepositReport, WithdrawalReport
from wallet_bridge.moves import errors, events, postings, queries, rules, settling, sources
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.moves.sources import CALL, lane_of, reference
from wallet_bridge.moves.states import HOLDING, TransferState

__all__ = ["CALL", "Transfer", "Wish", "lane_of", "reference"]

KIND, DECISION_KIND = "wallet.treasury_transfer", "wallet.treasury_decision"
_TO_DECIDE = timedelta(hours=24)
AGAIN_S = 20.0
"""How soon a withdrawal that is not through yet is asked about again."""
_S = TransferState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`source` and `destination` as `places` names them."""

    source: str
    destination: str
    asset: str
    network: str
    amount: Decimal
    proposal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Approvals of one transfer: the one that it waits for, and the newest that asked to settle it or to say what became of it."""

    transfer: UUID | None = None
    settle: UUID | None = None
    decide: UUID | None = None


# What is seen --------------------------------------------------------------------------------------------------------------------


def page(tenant: UUID, *, states: Sequence[TransferState] | None, before: UUID | None, limit: int) -> list[Transfer]:
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, states=states, before=before, limit=limit)


def read(tenant: UUID, transfer_id: UUID) -> tuple[Transfer, Asked]:
    """One, with its approvals.

    Raises:
        TreasuryTransferNotFound
    """
    with db.read_only(tenant=tenant) as tx:
        found = queries.get(tx, transfer_id)
        if found is None:
            raise errors.TreasuryTransferNotFound
        kinds = (KIND, settling.KIND, DECISION_KIND)
        return found, Asked(*(approvals.latest(tx, kind=kind, resource_id=transfer_id) for kind in kinds))


# What treasury does --------------------------------------------------------------------------------------------------------------


def ask(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> Outcome:
    """A transfer that waits for a second person.

    Raises:
        TreasuryRouteUnknown, TreasuryNetworkClosed, TreasuryAddressMissing, TreasuryAmountUnfit, TreasuryFundsShort,
        TreasuryTransferBusy, TreasuryProposalGone
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        transfer_id = uuid7()
        sending, address = _road(tx, wish)
        _demand_amount(sending, wish.amount)
        fee = sources.fee_on_top(sending)
        if sources.room(tx, wish.source, wish.asset) < wish.amount + fee:
            raise errors.TreasuryFundsShort
        _take_proposal(tx, wish, transfer_id=None)
        row = {
            "id": transfer_id, "source": wish.source, "destination": wish.destination, "asset": wish.asset, "network": wish.network,
            "amount": wish.amount, "fee": fee, "fee_cap": sources.fee_cap(tx, sending), "address_id": address.id,
            "address": address.address, "memo": address.memo, "key_name": address.key_name, "minutes": minutes_of(wish.network),
            "proposal_id": wish.proposal_id, "created_by": actor,
        }  # fmt: skip
        if not queries.insert(tx, row):
            raise errors.TreasuryTransferBusy
        _take_proposal(tx, wish, transfer_id=transfer_id)
        made = queries.lock(tx, transfer_id)
        assert made is not None, "it was written a line ago"
        approvals.request(
            tx, subject(made), maker=actor, permission=Permission.TREASURY_APPROVE, read_permission=Permission.TREASURY_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=dict(subject(made).summary))
        return "treasury_transfer", transfer_id

    body = {
        "source": wish.source, "destination": wish.destination, "asset": wish.asset, "network": wish.network,
        "amount": canonical(wish.amount), "proposal": wish.proposal_id,
    }  # fmt: skip
    return _command(tenant, actor, "POST /v1/treasury/transfers", key, fn, **body)


def on_its_way(tx: Tx) -> Mapping[tuple[str, str], Decimal]:
    """What has left elsewhere and has not arrived, by place and asset; for who looks at balances."""
    return queries.on_its_way(tx)


def cancel(*, tenant: UUID, actor: UUID, transfer_id: UUID, key: str | None) -> None:
    """Take it back: before anybody agreed, and after that until it is sent.

    Raises:
        TreasuryTransferNotFound, TreasuryTransferSent
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = _locked(tx, transfer_id)
        if row.state is _S.DRAFT:
            approvals.void(tx, kind=KIND, resource_id=row.id, reason="cancelled")
        elif row.state is not _S.RESERVED or not sources.take_back(tx, row):
            raise errors.TreasuryTransferSent
        _end(tx, row, _S.CANCELLED, reason=None)
        audit.about(tx, before={"state": row.state}, after={"state": _S.CANCELLED})
        return "treasury_transfer", row.id

    _command(tenant, actor, "DELETE /v1/treasury/transfers/{id}", key, fn, id=transfer_id)


def subject(row: Transfer) -> Subject:
    """What a second person agrees to: every word of it is what will be sent."""
    summary = {
        "from": row.source, "to": row.destination, "asset": row.asset, "network": row.network, "amount": canonical(row.amount),
        "fee": canonical(row.fee), "address": row.address, "memo": row.memo, "key_name": row.key_name, "minutes": row.minutes,
    }  # fmt: skip
    if row.fee_cap is not None:
        summary["fee_cap"] = canonical(row.fee_cap)
    return Subject(kind=KIND, resource_id=row.id, summary=summary)


def minutes_of(network: str) -> int:
    return rules.SENDING_MINUTES + MINUTES[network]


# What the engine does ------------------------------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, transfer_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: look again, reserve, and commit the intent with it. Step of the engine."""
    row = queries.lock(tx, transfer_id)
    if row is None or row.state is not _S.DRAFT:
        return
    checker = approvals.granted(tx, approval_id, subject(row))
    if checker is None:
        return
    wish = Wish(
        source=row.source, destination=row.destination, asset=row.asset, network=row.network, amount=row.amount
    )  # fmt: skip
    try:
        _still_possible(tx, row, wish)
    except DomainError as refusal:
        approvals.failed(tx, approval_id, reason=refusal.code)
        _end(tx, row, _S.FAILED, reason=refusal.code)
        return
    sources.send(tx, row, agreed=(row.created_by, checker))
    queries.change(tx, row, _S.RESERVED, approved_by=checker, approved_at=tx.now)
    audit.record(
        tx, "treasury_transfer.reserved", kind="treasury_transfer", resource=row.id, after=dict(subject(row).summary), actor=checker
    )  # fmt: skip
    approvals.carried_out(tx, approval_id)


def not_agreed(tx: Tx, transfer_id: UUID, *, reason: str) -> None:
    """The approval ended without a yes. Step of the engine."""
    row = queries.lock(tx, transfer_id)
    if row is not None and row.state is _S.DRAFT:
        _end(tx, row, _S.REJECTED, reason=reason)


def seen(tx: Tx, transfer_id: UUID, report: WithdrawalReport, *, reason: str = "sent_back") -> float | None:
    """What the source says of it; seconds until it is asked again, None when there is nothing more to learn there. Step of the lane.

    Args:
        reason: why it failed, where it did.
    """
    row = _locked(tx, transfer_id)
    if row.state in {_S.CLOSED, _S.ARRIVED, _S.SETTLED, _S.FAILED}:
        return None
    queries.change(tx, row, None, venue_ref=report.venue_ref, txid=report.txid or row.txid)
    if report.state == "failed":
        _sent_back(tx, row, reason)
        return None
    if report.amount is None or report.fee is None:
        if row.state is not _S.IN_TRANSIT:
            queries.change(tx, row, _S.SENT)
        return AGAIN_S
    if row.state is not _S.IN_TRANSIT:
        _left(tx, row, report.amount, report.fee)
    return None if report.state == "done" and (report.txid or row.txid) else AGAIN_S


def refused(tx: Tx, transfer_id: UUID, *, to: TransferState, reason: str) -> None:
    """It is proven that nothing left. Step of the lane."""
    row = _locked(tx, transfer_id)
    if row.state in HOLDING:
        _end(tx, row, to, reason=reason)


def left_as_people_say(tx: Tx, row: Transfer, *, txid: str) -> None:
    """Of a wallet whose custodian is silent: it left in whole, and from here on it is like any other in transit. Step of the engine."""
    queries.change(tx, row, None, txid=txid)
    _left(tx, row, row.amount, Decimal(0))


def unanswered(tx: Tx, transfer_id: UUID) -> None:
    """It may have left: the reservation stays. Step of the lane."""
    row = _locked(tx, transfer_id)
    if row.state is _S.RESERVED:
        queries.change(tx, row, _S.UNKNOWN)


def arrived(tx: Tx, transfer_id: UUID, deposit: DepositReport, *, fine: Decimal = Decimal(0)) -> bool:
    """The destination credited it; False when that is known already. Step of the watch over arrivals.

    Args:
        fine: whole units that finer parts of a wallet's money have become with this.
    """
    row = queries.lock(tx, transfer_id)
    if row is None or row.state is not _S.IN_TRANSIT or row.left_amount is None:
        return False
    postings.arrived(
        tx, transfer_id=row.id, destination=row.destination, asset=row.asset, amount=deposit.amount, fine=fine
    )
    same = deposit.amount == row.left_amount
    queries.change(
        tx, row, _S.CLOSED if same else _S.ARRIVED, arrived_amount=deposit.amount, deposit_ref=deposit.venue_ref, arrived_at=tx.now,
        ended_at=tx.now if same else None, reason=None if same else "amount_differs",
    )  # fmt: skip
    sources.refresh(tx, row.destination)
    fact: object = events.TreasuryTransferClosed(
        row.id, row.source, row.destination, row.asset, deposit.amount, row.left_fee or Decimal(0)
    )
    if not same:
        fact = events.TreasuryTransferDiffers(
            row.id, row.source, row.destination, row.asset, row.left_amount, deposit.amount
        )
    outbox.publish(tx, fact, key=str(row.id))
    audit.record(
        tx, "treasury_transfer.arrived", kind="treasury_transfer", resource=row.id,
        after={"left": canonical(row.left_amount), "arrived": canonical(deposit.amount), "deposit": deposit.venue_ref},
    )  # fmt: skip
    return True


def tell_late(tx: Tx, transfer_id: UUID) -> None:
    """Once for a transfer. Step of the schedule."""
    row = queries.lock(tx, transfer_id)
    if row is None or row.late_at is not None or row.approved_at is None or row.ended_at is not None:
        return
    queries.change(tx, row, None, late_at=tx.now)
    fact = events.TreasuryTransferLate(
        row.id, row.source, row.destination, row.asset, row.amount, row.state.value, row.approved_at
    )
    outbox.publish(tx, fact, key=str(row.id))


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _road(tx: Tx, wish: Wish) -> tuple[AnyRow, AnyRow]:
    """What the source offers, and the approved address at the destination.

    Raises:
        TreasuryRouteUnknown, TreasuryNetworkClosed, TreasuryAddressMissing
    """
    sending = queries.rail(tx, venue=wish.source, asset=wish.asset, network=wish.network)
    taking = queries.rail(tx, venue=wish.destination, asset=wish.asset, network=wish.network)
    if sending is None or taking is None or wish.source == wish.destination or wish.network not in MINUTES:
        raise errors.TreasuryRouteUnknown
    if not (sending.withdrawals and taking.deposits):
        raise errors.TreasuryNetworkClosed
    address = queries.active_address(tx, venue=wish.destination, asset=wish.asset, network=wish.network)
    if address is None or (taking.memo_required and not address.memo):
        raise errors.TreasuryAddressMissing
    if taking.address is not None and (taking.address, taking.memo) != (address.address, address.memo):
        raise errors.TreasuryAddressDiffers  # the venue has given us another one since
    return sending, address


def _demand_amount(sending: AnyRow, amount: Decimal) -> None:
    if amount <= 0 or amount < sending.minimum or not fits_scale(amount, sending.scale):
        raise errors.TreasuryAmountUnfit(minimum=canonical(sending.minimum), scale=sending.scale)


def _still_possible(tx: Tx, row: Transfer, wish: Wish) -> None:
    """Nothing that was agreed to has changed, and the money is there; then it is reserved.

    Raises:
        DomainError: as `ask`.
    """
    sending, address = _road(tx, wish)
    if address.id != row.address_id or sources.fee_on_top(sending) > row.fee:
        raise errors.TreasuryNetworkClosed("the venue asks for another fee, or the address was replaced")
    if not sources.reserve(tx, row):
        raise errors.TreasuryFundsShort


def _take_proposal(tx: Tx, wish: Wish, *, transfer_id: UUID | None) -> None:
    """Look whether it still says so; with the transfer, take it."""
    if wish.proposal_id is None:
        return
    if transfer_id is not None:
        queries.take_proposal(tx, wish.proposal_id, transfer_id=transfer_id)
        return
    row = queries.lock_proposal(tx, wish.proposal_id)
    said = None if row is None else (row.source, row.destination, row.asset, row.network)
    if said != (wish.source, wish.destination, wish.asset, wish.network):
        raise errors.TreasuryProposalGone


def _left(tx: Tx, row: Transfer, amount: Decimal, fee: Decimal) -> None:
    if row.state in HOLDING:
        sources.release(tx, row)
    queries.change(tx, row, _S.IN_TRANSIT, left_amount=amount, left_fee=fee, left_at=tx.now)
    postings.left(tx, transfer_id=row.id, source=row.source, asset=row.asset, amount=amount, fee=fee)
    sources.refresh(tx, row.source)


def _sent_back(tx: Tx, row: Transfer, reason: str) -> None:
    if row.state is _S.IN_TRANSIT:
        assert row.left_amount is not None
        assert row.left_fee is not None
        postings.sent_back(
            tx, transfer_id=row.id, source=row.source, asset=row.asset, amount=row.left_amount, fee=row.left_fee
        )
        sources.refresh(tx, row.source)
    if row.state is not _S.NOT_PLACED:
        _end(tx, row, _S.FAILED, reason=reason)


def _end(tx: Tx, row: Transfer, to: TransferState, *, reason: str | None) -> None:
    """It will not arrive: what is reserved is free again."""
    if row.state in HOLDING:
        sources.release(tx, row)
    queries.change(tx, row, to, ended_at=tx.now, reason=reason)
    agreed = row.approved_at is not None or (row.state is _S.DRAFT and to is _S.FAILED)
    fact = events.TreasuryTransferEnded(
        row.id, row.source, row.destination, row.asset, row.amount, to.value, reason, agreed
    )
    outbox.publish(tx, fact, key=str(row.id))


def _locked(tx: Tx, transfer_id: UUID) -> Transfer:
    row = queries.lock(tx, transfer_id)
    if row is None:
        raise errors.TreasuryTransferNotFound
    return row


def _command(tenant: UUID, actor: UUID, route: str, key: str | None, fn: Any, **body: Any) -> Outcome:
    print_ = commands.fingerprint({name: None if value is None else str(value) for name, value in body.items()})
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn)
