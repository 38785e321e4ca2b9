"""Why a withdrawal is refused, and why one cannot be taken back; nothing is held then."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class WithdrawalNotFound(NotFound):
    """There is no such withdrawal, or it is not yours."""

    code = "withdrawal_not_found"


class WithdrawalsClosed(Conflict):
    """Nothing is sent on this network at the moment."""

    code = "withdrawals_closed"


class BelowMinimumWithdrawal(DomainError):
    """The amount is below what is sent on this network."""

    code = "below_minimum_withdrawal"
    status = 400


class FeeExceedsAmount(Conflict):
    """The fee would be as much as the amount, or more."""

    code = "fee_exceeds_amount"


class FundsUnsettled(Conflict):
    """A part of this money came in so lately that it may be traded and not withdrawn yet."""

    code = "funds_unsettled"


class WithdrawalLimitExceeded(Conflict):
    """This is more than may leave at once, or in 24 hours."""

    code = "withdrawal_limit_exceeded"


class WithdrawalBlocked(Conflict):
    """Nothing may leave while this stands; see `reason`."""

    code = "withdrawal_blocked"


class OwnAddress(DomainError):
    """This address is your own here."""

    code = "own_address"
    status = 400


class AlreadySigned(Conflict):
    """It is signed and cannot be taken back any more."""

    code = "already_signed"


class WithdrawalEnded(Conflict):
    """It has ended already."""

    code = "withdrawal_ended"


class WithdrawalDecided(Conflict):
    """It waits for nobody's decision (any more)."""

    code = "withdrawal_decided"


class RealMoneyOnly(Conflict):
    """Play money cannot be withdrawn."""

    code = "real_money_only"


class WithdrawalNotManual(Conflict):
    """The custodian tells what becomes of it; people decide only about one that is `manual`."""

    code = "withdrawal_not_manual"


class WithdrawalDecisionPending(Conflict):
    """Two people have decided, and the custodian is being asked what it knows."""

    code = "withdrawal_decision_pending"
