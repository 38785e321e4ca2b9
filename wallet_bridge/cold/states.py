"""Words of cold spends, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States
from wallet_bridge.wire.states import TransferState


class SpendState(StrEnum):
    WAITING = "waiting_approval"
    ASKED = "asked"  # a second person agreed: the custodian is asked for it, and drafts it
    DRAFTED = "drafted"  # its holders may sign
    SIGNED = "signed"
    BROADCAST = "broadcast"
    CONFIRMING = "confirming"
    FINAL = "final"
    FAILED = "failed"  # nothing can pay it any more
    REFUSED = "refused"  # nobody agreed, or the custodian said no
    CANCELLED = "cancelled"


_S = SpendState
SPEND = States(
    "cold spend",
    SpendState,
    initial={_S.WAITING},
    moves={
        _S.WAITING: {_S.ASKED, _S.REFUSED, _S.CANCELLED},
        _S.ASKED: {_S.DRAFTED, _S.SIGNED, _S.BROADCAST, _S.CONFIRMING, _S.FINAL, _S.FAILED, _S.REFUSED, _S.CANCELLED},
        _S.DRAFTED: {_S.SIGNED, _S.BROADCAST, _S.CONFIRMING, _S.FINAL, _S.FAILED, _S.CANCELLED},
        _S.SIGNED: {_S.BROADCAST, _S.CONFIRMING, _S.FINAL, _S.FAILED},
        _S.BROADCAST: {_S.CONFIRMING, _S.FINAL, _S.FAILED},
        _S.CONFIRMING: {_S.BROADCAST, _S.FINAL, _S.FAILED},  # back where a reorganisation took the block away
        _S.FINAL: set(),
        _S.FAILED: set(),
        _S.REFUSED: set(),
        _S.CANCELLED: set(),
    },
)
UNSIGNED = frozenset({_S.WAITING, _S.ASKED, _S.DRAFTED})
ENDED = frozenset({_S.FINAL, _S.FAILED, _S.REFUSED, _S.CANCELLED})
_T = TransferState
REPORTED = {
    _T.SIGNED: _S.SIGNED, _T.BROADCAST: _S.BROADCAST, _T.CONFIRMING: _S.CONFIRMING, _T.FINAL: _S.FINAL, _T.FAILED: _S.FAILED,
    _T.CANCELLED: _S.CANCELLED,
}  # fmt: skip
"""What the custodian's words mean here; `accepted` says nothing new."""


class SignatureState(StrEnum):
    SENT = "sent"
    COUNTED = "counted"
    REFUSED = "refused"
