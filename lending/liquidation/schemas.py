"""Liquidations and breakers on the wire, for staff. Amounts are texts in the lent asset unless the field says otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from lending.liquidation.record import owed_document
from lending.liquidation.staffing import Story, View
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans.states import Level, LoanStatus
from lending.products.states import Line, LiquidationMode

Reason = Annotated[str, Field(min_length=3, max_length=500)]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class TargetOut(BaseModel):
    """`quantity` stands in clearing, `sell` of it may be sold; it was decided at `price` and goes no lower than `floor`."""

    asset: str
    quantity: DecimalString
    sell: DecimalString
    price: DecimalString
    floor: DecimalString


class SaleOut(BaseModel):
    """One order at the venues; `sold` and `proceeds` once it has ended."""

    order_id: UUID
    asset: str
    quantity: DecimalString
    floor: DecimalString
    sold: DecimalString
    proceeds: DecimalString
    ended: bool


class LiquidationOut(BaseModel):
    """`owed` by its parts when it was decided; `settlement` once it is over. `budget`: the fraction below the price that it may sell at."""

    id: UUID
    loan_id: UUID
    loan_status: LoanStatus
    asset: str
    cause: Cause
    mode: LiquidationMode
    status: LiquidationStatus
    pause_reason: str | None
    owed: dict[str, str]
    wanted: DecimalString | None
    budget: DecimalString
    targets: list[TargetOut]
    sales: list[SaleOut]
    settlement: dict[str, Any] | None
    opened_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, view: View) -> LiquidationOut:
        found = view.liquidation
        return cls(
            id=found.id, loan_id=found.loan_id, loan_status=view.loan_status, asset=view.asset, cause=found.cause, mode=found.mode,
            status=found.status, budget=found.budget,
            pause_reason=found.pause_reason if found.status is LiquidationStatus.PAUSED else None,
            owed=owed_document(found.owed), wanted=found.wanted,
            targets=[
                TargetOut(asset=asset, quantity=t.quantity, sell=t.sell, price=t.price, floor=t.floor)
                for asset, t in sorted(found.plan.items())
            ],
            sales=[
                SaleOut(
                    order_id=s.order_id, asset=s.asset, quantity=s.quantity, floor=s.floor_price, sold=s.sold, proceeds=s.proceeds,
                    ended=s.ended,
                )
                for s in view.sales
            ],
            settlement=None if found.settlement is None else dict(found.settlement),
            opened_at=found.opened_at, settled_at=found.settled_at,
        )  # fmt: skip


class SaleFillOut(BaseModel):
    """What one venue bought: its price, and what the sale received for it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    order_id: UUID
    venue: str
    trade_id: str
    price: DecimalString
    quantity: DecimalString
    received: DecimalString
    executed_at: datetime


class EvidenceOut(BaseModel):
    """What it was decided by; `prices` per asset with their state, their age and what each venue said."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    from_level: Level
    to_level: Level
    line: Line | None
    debt: DecimalString
    prices: dict[str, Any]
    at: datetime


class LiquidationStory(LiquidationOut):
    """With what the venues bought, and what was seen when it was decided (null where the customer asked for it)."""

    fills: list[SaleFillOut]
    evidence: EvidenceOut | None

    @classmethod
    def told(cls, story: Story) -> LiquidationStory:
        return cls(
            **LiquidationOut.of(story.view).model_dump(),
            fills=[SaleFillOut.model_validate(fill) for fill in story.fills],
            evidence=None if story.evidence is None else EvidenceOut.model_validate(story.evidence),
        )


class PriceAgainIn(_In):
    """Why it shall sell at the price as it is now."""

    reason: Reason


class WriteOffOut(BaseModel):
    """What a second person decides on."""

    approval_id: UUID


class BreakerIn(_In):
    """Of one collateral, or of every one with `*`. 0 lifts it; 1: no new liquidations; 2: nor new lowest prices; 3: nothing is sold."""

    asset: Annotated[str, Field(min_length=1, max_length=32, examples=["BTC"])]
    level: Annotated[int, Field(ge=0, le=3)]
    reason: Reason


class BreakerOut(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    asset: str
    level: int
    reason: str
    set_by: UUID
    at: datetime
