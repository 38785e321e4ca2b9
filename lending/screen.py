"""The whole book against one tick in float64: which loans need to be decided exactly. It chooses, it never decides.

Why no hit is missed. Let u = 2^-53 and let a loan have n assets. A quantity, a loan-to-value and a price are each off by at most u
once they are floats, and so is each of their two products; the terms are not negative, so their sum, in whatever order, is off
by at most (n + 4)·u of itself, up to terms of u², and the debt by the `DEBT_ERROR` that the caller vouches for. Both sides together stay
below the band as long as n ≤ `MOST_ASSETS`: 1e6 · 1.2e-16 + 1e-10 < 1e-9. A loan outside the band is on the side that the floats say; all
others, and all without a price, are candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lending.loans.states import Level
from lending.products.states import Line

BAND = 1e-9
DEBT_ERROR = 1e-10
MOST_ASSETS = 1_000_000
_BLOCK = 4_096  # loans

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_ACTUAL = Level.PENDING_LIQUIDATION.rank


@dataclass(frozen=True, slots=True)
class Book:
    """All loans with a debt: their collateral in one row per loan and asset, the rows of a loan side by side, `starts` the first of each.

    `weights` has a row per line: quantity × loan-to-value of that line, never negative. `assets` are places in the prices.
    """

    starts: Ints
    assets: Ints
    weights: Floats
    debts: Floats

    def __post_init__(self) -> None:
        rows = len(self.assets)
        sizes = np.diff(np.append(self.starts, rows))
        assert self.weights.shape == (len(Line), rows), "a weight per line and row"
        assert len(self.starts) == len(self.debts), "a debt per loan"
        assert not len(sizes) or (self.starts[0] == 0 and sizes.min() > 0), (
            "a loan without collateral cannot be screened"
        )
        assert not len(sizes) or sizes.max() <= MOST_ASSETS, "the band was proved for fewer assets"


@dataclass(frozen=True, slots=True)
class Ranks:
    """Per loan how many lines are hit for certain and how many may be; `priced` is false where a price is missing (NaN)."""

    certain: NDArray[np.int8]
    possible: NDArray[np.int8]
    priced: NDArray[np.bool_]


def weights_of(quantities: Floats, thresholds: Floats, product: Ints) -> Floats:
    """Quantity × loan-to-value for all lines; `thresholds` has a row per line and a column per kind of collateral, `product` names it."""
    weights: Floats = thresholds[:, product] * quantities
    return weights


def ranks(book: Book, prices: Floats) -> Ranks:
    """Compare every loan with every line. `prices` is NaN where there is none to trust.

    Block by block, so that what is computed on the way stays in the processor's cache: half the time of whole columns.
    """
    loans, rows = len(book.starts), len(book.assets)
    found = Ranks(np.zeros(loans, np.int8), np.zeros(loans, np.int8), np.ones(loans, np.bool_))
    for begin in range(0, loans, _BLOCK):
        block = slice(begin, min(begin + _BLOCK, loans))
        first, last = book.starts[begin], book.starts[block.stop] if block.stop < loans else rows
        row_prices, starts = prices[book.assets[first:last]], book.starts[block] - first
        least, most = book.debts[block] * (1.0 - BAND), book.debts[block] * (1.0 + BAND)
        for weights in book.weights[:, first:last]:
            reached = np.add.reduceat(weights * row_prices, starts)
            found.certain[block] += reached <= least
            found.possible[block] += reached <= most
            found.priced[block] &= ~np.isnan(reached)
    return found


def candidates(book: Book, prices: Floats, levels: NDArray[np.int8]) -> Ints:
    """The loans to decide exactly: near a line, without a price, at the actual line or past it, or at another level than `levels` says.

    `levels` holds the rank of each loan's stored level. A loan that waits for confirmation is looked at on every tick, for each one counts.
    """
    found = ranks(book, prices)
    stored = found.possible == levels
    sure = found.certain == found.possible
    quiet = sure & stored & found.priced & (found.possible < _ACTUAL)
    chosen: Ints = np.flatnonzero(~quiet)
    return chosen
