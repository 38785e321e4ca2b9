"""What a slice of a venue trade posts: the customer's side, the venue's side, our spread and fees, in one balanced journal.

Signs are the ledger's: plus increases what an account may spend (credit). Custody accounts run negative, so paying from a venue is a
plus there. For a buy of q base, venue cost Q, customer cost Q', customer fee c, venue fee f:

    quote   venue +Q        customer -(Q' + c)   revenue.trade_fee +c   revenue.spread +(Q' - Q)
    base    venue -q        customer +q
    fee     venue +f        expense.venue_fee -f                         (in whatever asset the venue charges)

A fill that no customer order can take (it came after the order was closed) goes to `house.trading`: an incident, visible until a person
sells it. Source: reference "broker", postings.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """A slice of one venue trade and what it means for its owner; costs in quote, quantity in base."""

    order_id: UUID
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
    """The order's accounts, and the hold that was captured by what its slices cost."""

    spend_account: int
    receive_account: int
    hold_id: UUID


@dataclass(frozen=True, slots=True)
class Slice:
    """What one order got of a trade, or what nobody could take (no customer: the house's)."""

    fill: FillFacts
    customer: CustomerSide | None

    @property
    def owner(self) -> str:
        return "house" if self.customer is None else "customer"


class _House:
    """Our own accounts, looked up once for all slices of a posting."""

    def __init__(self, tx: Tx) -> None:
        self._tx, self._known = tx, dict[tuple[str, str], int]()

    def __call__(self, path: str, asset: str, kind: AccountKind, normal_side: accounts.Side) -> int:
        found = self._known.get((path, asset))
        if found is None:
            found = accounts.house(self._tx, path=path, asset=asset, kind=kind, normal_side=normal_side)
            self._known[path, asset] = found
        return found

    def venue(self, fill: FillFacts, asset: str) -> int:
        return self(f"venue.{fill.venue}", asset, AccountKind.CUSTODY, "debit")


def post_slices(tx: Tx, slices: Sequence[Slice]) -> list[UUID]:
    """Post all slices once, each in a journal of its own, in one call. Returns the journals' ids."""
    house = _House(tx)
    return journal.post(tx, [_journal(house, each) for each in slices])


def _journal(house: _House, each: Slice) -> JournalIn:
    fill = each.fill
    lines = _venue_lines(house, fill) + _fee_lines(house, fill)
    lines += _house_lines(house, fill) if each.customer is None else _customer_lines(house, fill, each.customer)
    return JournalIn(
        key=f"s/fill:{fill.venue}:{fill.symbol}:{fill.trade_id}:{fill.order_id}:{each.owner}",
        kind="house_position" if each.customer is None else "trade",
        lines=[line for line in lines if line.amount != 0],
        order_id=fill.order_id,
        meta=_explanation(fill),
    )


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


def _venue_lines(house: _House, fill: FillFacts) -> list[Line]:
    sign = 1 if fill.side == "buy" else -1
    return [
        Line(house.venue(fill, fill.quote), sign * fill.venue_cost),
        Line(house.venue(fill, fill.base), -sign * fill.quantity),
    ]


def _fee_lines(house: _House, fill: FillFacts) -> list[Line]:
    if fill.venue_fee == 0:
        return []
    asset = fill.venue_fee_asset
    expense = house("expense.venue_fee", asset, AccountKind.EXPENSE, "debit")
    return [Line(house.venue(fill, asset), fill.venue_fee), Line(expense, -fill.venue_fee)]


def _customer_lines(house: _House, fill: FillFacts, customer: CustomerSide) -> list[Line]:
    fee = house("revenue.trade_fee", fill.quote, AccountKind.REVENUE, "credit")
    spread = house("revenue.spread", fill.quote, AccountKind.REVENUE, "credit")
    ours = [Line(fee, fill.customer_fee), Line(spread, fill.spread)]
    if fill.side == "buy":
        paid = fill.customer_cost + fill.customer_fee
        return [
            Line(customer.spend_account, -paid, held_delta=-paid, hold_id=customer.hold_id),
            Line(customer.receive_account, fill.quantity),
            *ours,
        ]
    return [
        Line(customer.spend_account, -fill.quantity, held_delta=-fill.quantity, hold_id=customer.hold_id),
        Line(customer.receive_account, fill.customer_cost - fill.customer_fee),
        *ours,
    ]


def _house_lines(house: _House, fill: FillFacts) -> list[Line]:
    sign = 1 if fill.side == "buy" else -1
    return [
        Line(house("house.trading", fill.quote, AccountKind.HOUSE, "debit"), -sign * fill.venue_cost),
        Line(house("house.trading", fill.base, AccountKind.HOUSE, "debit"), sign * fill.quantity),
    ]
