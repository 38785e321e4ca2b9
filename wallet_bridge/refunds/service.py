"""One person asks for a held deposit to go back to whoever sent it, another one agrees, and the custodian is asked to pay.

The network's fee is deducted from what came. What two people agree to is everything that will be paid: if a term changed meanwhile, it is
another thing and the approval is void.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import canonical
from wallet_bridge.address_book import rules as addresses
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.deposits import booking, refunding, releasing
from wallet_bridge.deposits import queries as deposits
from wallet_bridge.deposits.errors import DepositNotFinal, DepositNotFound, DepositNotHeld, DepositOwed
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.refunds import queries
from wallet_bridge.refunds.errors import RefundToOwnAddress
from wallet_bridge.refunds.record import Refund
from wallet_bridge.wire.schemas import Approval, Destination, TransferIn
from wallet_bridge.wire.states import DestinationType
from wallet_bridge.withdrawals import screening
from wallet_bridge.withdrawals.errors import FeeExceedsAmount, WithdrawalsClosed
from wallet_bridge.withdrawals.states import WithdrawalState

KIND = "wallet.deposit_refund"
_TO_DECIDE = timedelta(days=7)

leaving = queries.leaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where it shall go, as it was typed, and why. `doubts`: what those who check addresses say of it."""

    address: str
    memo: str | None
    reason: str
    doubts: tuple[str, ...] = ()


# What people do ------------------------------------------------------------------------------------------------------------------


def ask(*, tenant: UUID, actor: UUID, deposit_id: UUID, wish: Wish, key: str | None) -> UUID:
    """Ask a second person; answers the approval.

    Raises:
        DepositNotFound, DepositNotHeld, DepositOwed
        DepositNotFinal: a block may still take it away.
        NetworkUnknown, WithdrawalsClosed, AddressInvalid, MemoRequired, MemoNotTaken, RefundToOwnAddress, FeeExceedsAmount
    """
    wish = _screened(tenant, deposit_id, wish)

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = deposits.lock(tx, deposit_id)
        if found is None:
            raise DepositNotFound
        _check(found)
        subject = _subject(found, wish, fee=_offer(tx, found, wish).withdrawal_fee)
        audit.about(tx, after=subject.summary, deposit=str(deposit_id))
        approval_id = approvals.request(
            tx, subject, maker=actor, permission=Permission.DEPOSITS_DECIDE, read_permission=Permission.DEPOSITS_DECIDE,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        return "approval", approval_id

    body = {"deposit": deposit_id, "address": wish.address, "memo": wish.memo, "reason": wish.reason}
    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/deposits/{id}/refund", key=key, fingerprint=commands.fingerprint(body), fn=fn
    )  # fmt: skip
    return done.id


def _screened(tenant: UUID, deposit_id: UUID, wish: Wish) -> Wish:
    """Who checks addresses is asked before the transaction begins."""
    with db.read_only(tenant=tenant) as tx:
        found = deposits.get(tx, deposit_id, customer=None)
        if found is None:
            raise DepositNotFound
        plain = addresses.plain(networks.find(tx, network=found.network, asset=found.asset).kind, wish.address)
    doubts = screening.why_not(tenant, screening.Destination(found.network, wish.address, plain))
    return Wish(address=wish.address, memo=wish.memo, reason=wish.reason, doubts=tuple(one.value for one in doubts))


# What the engine does ------------------------------------------------------------------------------------------------------------


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    """A second person agreed: the deposit goes back, and the custodian is asked to pay, once. Handler of an event consumer."""
    found = deposits.lock(tx, fact.resource_id) if fact.kind == KIND else None
    asked = approvals.asked(tx, fact.approval_id) if found is not None else None
    if found is None or asked is None:
        return
    wish, terms = _wish(asked.summary), booking.offer_of(tx, network=found.network, asset=found.asset)
    fee = Decimal(0) if terms is None else terms.withdrawal_fee
    checker = approvals.granted(tx, fact.approval_id, _subject(found, wish, fee=fee))
    if checker is None:
        return
    try:
        _check(found)
        offer = _offer(tx, found, wish)
    except DomainError as refusal:
        approvals.failed(tx, fact.approval_id, reason=refusal.code)
        return
    made = _made(tx, found, wish, offer, by=(fact.maker, checker))
    approvals.void(tx, kind=releasing.KIND, resource_id=found.id, reason="sent back")
    refunding.begin(tx, found, made.id)
    custody.ask_transfer(tx, wanted(tx, made))
    audit.record(
        tx, "deposit.refund_begun", kind="deposit", resource=found.id, before={"status": found.status.value},
        after={"status": DepositStatus.REFUNDING.value, "refund": str(made.id)}, actor=checker, amount=canonical(made.amount),
        fee=canonical(made.fee), asset=made.asset, network=made.network, address=made.address,
    )  # fmt: skip
    approvals.carried_out(tx, fact.approval_id)


def _made(tx: Tx, found: Deposit, wish: Wish, offer: Offer, *, by: tuple[UUID, UUID]) -> Refund:
    maker, checker = by
    made = Refund(
        id=uuid7(), deposit_id=found.id, asset=found.asset, network=found.network, address=wish.address, memo=wish.memo,
        amount=found.booked - offer.withdrawal_fee, fee=offer.withdrawal_fee, fee_cap=offer.fee_cap, reason=wish.reason,
        state=WithdrawalState.RESERVED, asked_by=maker, approved_by=checker, created_at=tx.now,
    )  # fmt: skip
    queries.insert(tx, made)
    return made


def ref(tx: Tx, one: Refund) -> Ref:
    """As the custodian knows it: each payment has its own, for one that it refused stays refused."""
    return Ref(RefKind.REFUND, tx.tenant_id, one.id)


def wanted(tx: Tx, one: Refund) -> TransferIn:
    """What the custodian is asked for."""
    to = Destination(type=DestinationType.ADDRESS, address=one.address, memo=one.memo)
    agreed = [Approval(by=str(who), at=one.created_at) for who in (one.asked_by, one.approved_by)]
    return TransferIn(
        client_ref=str(ref(tx, one)), destination=to, asset=one.asset, network=one.network, amount=one.amount, fee_cap=one.fee_cap,
        purpose="withdrawal", approvals=agreed,
    )  # fmt: skip


# What it must be -----------------------------------------------------------------------------------------------------------------


def _check(found: Deposit) -> None:
    if found.status is not DepositStatus.HELD:
        raise DepositNotHeld(status=found.status.value)
    if found.shortage:
        raise DepositOwed(missing=canonical(found.shortage))
    if not found.deep:
        raise DepositNotFinal(confirmations=found.confirmations, needed=found.to_final)


def _offer(tx: Tx, found: Deposit, wish: Wish) -> Offer:
    """The terms of its network, if it can go there: to an address of that network, that is none of ours, and worth its fee."""
    offer = networks.find(tx, network=found.network, asset=found.asset)
    if not offer.withdrawals:
        raise WithdrawalsClosed
    addresses.plain(offer.kind, wish.address)
    addresses.check_memo(wish.memo, required=offer.memo_required)
    if queries.is_ours(tx, network=found.network, address=wish.address):
        raise RefundToOwnAddress
    if offer.withdrawal_fee >= found.booked:
        raise FeeExceedsAmount(fee=canonical(offer.withdrawal_fee))
    return offer


def _subject(found: Deposit, wish: Wish, *, fee: Decimal) -> Subject:
    """Everything that will be paid, and of what."""
    summary = {
        "deposit": str(found.id),
        "customer_id": str(found.customer_id),
        "asset": found.asset,
        "amount": canonical(found.booked),
        "fee": canonical(fee),
        "sent": canonical(found.booked - fee),
        "network": found.network,
        "address": wish.address,
        "memo": wish.memo,
        "refund_reason": wish.reason,
        "txid": found.txid,
        "output": found.output,
        "status": found.status.value,
        "reason": found.reason,
        "review": list(wish.doubts),
    }
    return Subject(kind=KIND, resource_id=found.id, summary=summary)


def _wish(summary: Mapping[str, Any]) -> Wish:
    return Wish(
        address=summary["address"], memo=summary["memo"], reason=summary["refund_reason"], doubts=tuple(summary["review"])
    )  # fmt: skip
