"""Reports as JSON: amounts in the two columns of bookkeeping, and a tree of accounts."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class TrialRowOut(BaseModel):
    """All accounts of one kind in one asset; accounts that run negative are debits."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    kind: str
    accounts: int
    debit: DecimalString
    credit: DecimalString


class TrialTotalOut(BaseModel):
    """Both columns of one asset; they are equal, or the books are broken."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    debit: DecimalString
    credit: DecimalString
    balanced: bool


class TrialBalanceOut(BaseModel):
    """The books of one realm at one moment."""

    realm: str
    as_of: datetime
    rows: list[TrialRowOut]
    totals: list[TrialTotalOut]


class SumOut(BaseModel):
    """Positive: owed to the owners of these accounts; negative: owned by us outside."""

    asset: str
    posted: DecimalString


class BranchOut(BaseModel):
    """A level of the chart with the sums of everything below it."""

    name: str
    path: str
    accounts: int
    sums: list[SumOut]
    children: list[BranchOut]


class ChartOut(BaseModel):
    """The tree below `under`, the whole chart when that is absent."""

    realm: str
    under: str | None
    items: list[BranchOut]
