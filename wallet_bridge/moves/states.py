"""Words of treasury's transfers, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class TransferState(StrEnum):
    DRAFT = "draft"  # waits for a second person
    REJECTED = "rejected"  # nobody agreed
    CANCELLED = "cancelled"  # taken back before it was sent
    RESERVED = "reserved"  # agreed to: the money is reserved, and the lane sends it once
    SENT = "sent"  # the venue took it; its history does not tell the figures yet
    UNKNOWN = "unknown"  # no trustworthy answer: the venue's history is asked, the reservation stays
    IN_TRANSIT = "in_transit"  # it left, and is booked so
    ARRIVED = "arrived"  # it came, and not what left: a person looks
    CLOSED = "closed"
    SETTLED = "settled"  # two people said what came; the difference is booked
    FAILED = "failed"  # certainly not sent, or sent back by the venue
    NOT_PLACED = "not_placed"  # the venue proved that it never had it


_S = TransferState
TRANSFER = States(
    "treasury transfer",
    TransferState,
    initial={_S.DRAFT},
    moves={
        _S.DRAFT: {_S.RESERVED, _S.REJECTED, _S.CANCELLED, _S.FAILED},
        _S.RESERVED: {_S.SENT, _S.UNKNOWN, _S.IN_TRANSIT, _S.FAILED, _S.CANCELLED, _S.NOT_PLACED},
        _S.SENT: {_S.IN_TRANSIT, _S.FAILED},
        _S.UNKNOWN: {_S.SENT, _S.IN_TRANSIT, _S.FAILED, _S.NOT_PLACED},
        _S.IN_TRANSIT: {_S.ARRIVED, _S.CLOSED, _S.SETTLED, _S.FAILED},
        _S.NOT_PLACED: {_S.SENT, _S.IN_TRANSIT},  # it turned up after all: booked, never dropped
        _S.ARRIVED: {_S.SETTLED},
        _S.CLOSED: set(),
        _S.SETTLED: set(),
        _S.REJECTED: set(),
        _S.CANCELLED: set(),
        _S.FAILED: set(),
    },
)
LEAVING = frozenset({_S.DRAFT, _S.RESERVED, _S.SENT, _S.UNKNOWN})
"""One of an asset from a venue at a time: where the venue takes no reference of ours, two could not be told apart."""
HOLDING = frozenset({_S.RESERVED, _S.SENT, _S.UNKNOWN})
"""Amount and fee are reserved at the source."""
COMING = frozenset({_S.RESERVED, _S.SENT, _S.UNKNOWN, _S.IN_TRANSIT})
"""What may still come to its destination."""
UNDER_WAY = frozenset({_S.DRAFT, _S.RESERVED, _S.SENT, _S.UNKNOWN, _S.IN_TRANSIT})


class TreasuryVerdict(StrEnum):
    """What people say of a transfer that nobody can tell."""

    PAID = "paid"  # it has left, by the transaction that they name
    UNPAID = "unpaid"  # it never will


class AddressState(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    REMOVED = "removed"


ADDRESS = States(
    "treasury address",
    AddressState,
    initial={AddressState.WAITING},
    moves={
        AddressState.WAITING: {AddressState.ACTIVE, AddressState.REMOVED},
        AddressState.ACTIVE: {AddressState.REMOVED},
        AddressState.REMOVED: set(),
    },
)


class HouseDepositState(StrEnum):
    """What came to an address of the house's own with the custodian."""

    COMING = "coming"
    FINAL = "final"  # the chain will not take it back; no transfer has claimed it yet
    ORPHANED = "orphaned"
    ARRIVED = "arrived"  # it ended a transfer
    STRAY = "stray"  # of no transfer of ours: from here on it is a deposit like any other
