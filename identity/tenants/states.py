"""Words of tenants and of their policies."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Product(StrEnum):
    """What a tenant may offer or not."""

    PAYMENTS = "payments"  # things that are bought with an order and paid from the account
    TRADING = "trading"
    LENDING = "lending"  # new loans; those that run are not touched by it
    EARN = "earn"  # new subscriptions; those that run are paid as planned
    WITHDRAWALS = "withdrawals"  # new withdrawals and new addresses; what is on its way goes on


class Custody(StrEnum):
    """Who keeps the keys of the tenant's money."""

    OWN = "own"
    PARTNER = "partner"


class Limit(StrEnum):
    """What may leave, in USDT; where one is missing, nothing leaves without a person."""

    WITHDRAWAL_SINGLE = "withdrawal_single"
    WITHDRAWAL_DAY = "withdrawal_day"
    WITHDRAWAL_UNREVIEWED = "withdrawal_unreviewed"
    WITHDRAWAL_NEW_ADDRESS = "withdrawal_new_address"  # without a person, to an address that nothing went to before


class ChangeState(StrEnum):
    WAITING = "waiting"  # for a second person
    SCHEDULED = "scheduled"  # agreed to, and not in force before its time
    IN_FORCE = "in_force"
    ENDED = "ended"  # rejected, expired, withdrawn, or overtaken by another change


_S = ChangeState
CHANGE = States(
    "policy_change",
    ChangeState,
    initial={_S.WAITING},
    moves={
        _S.WAITING: {_S.SCHEDULED, _S.ENDED},
        _S.SCHEDULED: {_S.IN_FORCE, _S.ENDED},
        _S.IN_FORCE: set(),
        _S.ENDED: set(),
    },
)
