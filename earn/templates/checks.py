"""Whether a template may be kept as it was typed: every term for itself and against the others, each refusal with its field.

All that is wrong is found at once, for somebody is typing. What cannot be known from the template alone is handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from earn.plans import rules as plans
from earn.plans.errors import TermsImpossible
from earn.templates.errors import TemplateUnfit
from earn.templates.states import Renewal
from earn.templates.terms import Terms
from kernel.errors import InvalidRequest
from kernel.faults import Fault
from kernel.money import fits_scale

LONGEST_DAYS = 3_660
MOST_UNITS = 10**12
_LEAP_DAY = date(2028, 2, 29)  # a term that fits from here fits from any day
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A template as its editor typed it."""

    name: str
    asset: str
    terms: Terms
    effective_from: date | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a template stands in: decimals by asset, the highest rate the house may promise, and other templates of the asset."""

    scales: Mapping[str, int]
    highest_apr: Decimal
    others: Collection[UUID]


def faults(wish: Wish, around: Surroundings) -> list[Fault]:
    """Everything that forbids this template, in the order of its fields."""
    return [
        *_asset(wish, around),
        *_amounts(wish.terms, around.scales.get(wish.asset)),
        *_plan(wish.terms, around),
        *_sale(wish.terms),
        *_maturity(wish.terms, around),
    ]


def _fault(field: str, text: str) -> Fault:
    return Fault(field, TemplateUnfit(text))


def _asset(wish: Wish, around: Surroundings) -> Iterator[Fault]:
    if wish.asset not in around.scales:
        yield _fault("asset", "there is no such asset")


def _amounts(terms: Terms, scale: int | None) -> Iterator[Fault]:
    named = {
        "daily_quota": terms.daily_quota,
        "minimum": terms.minimum,
        "step": terms.step,
        "customer_cap": terms.customer_cap,
        "customer_day_cap": terms.customer_day_cap,
    }
    given = {name: amount for name, amount in named.items() if amount is not None}
    for name, amount in given.items():
        if amount <= 0:
            yield _fault(f"terms.{name}", "more than zero")
        elif scale is not None and not fits_scale(amount, scale):
            yield _fault(f"terms.{name}", f"at most {scale} decimals, as the asset has")
    if terms.step <= 0:
        return
    for name, amount in given.items():
        if Fraction(amount) % Fraction(terms.step):  # `%` of decimals gives up beyond the digits of the context
            yield _fault(f"terms.{name}", "a multiple of the step")
        elif amount < terms.minimum and name != "step":
            yield _fault(f"terms.{name}", "not below the smallest subscription")
    if terms.units > MOST_UNITS:
        yield _fault("terms.step", f"the day's quota is more than {MOST_UNITS} steps")


def _plan(terms: Terms, around: Surroundings) -> Iterator[Fault]:
    if terms.lag_days < 0:
        yield _fault("terms.lag_days", "not below zero")
    try:
        plans.check(terms.plan(0), highest_apr=around.highest_apr)
        maturity = plans.maturity_of(_LEAP_DAY, terms.tenor)
        if (maturity - _LEAP_DAY).days > LONGEST_DAYS:
            yield _fault("terms.tenor", f"at most {LONGEST_DAYS} days")
        plans.plan(terms.minimum, terms.plan(0), value_date=_LEAP_DAY)
    except (TermsImpossible, InvalidRequest) as error:
        field = error.detail.partition(":")[0]
        known = field if field in {"tiers", "apr", "tenor", "penal_rate", "payout"} else "tenor"
        yield Fault(f"terms.{known}", error)


def _sale(terms: Terms) -> Iterator[Fault]:
    if terms.closes <= terms.opens and terms.closes != _MIDNIGHT and terms.lag_days == 0:
        yield _fault(
            "terms.closes", "the sale would go on after the term has begun: begin it a day later, or close by midnight"
        )
    if len(set(terms.holidays)) != len(terms.holidays):
        yield _fault("terms.holidays", "each day once")


def _maturity(terms: Terms, around: Surroundings) -> Iterator[Fault]:
    if not terms.renewals or len(set(terms.renewals)) != len(terms.renewals):
        yield _fault("terms.renewals", "at least one, each once")
    if (Renewal.MOVE in terms.renewals) != (terms.move_to is not None):
        yield _fault("terms.move_to", "named exactly where customers may move to it")
    elif terms.move_to is not None and terms.move_to not in around.others:
        yield _fault("terms.move_to", "there is no other published template of this asset with this id")
