"""Shapes of the book and its stress test: amounts in the lent asset, rates and changes as fractions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from lending.reports.service import MOST_STEPS
from markets.composite.states import CompositeState

_MOST_SHOCKS = 50
LevelName = Literal["HEALTHY", "WARNING", "MARGIN_CALL", "PENDING_LIQUIDATION", "LIQUIDATING"]


def _change(value: Decimal) -> Decimal:
    if not -1 < value <= 10:
        raise ValueError("a change lies above -1 and is at most 10, such as -0.2 for a fall by a fifth")
    return value


def _cost(value: Decimal) -> Decimal:
    if not 0 <= value < 1:
        raise ValueError("a cost is a fraction from 0 to below 1")
    return value


class GroupOut(BaseModel):
    """`interest` runs to today; `value` is what the collateral is worth, without that of the `unpriced` loans."""

    asset: str
    loans: int
    principal: DecimalString
    interest: DecimalString
    fees: DecimalString
    debt: DecimalString
    value: DecimalString
    unpriced: int


class ProductGroupOut(GroupOut):
    product_id: UUID
    version: int
    name: str


class BucketOut(GroupOut):
    """Loans whose health is above `above` and at most `upto`; both are null where the prices are missing."""

    above: DecimalString | None
    upto: DecimalString | None


class LevelGroupOut(GroupOut):
    """By the level that is stored, which the guard has decided."""

    level: LevelName


class BookCollateralOut(BaseModel):
    """All pledged of one asset for loans in another one; without a price it is worth nothing that could be said."""

    asset: str
    quote: str
    quantity: DecimalString
    price: DecimalString | None
    state: CompositeState | None
    age_ms: int | None
    value: DecimalString | None


class FundingOut(BaseModel):
    """`accrued` is the cost that is not yet paid to the source, to the day `accrued_through`."""

    id: UUID
    name: str
    adapter: str
    source: str
    asset: str
    limit: DecimalString
    drawn: DecimalString
    free: DecimalString
    rate: DecimalString
    accrued: DecimalString
    accrued_through: date


class SellingOut(BaseModel):
    """Loans whose collateral is being sold at this moment."""

    asset: str
    loans: int
    debt: DecimalString


class EarnedOut(BaseModel):
    """The balance of one account of the ledger since the beginning: positive was earned, negative was spent."""

    account: str
    asset: str
    amount: DecimalString


class PoolOut(BaseModel):
    asset: str
    amount: DecimalString


class LoanBookOut(BaseModel):
    """`unsecured` loans run without collateral, which must not be."""

    as_of: datetime
    loans: int
    unsecured: int
    totals: list[GroupOut]
    products: list[ProductGroupOut]
    buckets: list[BucketOut]
    levels: list[LevelGroupOut]
    collateral: list[BookCollateralOut]
    selling: list[SellingOut]
    funding: list[FundingOut]
    insurance: list[PoolOut]
    earned: list[EarnedOut]


class ShockIn(BaseModel):
    """A change of one collateral's price: -0.2 is a fall by a fifth."""

    model_config = ConfigDict(extra="forbid")
    asset: Annotated[str, Field(min_length=1, max_length=16)]
    change: Annotated[DecimalString, AfterValidator(_change)]


class StressIn(BaseModel):
    """`steps` divides the shocks into so many equal parts, for a curve. `cost` replaces what the products reckon a sale to cost."""

    model_config = ConfigDict(extra="forbid")
    shocks: Annotated[list[ShockIn], Field(min_length=1, max_length=_MOST_SHOCKS)]
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS)] = 1
    cost: Annotated[DecimalString, AfterValidator(_cost)] | None = None


class LevelCountOut(BaseModel):
    level: LevelName
    before: int
    after: int


class LossOut(BaseModel):
    """All sales in one lent asset: `losses` = `insured` + `bad_debt`.

    `liquidity_needed` is what buyers must pay for the collateral at the shocked prices.
    """

    asset: str
    liquidations: int
    debt: DecimalString
    liquidity_needed: DecimalString
    proceeds: DecimalString
    fees: DecimalString
    surplus: DecimalString
    losses: DecimalString
    insured: DecimalString
    bad_debt: DecimalString


class PointOut(BaseModel):
    """The book with this part of the shocks."""

    share: DecimalString
    liquidations: int
    losses: list[LossOut]


class ToSellOut(BaseModel):
    """`depth` is what the books of all venues would buy now within the tightest slippage budget of the loans concerned."""

    asset: str
    quote: str
    price: DecimalString
    shocked: DecimalString
    state: CompositeState
    age_ms: int
    pledged: DecimalString
    quantity: DecimalString
    value: DecimalString
    depth: DecimalString


class SaleOut(BaseModel):
    loan_id: UUID
    product: str
    asset: str
    debt: DecimalString
    value: DecimalString
    loss: DecimalString


class StressOut(BaseModel):
    """`unpriced` loans have collateral without a price and are in no figure. `worst`: the largest losses, loan by loan."""

    as_of: datetime
    loans: int
    unpriced: int
    liquidations: int
    levels: list[LevelCountOut]
    losses: list[LossOut]
    to_sell: list[ToSellOut]
    curve: list[PointOut]
    worst: list[SaleOut]
