"""Markets and their settings. Read from memory, which is at most a second old: every order asks, and they hardly ever change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from kernel import cache, clock, db, log
from kernel.settings import settings
from markets.instruments import queries
from markets.instruments.errors import MarketPaused, UnknownSymbol
from markets.instruments.queries import Instrument
from markets.instruments.states import FillMode, MarketStatus, Trigger

__all__ = ["Instrument", "channel", "forget", "get", "list_markets", "require_trading", "set_modes"]

FRESH_FOR_S = 1.0
_log = log.get("markets")


@dataclass(slots=True)
class _Memory:
    read_at: float
    instruments: Mapping[str, Instrument]


_memory = _Memory(float("-inf"), {})


def channel(symbol: str) -> str:
    """Where the owner of a market is woken."""
    return f"rm:market:{symbol}"


def list_markets(*, fresh: bool = False) -> list[Instrument]:
    return list(_instruments(fresh=fresh).values())


def get(symbol: str, *, fresh: bool = False) -> Instrument:
    """One market; with `fresh`, from the database in any case.

    Raises:
        UnknownSymbol: there is no such market.
    """
    instrument = _instruments(fresh=fresh).get(symbol)
    if instrument is None:
        raise UnknownSymbol(symbol=symbol)
    return instrument


def require_trading(instrument: Instrument) -> None:
    """Deny a new order in a paused market.

    Raises:
        MarketPaused: it is.
    """
    if instrument.status is not MarketStatus.TRADING:
        raise MarketPaused(symbol=instrument.symbol)


def set_modes(
    symbol: str,
    *,
    trigger: Trigger | None = None,
    fill: FillMode | None = None,
    status: MarketStatus | None = None,
    markup: Decimal | None = None,
    tenant: UUID | None = None,
) -> Instrument:
    """Change the settings given; orders accepted before keep the fill mode and the markup they were accepted with.

    Args:
        tenant: whose audit it stands in, for markets are everybody's; the house's unless said otherwise.

    Raises:
        UnknownSymbol: there is no such market.
    """
    with db.transaction(tenant=tenant or settings().house_tenant) as tx:
        before = _state(queries.select_all(tx), symbol)
        if not queries.update_settings(tx, symbol=symbol, trigger=trigger, fill=fill, status=status, markup=markup):
            raise UnknownSymbol(symbol=symbol)
        after = _state(queries.select_all(tx), symbol)
        audit.record(
            tx, "market.changed", kind="market", resource=symbol, before=before, after=after, was=before, now=after
        )
        tx.after_commit(forget)
        tx.after_commit(lambda: cache.publish(channel(symbol)))
    _log.info("market_settings_changed", symbol=symbol, trigger=trigger, fill=fill, status=status, markup=markup)
    return get(symbol)


def _state(known: Sequence[Instrument], symbol: str) -> audit.State:
    found = [i for i in known if i.symbol == symbol]
    return {name: str(getattr(i, name)) for i in found for name in ("trigger", "fill", "status", "markup")}


def forget() -> None:
    """Read the table again at the next question."""
    global _memory  # noqa: PLW0603  one memory per process
    _memory = _Memory(float("-inf"), {})


def _instruments(*, fresh: bool) -> Mapping[str, Instrument]:
    global _memory  # noqa: PLW0603  one memory per process
    memory = _memory
    if fresh or clock.monotonic() - memory.read_at > FRESH_FOR_S:
        read_at = clock.monotonic()
        with db.read_only() as tx:
            memory = _Memory(read_at, {i.symbol: i for i in queries.select_all(tx)})
        _memory = memory
    return memory.instruments
