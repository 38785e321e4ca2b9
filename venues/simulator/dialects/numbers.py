"""Exact numbers on the wire: decimals as JSON numbers where a venue sends no strings, and average prices that end."""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import SimOrder

_AVERAGE = Context(prec=16, rounding=ROUND_HALF_EVEN)


def average_price(order: SimOrder) -> Decimal | None:
    """The average to 16 digits: a quotient need not end."""
    average = order.average_price
    return None if average is None else _AVERAGE.create_decimal(average)


def exact_json(value: Any) -> str:
    """JSON in which a Decimal is a number of exactly its digits; `json` knows only floats."""
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{exact_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(exact_json(item) for item in value) + "]"
    return json.dumps(value)


def decimal_or_none(text: Any) -> Decimal | None:
    """A finite decimal from a parameter, None for anything else."""
    if not isinstance(text, str | int | Decimal) or isinstance(text, bool):
        return None
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None
