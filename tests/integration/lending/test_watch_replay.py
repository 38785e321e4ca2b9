"""The replay of the proof, small: a random walk over a few dozen loans, beside calculations that share nothing with the product."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from broker.execution import postings
from broker.execution.postings import Slice
from lending.liquidation import rules as liquidation_rules
from lending.loans import rules, watching
from lending.loans.states import Level
from lending.products.states import Line
from rivermouth.prove.lending_replay import COLUMNS, replay
from rivermouth.prove.report import Report
from tests.watch_desk import open_watch


def played(database, valkey_url, *, seed, bars=60, loans=60):
    rng, price, walked = random.Random(seed), 4_600_000, []
    for _ in range(bars):
        prices = [price, *(price + rng.randrange(-16_000, 15_000) for _ in range(3))]
        walked.append([prices[0], max(prices), min(prices), prices[-1]])
        price = prices[-1]
    report = Report("small", "a small replay", COLUMNS)
    with open_watch(database, valkey_url) as desk:
        replay(
            database.owner, desk.tenant, walked, loans=loans, rng=rng, report=report, insurance=Decimal(5), nights=2,
        )  # fmt: skip
    return report


def test_every_level_every_sale_and_every_entry_is_the_one_that_was_calculated(database, valkey_url):
    report = played(database, valkey_url, seed=1)
    assert report.failed == []
    assert "insurance 5.000000" in report.notes[-1]
    assert "bad debt 0.000000" not in report.notes[-1]


def line_by_less(monkeypatch):
    """On the line is not hit."""
    monkeypatch.setattr(rules, "is_hit", lambda p, line: p.debt > 0 and rules.weighed(p, line) < p.debt)


def no_wick_guard(monkeypatch):
    """The first price at the actual line sells."""

    def at_once(watch, at, guard):
        return watching.Look(watching.Watch(Level.LIQUIDATING, 1, at), Level.LIQUIDATING, Line.ACTUAL)

    monkeypatch.setattr(watching, "_confirm", at_once)


def fills_booked_twice(monkeypatch):
    """Each trade once more, as if it were another one that no order wanted."""
    post = postings.post_slices

    def twice(tx, slices):
        again = [Slice(replace(each.fill, trade_id=f"{each.fill.trade_id}'"), None) for each in slices]
        return post(tx, [*slices, *again])[: len(slices)]

    monkeypatch.setattr(postings, "post_slices", twice)


def fee_kept_from_the_surplus(monkeypatch):
    """A unit of every surplus goes to our fee."""

    def greedy(*given, **named):
        done = settle(*given, **named)
        unit = Decimal("0.000001") if done.surplus else Decimal(0)
        return replace(done, fee=done.fee + unit, surplus=done.surplus - unit)

    settle = liquidation_rules.settle
    monkeypatch.setattr(liquidation_rules, "settle", greedy)


@pytest.mark.parametrize(
    ("break_it", "promise"),
    [
        (line_by_less, "every change of level"),
        (no_wick_guard, "no loan was sold by a wick"),
        (fills_booked_twice, "every entry about every loan"),
        (fee_kept_from_the_surplus, "every entry about every loan"),
    ],
)
def test_it_can_fail(database, valkey_url, monkeypatch, break_it, promise):
    break_it(monkeypatch)
    report = played(database, valkey_url, seed=1, bars=8, loans=30)
    assert any(failed.startswith(promise) for failed in report.failed)
