"""Loan products on the wire. Rates and lines are fractions, amounts are in the lent asset; all of them are texts.

Customers see the warning and the displayed line; the lines that are acted on, and how they are acted on, are for staff.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kernel.day_count import DayCount, Period
from kernel.errors import InvalidRequest
from kernel.faults import Fault
from kernel.money import DecimalString, half_even_fraction
from lending.products.checks import CollateralWish, Wish
from lending.products.rules import Lines, Shown
from lending.products.service import Example, ProductView
from lending.products.states import (
    REPAYMENT_ORDER,
    SHOWN,
    Basis,
    FeeMode,
    Line,
    LiquidationMode,
    Part,
    ProductStatus,
    RateMode,
    Rebase,
)
from lending.products.terms import FEWEST_VENUES, Collateral, Terms, Tier
from lending.schedules.states import Method

_ZERO = Decimal(0)
_LONGEST_DAYS = 3_650
_SHOWN_PLACES = 6
Asset = Annotated[str, Field(min_length=1, max_length=32, examples=["BTC"])]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class ProductCollateralIn(_In):
    """The lines mean what `basis` says: fractions of the reference price, debt over value, or value over debt.

    `pledge` is the largest loan-to-value of a draw whatever the basis. `asset_cap` is how much of the asset all loans of the product
    together may hold, `haircut` the part of its value that is not lent against.
    """

    asset: Asset
    basis: Basis
    pledge: DecimalString
    warning: DecimalString
    displayed: DecimalString
    actual: DecimalString
    hard: DecimalString
    haircut: DecimalString = _ZERO
    asset_cap: DecimalString | None = None

    def wish(self) -> CollateralWish:
        lines = Lines(self.basis, self.pledge, self.warning, self.displayed, self.actual, self.hard)
        return CollateralWish(asset=self.asset, lines=lines, haircut=self.haircut, asset_cap=self.asset_cap)


class ValueTierIn(_In):
    """Of collateral worth more than `above`, the part beyond lends this fraction of what its pledge rate says."""

    above: DecimalString
    factor: DecimalString


class ProductTermsIn(_In):
    """What a product promises. A fixed rate stands in `rate`, a floating one is the funding line's and `spread`."""

    rate_mode: RateMode = RateMode.FIXED
    rate: DecimalString = _ZERO
    spread: DecimalString = _ZERO
    day_count: DayCount = DayCount.ACTUAL_365
    method: Method = Method.BULLET
    every: Annotated[str | None, Field(max_length=8, examples=["1M"])] = None
    multiple_of: DecimalString | None = None
    fee_rate: DecimalString = _ZERO
    fee_flat: DecimalString = _ZERO
    fee_mode: FeeMode = FeeMode.DEDUCTED
    min_amount: DecimalString
    max_amount: DecimalString
    step: DecimalString
    customer_cap: DecimalString | None = None
    tenors: Annotated[list[Annotated[int, Field(ge=1, le=_LONGEST_DAYS)]], Field(min_length=1, max_length=20)]
    quote_ttl_s: Annotated[int, Field(ge=5, le=3_600)] = 30
    grace_days: Annotated[int, Field(ge=0, le=365)] = 3
    penalty_rate: DecimalString = _ZERO
    extension_fee_rate: DecimalString = _ZERO
    repayment_order: Annotated[list[Part], Field(max_length=4)] = list(REPAYMENT_ORDER)
    liquidation: LiquidationMode = LiquidationMode.FULL
    target_ltv: DecimalString | None = None
    liquidation_fee_rate: DecimalString = _ZERO
    liquidation_fee_cap: DecimalString | None = None
    budget: DecimalString = Decimal("0.01")
    slices: Annotated[int, Field(ge=1, le=100)] = 4
    rebase: Rebase = Rebase.LIVE_DEBT
    expected_cost: DecimalString = Decimal("0.005")
    confirm_n: Annotated[int, Field(ge=1, le=1_000)] = 3
    confirm_s: Annotated[int, Field(ge=0, le=3_600)] = 10
    max_age_s: Annotated[int, Field(ge=1, le=300)] = 5
    min_venues: Annotated[int, Field(ge=FEWEST_VENUES, le=20)] = FEWEST_VENUES
    hysteresis: DecimalString = Decimal("0.005")
    freeze_s: Annotated[int, Field(ge=1, le=86_400)] = 900
    tiers: Annotated[list[ValueTierIn], Field(max_length=20)] = []
    depth_share: DecimalString | None = None

    @field_validator("every")
    @classmethod
    def _is_a_period(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                Period.parse(text)
            except InvalidRequest as error:
                raise ValueError(error.detail) from None
        return text

    def terms(self) -> Terms:
        typed = {name: getattr(self, name) for name in type(self).model_fields}
        return Terms(
            **typed
            | {
                "every": None if self.every is None else Period.parse(self.every),
                "tenors": tuple(self.tenors),
                "repayment_order": tuple(self.repayment_order),
                "tiers": tuple(Tier(tier.above, tier.factor) for tier in self.tiers),
            }
        )


class LoanProductIn(_In):
    """A whole product; without a funding line it is the only one of the lent asset."""

    name: Name
    asset: Annotated[Asset, Field(examples=["USDT"])]
    funding_line_id: UUID | None = None
    terms: ProductTermsIn
    collaterals: Annotated[list[ProductCollateralIn], Field(min_length=1, max_length=20)]

    def wish(self) -> Wish:
        return Wish(
            name=self.name,
            asset=self.asset,
            funding_line_id=self.funding_line_id,
            terms=self.terms.terms(),
            collaterals=tuple(one.wish() for one in self.collaterals),
        )


class NewLoanProductIn(LoanProductIn):
    """With `product_id`: the next version of that product."""

    product_id: UUID | None = None


class ProductLinesIn(LoanProductIn):
    """A product that is being typed; `prices` are examples by asset, today's where none is given."""

    prices: Annotated[dict[Asset, DecimalString], Field(max_length=20)] = {}


class RetireProductIn(_In):
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class ProductLtvOut(BaseModel):
    """The same lines as debt over value, rounded to read."""

    pledge: DecimalString
    warning: DecimalString
    displayed: DecimalString


class StaffProductLtvOut(ProductLtvOut):
    actual: DecimalString
    hard: DecimalString


class ProductCollateralOut(BaseModel):
    """`warning` and `displayed` mean what `basis` says; `pledge` is the largest debt over value of a draw."""

    asset: str
    basis: Basis
    pledge: DecimalString
    warning: DecimalString
    displayed: DecimalString
    haircut: DecimalString
    ltv: ProductLtvOut


class StaffProductCollateralOut(ProductCollateralOut):
    actual: DecimalString
    hard: DecimalString
    asset_cap: DecimalString | None
    ltv: StaffProductLtvOut


class ValueTierOut(BaseModel):
    above: DecimalString
    factor: DecimalString


class ProductTermsOut(ProductTermsIn):
    """As they were typed."""

    model_config = ConfigDict(extra="ignore")


class _Offer(BaseModel):
    """What a customer is offered. `rate` is a year's rate as of today."""

    id: UUID
    version: int
    name: str
    asset: str
    rate_mode: RateMode
    rate: DecimalString
    day_count: DayCount
    method: Method
    every: str | None
    fee_rate: DecimalString
    fee_flat: DecimalString
    fee_mode: FeeMode
    min_amount: DecimalString
    max_amount: DecimalString
    step: DecimalString
    customer_cap: DecimalString | None
    tenors: list[int]
    quote_ttl_s: int
    grace_days: int
    penalty_rate: DecimalString
    extension_fee_rate: DecimalString
    liquidation: LiquidationMode
    liquidation_fee_rate: DecimalString
    liquidation_fee_cap: DecimalString | None
    tiers: list[ValueTierOut]


class LoanProductOut(_Offer):
    """A product that makes loans."""

    collaterals: list[ProductCollateralOut]


class StaffLoanProductOut(_Offer):
    """A version, whatever its status, with everything it promises."""

    status: ProductStatus
    funding_line_id: UUID
    terms: ProductTermsOut
    collaterals: list[StaffProductCollateralOut]
    approval_id: UUID | None
    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


class ProductApprovalOut(BaseModel):
    """Somebody else agrees to it in the approvals; it is published then."""

    approval_id: UUID


class ProductFaultOut(BaseModel):
    field: str
    code: str
    message: str


class ProductLineOut(BaseModel):
    """A line in the three conventions, rounded to read, and the highest price of the market's grid that hits it."""

    line: Line
    price_fraction: DecimalString
    ltv: DecimalString
    coverage: DecimalString
    price: DecimalString


class ProductExampleOut(BaseModel):
    """One unit of the asset, drawn to the full at `price`."""

    asset: str
    price: DecimalString | None
    lends: DecimalString | None
    lines: list[ProductLineOut]


class ProductLinesOut(BaseModel):
    """`errors` is empty when the product may be kept."""

    errors: list[ProductFaultOut]
    collaterals: list[ProductExampleOut]


def offered(view: ProductView) -> LoanProductOut:
    return LoanProductOut(**_offer(view), collaterals=[_public(one) for one in view.product.collaterals.values()])


def whole(view: ProductView) -> StaffLoanProductOut:
    product, story = view.product, view.story
    return StaffLoanProductOut(
        **_offer(view),
        status=product.status,
        funding_line_id=product.funding_line_id,
        terms=ProductTermsOut.model_validate(product.terms.document()),
        collaterals=[_staff(one) for one in product.collaterals.values()],
        approval_id=view.approval_id,
        created_by=story.created_by,
        created_at=story.created_at,
        published_at=story.published_at,
        retired_at=story.retired_at,
    )


def examined(faults: list[Fault], examples: list[Example]) -> ProductLinesOut:
    return ProductLinesOut(
        errors=[ProductFaultOut(**fault.plain) for fault in faults],
        collaterals=[
            ProductExampleOut(
                asset=one.asset, price=one.price, lends=one.lends, lines=[_line(row) for row in one.lines]
            )
            for one in examples
        ],
    )


def _offer(view: ProductView) -> dict[str, Any]:
    product, terms = view.product, view.product.terms
    plain = {name: getattr(terms, name) for name in _Offer.model_fields if name in Terms.__dataclass_fields__}
    return plain | {
        "id": product.id,
        "version": product.version,
        "name": product.name,
        "asset": product.asset,
        "rate": view.story.rate,
        "every": None if terms.every is None else str(terms.every),
        "tenors": list(terms.tenors),
        "tiers": [ValueTierOut(above=tier.above, factor=tier.factor) for tier in terms.tiers],
    }


def _public(one: Collateral) -> ProductCollateralOut:
    ltv = {name: row for name, row in _ltvs(one).items() if name in ProductLtvOut.model_fields}
    return ProductCollateralOut(**_collateral(one, [line.value for line in SHOWN]), ltv=ProductLtvOut(**ltv))


def _staff(one: Collateral) -> StaffProductCollateralOut:
    return StaffProductCollateralOut(
        **_collateral(one, [line.value for line in Line]), asset_cap=one.asset_cap, ltv=StaffProductLtvOut(**_ltvs(one))
    )


def _collateral(one: Collateral, lines: list[str]) -> dict[str, Any]:
    typed = {name: getattr(one.lines, name) for name in ("basis", "pledge", *lines)}
    return typed | {"asset": one.asset, "haircut": one.haircut}


def _ltvs(one: Collateral) -> dict[str, Decimal]:
    return {
        "pledge": one.lines.pledge,
        **{line.value: half_even_fraction(one.thresholds.of(line), _SHOWN_PLACES) for line in Line},
    }


def _line(row: Shown) -> ProductLineOut:
    return ProductLineOut(
        line=row.line, price_fraction=row.price_fraction, ltv=row.ltv, coverage=row.coverage, price=row.price
    )
