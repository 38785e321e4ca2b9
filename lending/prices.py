"""What the market says a collateral is worth right now, and whether that may be believed: read from the markets' copies.

A price is believed by the product's guard (`watching.is_trusted`): young enough, from enough venues, in a state that several venues make.
A market nobody publishes has no price, which is never a price of zero.

Prices are read outside of transactions, and a loan's row may be held for seconds by somebody else. So what is done by a price is begun
again, with prices of now, when it had to wait (`by_prices`): nobody buys an option on the past by keeping a row busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from kernel import clock
from kernel.money import canonical
from lending.errors import PriceNotTrusted
from lending.loans.watching import SeenPrice, is_trusted
from lending.products.terms import Guard
from markets.composite.states import CompositeState
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable

T = TypeVar("T")
WAITED_S = 1.0
"""Who came to judge later than this after the prices were read has waited for somebody, and reads them anew."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Observed:
    """`evidence` is what is stored when something is decided by this price: JSON, amounts as strings."""

    seen: SeenPrice
    evidence: Mapping[str, Any]


def observe(asset: str, quote: str) -> Observed | None:
    """The composite of the market `asset`-`quote`; None where there is no copy or no price in it."""
    try:
        view = quotes.load(f"{asset}-{quote}")
    except QuotesUnavailable:
        return None
    made = view.composite
    if made.price is None or made.as_of is None:
        return None
    age = max(clock.wall() - made.as_of, timedelta(0))
    seen = SeenPrice(price=made.price, age=age, venues=view.usable, state=made.state)
    evidence = {
        "symbol": view.symbol,
        "price": canonical(made.price),
        "state": made.state.value,
        "as_of": made.as_of.isoformat(),
        "age_ms": int(age / timedelta(milliseconds=1)),
        "venues": [
            {
                "venue": part.venue,
                "mid": None if part.mid is None else canonical(part.mid),
                "used": part.used,
            }
            for part in made.constituents
        ],
    }
    return Observed(seen, evidence)


def as_if(price: Decimal, *, state: CompositeState, venues: Sequence[str], made: str) -> Observed:
    """A price as a market of these venues would show it this moment, for replays; `made` is what tells it from the one before."""
    seen = SeenPrice(price=price, age=timedelta(0), venues=len(venues), state=state)
    shown = [{"venue": venue, "mid": canonical(price), "used": True} for venue in venues]
    return Observed(seen, {"price": canonical(price), "state": state.value, "as_of": made, "venues": shown})


def observe_all(assets: Iterable[str], quote: str) -> dict[str, Observed]:
    """Those of the assets that have a price at all."""
    found = {asset: observe(asset, quote) for asset in assets}
    return {asset: each for asset, each in found.items() if each is not None}


def trusted(assets: Iterable[str], quote: str, guard: Guard) -> dict[str, Observed]:
    """A price to lend by or to let collateral go by, for every one of the assets.

    Raises:
        PriceNotTrusted: one of them has none, or it is too old, or from too few venues.
    """
    wanted = list(assets)
    found = observe_all(wanted, quote)
    require_trusted(found, wanted, guard)
    return found


def require_trusted(observed: Mapping[str, Observed], assets: Iterable[str], guard: Guard) -> None:
    """Raises `PriceNotTrusted` as `trusted` does: for prices that have grown older since."""
    for asset in assets:
        if asset not in observed or not is_trusted(observed[asset].seen, guard):
            raise PriceNotTrusted(asset=asset)


def aged(observed: Mapping[str, Observed], by: float) -> dict[str, Observed]:
    """The same some seconds later: who waited for a lock judges by the age that the prices have now."""
    return {
        asset: replace(each, seen=replace(each.seen, age=each.seen.age + timedelta(seconds=by)))
        for asset, each in observed.items()
    }


class _Waited(Exception):
    """The prices in hand are those of before a wait: roll back, read them again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Prices and when they were read. `read` is for what needs no lock; `now` is for the judgement."""

    read: Mapping[str, Observed]
    _at: float
    _last: bool

    def now(self) -> dict[str, Observed]:
        """Step, after the last lock: the prices, as old as they are by now. May end the transaction, to begin it again."""
        if self.age_s > WAITED_S and not self._last:
            raise _Waited
        return aged(self.read, self.age_s)

    @property
    def age_s(self) -> float:
        return clock.monotonic() - self._at


def by_prices(read: Callable[[], Mapping[str, Observed]], work: Callable[[Reading], T]) -> T:
    """What `work` answers, by prices that `read` found no long wait ago. `work` opens the transaction itself and asks for `Reading.now`.

    Where every try has to wait, the last one judges by the age its prices have: the product's guard refuses what is too old.
    """
    for left in reversed(range(_TRIES)):
        reading = Reading(read(), clock.monotonic(), left == 0)
        try:
            return work(reading)
        except _Waited:
            continue
    raise AssertionError("unreachable")


def amounts(observed: Mapping[str, Observed]) -> dict[str, Decimal]:
    return {asset: each.seen.price for asset, each in observed.items()}
