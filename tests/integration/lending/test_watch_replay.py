"""The replay of the proof, small: a random walk over a few dozen loans, beside the calculation that shares nothing with the product."""

import random

import pytest

from rivermouth.prove.lending_replay import replay
from rivermouth.prove.report import Report
from tests.watch_desk import open_watch


@pytest.mark.parametrize("seed", [1, 2])
def test_every_change_of_level_is_the_one_that_was_calculated(database, valkey_url, seed):
    rng, price, bars = random.Random(seed), 4_600_000, []
    for _ in range(60):
        prices = [price, *(price + rng.randrange(-16_000, 15_000) for _ in range(3))]
        bars.append([prices[0], max(prices), min(prices), prices[-1]])
        price = prices[-1]
    report = Report("small", "a small replay", ("",) * 7)
    with open_watch(database, valkey_url) as desk:
        replay(database.owner, desk.tenant, bars, loans=60, rng=rng, report=report)
    assert not report.failed
