"""The guard before a sale (table T5), what is no observation at all, and levels that do not flicker."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from lending.loans.rules import Pledge, Position
from lending.loans.states import LEVEL_AT, Level
from lending.loans.watching import SeenPrice, Watch, after_payment, look
from lending.products.rules import Lines, thresholds
from lending.products.states import SHOWN, Basis, Line
from lending.products.terms import Guard
from markets.composite.states import CompositeState

BTC = thresholds(Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81")))
START = datetime(2026, 1, 1, tzinfo=UTC)
GUARD = Guard(confirm_n=3, confirm_for=timedelta(seconds=10), max_age=timedelta(seconds=5))
LOAN = Position((Pledge("BTC", D(1), D(30000), BTC),), D(24000))
H, W, M, P, L = Level


def at(seconds):
    return START + timedelta(seconds=seconds)


def seen(price, *, age=0, venues=3, state=CompositeState.NORMAL):
    return {"BTC": SeenPrice(D(str(price)), timedelta(seconds=age), venues, state)}


def run(observations, *, watch=None, guard=GUARD, position=LOAN):
    """Decided levels of (second, price) pairs, and the watch at the end."""
    watch, decided = watch or Watch(), []
    for second, price in observations:
        found = look(watch, position, seen(price), at=at(second), guard=guard)
        decided.append(found.decided)
        watch = found.watch
    return decided, watch


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        ([(2, 24590), (4, 24910)], [P, W]),
        ([(2, 24300)], [L]),
        ([(5, 24600), (10, 24590), (16, 24580)], [P, P, L]),
        ([(5, 24600), (10, 24600), (15, 24600)], [P, P, L]),  # just ten seconds
        ([(5, 24600), (10, 24600), (14, 24600)], [P, P, P]),
        ([(1, 24600), (1, 24600), (1, 24600), (2, 24600)], [P, P, P, P]),  # a burst is not time
        ([(1, 24600), (60, 24600), (61, 24600)], [P, P, L]),
        ([(1, 24600), (60, 24600)], [P, P]),  # nor is time alone enough
        (
            [(1, 24600), (2, 24600), (3, "24600.01"), (12, 24600), (13, 24600), (21, 24600), (22, 24600)],
            [P, P, M, P, P, P, L],
        ),
        ([(1, 24900), (2, 25500), (3, "25500.01")], [M, W, H]),
        ([(1, "24300.01"), (2, 24300)], [P, L]),
    ],
)
def test_the_guard(observations, expected):
    assert run(observations)[0] == expected


def test_a_decided_sale_stays_decided():
    decided, watch = run([(1, 24300), (2, 30000)])
    assert decided == [L, L]
    assert after_payment(watch, LOAN, guard=GUARD) is watch


@pytest.mark.parametrize(
    "unusable",
    [
        {},
        seen(24000, age=6),
        seen(24000, venues=1),
        seen(24000, state=CompositeState.SINGLE),
        seen(24000, state=CompositeState.HALT),
        seen(0),
    ],
    ids=["none", "old", "one venue", "single", "halt", "zero"],
)
def test_without_a_trusted_price_nothing_is_decided_and_nothing_is_lost(unusable):
    _, before = run([(1, 24600), (6, 24600)])
    found = look(before, LOAN, unusable, at=at(8), guard=GUARD)
    assert found.frozen and found.decided is None and found.line is None
    assert (found.watch.level, found.watch.below, found.watch.since) == (P, 2, at(1))
    after = look(found.watch, LOAN, seen(24600), at=at(11), guard=GUARD)
    assert after.decided is L


@pytest.mark.parametrize("edge", [{"age": 5}, {"venues": 2}, {"state": CompositeState.DEGRADED}])
def test_just_good_enough(edge):
    assert look(Watch(), LOAN, seen(24300, **edge), at=at(1), guard=GUARD).decided is L


def test_no_product_may_ask_for_fewer_than_two_venues():
    loose = Guard(confirm_n=1, confirm_for=timedelta(0), max_age=timedelta(seconds=5), min_venues=1)
    assert look(Watch(), LOAN, seen(24300, venues=1), at=at(1), guard=loose).frozen


def test_one_untrusted_asset_freezes_the_whole_basket():
    both = Position((*LOAN.pledges, Pledge("ETH", D(1), D(2000), BTC)), D(24000))
    assert look(Watch(), both, seen(24300), at=at(1), guard=GUARD).frozen
    none_left = Position((*LOAN.pledges, Pledge("ETH", D(0), D(2000), BTC)), D(24000))
    assert not look(Watch(), none_left, seen(24300), at=at(1), guard=GUARD).frozen


def test_without_a_debt_no_price_is_needed():
    free = Position(LOAN.pledges, D(0))
    found = look(Watch(M), free, {}, at=at(1), guard=GUARD)
    assert found.decided is H


def test_a_top_up_or_a_repayment_ends_the_wait():
    _, waiting = run([(1, 24600), (2, 24600)])
    topped = Position((Pledge("BTC", D("1.2"), D(24600), BTC),), D(24000))
    assert after_payment(waiting, topped, guard=GUARD) == Watch(H)
    little = Position((Pledge("BTC", D("1.005"), D(24600), BTC),), D(24000))
    assert after_payment(waiting, little, guard=GUARD) == Watch(M)


def test_a_payment_is_no_observation():
    _, waiting = run([(1, 24600), (2, 24600)])
    too_little = Position((Pledge("BTC", D(1), D(24500), BTC),), D(23950))
    assert after_payment(waiting, too_little, guard=GUARD) is waiting


# ------------------------------------------------------------------------------------------------------------------------ hysteresis

SLOW = Guard(confirm_n=3, confirm_for=timedelta(seconds=10), max_age=timedelta(seconds=5), hysteresis=D("0.01"))


def levels(observations, guard):
    watch, stored = Watch(), []
    for second, price in observations:
        watch = look(watch, LOAN, seen(price), at=at(second), guard=guard).watch
        stored.append(watch.level)
    return stored


def test_a_level_improves_only_some_margin_above_its_line():
    # the warning line is 25,500; one per cent above it is 25,755
    assert levels([(1, 25500), (2, 25600), (3, 25755), (4, "25755.01")], SLOW) == [W, W, W, H]
    assert levels([(1, 24900), (2, 25000), (3, 25149), (4, 25150), (5, 25400), (6, 26000)], SLOW) == [M, M, M, W, W, H]


def test_a_level_worsens_at_once():
    assert levels([(1, 25501), (2, 25500), (3, 24900), (4, 24600), (5, 24300)], SLOW) == [H, W, M, P, L]


def test_the_decision_knows_no_hysteresis():
    watch = run([(1, 25500)], guard=SLOW)[1]
    found = look(watch, LOAN, seen(25600), at=at(2), guard=SLOW)
    assert (found.decided, found.watch.level) == (H, W)


def test_waiting_for_a_sale_ends_when_its_line_is_left():
    watch = run([(1, 24600), (2, 24600)], guard=SLOW)[1]
    found = look(watch, LOAN, seen("24600.01"), at=at(3), guard=SLOW)
    assert found.watch == Watch(M)


def test_customers_are_told_of_two_lines_only():
    assert [level.told_to_customers() for level in Level] == [H, W, M, M, L]
    assert SHOWN == (Line.WARNING, Line.DISPLAYED)
    assert [LEVEL_AT[line].rank for line in (None, *Line)] == [0, 1, 2, 3, 4]
