"""What a person says the venue did, checked against what we sent. Pure decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from broker.decisions.errors import ImpossibleFills
from broker.decisions.states import Verdict
from venues.gateway import OrderReport, VenueFill


def check_fills(
    fills: Sequence[Mapping[str, Any]],
    *,
    verdict: Verdict,
    side: str,
    quantity: Decimal,
    limit_price: Decimal,
    booked: Mapping[str, Decimal],
) -> None:
    """Deny fills that the venue order cannot have had.

    Args:
        booked: quantities by trade of what was booked for it already; naming such a trade again adds nothing.

    Raises:
        ImpossibleFills: more than was asked for, worse than the limit, a trade named twice, or fills of what was never placed.
    """
    if verdict is Verdict.NOT_PLACED and (fills or booked):
        raise ImpossibleFills("what was never placed has no fills")
    if len({fill["trade_id"] for fill in fills}) != len(fills):
        raise ImpossibleFills("a trade is named twice")
    new = (Decimal(fill["quantity"]) for fill in fills if fill["trade_id"] not in booked)
    if sum(new, Decimal(0)) + sum(booked.values(), Decimal(0)) > quantity:
        raise ImpossibleFills(f"the fills are more than the {quantity} that were asked for")
    for fill in fills:
        price = Decimal(fill["price"])
        if price > limit_price if side == "buy" else price < limit_price:
            raise ImpossibleFills(f"{price} is beyond the limit of {limit_price}")


def report(*, coid: str, quantity: Decimal, fills: Sequence[Mapping[str, Any]]) -> OrderReport:
    """What the venue would have reported of an order that is over."""
    booked = tuple(
        VenueFill(
            trade_id=fill["trade_id"],
            price=Decimal(fill["price"]),
            quantity=Decimal(fill["quantity"]),
            fee=Decimal(fill["fee"]),
            fee_asset=fill["fee_asset"],
            executed_at=datetime.fromisoformat(fill["executed_at"]),
        )
        for fill in fills
    )
    filled = sum((fill.quantity for fill in booked), Decimal(0))
    return OrderReport(
        venue_order_id=None,
        client_order_id=coid,
        status="filled" if filled == quantity else "cancelled",
        filled_quantity=filled,
        average_price=None,
        fills=booked,
        fills_complete=True,
    )
