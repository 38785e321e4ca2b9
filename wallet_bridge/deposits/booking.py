"""From a deposit that lies deep enough to the books, and back when the chain takes it away. Every step holds the deposit's row.

Whatever is on the chain is in the books, so that they equal the wallet: what cannot be given to a customer stands on an account of the
house until a person has decided.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from identity import service as identity
from identity.eligibility import service as eligibility
from identity.eligibility.service import Product
from kernel import log, outbox
from kernel.db import Tx
from kernel.money import canonical, floor_to_scale
from payments.accounts import service as accounts
from payments.accounts.service import Account
from payments.accounts.states import AccountStatus
from payments.assets import service as assets
from payments.errors import AccountClosed, InsufficientFunds
from wallet_bridge.custody import service as custody
from wallet_bridge.deposits import events, postings, queries, rules
from wallet_bridge.deposits.postings import Sides
from wallet_bridge.deposits.record import LET_GO, SPENT, Deposit
from wallet_bridge.deposits.states import CREDITED, DEPOSIT, DepositStatus, Place
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.errors import NetworkUnknown
from wallet_bridge.networks.service import Offer

_S = DepositStatus
_ALL = 1_000
_log = log.get("deposits")


def moved(deposit: Deposit, to: DepositStatus, *, reason: str | None = None) -> Deposit:
    if to is not deposit.status:
        DEPOSIT.check(deposit.status, to)
    if reason is None and deposit.shortage:
        reason = deposit.reason if deposit.reason in {SPENT, LET_GO} else None
    return replace(deposit, status=to, reason=reason)


def offer_of(tx: Tx, *, network: str, asset: str) -> Offer | None:
    """None where the house does not offer it (any more): it arrives all the same."""
    try:
        return networks.find(tx, network=network, asset=asset)
    except NetworkUnknown:
        return None


def book(tx: Tx, deposit: Deposit) -> Deposit:
    """It lies deep enough: give it to whoever it is for, or put it where a person looks."""
    facts = _facts(tx, deposit)
    verdict = rules.verdict(facts, deep=deposit.deep)
    if verdict.status is deposit.status:
        return deposit  # it was looked at before, and nothing could be booked
    after = moved(deposit, verdict.status, reason=verdict.reason)
    if verdict.place is not None:
        journal_id = postings.arrived(tx, deposit, verdict.place, facts.whole, _sides(tx, deposit, facts.whole))
        after = replace(
            after, place=verdict.place, booked=facts.whole, journal_id=journal_id, bookings=deposit.bookings + 1
        )
    elif facts.asset_known:
        after = _carry(tx, after)
    if verdict.place is Place.CUSTOMER:
        after = _paid_back(tx, replace(after, credited_at=tx.now))
    if deposit.deep:
        after = replace(after, final_at=tx.now)
    _tell_booked(tx, after)
    return after


def settle(tx: Tx, deposit: Deposit) -> Deposit:
    """It is booked already, and may have become final."""
    if not deposit.deep or deposit.final_at is not None:
        return deposit
    after = replace(deposit, final_at=tx.now)
    return moved(after, _S.FINAL) if deposit.status is _S.CREDITED else after


def hand_over(tx: Tx, deposit: Deposit, customer: UUID) -> Deposit:
    """Two people give it to a customer.

    Raises:
        AccountClosed: the customer's account of this asset.
        AssetUnknown: the books (still) do not know it.
    """
    assets.scale(deposit.asset)
    if _account(tx, customer, deposit.asset).status is AccountStatus.CLOSED:
        raise AccountClosed
    deposit = carry_no_more(tx, deposit)
    ours = replace(deposit, customer_id=customer)
    if deposit.place is None:
        whole = _whole(deposit)
        journal_id = postings.arrived(tx, ours, Place.CUSTOMER, whole, _sides(tx, deposit, whole))
        ours = replace(ours, booked=whole)
    else:
        journal_id = postings.let_go(tx, deposit, customer)
    after = replace(
        moved(ours, _S.RELEASED), place=Place.CUSTOMER, journal_id=journal_id, bookings=deposit.bookings + 1,
        credited_at=tx.now,
    )  # fmt: skip
    _tell_booked(tx, after)
    return after


def reverse(tx: Tx, deposit: Deposit) -> Deposit:
    """Its block left the chain: the mirror of what stands. What the customer has spent is owed from now on, and the accounts are shut."""
    missing = _reverse(tx, deposit)
    if missing:
        assert deposit.customer_id is not None
        _shut(tx, deposit.customer_id)
        _log.error("deposit_reversed_and_spent", deposit=str(deposit.id), missing=str(missing), asset=deposit.asset)
        outbox.publish(
            tx, events.DepositSpent(*_of(deposit), deposit.booked, deposit.txid, missing), key=str(deposit.id)
        )
    after = replace(
        moved(deposit, _S.REVERSED, reason=SPENT if missing else None), place=None, booked=Decimal(0), journal_id=None,
        shortage=deposit.shortage + missing, credited_at=None, final_at=None,
    )  # fmt: skip
    if deposit.status in CREDITED and deposit.customer_id is not None:
        fact = events.DepositReversed(*_of(deposit), deposit.booked, deposit.txid, missing)
        outbox.publish(tx, fact, key=str(deposit.id))
    return after


def open_again(tx: Tx, deposit: Deposit, *, customer: UUID) -> None:
    """The accounts of a customer who owes nothing any more, or was let go."""
    if not queries.missing(tx, customer, but=deposit.id):
        for account in _accounts(tx, customer):
            if account.status is AccountStatus.FROZEN:
                accounts.unfreeze(tx, account.account_id)


def carry_no_more(tx: Tx, deposit: Deposit) -> Deposit:
    """Of one below the smallest unit: its block left the chain, or it goes another way."""
    if not deposit.fine:
        return deposit
    _carried(tx, deposit, -deposit.fine)
    return replace(deposit, fine=Decimal(0))


def _carry(tx: Tx, deposit: Deposit) -> Deposit:
    """It is less than the books' smallest unit, and nobody's in the books; with others like it the wallet has a unit more, the house's."""
    if deposit.fine:
        return deposit
    _carried(tx, deposit, deposit.amount)
    return replace(deposit, fine=deposit.amount)


def _carried(tx: Tx, deposit: Deposit, change: Decimal) -> None:
    whole = custody.carry(tx, network=deposit.network, asset=deposit.asset, change=change)
    if whole:
        account = custody.custody_account(tx, network=deposit.network, asset=deposit.asset)
        postings.dust(tx, deposit, Sides(account, whole))


def _paid_back(tx: Tx, deposit: Deposit) -> Deposit:
    if not deposit.shortage:
        return deposit
    assert deposit.customer_id is not None
    shortage = deposit.shortage - min(deposit.shortage, deposit.booked)
    if shortage:
        return replace(deposit, shortage=shortage)
    open_again(tx, deposit, customer=deposit.customer_id)
    return replace(deposit, shortage=shortage, reason=None)


def _facts(tx: Tx, deposit: Deposit) -> rules.Facts:
    known = deposit.asset in assets.all_assets()
    offer = offer_of(tx, network=deposit.network, asset=deposit.asset)
    return rules.Facts(
        asset_known=known,
        owner_known=deposit.customer_id is not None,
        memo_missing=offer is not None and offer.memo_required and deposit.memo is None,
        whole=_whole(deposit) if known else Decimal(0),
        minimum=Decimal(0) if offer is None else offer.minimum_deposit,
        shut=_shut_because(tx, deposit) if known and deposit.customer_id is not None else None,
        refund=None if deposit.refund_id is None else _S.REFUNDING if deposit.refund_txid is None else _S.REFUNDED,
    )


def _shut_because(tx: Tx, deposit: Deposit) -> str | None:
    """Why its customer gets nothing now: the account, the ledger's account, or what eligibility says."""
    customer = deposit.customer_id
    assert customer is not None
    person = identity.find_customer(tx, customer)
    if person is None or not person.active:
        return "account_shut"
    account = _account(tx, customer, deposit.asset)
    if account.status is AccountStatus.CLOSED:
        return "account_closed"
    if not deposit.shortage and (
        account.status is AccountStatus.FROZEN or queries.missing(tx, customer, but=deposit.id)
    ):
        return "account_frozen"
    decision = eligibility.eligibility(tx, customer, Product.DEPOSITS, eligibility.Action.BEGIN)
    return None if decision.allowed else decision.reasons[0].value


def _sides(tx: Tx, deposit: Deposit, booked: Decimal) -> Sides:
    """What is too fine for the books is carried with the wallet, so that it equals the chain to the last digit."""
    network, asset = deposit.network, deposit.asset
    more = custody.carry(tx, network=network, asset=asset, change=deposit.amount - booked)
    return Sides(custody.custody_account(tx, network=network, asset=asset), booked + more)


def _reverse(tx: Tx, deposit: Deposit) -> Decimal:
    """Post the mirror; answers what is missing of it."""
    network, asset = deposit.network, deposit.asset
    less = custody.carry(tx, network=network, asset=asset, change=deposit.booked - deposit.amount)
    sides = Sides(custody.custody_account(tx, network=network, asset=asset), less - deposit.booked)
    if deposit.place is not Place.CUSTOMER:
        postings.reversed_(tx, deposit, sides, missing=Decimal(0))
        return Decimal(0)
    assert deposit.customer_id is not None
    account = _account(tx, deposit.customer_id, asset)
    if account.status is AccountStatus.CLOSED:
        postings.reversed_(tx, deposit, sides, missing=deposit.booked)
        return deposit.booked
    if account.status is AccountStatus.FROZEN:
        accounts.unfreeze(tx, account.account_id)  # shut again below: nothing else gets in between
    try:
        missing = _take(tx, deposit, sides)
    except InsufficientFunds:  # spent since we looked; nobody can now: the refusal left us the lock of the balance
        missing = _take(tx, deposit, sides)
    if account.status is AccountStatus.FROZEN:
        accounts.freeze(tx, account.account_id)
    return missing


def _take(tx: Tx, deposit: Deposit, sides: Sides) -> Decimal:
    """Off the customer's account, as far as it goes."""
    assert deposit.customer_id is not None
    there = _account(tx, deposit.customer_id, deposit.asset).available
    missing = _plain(deposit.booked - min(max(there, Decimal(0)), deposit.booked))
    postings.reversed_(tx, deposit, sides, missing=missing)
    return missing


def _whole(deposit: Deposit) -> Decimal:
    """What of it the books can hold."""
    return _plain(floor_to_scale(deposit.amount, assets.scale(deposit.asset)))


def _plain(amount: Decimal) -> Decimal:
    """As it is read by people and programs: without zeros at its end."""
    return Decimal(canonical(amount))


def _account(tx: Tx, customer: UUID, asset: str) -> Account:
    account_id = accounts.customer(tx, customer_id=customer, asset=asset)
    return accounts.get(tx, account_id, owner=None, realm="REAL")


def _accounts(tx: Tx, customer: UUID) -> list[Account]:
    return accounts.page(tx, realm="REAL", owner=customer, prefix="customer:", after=0, limit=_ALL)


def _shut(tx: Tx, customer: UUID) -> None:
    for account in _accounts(tx, customer):
        if account.status is AccountStatus.OPEN:
            accounts.freeze(tx, account.account_id)


def _of(deposit: Deposit) -> tuple[UUID, UUID, str, str]:
    """What facts about a customer's deposit begin with."""
    assert deposit.customer_id is not None
    return deposit.id, deposit.customer_id, deposit.asset, deposit.network


def _tell_booked(tx: Tx, deposit: Deposit) -> None:
    fact: object
    if deposit.status in CREDITED:
        fact = events.DepositCredited(*_of(deposit), deposit.booked, deposit.txid, deposit.deep)
    elif deposit.status is _S.HELD:
        fact = events.DepositHeld(*_of(deposit), deposit.booked, deposit.txid, str(deposit.reason))
    elif deposit.status is _S.SUSPENSE:
        _log.error("deposit_unclaimed", deposit=str(deposit.id), reason=deposit.reason, asset=deposit.asset)
        fact = events.DepositUnclaimed(
            deposit.id, deposit.asset, deposit.network, deposit.amount, deposit.txid, str(deposit.reason)
        )
    else:
        return
    outbox.publish(tx, fact, key=str(deposit.id))
