"""Refusals about networks."""

from kernel.errors import DomainError


class NetworkUnknown(DomainError):
    """This house does not offer this asset on this network."""

    code = "network_unknown"
    status = 422
