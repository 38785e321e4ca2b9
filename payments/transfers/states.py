"""Words of transfers, and the one table of their moves. A transfer posted at once begins and ends as `posted`."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class TransferKind(StrEnum):
    TRANSFER = "transfer"
    REVERSAL = "reversal"  # the exact mirror of one transfer


class TransferStatus(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"  # staff asked for it; another person decides
    SCHEDULED = "scheduled"  # waits for its day; funds are looked at then
    POSTED = "posted"
    REFUSED = "refused"  # on its day the ledger said no
    CANCELLED = "cancelled"


_S = TransferStatus
TRANSFER = States(
    "transfer",
    TransferStatus,
    initial={_S.AWAITING_APPROVAL, _S.SCHEDULED, _S.POSTED},
    moves={
        _S.AWAITING_APPROVAL: {_S.SCHEDULED, _S.POSTED, _S.CANCELLED},
        _S.SCHEDULED: {_S.POSTED, _S.REFUSED, _S.CANCELLED},
        _S.POSTED: set(),
        _S.REFUSED: set(),
        _S.CANCELLED: set(),
    },
)
