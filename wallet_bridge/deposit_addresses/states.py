"""Where an address stands that was asked for."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class AddressStatus(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    REFUSED = "refused"  # the next request asks again


_S = AddressStatus
ADDRESS = States(
    "deposit_address",
    AddressStatus,
    initial={_S.PREPARING},
    moves={_S.PREPARING: {_S.READY, _S.REFUSED}, _S.READY: set(), _S.REFUSED: set()},
)
