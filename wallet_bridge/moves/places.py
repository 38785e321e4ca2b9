"""The names of places between which treasury moves money: a venue by its own name, a wallet of the custodian's as `wallet:<network>`."""

from __future__ import annotations

from wallet_bridge.moves.errors import TreasuryRouteUnknown

_VENUE, _WALLET = "venue:", "wallet:"


def wallet(network: str) -> str:
    return _WALLET + network


def is_wallet(place: str) -> bool:
    return place.startswith(_WALLET)


def network_of(place: str) -> str:
    """The network of a wallet."""
    return place.removeprefix(_WALLET)


def located(place: str) -> str:
    """As treasury and everybody outside calls it."""
    return place if is_wallet(place) else _VENUE + place


def named(location: str) -> str:
    """The reverse.

    Raises:
        TreasuryRouteUnknown
    """
    if is_wallet(location):
        return location
    if not location.startswith(_VENUE):
        raise TreasuryRouteUnknown
    return location.removeprefix(_VENUE)
