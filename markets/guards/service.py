"""Guards of markets, read from memory which is at most a second old: every order and every tick asks, and they hardly ever change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from identity.audit import service as audit
from kernel import cache, clock, db, log
from kernel.settings import settings
from markets.guards import queries
from markets.guards.errors import GuardsInvalid
from markets.guards.rules import DEFAULT, Guards, are_sound, extra_spread
from markets.instruments import service as instruments

__all__ = ["DEFAULT", "Guards", "extra_spread", "forget", "of", "set_guards"]

FRESH_FOR_S = 1.0
_log = log.get("guards")


@dataclass(slots=True)
class _Memory:
    read_at: float
    guards: Mapping[str, Guards]


_memory = _Memory(float("-inf"), {})


def of(symbol: str) -> Guards:
    """The guards of a market; the defaults where nobody has set any."""
    global _memory  # noqa: PLW0603  one memory per process
    memory = _memory
    if clock.monotonic() - memory.read_at > FRESH_FOR_S:
        read_at = clock.monotonic()
        tx = db.current()
        if tx is not None:
            memory = _Memory(read_at, queries.select_all(tx))
        else:
            with db.read_only() as own:
                memory = _Memory(read_at, queries.select_all(own))
        _memory = memory
    return memory.guards.get(symbol, DEFAULT)


def known(symbol: str) -> Guards:
    """As they were last read, whatever their age; for an event loop, which must not wait for a database."""
    return _memory.guards.get(symbol, DEFAULT)


def set_guards(symbol: str, *, tenant: UUID | None = None, **given: Any) -> Guards:
    """Change what is given, the rest stays.

    Args:
        tenant: whose audit it stands in, for guards are everybody's; the house's unless said otherwise.

    Raises:
        UnknownSymbol: there is no such market.
        GuardsInvalid: they make no sense together.
    """
    instruments.get(symbol)
    with db.transaction(tenant=tenant or settings().house_tenant) as tx:
        known = queries.select_all(tx).get(symbol, DEFAULT)
        chosen = replace(known, **given)
        if not are_sound(chosen):
            raise GuardsInvalid
        queries.store(tx, symbol, chosen)
        before, after = asdict(known), asdict(chosen)
        audit.record(
            tx, "guards.set", kind="market", resource=symbol, before=before, after=after, was=before, now=after
        )
        tx.after_commit(forget)
        tx.after_commit(lambda: cache.publish(instruments.channel(symbol)))
    _log.info("guards_changed", symbol=symbol, **{name: str(value) for name, value in given.items()})
    return chosen


def forget() -> None:
    """Read the table again at the next question."""
    global _memory  # noqa: PLW0603  one memory per process
    _memory = _Memory(float("-inf"), {})
