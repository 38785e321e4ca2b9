"""What keeps a customer's account from being closed for good: packages above say so, for this one knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from identity.people.errors import AccountInUse
from kernel.db import Tx

Runs = Callable[[Tx, UUID], bool]
"""Whether something of this customer still runs."""

_known: dict[str, Runs] = {}


def register(name: str, runs: Runs) -> None:
    """Make it known; the composition root does it once per process, a second time replaces the first."""
    _known[name] = runs


def require_nothing_runs(tx: Tx, customer: UUID) -> None:
    """Step of whoever closes the account.

    Raises:
        AccountInUse: with the names of what runs.
    """
    running = [name for name, runs in sorted(_known.items()) if runs(tx, customer)]
    if running:
        raise AccountInUse(running=running)
