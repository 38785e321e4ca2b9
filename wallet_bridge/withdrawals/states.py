"""Words of withdrawals, the one table of their moves, and what a customer reads of them.

The bridge owns the states up to `sent`; from there it copies what the custodian reports (`wallet_bridge.wire.states`).
"""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States
from wallet_bridge.wire.states import TransferState


class WithdrawalState(StrEnum):
    REVIEW = "review"  # a person has to look; the money is held
    APPROVED = "approved"  # by two people; passed through on the way to the next
    RESERVED = "reserved"  # committed to be sent, and not sent yet
    SENT = "sent"  # the custodian has it and has signed nothing
    SIGNED = "signed"  # from here on it cannot be taken back
    BROADCAST = "broadcast"
    CONFIRMING = "confirming"
    FINAL = "final"
    REJECTED = "rejected"  # by a person, before it was sent
    CANCELLED = "cancelled"
    FAILED = "failed"  # no attempt can ever pay it
    UNKNOWN = "unknown"  # sent, and nobody knows whether it arrived; asked for until somebody does
    NOT_PLACED = "not_placed"  # the custodian never had it
    MANUAL = "manual"  # asked for too long, or contradicted: people decide on evidence, the money stays held


_S = WithdrawalState
_REPORTED = {_S.SENT, _S.SIGNED, _S.BROADCAST, _S.CONFIRMING, _S.FINAL, _S.FAILED, _S.CANCELLED}
WITHDRAWAL = States(
    "withdrawal",
    WithdrawalState,
    initial={_S.REVIEW, _S.RESERVED},
    moves={
        _S.REVIEW: {_S.APPROVED, _S.REJECTED, _S.CANCELLED},
        _S.APPROVED: {_S.RESERVED},
        _S.RESERVED: {*_REPORTED, _S.UNKNOWN, _S.NOT_PLACED, _S.MANUAL},
        _S.SENT: {*(_REPORTED - {_S.SENT}), _S.MANUAL},
        _S.UNKNOWN: {*_REPORTED, _S.NOT_PLACED, _S.MANUAL},
        _S.MANUAL: {*_REPORTED, _S.NOT_PLACED},
        _S.SIGNED: {_S.BROADCAST, _S.CONFIRMING, _S.FINAL, _S.FAILED, _S.MANUAL},
        _S.BROADCAST: {_S.CONFIRMING, _S.FINAL, _S.FAILED, _S.MANUAL},
        _S.CONFIRMING: {_S.BROADCAST, _S.FINAL, _S.FAILED, _S.MANUAL},
        _S.FINAL: set(),
        _S.REJECTED: set(),
        _S.CANCELLED: set(),
        _S.FAILED: set(),
        _S.NOT_PLACED: set(),
    },
)
REPORTED: dict[TransferState, WithdrawalState] = {
    TransferState.ACCEPTED: _S.SENT,
    TransferState.SIGNED: _S.SIGNED,
    TransferState.BROADCAST: _S.BROADCAST,
    TransferState.CONFIRMING: _S.CONFIRMING,
    TransferState.FINAL: _S.FINAL,
    TransferState.FAILED: _S.FAILED,
    TransferState.CANCELLED: _S.CANCELLED,
}
UNSIGNED = frozenset({_S.REVIEW, _S.RESERVED, _S.SENT, _S.UNKNOWN})
"""It can be asked to take it back."""
UNPAID = frozenset({_S.REJECTED, _S.CANCELLED, _S.FAILED, _S.NOT_PLACED})
"""Ended, and the money is the customer's again."""
ON_CHAIN = frozenset({_S.BROADCAST, _S.CONFIRMING})


class WithdrawalStatus(StrEnum):
    """What a customer reads."""

    IN_REVIEW = "in_review"
    PROCESSING = "processing"
    SENDING = "sending"
    ON_THE_CHAIN = "on_the_chain"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"


_W = WithdrawalStatus
STATUS: dict[WithdrawalState, WithdrawalStatus] = {
    _S.REVIEW: _W.IN_REVIEW,
    _S.APPROVED: _W.PROCESSING,
    _S.RESERVED: _W.PROCESSING,
    _S.SENT: _W.SENDING,
    _S.UNKNOWN: _W.SENDING,
    _S.MANUAL: _W.SENDING,
    _S.SIGNED: _W.SENDING,
    _S.BROADCAST: _W.ON_THE_CHAIN,
    _S.CONFIRMING: _W.ON_THE_CHAIN,
    _S.FINAL: _W.COMPLETED,
    _S.REJECTED: _W.REJECTED,
    _S.CANCELLED: _W.CANCELLED,
    _S.FAILED: _W.FAILED,
    _S.NOT_PLACED: _W.FAILED,
}


class WithdrawalVerdict(StrEnum):
    """What people say became of one that is `manual`."""

    PAID = "paid"
    UNPAID = "unpaid"


class DecisionState(StrEnum):
    PROPOSED = "proposed"  # waits for a second person
    ASKING = "asking"  # two people agree, and the custodian is asked what it knows
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"  # the custodian says otherwise, or another proposal took its place
    OVERTAKEN = "overtaken"  # the custodian's own report came first


_D = DecisionState
DECISION = States(
    "withdrawal decision",
    DecisionState,
    initial={_D.PROPOSED},
    moves={
        _D.PROPOSED: {_D.ASKING, _D.REFUSED, _D.OVERTAKEN},
        _D.ASKING: {_D.CARRIED_OUT, _D.REFUSED, _D.OVERTAKEN},
        _D.CARRIED_OUT: set(),
        _D.REFUSED: set(),
        _D.OVERTAKEN: set(),
    },
)


class Why(StrEnum):
    """Why a person has to look before anything is sent. Customers are not told."""

    LIMIT_MISSING = "limit_missing"
    PRICE_UNKNOWN = "price_unknown"
    DAY_UNKNOWN = "day_unknown"  # of one of the day's other withdrawals nobody knew what it is worth
    ABOVE_UNREVIEWED = "above_unreviewed"
    NEW_ADDRESS = "new_address"  # nothing went there before
    ADDRESS_LISTED = "address_listed"
    SCREENING_UNAVAILABLE = "screening_unavailable"
