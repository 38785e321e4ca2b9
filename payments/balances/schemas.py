"""What a customer sees of the own money: `available = posted − held`, to the last committed entry."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class BalanceOut(BaseModel):
    """One asset. `held` is set aside; `held_by_purpose` says for what: order, withdrawal, collateral and the like."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    posted: DecimalString
    held: DecimalString
    available: DecimalString
    held_by_purpose: dict[str, DecimalString]
