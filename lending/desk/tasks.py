"""What the desk does on events of the funding lines, and by the clock."""

from __future__ import annotations

from datetime import datetime

from kernel.db import Tx
from lending.desk import quoting
from lending.funding.events import FundingDrawn, FundingRefused
from lending.loans import opening


def funded(tx: Tx, fact: FundingDrawn) -> None:
    """The money that a loan waited for has come."""
    opening.funded(tx, fact.loan_id)


def refused(tx: Tx, fact: FundingRefused) -> None:
    """It will not come."""
    opening.refused(tx, fact.loan_id)


def forget_quotes(_due: datetime) -> None:
    quoting.forget_old()
