"""What keeps a customer's money in for now: packages above say so, for this one knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from kernel.db import Tx
from wallet_bridge.withdrawals.errors import WithdrawalBlocked

Stands = Callable[[Tx, UUID], bool]
"""Whether this stands against a withdrawal of this customer now."""

_known: dict[str, Stands] = {}


def register(name: str, stands: Stands) -> None:
    """Make it known; the composition root does it once per process, a second time replaces the first."""
    _known[name] = stands


def require_none(tx: Tx, customer: UUID) -> None:
    """Step.

    Raises:
        WithdrawalBlocked: `reason` is the name of what stands.
    """
    for name, stands in sorted(_known.items()):
        if stands(tx, customer):
            raise WithdrawalBlocked(reason=name)
