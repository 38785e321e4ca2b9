"""Repayment schedules on the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from kernel.day_count import DayCount, Period
from kernel.money import DecimalString
from lending.schedules.rules import Schedule, Terms
from lending.schedules.states import Method


class LoanScheduleIn(BaseModel):
    """`scale` is how many decimals the asset has, `every` a period such as `1M`, `2W`, `30D` or `1Y`.

    `first_due` makes the first period shorter or longer; `multiple_of` rounds instalments to something handy.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    principal: DecimalString
    scale: Annotated[int, Field(ge=0, le=18)]
    annual_rate: DecimalString
    method: Method
    instalments: int
    start_date: date
    every: Annotated[str, Field(max_length=8, examples=["1M"])]
    day_count: DayCount = DayCount.ACTUAL_365
    first_due: date | None = None
    multiple_of: DecimalString | None = None

    def terms(self) -> Terms:
        return Terms(
            principal=self.principal,
            scale=self.scale,
            annual_rate=self.annual_rate,
            method=self.method,
            instalments=self.instalments,
            start=self.start_date,
            every=Period.parse(self.every),
            day_count=self.day_count,
            first_due=self.first_due,
            multiple_of=self.multiple_of,
        )


class LoanScheduleRowOut(BaseModel):
    """`payment` = `interest` + `principal`; `balance` is what is owed after it."""

    n: int
    due_date: date
    payment: DecimalString
    interest: DecimalString
    principal: DecimalString
    balance: DecimalString


class LoanScheduleOut(BaseModel):
    """The last row ends at a balance of zero."""

    rows: list[LoanScheduleRowOut]
    total_interest: DecimalString

    @classmethod
    def of(cls, made: Schedule) -> LoanScheduleOut:
        rows = [
            LoanScheduleRowOut(
                n=row.n,
                due_date=row.due_date,
                payment=row.payment,
                interest=row.interest,
                principal=row.principal,
                balance=row.balance,
            )
            for row in made.rows
        ]
        return cls(rows=rows, total_interest=made.total_interest)
