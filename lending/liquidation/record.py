"""A liquidation as its rows hold it: what is owed, what may be sold of each asset and at what price at least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.money import canonical
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans.rules import Owed
from lending.products.states import LiquidationMode

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One asset: what stands in clearing, how much of it may be sold, the price it was decided at, and the lowest to sell at."""

    quantity: Decimal
    sell: Decimal
    price: Decimal
    floor: Decimal

    def document(self) -> dict[str, str]:
        return {name: canonical(getattr(self, name)) for name in ("quantity", "sell", "price", "floor")}

    @classmethod
    def read(cls, document: Mapping[str, str]) -> Target:
        return cls(**{name: Decimal(value) for name, value in document.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    id: UUID
    tenant_id: UUID
    loan_id: UUID
    cause: Cause
    mode: LiquidationMode
    status: LiquidationStatus
    evidence_id: UUID | None
    owed: Owed
    plan: Mapping[str, Target]
    budget: Decimal
    wanted: Decimal | None
    settlement: Mapping[str, Any] | None
    pause_reason: str | None
    opened_at: datetime
    settled_at: datetime | None
    next_try_at: datetime
    row_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One order of a liquidation; `sold` and `proceeds` are known once it has ended."""

    n: int
    order_id: UUID
    asset: str
    quantity: Decimal
    floor_price: Decimal
    sold: Decimal
    proceeds: Decimal
    status: str

    @property
    def ended(self) -> bool:
        return self.status == "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """Collateral too little for any market, at the end of a sale that did not pay everything: the house buys it at `price`."""

    quantity: Decimal
    price: Decimal
    paid: Decimal
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a market takes: multiples of `lot`, and at the lowest price no less than `smallest`."""

    lot: Decimal
    smallest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The next thing to sell."""

    asset: str
    quantity: Decimal
    floor: Decimal


def owed_document(owed: Owed) -> dict[str, str]:
    return {
        "penalty": canonical(owed.penalty),
        "fee": canonical(owed.fee),
        "interest": canonical(owed.interest),
        "principal": canonical(owed.principal),
    }


def read_owed(document: Mapping[str, str]) -> Owed:
    return Owed(**{name: Decimal(value) for name, value in document.items()})


def proceeds_of(sales: Sequence[Sale]) -> Decimal:
    return sum((sale.proceeds for sale in sales), ZERO)


def left_of(liquidation: Liquidation, sales: Sequence[Sale], asset: str) -> Decimal:
    """How much of an asset may still be sold; what is out at a venue counts as gone until it comes back."""
    gone = sum((sale.sold if sale.ended else sale.quantity for sale in sales if sale.asset == asset), ZERO)
    return liquidation.plan[asset].sell - gone
