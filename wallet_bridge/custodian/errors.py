"""What the custodian refuses, each with a stable code."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class WireUnsigned(DomainError):
    """The request is not signed by a key of ours, is too old, or was used before."""

    code = "wire_unsigned"
    status = 401


class ClientRefConflict(Conflict):
    """This reference was used for something else."""

    code = "client_ref_conflict"


class NetworkUnknown(DomainError):
    """There is no such network here, or it does not carry this asset."""

    code = "network_unknown"
    status = 400


class AddressInvalid(DomainError):
    """This is no address of that network."""

    code = "address_invalid"
    status = 400


class AmountUnfit(DomainError):
    """The amount must be more than zero and have no more decimals than the asset."""

    code = "amount_unfit"
    status = 400


class DestinationUnfit(DomainError):
    """A destination is one address, one active entry of the whitelist, or the cold wallet."""

    code = "destination_unfit"
    status = 400


class TransferNotFound(NotFound):
    """There is no such transfer."""

    code = "transfer_not_found"


class AlreadySigned(Conflict):
    """The transfer is signed; it can not be cancelled any more."""

    code = "already_signed"


class DraftUnfit(Conflict):
    """The draft says something else than the transfer it was made for: it is neither shown nor sent."""

    code = "draft_unfit"


class SignatureUnfit(DomainError):
    """This is no signature of a holder over the draft."""

    code = "signature_unfit"
    status = 400


class WhitelistEntryNotFound(NotFound):
    """There is no such entry."""

    code = "whitelist_entry_not_found"


class SamePerson(Conflict):
    """Whoever proposed an address cannot agree to it."""

    code = "same_person"
