"""Shapes of the daily report over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.money import DecimalString
from wallet_bridge.alerts.schemas import AlertOut
from wallet_bridge.daily.service import DayReport, Row


class DayRowOut(BaseModel):
    """By the ledger: `opening` + `in` - `out` - `fees` = `closing`. The rest is of the day's last sample.

    `residue`: what of a wallet is too fine for the books; `difference` = `reported` - ledger - `residue`, of the sample's moment.
    """

    location: str
    asset: str
    opening: DecimalString
    came: Annotated[DecimalString, Field(serialization_alias="in")]
    went: Annotated[DecimalString, Field(serialization_alias="out")]
    fees: DecimalString
    closing: DecimalString
    reported: DecimalString | None
    residue: DecimalString | None
    difference: DecimalString | None
    sampled_at: datetime | None


class DayTransferOut(BaseModel):
    """What treasury moved; plus is more at the place."""

    journal_id: UUID
    kind: str
    location: str
    asset: str
    amount: DecimalString
    at: datetime


class TreasuryDayOut(BaseModel):
    """`whole`: the day is over. Transfers and alerts are the first five hundred."""

    day: date
    whole: bool
    rows: list[DayRowOut]
    transfers: list[DayTransferOut]
    alerts: list[AlertOut]


def shown(report: DayReport) -> TreasuryDayOut:
    return TreasuryDayOut(
        day=report.day, whole=report.whole, rows=[_row(row) for row in report.rows],
        transfers=[
            DayTransferOut(journal_id=t.journal_id, kind=t.kind, location=t.location, asset=t.asset, amount=t.amount, at=t.at)
            for t in report.transfers
        ],
        alerts=[AlertOut.model_validate(alert) for alert in report.alerts],
    )  # fmt: skip


def _row(row: Row) -> DayRowOut:
    return DayRowOut(
        location=row.location, asset=row.asset, opening=row.opening, came=row.came, went=row.went, fees=row.fees,
        closing=row.closing, reported=row.reported, residue=row.residue, difference=row.difference, sampled_at=row.sampled_at,
    )  # fmt: skip
