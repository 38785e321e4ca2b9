"""What the house earns of lending, on the wire."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from kernel.money import DecimalString


class SpreadOut(BaseModel):
    """A day of a product: the interest it booked, what the money of its loans cost, and what is left for the house."""

    product_id: UUID
    name: str
    asset: str
    day: date
    interest: DecimalString
    cost: DecimalString
    spread: DecimalString


class LoanSpreadOut(BaseModel):
    """A loan until today: interest charged and running, what its money has cost at its line's present rate, and the difference."""

    loan_id: UUID
    asset: str
    interest: DecimalString
    cost: DecimalString
    spread: DecimalString
