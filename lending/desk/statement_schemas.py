"""A loan's statement on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString
from lending.desk.statements import Statement
from lending.loans.states import LoanStatus


class StatementRowOut(BaseModel):
    """`amount` came to the customer, or (negative) was paid by them, for these parts; `collateral` came or went with this entry."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    kind: str
    asset: str
    amount: DecimalString
    principal: DecimalString
    interest: DecimalString
    fee: DecimalString
    penalty: DecimalString
    principal_left: DecimalString
    collateral: str
    journal_id: UUID


class PaidOut(BaseModel):
    principal: DecimalString
    interest: DecimalString
    fee: DecimalString
    penalty: DecimalString


class LoanStatementOut(BaseModel):
    """Everything that moved on one loan until `on`; `debt` is what is owed that day, the interest of its days included."""

    loan_id: UUID
    product: str
    asset: str
    status: LoanStatus
    on: date
    rate: DecimalString
    opened_on: date
    matures_on: date
    debt: DecimalString
    paid: PaidOut
    rows: list[StatementRowOut]

    @classmethod
    def of(cls, statement: Statement) -> Self:
        shown = statement.loan
        loan = shown.gathered.loan
        return cls(
            loan_id=loan.id,
            product=shown.gathered.product.name,
            asset=loan.asset,
            status=loan.status,
            on=statement.on,
            rate=shown.gathered.rate,
            opened_on=loan.opened_on,
            matures_on=loan.matures_on,
            debt=shown.owed.total,
            paid=PaidOut(**statement.paid),
            rows=[StatementRowOut.model_validate(row) for row in statement.rows],
        )
