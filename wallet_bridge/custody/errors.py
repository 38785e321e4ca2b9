"""Refusals of what needs a custodian."""

from kernel.errors import DomainError


class WalletNotConfigured(DomainError):
    """This deployment has no custodian (RIVERMOUTH_CUSTODIAN_URL), so nothing can be deposited or withdrawn on a chain."""

    code = "wallet_not_configured"
    status = 503


class HookUnsigned(DomainError):
    """The message is not signed by the custodian."""

    code = "hook_unsigned"
    status = 401
