"""Exact money: decimals in, decimals out, rounding only by a named policy.

The decimal context is set once for the process (and every later thread): 60 digits hold 38 integer and 18 fractional ones, and a
float that slips into an operation raises instead of rounding. Amounts travel as strings in JSON, never as JSON numbers.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from kernel.errors import DomainError

PRECISION = 60
LIMIT = Decimal("1e38")  # the domain kernel.amount refuses anything at or beyond it
MAX_SCALE = 18
_AMOUNT = re.compile(r"-?\d{1,38}(\.\d{1,30})?", re.ASCII)

for _context in (decimal.DefaultContext, decimal.getcontext()):
    _context.prec = PRECISION
    _context.traps[decimal.FloatOperation] = True


class InvalidAmount(DomainError):
    """The amount is not a plain decimal number written as a string."""

    code: ClassVar[str] = "invalid_amount"
    status: ClassVar[int] = 400


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one asset, for use across package borders."""

    amount: Decimal
    asset: str


def parse_amount(text: object) -> Decimal:
    """Read an amount from the outside: a string of digits with at most one point; no exponent, NaN or JSON number.

    Raises:
        InvalidAmount: anything else, and anything of 10^38 or more.
    """
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise InvalidAmount('write amounts as decimal strings such as "0.25"')
    value = Decimal(text)
    if abs(value) >= LIMIT:
        raise InvalidAmount("the amount is too large")
    return value


def canonical(value: Decimal) -> str:
    """The one text of a number: no exponent, no trailing zeros, no minus zero."""
    if value == 0:
        return "0"
    text = format(value, "f")  # `normalize` would round to the digits of the context
    return text.rstrip("0").rstrip(".") if "." in text else text


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding=rounding) * step


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`."""
    return _to_step(value, step, ROUND_FLOOR)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`."""
    return _to_step(value, step, ROUND_CEILING)


def half_even_to(value: Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of `step`, ties to the even one."""
    return _to_step(value, step, ROUND_HALF_EVEN)


def unit(scale: int) -> Decimal:
    """The smallest amount of an asset with this scale: unit(6) = 0.000001."""
    return Decimal(1).scaleb(-scale)


def floor_to_scale(value: Decimal, scale: int) -> Decimal:
    return value.quantize(unit(scale), rounding=ROUND_FLOOR)


def ceil_to_scale(value: Decimal, scale: int) -> Decimal:
    return value.quantize(unit(scale), rounding=ROUND_CEILING)


def half_even_to_scale(value: Decimal, scale: int) -> Decimal:
    return value.quantize(unit(scale), rounding=ROUND_HALF_EVEN)


def fits_scale(value: Decimal, scale: int) -> bool:
    return value == floor_to_scale(value, scale)


def floor_fraction(value: Fraction, scale: int) -> Decimal:
    """The largest amount of this scale that is not above an exact ratio; no context rounds on the way."""
    return _of_units(value.numerator * 10**scale // value.denominator, scale)


def ceil_fraction(value: Fraction, scale: int) -> Decimal:
    """The smallest amount of this scale that is not below an exact ratio."""
    return _of_units(-(-value.numerator * 10**scale // value.denominator), scale)


def half_even_fraction(value: Fraction, scale: int) -> Decimal:
    """The amount of this scale nearest to an exact ratio, ties to the even one."""
    units, rest = divmod(value.numerator * 10**scale, value.denominator)
    above = 2 * rest > value.denominator or (2 * rest == value.denominator and units % 2 == 1)
    return _of_units(units + above, scale)


def _of_units(units: int, scale: int) -> Decimal:
    return Decimal(f"{units}E-{scale}")  # exact: reading a text does not round


def split_largest_remainder(total: Decimal, weights: Sequence[Decimal], scale: int) -> list[Decimal]:
    """Split `total` by `weights` so that the parts are exact at `scale` and sum to `total`; earlier parts win ties.

    `total` must not be negative and must fit the scale; at least one weight must be positive.
    """
    weight_sum = sum(weights, Decimal(0))
    ideal = [total * w / weight_sum for w in weights]
    parts = [floor_to_scale(x, scale) for x in ideal]
    missing = int((total - sum(parts, Decimal(0))) / unit(scale))
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for i in by_remainder[:missing]:
        parts[i] += unit(scale)
    return parts


def _validate(value: Any) -> Decimal:
    if isinstance(value, Decimal):  # from our own code, never from JSON
        return value
    try:
        return parse_amount(value)
    except InvalidAmount as error:
        raise ValueError(str(error)) from None


DecimalString = Annotated[
    Decimal,
    BeforeValidator(_validate),
    PlainSerializer(canonical, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,38}(\.\d{1,30})?$", "examples": ["0.1"]}),
]
"""A pydantic field that reads and writes decimal strings only; a JSON number is refused."""
