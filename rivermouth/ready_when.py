"""When the product is ready: every market has prices, everything that needs an owner has one, and the house knows its funds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernel import db
from kernel.settings import settings
from markets.composite.states import CompositeState
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from venues.books import BookState
from wallet_bridge.funds import service as funds

ENOUGH_VENUES = 3


@dataclass(frozen=True, slots=True)
class Readiness:
    """One condition of `/readyz`: None when it holds, else the reason; runs in a thread, in milliseconds."""

    name: str
    check: Callable[[], str | None]


def _markets_have_prices() -> str | None:
    for instrument in instruments.list_markets():
        view = quotes.load(instrument.symbol)
        synced = sum(v.state is BookState.SYNCED for v in view.venues)
        if view.composite.state is not CompositeState.NORMAL or synced < ENOUGH_VENUES:
            return f"{instrument.symbol} is {view.composite.state} with {synced} venues synced"
    return None


def _owners_are_alive() -> str | None:
    """Every market and every venue's lane has an owner."""
    venues = [name.strip() for name in settings().venues.split(",")]
    wanted = {f"lane:{venue}:{settings().house_tenant}" for venue in venues} | {
        "fold",
        "events",
        "stream",
        "lending-watch",
    }
    wanted |= {f"market:{instrument.symbol}" for instrument in instruments.list_markets()}
    with db.read_only() as tx:
        held = {row.name for row in tx.all("SELECT name FROM kernel.leases WHERE expires_at > clock_timestamp()")}
    missing = sorted(wanted - held)
    return f"nobody owns {', '.join(missing)}" if missing else None


def _funds_are_known() -> str | None:
    with db.read_only(tenant=settings().house_tenant) as tx:
        venues = funds.known_venues(tx)
    return None if venues else "no venue has reported its balances"


READINESS: tuple[Readiness, ...] = (
    Readiness("owners", _owners_are_alive),
    Readiness("funds", _funds_are_known),
    Readiness("prices", _markets_have_prices),
)
