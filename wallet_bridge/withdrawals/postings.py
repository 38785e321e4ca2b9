"""What a withdrawal posts: its hold is captured once, to what lies with the custodian or to another customer, and its fee to the house."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from kernel.money import canonical
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line, capture_line
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import service as journal
from wallet_bridge.withdrawals.record import Withdrawal

PAID, WITHIN = "withdrawal", "internal_withdrawal"


def hold(tx: Tx, *, customer_id: UUID, asset: str, withdrawal_id: UUID, total: Decimal) -> UUID:
    """Put amount and fee aside.

    Raises:
        InsufficientFunds, AccountFrozen, AccountClosed
    """
    account = accounts.customer(tx, customer_id=customer_id, asset=asset)
    return holds.open_hold(
        tx, account_id=account, amount=total, kind=HoldKind.WITHDRAWAL, reference=f"withdrawal:{withdrawal_id}"
    )


def paid(tx: Tx, one: Withdrawal, *, custody: int, txid: str | None) -> None:
    """It left on the chain: out of what lies with the custodian."""
    fee = accounts.house(
        tx, path="revenue.withdrawal_fee", asset=one.asset, kind=AccountKind.REVENUE, normal_side="credit"
    )
    lines = [Line(custody, one.amount), *([Line(fee, one.fee)] if one.fee else [])]
    _capture(tx, one, PAID, lines, txid=txid)


def within(tx: Tx, one: Withdrawal) -> None:
    """It stays in the house: another customer's from now on."""
    assert one.receiver_id is not None, "somebody receives it"
    receiver = accounts.customer(tx, customer_id=one.receiver_id, asset=one.asset)
    _capture(tx, one, WITHIN, [Line(receiver, one.amount)], txid=None)


def _capture(tx: Tx, one: Withdrawal, kind: str, lines: list[Line], *, txid: str | None) -> None:
    taken = holds.capture(tx, hold_id=one.hold_id, amount=one.total)
    spent = capture_line(taken.account_id, taken.amount, held_delta=taken.held_delta, hold_id=one.hold_id)
    meta = {"withdrawal": str(one.id), "network": one.network, "address": one.address, "fee": canonical(one.fee)}
    entry = JournalIn(
        key=f"s/withdrawal:{one.id}", kind=kind, lines=[spent, *lines], actor=str(one.customer_id),
        meta=meta | ({"txid": txid} if txid else {}),
    )  # fmt: skip
    journal.post(tx, [entry])
