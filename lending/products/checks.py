"""Whether a product may be kept as it was typed: every term for itself and against the others, each refusal with its field.

All that is wrong is found at once, for somebody is typing. What cannot be known from the product alone (scales, markets, the funding
line) is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from kernel.day_count import PeriodUnit
from kernel.errors import DomainError
from kernel.faults import Fault
from kernel.money import canonical, ceil_fraction, fits_scale
from lending.products.errors import (
    CollateralUnfit,
    FundingLineUnfit,
    LinesCrossedByInterest,
    LinesDoNotFit,
    TermsDoNotFit,
)
from lending.products.rules import Lines, check_hard, check_order, check_rebase, thresholds
from lending.products.states import FeeMode, Line, LiquidationMode, Part, RateMode, Rebase
from lending.products.terms import ZERO, Terms
from lending.schedules.rules import HIGHEST_RATE, MOST_INSTALMENTS
from lending.schedules.states import Method

HIGHEST_PARTIAL_LTV = Decimal("0.85")
"""A part sale from beyond it would sell nearly everything: such a product is sold out in full."""
_COST_PLACES = 12
_SHORTEST_DAYS = {PeriodUnit.DAY: 1, PeriodUnit.WEEK: 7, PeriodUnit.MONTH: 28, PeriodUnit.YEAR: 365}


@dataclass(frozen=True, slots=True, kw_only=True)
class CollateralWish:
    """One asset as its editor typed it. `asset_cap` is how much of it all loans of the product together may hold."""

    asset: str
    lines: Lines
    haircut: Decimal = ZERO
    asset_cap: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A product as its editor typed it; without a funding line it is the only one of the asset."""

    name: str
    asset: str
    funding_line_id: UUID | None
    terms: Terms
    collaterals: Sequence[CollateralWish]


@dataclass(frozen=True, slots=True)
class FundingLine:
    id: UUID
    asset: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a product stands in: decimals by asset, the markets there are, and the funding line it named."""

    scales: Mapping[str, int]
    markets: frozenset[str]
    line: FundingLine | None


def faults(wish: Wish, around: Surroundings) -> list[Fault]:
    """Everything that forbids this product, in the order of its fields."""
    return [
        *_source(wish, around),
        *_amounts(wish.terms, around.scales.get(wish.asset)),
        *_rates(wish.terms),
        *_time(wish.terms),
        *_sale(wish),
        *_collaterals(wish, around),
    ]


def _fault(field: str, text: str) -> Fault:
    return Fault(field, TermsDoNotFit(text))


# -------------------------------------------------------------------------------------------------------------- where it stands


def _source(wish: Wish, around: Surroundings) -> Iterator[Fault]:
    if wish.asset not in around.scales:
        yield _fault("asset", "there is no such asset")
    line, terms = around.line, wish.terms
    if line is None or line.asset != wish.asset:
        yield Fault("funding_line_id", FundingLineUnfit("name a funding line of the lent asset"))
    elif terms.rate_mode is RateMode.FIXED and terms.rate < line.rate:
        cost = canonical(line.rate)
        yield Fault(
            "terms.rate", FundingLineUnfit(f"the money costs {cost} a year: lending below that loses on each loan")
        )


def _amounts(terms: Terms, scale: int | None) -> Iterator[Fault]:
    named = {
        "min_amount": terms.min_amount,
        "max_amount": terms.max_amount,
        "step": terms.step,
        "customer_cap": terms.customer_cap,
        "multiple_of": terms.multiple_of,
    }
    for name, amount in named.items():
        if amount is not None and amount <= 0:
            yield _fault(f"terms.{name}", "more than zero")
    free = {"fee_flat": terms.fee_flat, "liquidation_fee_cap": terms.liquidation_fee_cap}
    for name, amount in free.items():
        if amount is not None and amount < 0:
            yield _fault(f"terms.{name}", "not below zero")
    for name, amount in (named | free).items():
        if amount is not None and scale is not None and not fits_scale(amount, scale):
            yield _fault(f"terms.{name}", f"at most {scale} decimals, as the asset has")
    if terms.max_amount < terms.min_amount:
        yield _fault("terms.max_amount", "not below the smallest loan")
    countable = scale is not None and fits_scale(terms.step, scale) and terms.step > 0
    if countable and (terms.min_amount % terms.step or terms.max_amount % terms.step):
        yield _fault("terms.step", "the smallest and the largest loan are whole steps")
    if terms.customer_cap is not None and terms.customer_cap < terms.min_amount:
        yield _fault("terms.customer_cap", "not below the smallest loan")


def _rates(terms: Terms) -> Iterator[Fault]:
    for name, rate in {"rate": terms.rate, "spread": terms.spread, "penalty_rate": terms.penalty_rate}.items():
        if not 0 <= rate <= HIGHEST_RATE:
            yield _fault(f"terms.{name}", f"a fraction from 0 to {HIGHEST_RATE}, such as 0.12")
    if terms.rate_mode is RateMode.FLOATING and terms.rate:
        yield _fault("terms.rate", "a floating rate is the funding line's and the spread: leave this at 0")
    if terms.rate_mode is RateMode.FIXED and terms.spread:
        yield _fault("terms.spread", "a fixed rate has no spread of its own: leave this at 0")
    for name, rate in {
        "fee_rate": terms.fee_rate,
        "extension_fee_rate": terms.extension_fee_rate,
        "liquidation_fee_rate": terms.liquidation_fee_rate,
        "expected_cost": terms.expected_cost,
        "hysteresis": terms.hysteresis,
    }.items():
        if not 0 <= rate < 1:
            yield _fault(f"terms.{name}", "a fraction from 0 to below 1")
    if (
        terms.fee_mode is FeeMode.DEDUCTED
        and terms.fee_rate * terms.min_amount + terms.fee_flat >= terms.min_amount > 0
    ):
        yield _fault("terms.fee_flat", "the fee would take the whole of the smallest loan")
    if sorted(terms.repayment_order) != sorted(Part):
        yield _fault("terms.repayment_order", "each part of a debt once")


def _time(terms: Terms) -> Iterator[Fault]:
    tenors = terms.tenors
    if not tenors or any(later <= earlier for earlier, later in pairwise(tenors)) or tenors[0] < 1:
        yield _fault("terms.tenors", "lengths in days, each once, the shortest first")
    if terms.method is Method.BULLET:
        if terms.every is not None:
            yield _fault("terms.every", "one payment at the end has no period")
    elif terms.every is None:
        yield _fault("terms.every", f"{terms.method} needs the length of a period, such as 1M")
    elif tenors and tenors[-1] > MOST_INSTALMENTS * terms.every.count * _SHORTEST_DAYS[terms.every.unit]:
        yield _fault("terms.every", f"at most {MOST_INSTALMENTS} instalments")
    if terms.multiple_of is not None and terms.method in {Method.BULLET, Method.INTEREST_ONLY}:
        yield _fault("terms.multiple_of", f"{terms.method} has no instalments to round")


# ------------------------------------------------------------------------------------------------------------------- how it is sold


def _sale(wish: Wish) -> Iterator[Fault]:
    terms = wish.terms
    if not 0 < terms.budget < 1:
        yield _fault("terms.budget", "a fraction of the price above 0 and below 1")
    elif terms.budget < terms.expected_cost:
        yield _fault("terms.budget", "below what a sale is expected to cost, no sale would ever be made")
    if terms.depth_share is not None and not 0 < terms.depth_share <= 1:
        yield _fault("terms.depth_share", "a fraction above 0, at most 1")
    yield from _tiers(terms)
    target, mode = terms.target_ltv, terms.liquidation
    if (target is None) != (mode is LiquidationMode.FULL):
        yield _fault("terms.target_ltv", "needed for a part sale, and for that only")
    if mode is LiquidationMode.PARTIAL:
        yield from _partial(wish)


def _tiers(terms: Terms) -> Iterator[Fault]:
    if any(tier.above < 0 or not 0 <= tier.factor <= 1 for tier in terms.tiers):
        yield _fault("terms.tiers", "values from 0 on, factors from 0 to 1")
    if any(b.above <= a.above or b.factor > a.factor for a, b in pairwise(terms.tiers)):
        yield _fault("terms.tiers", "values rise from tier to tier, and factors do not")


def _partial(wish: Wish) -> Iterator[Fault]:
    """A sale in part must leave a loan that warns of nothing, and something of the collateral."""
    target = wish.terms.target_ltv
    for place, one in enumerate(wish.collaterals):
        try:
            found = thresholds(one.lines)
        except LinesDoNotFit:
            continue  # told where it stands
        if found.of(Line.ACTUAL) > HIGHEST_PARTIAL_LTV:
            text = f"with {one.asset} sold at a loan-to-value above {HIGHEST_PARTIAL_LTV}, a part sale would sell nearly all: choose FULL"
            yield _fault("terms.liquidation", text)
        if target is not None and not 0 < target < found.of(Line.WARNING):
            yield _fault(
                "terms.target_ltv", f"above 0 and before the warning line of collateral {place + 1}, {one.asset}"
            )


# ------------------------------------------------------------------------------------------------------------------- its collateral


def _collaterals(wish: Wish, around: Surroundings) -> Iterator[Fault]:
    if not wish.collaterals:
        yield Fault("collaterals", CollateralUnfit("at least one asset"))
    seen: set[str] = set()
    for place, one in enumerate(wish.collaterals):
        at = f"collaterals.{place}"
        if one.asset in seen:
            yield Fault(f"{at}.asset", CollateralUnfit(f"{one.asset} stands there twice"))
        seen.add(one.asset)
        if f"{one.asset}-{wish.asset}" not in around.markets:
            text = f"there is no market {one.asset}-{wish.asset} to value and to sell it in"
            yield Fault(f"{at}.asset", CollateralUnfit(text))
        if not 0 <= one.haircut < 1:
            yield _fault(f"{at}.haircut", "a fraction from 0 to below 1")
        scale = around.scales.get(one.asset)
        if one.asset_cap is not None and (
            one.asset_cap <= 0 or (scale is not None and not fits_scale(one.asset_cap, scale))
        ):
            yield _fault(f"{at}.asset_cap", f"an amount of {one.asset} above zero, with no more decimals than it has")
        yield from _lines(wish.terms, one.lines, at)


def _lines(terms: Terms, lines: Lines, at: str) -> Iterator[Fault]:
    """Their order first: without it the lines mean nothing, and nothing else can be said of them."""
    try:
        check_order(lines)
    except LinesDoNotFit as error:
        yield Fault(f"{at}.{error.extra['line']}", error)
        return
    try:
        check_hard(lines, cost_of_sale(terms))
    except DomainError as error:
        yield Fault(f"{at}.hard", error)
    try:
        _check_interest(terms, lines)
    except LinesCrossedByInterest as error:
        yield Fault("terms.rebase", error)


def cost_of_sale(terms: Terms) -> Decimal:
    """What a sale takes of the value sold when the fee for it comes out of the proceeds as well; rounded up.

    Fees are taken on the debt that is paid: of a value V the sale brings V(1 − cost), which pays D(1 + fee).
    """
    if not (0 <= terms.expected_cost < 1 and 0 <= terms.liquidation_fee_rate < 1):
        return terms.expected_cost
    kept = (1 - Fraction(terms.expected_cost)) / (1 + Fraction(terms.liquidation_fee_rate))
    return ceil_fraction(1 - kept, _COST_PLACES)


def _check_interest(terms: Terms, lines: Lines) -> None:
    """From the payout to the end of the days of grace nothing is certain to happen that would move such lines."""
    if terms.rebase is Rebase.LIVE_DEBT or not terms.tenors or terms.tenors[-1] < 1:
        return
    if terms.rate_mode is RateMode.FLOATING:
        raise LinesCrossedByInterest("a floating rate may rise without end: its lines must move with the debt")
    tenor, grace = terms.tenors[-1], terms.grace_days
    interest = terms.rate * tenor + (terms.rate + terms.penalty_rate) * grace
    days = tenor + grace
    check_rebase(
        lines,
        terms.rebase,
        highest_rate=ceil_fraction(Fraction(interest) / days, _COST_PLACES),
        days=days,
        day_count=terms.day_count,
    )
