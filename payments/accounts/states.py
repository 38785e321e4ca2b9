"""Words of accounts: realms, kinds, sides and states."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Realm(StrEnum):
    """Play money and real money never meet in one journal."""

    DEMO = "DEMO"
    REAL = "REAL"


class AccountKind(StrEnum):
    """What an account is for."""

    CUSTOMER = "customer"
    PLEDGED = "pledged"  # a customer's collateral: theirs, but not to spend
    LIQUIDATION = "liquidation"  # what a sale of collateral works with, and what it brought
    HOUSE = "house"
    REVENUE = "revenue"
    EXPENSE = "expense"
    CUSTODY = "custody"
    EXTERNAL = "external"
    IN_TRANSIT = "in_transit"
    RECEIVABLE = "receivable"
    POOL = "pool"
    SUSPENSE = "suspense"


class AccountStatus(StrEnum):
    OPEN = "open"
    FROZEN = "frozen"  # nothing new leaves; what was held before may still be captured
    CLOSED = "closed"  # nothing at all


ACCOUNT = States(
    "account",
    AccountStatus,
    initial={AccountStatus.OPEN},
    moves={
        AccountStatus.OPEN: {AccountStatus.FROZEN, AccountStatus.CLOSED},
        AccountStatus.FROZEN: {AccountStatus.OPEN, AccountStatus.CLOSED},
        AccountStatus.CLOSED: set(),
    },
)
