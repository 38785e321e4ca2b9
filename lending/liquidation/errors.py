"""Why a liquidation is not begun, or cannot be changed."""

from __future__ import annotations

from kernel.errors import DomainError


class LiquidationsStopped(DomainError):
    """A breaker stands: no liquidation of this collateral is begun now."""

    code = "liquidations_stopped"
    status = 409


class LiquidationNotFound(DomainError):
    """There is no such liquidation."""

    code = "liquidation_not_found"
    status = 404


class NotPaused(DomainError):
    """Only a paused liquidation can be given a new lowest price."""

    code = "liquidation_not_paused"
    status = 409


class NoBadDebt(DomainError):
    """Nothing is left to write off: this sale left no loss, or it was written off before."""

    code = "no_bad_debt"
    status = 409
