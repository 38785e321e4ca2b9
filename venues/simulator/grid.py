"""A venue's price grid: fixed ticks or significant digits, and quotes symmetric about a price."""

from decimal import Decimal

from kernel.money import half_even_to
from venues.simulator.shapes import SymbolSpec

_ATTEMPTS = 200


def tick_at(spec: SymbolSpec, price: Decimal) -> Decimal:
    if spec.tick is not None:
        return spec.tick
    digits = spec.significant_digits or 5
    return Decimal(1).scaleb(price.adjusted() - digits + 1)


def on_grid(spec: SymbolSpec, price: Decimal) -> bool:
    return price > 0 and price % tick_at(spec, price) == 0


def floor_price(spec: SymbolSpec, price: Decimal) -> Decimal:
    tick = tick_at(spec, price)
    return price // tick * tick


def nearest(spec: SymbolSpec, price: Decimal) -> Decimal:
    return half_even_to(price, tick_at(spec, price))


def below(spec: SymbolSpec, price: Decimal, distance: Decimal) -> Decimal:
    """The highest grid price at least `distance` (and at least one tick) below."""
    target = floor_price(spec, price - distance)
    return target if target < price else floor_price(spec, price - tick_at(spec, price))


def above(spec: SymbolSpec, price: Decimal, distance: Decimal) -> Decimal:
    """The lowest grid price at least `distance` (and at least one tick) above."""
    tick = tick_at(spec, price + distance)
    target = -(-(price + distance) // tick) * tick
    return target if target > price else price + tick


def symmetric_quote(spec: SymbolSpec, price: Decimal, half_spread: Decimal) -> tuple[Decimal, Decimal] | None:
    """Bid and ask on the grid whose mean is exactly `price`, as tight as `half_spread` allows.

    None when the grid cannot show the price.
    """
    if price <= 0 or price <= half_spread:
        return None
    bid = below(spec, price, half_spread)
    for _ in range(_ATTEMPTS):
        if bid <= 0:
            return None
        ask = price + (price - bid)
        if on_grid(spec, ask):
            return bid, ask
        bid = below(spec, bid, Decimal(0))
    return None


def nearest_quote(spec: SymbolSpec, price: Decimal, half_spread: Decimal) -> tuple[Decimal, Decimal]:
    """Like symmetric_quote, about the nearest price the grid can show."""
    exact = symmetric_quote(spec, price, half_spread)
    if exact is not None:
        return exact
    rounded = symmetric_quote(spec, half_even_to(price, tick_at(spec, price) / 2), half_spread)
    if rounded is not None:
        return rounded
    bid = below(spec, price, half_spread)
    return bid, above(spec, price, half_spread)
