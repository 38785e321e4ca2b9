"""Why a customer gets no address."""

from __future__ import annotations

from kernel.errors import Conflict


class DepositsClosed(Conflict):
    """This asset cannot be deposited on this network at the moment."""

    code = "deposits_closed"


class DepositAddressRefused(Conflict):
    """The custodian made no address; ask again later."""

    code = "deposit_address_refused"
