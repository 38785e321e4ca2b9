"""What one venue fill posts: the customer's side, the venue's side, our spread and fees, in one balanced journal.

Signs are the ledger's: plus increases what an account may spend (credit). Custody accounts run negative, so paying from a venue is a
plus there. For a buy of q base, venue cost Q, customer cost Q', customer fee c, venue fee f:

    quote   venue +Q        customer -(Q' + c)   revenue.trade_fee +c   revenue.spread +(Q' - Q)
    base    venue -q        customer +q
    fee     venue +f        expense.venue_fee -f                         (in whatever asset the venue charges)

A fill that no customer order can take (it came after the order was closed) goes to `house.trading`: an incident, visible until a person
sells it. Source: reference "broker", postings.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx
from kernel.money import canonical
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFacts:
    """One venue fill and what it means for its owner; costs in quote, quantity in base."""

    tenant_order: UUID
    venue: str
    symbol: str
    trade_id: str
    side: str
    base: str
    quote: str
    quantity: Decimal
    price: Decimal
    venue_cost: Decimal
    venue_fee: Decimal
    venue_fee_asset: str
    customer_price: Decimal
    customer_cost: Decimal
    customer_fee: Decimal
    spread: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSide:
    """The order's accounts, and the capture of its hold that pays for this fill."""

    spend_account: int
    receive_account: int
    hold_id: UUID
    held_delta: Decimal


def venue_fill(tx: Tx, fill: FillFacts, customer: CustomerSide | None) -> UUID:
    """Post one fill once; with no customer the house takes the position. Returns the journal's id."""
    lines = _venue_lines(tx, fill) + _fee_lines(tx, fill)
    lines += _customer_lines(tx, fill, customer) if customer is not None else _house_lines(tx, fill)
    entry = JournalIn(
        key=f"s/fill:{fill.venue}:{fill.symbol}:{fill.trade_id}",
        kind="trade" if customer is not None else "house_position",
        lines=[line for line in lines if line.amount != 0],
        order_id=fill.tenant_order,
        meta=_explanation(fill),
    )
    return journal.post(tx, [entry])[0]


def _explanation(fill: FillFacts) -> dict[str, Any]:
    """What a statement says about the trade, in words the customer knows; nothing about our own cost."""
    return {
        "symbol": fill.symbol,
        "side": fill.side,
        "venue": fill.venue,
        "quantity": canonical(fill.quantity),
        "price": canonical(fill.customer_price),
        "cost": canonical(fill.customer_cost),
        "fee": canonical(fill.customer_fee),
        "fee_asset": fill.quote,
    }


def _venue(tx: Tx, fill: FillFacts, asset: str) -> int:
    return accounts.house(tx, path=f"venue.{fill.venue}", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")


def _house(tx: Tx, path: str, asset: str, kind: AccountKind, normal_side: accounts.Side) -> int:
    return accounts.house(tx, path=path, asset=asset, kind=kind, normal_side=normal_side)


def _venue_lines(tx: Tx, fill: FillFacts) -> list[Line]:
    sign = 1 if fill.side == "buy" else -1
    return [
        Line(_venue(tx, fill, fill.quote), sign * fill.venue_cost),
        Line(_venue(tx, fill, fill.base), -sign * fill.quantity),
    ]


def _fee_lines(tx: Tx, fill: FillFacts) -> list[Line]:
    if fill.venue_fee == 0:
        return []
    asset = fill.venue_fee_asset
    expense = _house(tx, "expense.venue_fee", asset, AccountKind.EXPENSE, "debit")
    return [Line(_venue(tx, fill, asset), fill.venue_fee), Line(expense, -fill.venue_fee)]


def _customer_lines(tx: Tx, fill: FillFacts, customer: CustomerSide) -> list[Line]:
    fee = _house(tx, "revenue.trade_fee", fill.quote, AccountKind.REVENUE, "credit")
    spread = _house(tx, "revenue.spread", fill.quote, AccountKind.REVENUE, "credit")
    ours = [Line(fee, fill.customer_fee), Line(spread, fill.spread)]
    if fill.side == "buy":
        paid = fill.customer_cost + fill.customer_fee
        return [
            Line(customer.spend_account, -paid, held_delta=customer.held_delta, hold_id=customer.hold_id),
            Line(customer.receive_account, fill.quantity),
            *ours,
        ]
    return [
        Line(customer.spend_account, -fill.quantity, held_delta=customer.held_delta, hold_id=customer.hold_id),
        Line(customer.receive_account, fill.customer_cost - fill.customer_fee),
        *ours,
    ]


def _house_lines(tx: Tx, fill: FillFacts) -> list[Line]:
    sign = 1 if fill.side == "buy" else -1
    return [
        Line(_house(tx, "house.trading", fill.quote, AccountKind.HOUSE, "debit"), -sign * fill.venue_cost),
        Line(_house(tx, "house.trading", fill.base, AccountKind.HOUSE, "debit"), sign * fill.quantity),
    ]
