"""Whether a coupon may be kept as it was typed, each refusal with its field: all that is wrong is found at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from earn.coupons.errors import CouponUnfit
from earn.coupons.record import Wish
from earn.plans.rules import is_rate
from kernel.faults import Fault
from kernel.money import canonical, fits_scale

LONGEST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a coupon stands in: decimals by asset, the highest rate, the asset's published templates, and those customers that there are."""

    scales: Mapping[str, int]
    highest_apr: Decimal
    templates: Collection[UUID]
    customers: Collection[UUID]
    now: datetime


def faults(wish: Wish, around: Surroundings) -> list[Fault]:
    """Everything that forbids this coupon, in the order of its fields."""
    return [
        Fault(field, CouponUnfit(text))
        for field, text in (*_money(wish, around), *_for_what(wish, around), *_when(wish, around), *_for_whom(wish, around))
    ]  # fmt: skip


def _money(wish: Wish, around: Surroundings) -> Iterator[tuple[str, str]]:
    scale = around.scales.get(wish.asset)
    if scale is None:
        yield "asset", "there is no such asset"
    if not (wish.boost.apr > 0 and is_rate(wish.boost.apr, around.highest_apr)):
        yield "apr_boost", f"a fraction above zero and up to {canonical(around.highest_apr)}"
    amounts = {"max_principal": wish.boost.max_principal, "minimum": wish.minimum, "budget": wish.budget}
    for name, amount in amounts.items():
        if amount < 0 or (amount == 0 and name != "minimum"):
            yield name, "not below zero" if name == "minimum" else "more than zero"
        elif scale is not None and not fits_scale(amount, scale):
            yield name, f"at most {scale} decimals, as the asset has"
    if wish.boost.days is not None and not 1 <= wish.boost.days <= LONGEST_DAYS:
        yield "days", f"from 1 to {LONGEST_DAYS}; none is the whole term"


def _for_what(wish: Wish, around: Surroundings) -> Iterator[tuple[str, str]]:
    if len(set(wish.templates)) != len(wish.templates):
        yield "templates", "each once"
    if unknown := [str(one) for one in wish.templates if one not in around.templates]:
        yield "templates", f"there is no published template of this asset with this id: {unknown[0]}"


def _when(wish: Wish, around: Surroundings) -> Iterator[tuple[str, str]]:
    if wish.ends_at <= wish.starts_at:
        yield "ends_at", "after it begins"
    elif wish.ends_at <= around.now:
        yield "ends_at", "not in the past"


def _for_whom(wish: Wish, around: Surroundings) -> Iterator[tuple[str, str]]:
    if wish.uses_per_customer < 1:
        yield "uses_per_customer", "at least one"
    if wish.customers is None:
        return
    if not wish.customers or len(set(wish.customers)) != len(wish.customers):
        yield "customers", "at least one, each once; none at all is everybody"
    if unknown := [str(one) for one in wish.customers if one not in around.customers]:
        yield "customers", f"there is no customer with this id: {unknown[0]}"
