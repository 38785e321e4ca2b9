"""Runs of the payout on the wire."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class PayoutRunIn(BaseModel):
    """Pay what is due on this day and before it, by each template's own time zone."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    date: date


class PayoutRunOut(BaseModel):
    """`refused` rows stay due: the ledger would not pay into their accounts."""

    run_id: UUID
    paid: int
    refused: int
