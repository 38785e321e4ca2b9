"""Words of approvals, and the one table of their moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class ApprovalState(StrEnum):
    REQUESTED = "requested"
    GRANTED = "granted"  # the owner of the thing carries it out
    CARRIED_OUT = "carried_out"
    FAILED = "failed"  # granted, but what was asked for could not be done
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"  # what was asked for has changed since, or was taken back


class Box(StrEnum):
    """The two halves of somebody's list."""

    TO_DECIDE = "to_decide"
    ASKED = "asked"


_S = ApprovalState
APPROVAL = States(
    "approval",
    ApprovalState,
    initial={_S.REQUESTED},
    moves={
        _S.REQUESTED: {_S.GRANTED, _S.REJECTED, _S.EXPIRED, _S.VOID},
        _S.GRANTED: {_S.CARRIED_OUT, _S.FAILED, _S.VOID},
        _S.CARRIED_OUT: set(),
        _S.FAILED: set(),
        _S.REJECTED: set(),
        _S.EXPIRED: set(),
        _S.VOID: set(),
    },
)
