"""What a payment spends: it adds up to the last unit, offers at least the wanted rate, and leaves alone what costs more than it brings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_bridge.custodian.chains.outputs import CHANGE_SCRIPT, Coin, Wish, choose, size
from wallet_bridge.custodian.chains.port import CannotPay


def wish(units, **changed):
    usual = {"script": 22, "rate": 1_000, "dust": 546, "fee_most": 10**8, "most_inputs": 100}
    return Wish(units=units, **(usual | changed))


def coins(*units):
    """The largest first, as the database answers."""
    return [Coin(place, one) for place, one in enumerate(sorted(units, reverse=True))]


AMOUNTS = st.lists(st.integers(1, 10**10), max_size=150)


@given(units=st.integers(546, 10**10), fixed=st.lists(st.integers(1, 10**9), max_size=5), free=AMOUNTS, rate=st.integers(1, 10**6),
       least=st.integers(0, 10**5), relay=st.integers(0, 10**4))  # fmt: skip
def test_it_adds_up_and_offers_what_is_wanted(units, fixed, free, rate, least, relay):
    wanted = wish(units, rate=rate, fee_least=least, relay=relay)
    given_, open_ = coins(*fixed), [Coin(len(fixed) + one.place, one.units) for one in coins(*free)]
    try:
        made = choose(wanted, given_, open_)
    except CannotPay:
        return
    assert sum(one.units for one in made.coins) == units + made.fee + made.change
    assert made.change == 0 or made.change >= wanted.dust
    scripts = (22, CHANGE_SCRIPT) if made.change else (22,)
    bytes_ = size(len(made.coins), *scripts)
    assert made.fee * 1_000 >= bytes_ * rate and (made.fee - least) * 1_000 >= bytes_ * relay
    assert made.fee <= wanted.fee_most and len(made.coins) <= wanted.most_inputs
    assert len({one.place for one in made.coins}) == len(made.coins)
    assert set(given_) <= set(made.coins)
    assert all(one.units * 1_000 > 69 * rate for one in made.coins if one not in given_)


@given(units=st.integers(546, 10**8), free=AMOUNTS)
def test_what_could_be_paid_is_paid(units, free):
    """With room for every input, it gives up only when everything that is worth spending does not suffice."""
    try:
        choose(wish(units, most_inputs=500), [], coins(*free))
    except CannotPay:
        worth = [one for one in free if one > 69]
        assert sum(worth) < units + size(len(worth), 22)


def test_the_smallest_that_is_enough_by_itself_is_taken():
    made = choose(wish(1_000), [], coins(10**6, 5_000, 3_000, 900))
    assert [one.units for one in made.coins] == [3_000]


def test_one_output_is_not_enough_and_the_largest_are_taken():
    made = choose(wish(10_000), [], coins(6_000, 5_000, 100, 100))
    assert [one.units for one in made.coins] == [6_000, 5_000]


def test_an_outbidding_takes_its_outputs_again_and_pays_out_of_its_change():
    first = choose(wish(10_000), [], coins(50_000, 20_000))
    again = choose(wish(10_000, fee_least=first.fee, relay=1_000), first.coins, coins(50_000))
    assert list(again.coins) == list(first.coins)
    assert again.fee - first.fee == size(1, 22, 22)


def test_an_outbidding_that_its_change_does_not_pay_takes_one_more_output():
    again = choose(wish(10_000, fee_least=4_900, relay=1_000), [Coin(0, 15_000)], [Coin(1, 30_000)])
    assert [one.place for one in again.coins] == [0, 1]


@pytest.mark.parametrize(
    ("changed", "free", "said"),
    [
        ({}, [9_000], "does not hold enough"),
        ({"fee_most": 100}, [90_000], "above the cap"),
        ({"most_inputs": 3}, [3_000] * 10, "too many small outputs"),
        ({}, [69] * 1_000, "does not hold enough"),
    ],
)
def test_what_cannot_be_paid_says_why(changed, free, said):
    with pytest.raises(CannotPay, match=said):
        choose(wish(10_000, **changed), [], coins(*free))
