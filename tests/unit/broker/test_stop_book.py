"""The stop book against a plain list that looks at every stop at every price."""

import dataclasses
import random
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.stops import rules
from broker.stops.stop_book import StopBook, Waiting
from kernel.ids import uuid7
from markets.composite.states import CompositeState
from markets.instruments.states import MarketStatus, Trigger
from tests.market_views import NOON, make_instrument, make_quote, make_view

D = Decimal


def at(price, *, sequence=1, **composite):
    view = make_view(make_quote("okx", asks=[(price, 5)], bids=[(price, 5)], last=price), price=price, **composite)
    quote = dataclasses.replace(view.venues[0], sequence=sequence)
    parts = tuple(dataclasses.replace(c, sequence=sequence) for c in view.composite.constituents)
    return dataclasses.replace(view, venues=(quote,), composite=dataclasses.replace(view.composite, constituents=parts))


def stop(price=None, *, rising=False, seq=1, venue="best", **how):
    return Waiting(
        id=uuid7(), venue=venue, rising=rising, accept_seq=seq, stop=None if price is None else D(price), **how
    )


def book(*stops, mode=Trigger.EXECUTABLE, ticks=1, **instrument):
    made = StopBook(make_instrument(trigger=mode, **instrument), ticks=ticks)
    for each in stops:
        made.add(each)
    return made


def test_touching_is_reaching_in_both_directions_and_time_decides_the_order():
    late, early, far, up = stop(99, seq=9), stop(100, seq=3), stop(98), stop(101, rising=True)
    made = book(late, early, far, up)
    assert made.look(at(100.5), NOON) == []
    assert made.look(at(100), NOON) == [early.id]
    assert made.look(at(99), NOON) == [early.id, late.id]
    assert made.look(at(101), NOON) == [up.id]


@pytest.mark.parametrize(
    ("side", "kind", "rising"),
    [
        ("sell", "stop", False),
        ("buy", "stop", True),
        ("sell", "take_profit", True),
        ("buy", "take_profit", False),
        ("sell", "trailing_stop", False),
        ("buy", "trailing_stop", True),
        ("buy", "stop_limit", True),
    ],
)
def test_which_way_a_stop_waits(side, kind, rising):
    assert rules.waits_for_rise(side=side, kind=kind) is rising


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back():
    trail = stop(amount=D(5), best=D(100))
    made = book(trail)
    for price in (102, 110, 107):
        assert made.look(at(price), NOON) == []
    assert made.best_of(trail.id) == 110
    assert made.look(at(105), NOON) == [trail.id]
    buy = stop(rising=True, fraction=D("0.1"), best=D(100))
    made = book(buy)
    for price in (100, 90, 95):
        assert made.look(at(price), NOON) == []
    assert made.look(at(99), NOON) == [buy.id]  # 90 × 1.1


def test_what_moved_is_told_once_and_a_row_read_again_keeps_the_better_price():
    trail = stop(amount=D(5), best=D(100))
    made = book(trail)
    made.look(at(120), NOON)
    (moved,) = made.take_moved()
    assert (moved.best, moved.rising, moved.ids) == (120, False, [trail.id])
    assert made.take_moved() == []
    made.add(dataclasses.replace(trail, best=D(110)))
    assert made.best_of(trail.id) == 120


def test_a_wick_on_one_venue_reaches_nothing():
    made = book(stop(90), mode=Trigger.LAST)
    quotes = [make_quote(v, asks=[(100, 1)], bids=[(100, 1)], last=last) for v, last in (("okx", 80), ("kraken", 100))]
    assert made.look(make_view(*quotes, price=100), NOON) == []
    gone = make_quote("okx", last=90, tradable=False)
    assert made.look(make_view(gone, price=91), NOON) == []


def test_without_a_trustworthy_price_nothing_is_reached():
    made = book(stop(100))
    assert made.look(at(90, state=CompositeState.HALT), NOON) == []
    assert made.look(at(90, state=CompositeState.SINGLE), NOON) == []
    assert made.look(at(90, state=CompositeState.DEGRADED, pair_differs=True), NOON) == []
    assert made.look(at(90, state=CompositeState.DEGRADED), NOON) != []
    assert book(stop(100), status=MarketStatus.PAUSED).look(at(90), NOON) == []


def test_mode_last_watches_the_named_venue_and_for_best_any():
    named, best = stop(95, venue="kraken"), stop(95, seq=2)
    made = book(named, best, mode=Trigger.LAST)
    quotes = [make_quote(v, asks=[(96, 1)], bids=[(96, 1)], last=last) for v, last in (("okx", 95), ("kraken", 96))]
    assert made.look(make_view(*quotes, price=96), NOON) == [best.id]


def test_two_ticks_in_a_row_at_changed_books():
    made = book(stop(100, seq=1), ticks=2)
    assert made.look(at(99, sequence=1), NOON) == []
    assert made.look(at(99, sequence=1), NOON) == []  # the same books again
    assert made.look(at(101, sequence=2), NOON) == []  # and back: it counts anew
    assert made.look(at(99, sequence=3), NOON) == []
    assert len(made.look(at(99, sequence=4), NOON)) == 1


def test_a_stop_that_found_no_venue_waits_its_time():
    waits = stop(100, rearm_at=NOON + timedelta(seconds=5))
    made = book(waits)
    assert made.look(at(99), NOON) == []
    assert made.look(at(99), NOON + timedelta(seconds=5)) == [waits.id]


def test_the_worst_price_is_held_for_buys_and_the_market_decides_for_sells():
    tick, view = D("0.01"), at(100)
    assert rules.worst_price(D(100), side="buy", tick=tick) == 105
    assert rules.worst_price(D(100), side="sell", tick=tick) == 95
    assert rules.worst_price_now(view, agreed=D(101), side="buy", tick=tick) == 101
    assert rules.worst_price_now(view, agreed=D(110), side="buy", tick=tick) == 102
    assert rules.worst_price_now(at(50), agreed=D(95), side="sell", tick=tick) == 49


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_a_list_that_looks_at_every_stop(seed):
    chance = random.Random(seed)
    made, plain, bests = book(), {}, {}
    price = D(1000)
    for step in range(300):
        if chance.random() < 0.7:
            rising, trailing = chance.random() < 0.5, chance.random() < 0.6
            if trailing:
                by = (
                    {"amount": D(chance.randint(1, 60))}
                    if chance.random() < 0.5
                    else {"fraction": D(chance.randint(1, 60)) / 1000}
                )
                new = stop(rising=rising, seq=step, best=price, **by)
                bests[new.id] = price
            else:
                new = stop(price + chance.randint(1, 50) * (1 if rising else -1), rising=rising, seq=step)
            plain[new.id] = new
            made.add(new)
        elif plain:
            gone = chance.choice(list(plain))
            assert made.remove(gone)
            del plain[gone]
        price += chance.randint(-15, 15)
        expected = []
        for each in plain.values():
            if each.stop is None:
                bests[each.id] = min(bests[each.id], price) if each.rising else max(bests[each.id], price)
                level = rules.trailing_stop(
                    bests[each.id], amount=each.amount, fraction=each.fraction, rising=each.rising
                )
            else:
                level = each.stop
            if rules.reached(price, level, rising=each.rising):
                expected.append(each.id)
        assert sorted(made.look(at(price), NOON)) == sorted(expected)
        for each in expected:
            made.remove(each)
            del plain[each]
    assert len(made) == len(plain)
