"""One vocabulary for both programs. The bridge owns a transfer until the custodian has taken it; from there it copies these states."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class TransferState(StrEnum):
    """As the custodian reports a transfer that it has taken."""

    ACCEPTED = "accepted"  # may still be cancelled
    SIGNED = "signed"  # its bytes are stored: from now on only these, or a replacement that spends the same, can pay
    BROADCAST = "broadcast"
    CONFIRMING = "confirming"
    FINAL = "final"
    FAILED = "failed"  # no attempt can ever pay it any more
    CANCELLED = "cancelled"


_T = TransferState
TRANSFER = States(
    "transfer",
    TransferState,
    initial={_T.ACCEPTED},
    moves={
        _T.ACCEPTED: {_T.SIGNED, _T.CANCELLED, _T.FAILED},
        _T.SIGNED: {_T.BROADCAST, _T.CONFIRMING, _T.FAILED},
        _T.BROADCAST: {_T.CONFIRMING, _T.FAILED},
        _T.CONFIRMING: {_T.BROADCAST, _T.FINAL, _T.FAILED},  # back where a reorganisation took the block away
        _T.FINAL: set(),
        _T.FAILED: set(),
        _T.CANCELLED: set(),
    },
)


class DepositState(StrEnum):
    """As the custodian reports an output that pays one of its addresses."""

    SEEN = "seen"  # in a block
    CONFIRMING = "confirming"
    FINAL = "final"
    ORPHANED = "orphaned"  # its block is not on the chain any more; in another block it is seen again


_D = DepositState
DEPOSIT = States(
    "deposit",
    DepositState,
    initial={_D.SEEN},
    moves={
        _D.SEEN: {_D.CONFIRMING, _D.FINAL, _D.ORPHANED},
        _D.CONFIRMING: {_D.FINAL, _D.ORPHANED},
        _D.FINAL: {_D.ORPHANED},
        _D.ORPHANED: {_D.SEEN},
    },
)


class DestinationType(StrEnum):
    ADDRESS = "address"
    WHITELIST = "whitelist"
    COLD = "cold"
    HOT = "hot"  # from the cold wallet only


class Source(StrEnum):
    """Where a transfer is paid from."""

    HOT = "hot"
    DEPOSITS = "deposits"  # one deposit address, into the hot wallet
    COLD = "cold"  # by what its holders sign themselves, into the hot wallet or to the whitelist


class EventType(StrEnum):
    DEPOSIT_SEEN = "deposit.seen"
    DEPOSIT_CONFIRMING = "deposit.confirming"
    DEPOSIT_FINAL = "deposit.final"
    DEPOSIT_ORPHANED = "deposit.orphaned"
    TRANSFER_SIGNED = "transfer.signed"
    TRANSFER_BROADCAST = "transfer.broadcast"
    TRANSFER_CONFIRMING = "transfer.confirming"
    TRANSFER_REPLACED = "transfer.replaced"
    TRANSFER_FINAL = "transfer.final"
    TRANSFER_FAILED = "transfer.failed"
    TRANSFER_CANCELLED = "transfer.cancelled"
    COLD_DRAFTED = "cold.drafted"  # `ColdOut`: the holders may sign
    COLD_COSIGNED = "cold.cosigned"
    COLD_CHANGED = "cold.changed"  # the Safe has other owners, or wants more or fewer of them: other signatures count
    WHITELIST_ACTIVE = "whitelist.active"
    FLOAT_LOW = "float.low"
    FLOAT_HIGH = "float.high"
