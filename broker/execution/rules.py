"""Who gets how much of a venue order, and what a slice of a trade costs. Pure decimals; every sum is exact.

First come, first served: an order is served in full before the next gets anything. A slice's share of the venue's cost and fee is the
difference of two rounded sums, so that the slices of a trade add up to the trade whatever was rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from kernel.money import half_even_to_scale

ZERO = Decimal(0)
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Share(Generic[K]):
    """A part of something for one of those who want it."""

    of: K
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    """What a venue took for a trade, or for a slice of it."""

    cost: Decimal
    fee: Decimal


def serve(quantity: Decimal, wants: Iterable[tuple[K, Decimal]]) -> tuple[list[Share[K]], Decimal]:
    """Hand out `quantity` in the order of `wants`; what nobody wants is left over."""
    shares: list[Share[K]] = []
    for of, wanted in wants:
        if quantity <= 0:
            break
        if wanted > 0:
            taken = min(quantity, wanted)
            shares.append(Share(of, taken))
            quantity -= taken
    return shares, quantity


def serve_legs(
    legs: Sequence[tuple[K, Decimal]], wants: Sequence[tuple[int, Decimal]]
) -> dict[K, list[tuple[int, Decimal]]]:
    """Legs to orders: the first orders get the first legs, and an order may lie across two. Keys of legs are kept in their order."""
    left = dict(wants)
    waiting = [of for of, wanted in wants if wanted > 0]
    first, served = 0, {}
    for leg, quantity in legs:
        shares, _ = serve(quantity, ((of, left[of]) for of in waiting[first:]))
        for share in shares:
            left[share.of] -= share.quantity
        while first < len(waiting) and left[waiting[first]] == 0:
            first += 1
        served[leg] = [(share.of, share.quantity) for share in shares]
    return served


def slices_of_costs(
    *, quantity: Decimal, costs: Costs, slices: Sequence[Decimal], price: Decimal, quote_scale: int, fee_scale: int
) -> list[Costs]:
    """The shares of a trade's cost and fee that fall to its slices, which sum to its quantity."""
    found, taken, cost_before, fee_before = [], ZERO, ZERO, ZERO
    for part in slices:
        taken += part
        whole = taken == quantity
        cost = costs.cost if whole else half_even_to_scale(taken * price, quote_scale)
        fee = costs.fee if whole else half_even_to_scale(costs.fee * taken / quantity, fee_scale)
        found.append(Costs(cost - cost_before, fee - fee_before))
        cost_before, fee_before = cost, fee
    assert taken == quantity, "slices are the whole trade"
    return found
