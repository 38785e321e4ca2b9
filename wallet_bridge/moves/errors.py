"""Why a transfer of treasury is refused. Nothing is reserved then, and nothing sent."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class TreasuryRouteUnknown(DomainError):
    """Money does not move between these two places."""

    code = "treasury_route_unknown"
    status = 422


class TreasuryNetworkClosed(Conflict):
    """One of the two venues does not move this asset over this network at the moment."""

    code = "treasury_network_closed"


class TreasuryAddressMissing(Conflict):
    """The destination has no address of this asset and network that two people have approved."""

    code = "treasury_address_missing"


class TreasuryAddressDiffers(Conflict):
    """The venue names another address than this one."""

    code = "treasury_address_differs"


class TreasuryAddressTaken(Conflict):
    """This venue has an address for this asset and network already; remove it first."""

    code = "treasury_address_taken"


class TreasuryAddressNotFound(NotFound):
    """There is no such address."""

    code = "treasury_address_not_found"


class TreasuryAmountUnfit(DomainError):
    """The amount is below what the venue sends, or finer than the network carries."""

    code = "treasury_amount_unfit"
    status = 422


class TreasuryFundsShort(Conflict):
    """The source has too little that is free for this."""

    code = "treasury_funds_short"


class TreasuryTransferBusy(Conflict):
    """Another transfer of this asset is leaving this venue; wait until its history shows it."""

    code = "treasury_transfer_busy"


class TreasuryTransferNotFound(NotFound):
    """There is no such transfer."""

    code = "treasury_transfer_not_found"


class TreasuryTransferSent(Conflict):
    """The transfer was sent, or is over; it cannot be taken back."""

    code = "treasury_transfer_sent"


class TreasuryProposalGone(Conflict):
    """The proposal has expired, was taken, or says something else."""

    code = "treasury_proposal_gone"


class TreasuryTransferNotOpen(Conflict):
    """There is nothing for people to decide about this transfer now, or the custodian says otherwise."""

    code = "treasury_transfer_not_open"


class TreasuryReceivedUnfit(DomainError):
    """Less than what is booked as arrived already, or finer than the books hold."""

    code = "treasury_received_unfit"
    status = 422
