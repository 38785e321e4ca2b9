"""Use cases of withdrawals: asked for, read, taken back.

What is asked for is judged, held, counted against the limits and written in one transaction; where nobody has to look first, the wish to
the custodian is in it too. Of a customer's own withdrawals the next one waits until this one is written or refused, so that no two of them
pass a limit or a balance that is enough for one. Locks in order: the withdrawal, its hold, the balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from identity.approvals import service as approvals
from identity.audit import service as audit
from identity.tenants import policies
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical
from payments.assets import service as assets
from payments.balances import service as balances
from wallet_bridge.address_book import rules as addresses
from wallet_bridge.address_book import service as address_book
from wallet_bridge.address_book.errors import AddressNotFound
from wallet_bridge.address_book.service import Entry
from wallet_bridge.custody import service as custody
from wallet_bridge.deposits import service as deposits
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.withdrawals import errors, obstacles, postings, queries, rules, screening, sending, worth
from wallet_bridge.withdrawals.events import WithdrawalRequested
from wallet_bridge.withdrawals.record import View, Withdrawal
from wallet_bridge.withdrawals.rules import Asked
from wallet_bridge.withdrawals.screening import Destination
from wallet_bridge.withdrawals.states import UNSIGNED, WithdrawalState

__all__ = ["Caller", "View", "Wish", "leaving", "runs"]

_S = WithdrawalState
leaving = queries.leaving
runs = queries.runs


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, under which Idempotency-Key."""

    tenant: UUID
    id: UUID
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What arrives is `amount`; the fee comes on top of it."""

    asset: str
    network: str
    amount: Decimal
    address_id: UUID


# Asking --------------------------------------------------------------------------------------------------------------------------


def ask(caller: Caller, wish: Wish) -> Outcome:
    """Hold amount and fee, and send it, or let a person look first.

    Raises:
        ProductNotOffered, NotEligible, CoolingDown, AddressNotFound, AddressNotActive, NetworkUnknown, WithdrawalsClosed, MemoRequired
        AmountTooFine, BelowMinimumWithdrawal, FeeExceedsAmount, OwnAddress, WithdrawalBlocked, WithdrawalLimitExceeded,
        InsufficientFunds, FundsUnsettled, AccountFrozen
    """
    entry, _ = address_book.read(caller.tenant, wish.address_id, customer=caller.id)
    price = worth.price(wish.asset)
    doubts = screening.why_not(caller.tenant, Destination(entry.network, entry.address, entry.plain))

    def fn(tx: Tx) -> tuple[str, UUID]:
        decision = address_book.require_allowed(tx, caller.id)
        entry, offer = _ends(tx, caller.id, wish)
        queries.one_at_a_time(tx, caller.id)
        obstacles.require_none(tx, caller.id)
        receiver = _receiver(tx, entry, offer, caller.id)
        value = None if price is None else wish.amount * price
        made = _made(tx, caller.id, wish, entry, offer, receiver=receiver, value=value)
        asked = Asked(
            value=value, day=queries.taken_out(tx, caller.id, since=tx.now - rules.DAY), limits=policies.in_force(tx).limits,
            per_day=decision.per_day, first=not queries.went_before(tx, entry.id),
        )  # fmt: skip
        why = rules.counted([*rules.judge(asked), *doubts])
        _begin(tx, replace(made, review=why, state=_S.REVIEW if why else _S.RESERVED))
        return "withdrawal", made.id

    body = {"asset": wish.asset, "network": wish.network, "amount": canonical(wish.amount), "to": str(wish.address_id)}
    return commands.run(
        tenant=caller.tenant, principal=caller.id, route="POST /v1/withdrawals", key=caller.key,
        fingerprint=commands.fingerprint(body), fn=fn,
    )  # fmt: skip


def _ends(tx: Tx, customer: UUID, wish: Wish) -> tuple[Entry, Offer]:
    """Where it goes and what the house offers there."""
    entry = address_book.usable(tx, wish.address_id, customer=customer)
    offer = networks.find(tx, asset=wish.asset, network=wish.network)
    if entry.network != wish.network:
        raise AddressNotFound("this address is on another network")
    if not offer.withdrawals:
        raise errors.WithdrawalsClosed
    addresses.check_memo(entry.memo, required=offer.memo_required)
    return entry, offer


def _receiver(tx: Tx, entry: Entry, offer: Offer, customer: UUID) -> UUID | None:
    """The customer of this house whose deposit address it is; of another house it is an address like any other."""
    for row in queries.addresses_like(tx, network=entry.network, address=entry.address, memo=entry.memo):
        if addresses.plain(offer.kind, row.address) == entry.plain:
            if row.customer_id == customer:
                raise errors.OwnAddress
            return UUID(str(row.customer_id))
    return None


def _made(
    tx: Tx, customer: UUID, wish: Wish, entry: Entry, offer: Offer, *, receiver: UUID | None, value: Decimal | None
) -> Withdrawal:
    """The row to be, with its money held."""
    fee = Decimal(0) if receiver is not None else offer.withdrawal_fee
    rules.check_amount(wish.amount, fee=fee, minimum=offer.minimum_withdrawal, scale=assets.scale(wish.asset))
    made_id = uuid7()
    hold_id = _held(tx, customer, wish.asset, made_id, wish.amount + fee)
    return Withdrawal(
        id=made_id, customer_id=customer, address_id=entry.id, asset=wish.asset, network=wish.network, address=entry.address,
        plain=entry.plain, memo=entry.memo, label=entry.label, amount=wish.amount, fee=fee, fee_cap=offer.fee_cap, value=value,
        receiver_id=receiver, state=_S.REVIEW, review=(), hold_id=hold_id, created_at=tx.now, updated_at=tx.now,
    )  # fmt: skip


def _held(tx: Tx, customer: UUID, asset: str, made_id: UUID, total: Decimal) -> UUID:
    """What came in lately stays: the rest of the balance, which nobody else moves now, still covers it.

    The balance is read first: what is credited in between counts as not settled then, and never as money that is there.
    """
    hold_id = postings.hold(tx, customer_id=customer, asset=asset, withdrawal_id=made_id, total=total)
    left = sum((row.available for row in balances.of_owner(tx, owner=customer) if row.asset == asset), Decimal(0))
    unsettled = deposits.unsettled(tx, customer_id=customer, asset=asset)
    if unsettled > 0 and left < unsettled:
        free = max(left + total - unsettled, Decimal(0))
        raise errors.FundsUnsettled(withdrawable=canonical(free), unsettled=canonical(unsettled))
    return hold_id


def _begin(tx: Tx, made: Withdrawal) -> None:
    queries.insert(tx, made)
    fact = WithdrawalRequested(
        made.id, made.customer_id, made.asset, made.network, made.amount, made.fee, made.address, made.label,
        made.state is _S.REVIEW, tx.now,
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(made.id))
    audit.about(
        tx, amount=canonical(made.amount), fee=canonical(made.fee), asset=made.asset, network=made.network,
        address=made.address, review=list(made.review), after={"state": made.state},
    )  # fmt: skip
    if made.state is _S.RESERVED:
        sending.go(tx, made)


# What is seen --------------------------------------------------------------------------------------------------------------------


def view(tenant: UUID, withdrawal_id: UUID, *, customer: UUID | None) -> View:
    """One; of anybody when no customer is named.

    Raises:
        WithdrawalNotFound
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = queries.get(tx, withdrawal_id, customer=customer)
        if found is None:
            raise errors.WithdrawalNotFound
        return _views(tx, [found])[0]


def page(
    tenant: UUID, *, customer: UUID | None, state: WithdrawalState | None, before: UUID | None, limit: int
) -> list[View]:
    """Newest first."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _views(tx, queries.page(tx, customer=customer, state=state, before=before, limit=limit))


def _views(tx: Tx, found: Sequence[Withdrawal]) -> list[View]:
    explorers = {(one.network, one.asset): one.explorer for one in networks.all_of(tx)} if found else {}
    steps = queries.steps(tx, [one.id for one in found])
    since = address_book.added(tx, [one.address_id for one in found])
    decided = queries.decisions(tx, [one.id for one in found if _S.MANUAL in steps[one.id]])
    return [
        View(
            one, steps[one.id], explorers.get((one.network, one.asset)), since[one.address_id], _asked_for(tx, one), decided.get(one.id)
        )
        for one in found
    ]  # fmt: skip


def _asked_for(tx: Tx, one: Withdrawal) -> UUID | None:
    """The approval that a release waits for, or the decision on one that is manual."""
    if one.state is _S.MANUAL:
        return approvals.latest(tx, kind=sending.DECISION_KIND, resource_id=one.id)
    if one.state is not _S.REVIEW or one.released_by is None:
        return None
    return approvals.latest(tx, kind=sending.KIND, resource_id=one.id)


# Taking back ---------------------------------------------------------------------------------------------------------------------


def cancel(caller: Caller, withdrawal_id: UUID) -> View:
    """Take it back if nothing is signed: at once where the custodian has not got it yet, else the custodian decides. Again changes nothing.

    Raises:
        WithdrawalNotFound, AlreadySigned, WithdrawalEnded
    """

    def once() -> None:
        with db.transaction(tenant=caller.tenant) as tx:
            found = queries.get(tx, withdrawal_id, customer=caller.id, lock=True)
            if found is None:
                raise errors.WithdrawalNotFound
            _cancel(tx, found)

    db.retrying(once)
    return view(caller.tenant, withdrawal_id, customer=caller.id)


def _cancel(tx: Tx, one: Withdrawal) -> None:
    if one.state is _S.CANCELLED or one.cancel_asked_at is not None:
        return
    if one.ended_at is not None:
        raise errors.WithdrawalEnded(state=one.state.value)
    if one.state not in UNSIGNED or one.cancel_refused:
        raise errors.AlreadySigned
    if one.state is _S.REVIEW:
        approvals.void(tx, kind=sending.KIND, resource_id=one.id, reason="cancelled")
        sending.unpaid(tx, one, _S.CANCELLED)
    elif custody.take_back(tx, sending.ref(tx, one)):
        sending.unpaid(tx, one, _S.CANCELLED)
    else:
        custody.ask_cancel(tx, sending.ref(tx, one))
        queries.note(tx, one.id, cancel_asked_at=tx.now)
    audit.record(
        tx,
        "withdrawal.cancel_asked",
        kind="withdrawal",
        resource=one.id,
        actor=one.customer_id,
        before={"state": one.state},
    )
