"""Where a deposit stands, and who has its money in the books."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class DepositStatus(StrEnum):
    SEEN = "seen"  # in a block
    CONFIRMING = "confirming"
    CREDITED = "credited"  # may be traded, and not be withdrawn yet
    FINAL = "final"
    HELD = "held"  # booked, and kept from its customer until two people let it go
    RELEASED = "released"  # two people let it go to a customer
    REFUNDING = "refunding"  # two people send it back; the custodian is asked to pay
    REFUNDED = "refunded"  # sent back, and final on its chain
    ORPHANED = "orphaned"  # its block left the chain before anything was booked
    REVERSED = "reversed"  # its block left the chain after it was booked
    BELOW_MINIMUM = "below_minimum"  # booked, and too small to be credited
    SUSPENSE = "suspense"  # nobody knows whose it is


_S = DepositStatus
_IN_A_BLOCK = {
    _S.SEEN, _S.CONFIRMING, _S.CREDITED, _S.FINAL, _S.HELD, _S.BELOW_MINIMUM, _S.SUSPENSE,
}  # fmt: skip
"""An event may be the first that is heard of a deposit, or the first for long: any of these can come at once."""
_BOOKED_AGAIN = _IN_A_BLOCK | {_S.REFUNDING, _S.REFUNDED}
"""What is being sent back, or was, is still that when the chain took it away and brings it again."""

DEPOSIT = States(
    "deposit",
    DepositStatus,
    initial=_IN_A_BLOCK | {_S.ORPHANED},
    moves={
        _S.SEEN: (_BOOKED_AGAIN - {_S.SEEN}) | {_S.ORPHANED},
        _S.CONFIRMING: (_BOOKED_AGAIN - {_S.CONFIRMING}) | {_S.ORPHANED},
        _S.CREDITED: {_S.FINAL, _S.REVERSED},
        _S.FINAL: {_S.REVERSED},
        _S.HELD: {_S.RELEASED, _S.REFUNDING, _S.REVERSED},
        _S.RELEASED: {_S.REVERSED},
        _S.REFUNDING: {_S.REFUNDED, _S.HELD, _S.REVERSED},
        _S.REFUNDED: {_S.REVERSED},
        _S.ORPHANED: _IN_A_BLOCK,
        _S.REVERSED: _IN_A_BLOCK,
        _S.BELOW_MINIMUM: {_S.REVERSED, _S.ORPHANED},
        _S.SUSPENSE: {_S.RELEASED, _S.REVERSED, _S.ORPHANED},
    },
)


class Place(StrEnum):
    """Whose the money is in the books; nobody's before it is booked."""

    CUSTOMER = "customer"
    HELD = "held"
    SUSPENSE = "suspense"
    SMALL = "small"
    REFUNDED = "refunded"  # with whoever it was sent back to


CREDITED = frozenset({_S.CREDITED, _S.FINAL, _S.RELEASED})
