"""A seal, and where the fold stands, as finance sees them: numbers of transactions as text, hashes in hex."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class SealOut(BaseModel):
    """`hash` = sha256(`prev`, one leaf per entry). `sums`: your own turnover in it, by asset."""

    model_config = ConfigDict(from_attributes=True, coerce_numbers_to_str=True)

    seal_no: int
    epoch: int
    xid_from: str
    xid_to: str
    entries: int = Field(validation_alias="n")
    prev: str
    hash: str
    sealed_at: datetime
    sums: dict[str, str] | None


class FoldOut(BaseModel):
    """How far the balances are behind the journal. Nobody waits for it: what is spendable is read with the tail."""

    lag_entries: int
    lag_ms: int
    epoch: int
    horizon: str
    seal_no: int | None
