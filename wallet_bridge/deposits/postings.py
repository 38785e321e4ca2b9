"""What a deposit posts. `place` is the customer's account, or one of the house's where money waits for a person.

arrives    wallet.<network> -whole      place +booked       deposits.residue +(whole - booked)
let go     place -booked                customer +booked
reversed   customer -has                receivable -missing wallet.<network> +whole
dust       wallet.<network> -whole      deposits.residue +whole, where what is below a unit has become one
comes back wallet.<network> -whole      receivable +missing customer +(booked - missing)
sent back  deposits.held -booked        wallet.<network> +sent, revenue.withdrawal_fee +fee

What was sent back and left the chain, before or after that, the house has lost: deposits.receivable.refunds has it until it comes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line, move
from payments.journal import service as journal
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import Place


@dataclass(frozen=True, slots=True)
class Sides:
    """The wallet's account and the change of its whole units: what is booked, and what the units carried before add up to."""

    wallet: int
    whole: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Of the custodian, back to the sender, and final. `wallet`: its account in the ledger."""

    refund_id: UUID
    wallet: int
    sent: Decimal
    fee: Decimal
    address: str
    txid: str


def place_account(tx: Tx, deposit: Deposit, place: Place) -> int:
    if place is Place.CUSTOMER:
        assert deposit.customer_id is not None
        return accounts.customer(tx, customer_id=deposit.customer_id, asset=deposit.asset)
    if place is Place.REFUNDED:
        return _lost(tx, deposit.asset)
    # Owed to somebody, whoever that is: no income of ours.
    return accounts.house(
        tx, path=f"deposits.{place}", asset=deposit.asset, kind=AccountKind.SUSPENSE, normal_side="credit"
    )


def receivable(tx: Tx, customer: UUID, asset: str) -> int:
    """What a customer owes us who had spent money that the chain took back."""
    path = f"deposits.receivable.{customer}"
    return accounts.house(tx, path=path, asset=asset, kind=AccountKind.RECEIVABLE, normal_side="debit")


def arrived(tx: Tx, deposit: Deposit, place: Place, booked: Decimal, sides: Sides) -> UUID:
    """A shortage of an earlier reversal is paid back first: the customer has had that part."""
    back = min(deposit.shortage, booked) if place is Place.CUSTOMER else Decimal(0)
    lines = [
        Line(sides.wallet, -sides.whole),
        Line(place_account(tx, deposit, place), booked - back),
        Line(_residue(tx, deposit), sides.whole - booked),
    ]
    if back:
        assert deposit.customer_id is not None, "somebody had spent it"
        lines.append(Line(receivable(tx, deposit.customer_id, deposit.asset), back))
    kind = "deposit" if place is Place.CUSTOMER else "deposit_kept"
    return _post(tx, deposit, f"s/wallet.deposit:{deposit.id}:{deposit.bookings + 1}", kind, lines, place=place.value)


def let_go(tx: Tx, deposit: Deposit, customer: UUID) -> UUID:
    """What waited for a person goes to a customer."""
    assert deposit.place is not None
    assert deposit.place is not Place.CUSTOMER
    lines = move(
        place_account(tx, deposit, deposit.place),
        accounts.customer(tx, customer_id=customer, asset=deposit.asset),
        deposit.booked,
    )
    key = f"s/wallet.deposit:{deposit.id}:{deposit.bookings + 1}"
    return _post(tx, deposit, key, "deposit", lines, place=Place.CUSTOMER.value)


def reversed_(tx: Tx, deposit: Deposit, sides: Sides, *, missing: Decimal) -> UUID:
    """The mirror of what stands, at most once; `missing` of it is not on the customer's account any more.

    No `reversal` of the ledger, whose lines are those of one journal with the other sign: part of this may be owed, and what was held
    before it was credited has two journals.
    """
    assert deposit.place is not None
    lines = [
        Line(place_account(tx, deposit, deposit.place), missing - deposit.booked),
        Line(sides.wallet, -sides.whole),
        Line(_residue(tx, deposit), sides.whole + deposit.booked),
    ]
    if missing:
        assert deposit.customer_id is not None, "the house does not spend what waits for a person"
        lines.append(Line(receivable(tx, deposit.customer_id, deposit.asset), -missing))
    key = f"s/reverse:{deposit.journal_id}"
    return _post(tx, deposit, key, "deposit_reversed", lines, mirrors=deposit.journal_id, missing=missing)


def dust(tx: Tx, deposit: Deposit, sides: Sides) -> UUID:
    """Whole units that deposits below one have become with this; below nothing where one of them left the chain."""
    lines = [Line(sides.wallet, -sides.whole), Line(_residue(tx, deposit), sides.whole)]
    key = f"s/wallet.dust:{deposit.id}:{deposit.seq}:{'in' if sides.whole > 0 else 'out'}"  # once each way by one event
    return _post(tx, deposit, key, "deposit_dust", lines)


def sent_back(tx: Tx, deposit: Deposit, payment: Payment) -> UUID:
    """It was paid back on the chain, once. What of that the books do not have any more the house has lost."""
    revenue = accounts.house(
        tx, path="revenue.withdrawal_fee", asset=deposit.asset, kind=AccountKind.REVENUE, normal_side="credit"
    )
    lines = [Line(payment.wallet, payment.sent)]
    if payment.fee:
        lines.append(Line(revenue, payment.fee))
    if deposit.booked:
        lines.append(Line(place_account(tx, deposit, Place.HELD), -deposit.booked))
    if lost := payment.sent + payment.fee - deposit.booked:
        lines.append(Line(_lost(tx, deposit.asset), -lost))
    key = f"s/wallet.refund:{payment.refund_id}"
    return _post(
        tx, deposit, key, "deposit_refunded", lines, refund=payment.refund_id, paid_by=payment.txid, fee=payment.fee
    )


def _lost(tx: Tx, asset: str) -> int:
    """What was sent back of deposits that the chain does not have: to be had from whoever sent them."""
    path = "deposits.receivable.refunds"
    return accounts.house(tx, path=path, asset=asset, kind=AccountKind.RECEIVABLE, normal_side="debit")


def _residue(tx: Tx, deposit: Deposit) -> int:
    """Whole units that the parts too fine for the books have added up to."""
    return accounts.house(
        tx, path="deposits.residue", asset=deposit.asset, kind=AccountKind.HOUSE, normal_side="credit"
    )


def _post(tx: Tx, deposit: Deposit, key: str, kind: str, lines: list[Line], **meta: object) -> UUID:
    told = {"deposit_id": deposit.id, "asset": deposit.asset, "network": deposit.network, "txid": deposit.txid, **meta}
    return journal.post(tx, [JournalIn(key=key, kind=kind, lines=lines, order_id=deposit.id, meta=told)])[0]
