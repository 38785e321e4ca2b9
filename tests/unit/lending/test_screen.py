"""The float64 screen: it may name too many loans, never too few."""

from decimal import Decimal as D
from random import Random

import numpy as np
import pytest

from lending import screen
from lending.loans.rules import Pledge, Position, worst_line
from lending.loans.states import LEVEL_AT, Level
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis, Line
from lending.screen import BAND, DEBT_ERROR, MOST_ASSETS, Book, candidates, ranks, weights_of

KINDS = [
    thresholds(Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81"))),
    thresholds(Lines(Basis.PRICE_FRACTION, D("0.70"), D("0.78"), D("0.755"), D("0.74"), D("0.73"))),
    thresholds(Lines(Basis.LTV, D("0.50"), D("0.70"), D("0.78"), D("0.80"), D("0.90"))),
]
TABLE = np.array([[float(kind.of(line)) for kind in KINDS] for line in Line])


def book_of(positions):
    """Assets are named by their place in the prices."""
    rows = [pledge for position in positions for pledge in position.pledges]
    sizes = [len(position.pledges) for position in positions]
    return Book(
        starts=np.cumsum([0, *sizes[:-1]], dtype=np.intp),
        assets=np.array([int(row.asset) for row in rows], dtype=np.intp),
        weights=weights_of(
            np.array([float(row.quantity) for row in rows]),
            TABLE,
            np.array([KINDS.index(row.thresholds) for row in rows], dtype=np.intp),
        ),
        debts=np.array([float(position.debt) for position in positions]),
    )


def random_position(random, prices):
    chosen = random.sample(range(len(prices)), random.randrange(1, len(prices) + 1))
    pledges = tuple(
        Pledge(str(asset), D(random.randrange(1, 10**12)) / 10**8, prices[asset], random.choice(KINDS))
        for asset in chosen
    )
    line = random.choice(tuple(Line))
    limit = sum(pledge.value * pledge.thresholds.of(line) for pledge in pledges)
    nudge = random.choice([0, 0, 1, -1, 10**9, -(10**9), 10**17])
    debt = D(limit.numerator) / D(limit.denominator) + D(nudge).scaleb(-18) * D(random.randrange(1, 10))
    return Position(pledges, max(debt, D("1e-18")))


def test_no_hit_is_missed():
    random = Random(7)
    for _ in range(8):
        prices = [D(random.randrange(1, 10**7)) / 100 for _ in range(5)]
        positions = [random_position(random, prices) for _ in range(200)]
        exact = [LEVEL_AT[worst_line(position)].rank for position in positions]
        found = ranks(book_of(positions), np.array([float(price) for price in prices]))
        assert found.priced.all()
        for rank, certain, possible in zip(exact, found.certain, found.possible, strict=True):
            assert certain <= rank <= possible


def test_what_is_not_a_candidate_has_the_stored_level():
    random = Random(8)
    prices = [D(random.randrange(1, 10**7)) / 100 for _ in range(5)]
    positions = [random_position(random, prices) for _ in range(1000)]
    exact = np.array([LEVEL_AT[worst_line(position)].rank for position in positions])
    stored = np.where(np.arange(1000) % 3 == 0, 0, exact).astype(np.int8)
    chosen = set(candidates(book_of(positions), np.array([float(price) for price in prices]), stored).tolist())
    for place, rank in enumerate(exact):
        if place not in chosen:
            assert stored[place] == rank < Level.PENDING_LIQUIDATION.rank


@pytest.mark.parametrize("block", [1, 7, 99, 100])
def test_blocks_say_what_the_whole_book_says(monkeypatch, block):
    random = Random(9)
    prices = [D(random.randrange(1, 10**7)) / 100 for _ in range(5)]
    book = book_of([random_position(random, prices) for _ in range(100)])
    seen = np.array([float(price) for price in prices[:-1]] + [float("nan")])
    whole = ranks(book, seen)
    monkeypatch.setattr(screen, "_BLOCK", block)
    parts = ranks(book, seen)
    assert 0 < whole.priced.sum() < 100
    for name in ("certain", "possible", "priced"):
        assert (getattr(parts, name) == getattr(whole, name)).all()


def one(debt="24000", qty="1"):
    return book_of([Position((Pledge("0", D(qty), D(1), KINDS[0]),), D(debt))])


@pytest.mark.parametrize(
    ("price", "level", "chosen"),
    [
        (30000.0, Level.HEALTHY, False),
        (30000.0, Level.WARNING, True),  # it improved
        (25500.0, Level.HEALTHY, True),
        (25500.0, Level.WARNING, True),  # on the line: floats cannot tell
        (25400.0, Level.WARNING, False),
        (25400.0, Level.HEALTHY, True),
        (24600.0, Level.PENDING_LIQUIDATION, True),  # each tick counts
        (24500.0, Level.PENDING_LIQUIDATION, True),
        (24000.0, Level.MARGIN_CALL, True),
        (float("nan"), Level.HEALTHY, True),
    ],
)
def test_who_is_looked_at(price, level, chosen):
    found = candidates(one(), np.array([price]), np.array([level.rank], dtype=np.int8))
    assert found.tolist() == ([0] if chosen else [])


def test_the_band_covers_its_proof():
    half_ulp = 2.0**-53
    assert (MOST_ASSETS + 8) * half_ulp + DEBT_ERROR < BAND


def test_an_empty_book():
    empty = Book(np.array([], np.intp), np.array([], np.intp), np.zeros((4, 0)), np.array([]))
    assert candidates(empty, np.array([1.0]), np.array([], np.int8)).tolist() == []


def test_a_loan_without_rows_is_a_mistake():
    with pytest.raises(AssertionError):
        Book(np.array([0, 1, 1]), np.array([0, 0]), np.zeros((4, 2)), np.zeros(3))
