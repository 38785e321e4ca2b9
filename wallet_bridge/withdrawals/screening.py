"""Whether an address may be paid to, asked of everybody who was registered; who does not answer makes a person look.

The house's own lists (`identity.screening`) are one of those who are asked: an entry of a list may name addresses as well as people.
A service outside would register here too; it is asked before the transaction of the withdrawal begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from identity.screening import service as lists
from kernel import db, log
from wallet_bridge.withdrawals.states import Why


@dataclass(frozen=True, slots=True)
class Destination:
    """Where money shall go: as it was typed, and in the spelling in which addresses are compared."""

    network: str
    address: str
    plain: str


Screen = Callable[[UUID, Destination], bool]
"""Whether a house (its tenant) may pay there without a person; any error means that nobody knows."""

_log = log.get("withdrawals")


def by_lists(tenant: UUID, to: Destination) -> bool:
    with db.read_only(tenant=tenant) as tx:
        return not lists.names(tx, {to.address, to.plain})


_screens: dict[str, Screen] = {"lists": by_lists}


def register(name: str, screen: Screen) -> None:
    """Ask this one too from now on; a second time replaces the first."""
    _screens[name] = screen


def why_not(tenant: UUID, to: Destination) -> list[Why]:
    """Why a person has to look; empty when all who were asked said yes. Opens its own transactions."""
    why: list[Why] = []
    for name, screen in _screens.items():
        try:
            if not screen(tenant, to):
                why.append(Why.ADDRESS_LISTED)
        except Exception as error:  # noqa: BLE001  whatever ails it: unknown is not a yes
            _log.warning("screening_unavailable", screen=name, error=repr(error))
            why.append(Why.SCREENING_UNAVAILABLE)
    return why
