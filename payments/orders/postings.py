"""What a payment order posts.

    pay      payer -amount (the captured hold)     merchants + net   commission + c   fee + f
    refund   merchants, commission, fee − parts    payer + amount

A payment has one journal for ever (`s/pay:<order>`), a refund one per number (`s/refund:<order>:<n>`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from kernel.money import canonical
from payments.chart import JournalIn, Line, capture_line
from payments.holds.service import Captured
from payments.journal import service as journal
from payments.orders.order import Leg, Order


def pay(tx: Tx, order: Order, *, captured: Captured, hold_id: UUID, legs: Sequence[Leg], actor: UUID) -> UUID:
    lines = [
        capture_line(captured.account_id, captured.amount, held_delta=captured.held_delta, hold_id=hold_id),
        *(Line(leg.account_id, leg.amount) for leg in legs),
    ]
    entry = JournalIn(
        key=f"s/pay:{order.id}",
        kind="payment",
        lines=lines,
        order_id=order.id,
        realm=order.realm,
        actor=str(actor),
        meta={"sku": order.sku, "quantity": str(order.quantity), "price": canonical(order.price)},
    )
    return journal.post(tx, [entry])[0]


def refund(
    tx: Tx,
    order: Order,
    *,
    number: int,
    amount: Decimal,
    parts: Sequence[tuple[int, Decimal]],
    payer_account: int,
    actor: UUID,
) -> UUID:
    """`parts`: account → what it pays back; the receivers are the payers now, so their locks and floors apply."""
    entry = JournalIn(
        key=f"s/refund:{order.id}:{number}",
        kind="refund",
        lines=[*(Line(account, -part) for account, part in parts), Line(payer_account, amount)],
        order_id=order.id,
        realm=order.realm,
        actor=str(actor),
        meta={"sku": order.sku, "number": str(number)},
    )
    return journal.post(tx, [entry])[0]
