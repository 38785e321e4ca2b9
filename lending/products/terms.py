"""What one version of a loan product promises, field by field, and the version as others read it.

The terms stand in one JSON document, because a version is read whole and never searched by a term; every number in it is a string. The
lines of each collateral stand in rows of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from kernel.day_count import DayCount, Period
from kernel.money import canonical, ceil_fraction
from lending.products.rules import Lines, Thresholds
from lending.products.states import REPAYMENT_ORDER, FeeMode, LiquidationMode, Part, ProductStatus, RateMode, Rebase
from lending.schedules.states import Method

ZERO = Decimal(0)
FEWEST_VENUES = 2
"""A single venue never values collateral, whatever a product says."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a product asks of prices, and how long the actual line must be hit. `hysteresis` is a fraction of the debt."""

    confirm_n: int
    confirm_for: timedelta
    max_age: timedelta
    min_venues: int = FEWEST_VENUES
    hysteresis: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fee:
    """The liquidation fee: a fraction of the debt that the sale pays, at most `cap`."""

    rate: Decimal = ZERO
    cap: Decimal | None = None

    def on(self, paid: Decimal, *, scale: int) -> Decimal:
        """Rounded up to the unit."""
        fee = ceil_fraction(Fraction(self.rate) * Fraction(paid), scale)
        return fee if self.cap is None else min(fee, self.cap)


@dataclass(frozen=True, slots=True)
class Tier:
    """Collateral worth more than `above`, in the lent asset: the part beyond lends this fraction of what its pledge rate says."""

    above: Decimal
    factor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Rates are yearly fractions, amounts are in the lent asset, lengths of time are business time unless they age a price.

    `rate` is what a FIXED product charges; a FLOATING one charges the rate of its funding line plus `spread`. `every` is the period of
    methods with more than one instalment. `budget` is how far below the trigger's price a sale may go, `expected_cost` what a sale is
    reckoned to lose to fees and slippage, both fractions of the price. `depth_share` is the part of what the venues' books would buy
    within `budget` that all loans together may pledge of one asset.
    """

    rate_mode: RateMode
    rate: Decimal
    spread: Decimal
    day_count: DayCount
    method: Method
    every: Period | None
    multiple_of: Decimal | None
    fee_rate: Decimal
    fee_flat: Decimal
    fee_mode: FeeMode
    min_amount: Decimal
    max_amount: Decimal
    step: Decimal
    customer_cap: Decimal | None
    tenors: tuple[int, ...]
    quote_ttl_s: int
    grace_days: int
    penalty_rate: Decimal
    extension_fee_rate: Decimal
    repayment_order: tuple[Part, ...] = REPAYMENT_ORDER
    liquidation: LiquidationMode
    target_ltv: Decimal | None
    liquidation_fee_rate: Decimal
    liquidation_fee_cap: Decimal | None
    budget: Decimal
    slices: int
    rebase: Rebase
    expected_cost: Decimal
    confirm_n: int
    confirm_s: int
    max_age_s: int
    min_venues: int = FEWEST_VENUES
    hysteresis: Decimal
    freeze_s: int
    tiers: tuple[Tier, ...] = ()
    depth_share: Decimal | None = None

    @property
    def guard(self) -> Guard:
        return Guard(
            confirm_n=self.confirm_n,
            confirm_for=timedelta(seconds=self.confirm_s),
            max_age=timedelta(seconds=self.max_age_s),
            min_venues=self.min_venues,
            hysteresis=self.hysteresis,
        )

    @property
    def liquidation_fee(self) -> Fee:
        return Fee(self.liquidation_fee_rate, self.liquidation_fee_cap)

    def document(self) -> dict[str, Any]:
        """As it is stored and sent; `read` is the inverse."""
        return {field.name: _written(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Terms:
        return cls(**{name: _READ.get(name, _same)(value) for name, value in document.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """One asset that a product accepts. `haircut` is taken off its value when it is lent against, not when a line is tested."""

    asset: str
    lines: Lines
    thresholds: Thresholds
    haircut: Decimal = ZERO
    asset_cap: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductVersion:
    id: UUID
    version: int
    status: ProductStatus
    name: str
    asset: str
    funding_line_id: UUID
    terms: Terms
    collaterals: Mapping[str, Collateral]


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, Tier):
        return {"above": canonical(value.above), "factor": canonical(value.factor)}
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    return value


def _same(value: Any) -> Any:
    return value


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


_READ: dict[str, Any] = {
    **dict.fromkeys(
        (
            "rate",
            "spread",
            "multiple_of",
            "fee_rate",
            "fee_flat",
            "min_amount",
            "max_amount",
            "step",
            "customer_cap",
            "penalty_rate",
            "extension_fee_rate",
            "target_ltv",
            "liquidation_fee_rate",
            "liquidation_fee_cap",
            "budget",
            "expected_cost",
            "hysteresis",
            "depth_share",
        ),
        _decimal,
    ),
    "rate_mode": RateMode,
    "day_count": DayCount,
    "method": Method,
    "every": lambda text: None if text is None else Period.parse(text),
    "fee_mode": FeeMode,
    "tenors": tuple,
    "repayment_order": lambda parts: tuple(Part(part) for part in parts),
    "liquidation": LiquidationMode,
    "rebase": Rebase,
    "tiers": lambda tiers: tuple(Tier(Decimal(t["above"]), Decimal(t["factor"])) for t in tiers),
}
