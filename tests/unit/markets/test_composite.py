"""The composite price: the published vectors, every reason for being left out, weights and confidence."""

from decimal import Decimal

import pytest

from markets.composite.rules import (
    DEFAULT_RULES,
    VenueInput,
    capped_weights,
    composite,
    known_volumes,
    median,
    quantile,
)
from markets.composite.states import CompositeState, Reason

TICK = Decimal("0.01")
VOLUMES = {"binance": 8000, "okx": 1000, "kraken": 600, "bitfinex": 400}


def quote(venue, mid, **changes):
    mid = Decimal(mid)
    fields = {"venue": venue, "bid": mid - 1, "ask": mid + 1, "volume_24h": Decimal(VOLUMES.get(venue, 100))} | changes
    return VenueInput(**fields)


def made(**mids):
    return composite([quote(v, m) for v, m in mids.items()], tick=TICK)


def part(result, venue):
    return next(c for c in result.constituents if c.venue == venue)


def test_four_venues_agree():
    result = made(binance=100000, okx=100005, kraken=99990, bitfinex=100010)
    assert (result.price, result.confidence, result.state) == (
        Decimal("100000.75"),
        Decimal("6.00"),
        CompositeState.NORMAL,
    )
    assert {c.venue: c.weight for c in result.constituents} == {
        "binance": Decimal("0.5"),
        "okx": Decimal("0.25"),
        "kraken": Decimal("0.15"),
        "bitfinex": Decimal("0.1"),
    }
    assert all(c.used and c.reason is None for c in result.constituents)


def test_five_per_cent_off_is_excluded():
    result = made(binance=100000, okx=100005, kraken=99990, bitfinex=105000)
    assert (result.price, result.exact, result.confidence) == (
        Decimal("99999.69"),
        Decimal("99999.6875"),
        Decimal("8.6875"),
    )
    assert (part(result, "bitfinex").used, part(result, "bitfinex").reason) == (False, Reason.DEVIATES)
    assert [part(result, v).weight for v in ("binance", "okx", "kraken", "bitfinex")] == [
        Decimal("0.5"),
        Decimal("0.3125"),
        Decimal("0.1875"),
        0,
    ]


def test_one_per_cent_off_is_clamped():
    result = made(binance=100000, okx=100005, kraken=99990, bitfinex=101000)
    assert (result.price, result.confidence) == (Decimal("100050.00"), Decimal("204.24875"))
    assert (part(result, "bitfinex").used, part(result, "bitfinex").reason) == (True, Reason.CLAMPED)


def test_two_venues_are_degraded():
    result = made(binance=100000, okx=100005)
    assert (result.price, result.confidence, result.state) == (
        Decimal("100002.50"),
        Decimal("2.25"),
        CompositeState.DEGRADED,
    )
    assert not result.pair_differs


def test_two_venues_that_differ_deny_best_orders():
    result = made(binance=100000, okx=101501)
    assert (result.price, result.confidence, result.state) == (
        Decimal("100750.50"),
        Decimal("750.25"),
        CompositeState.DEGRADED,
    )
    assert result.pair_differs


def test_two_venues_far_apart_halt():
    result = made(binance=100000, okx=110001)
    assert (result.price, result.confidence, result.state, result.usable) == (None, None, CompositeState.HALT, 0)
    assert {c.reason for c in result.constituents} == {Reason.DEVIATES}


def test_two_of_four_ten_per_cent_off_halt():
    result = made(binance=100000, okx=100000, kraken=110000, bitfinex=110000)
    assert result.state is CompositeState.HALT


def test_one_venue_is_single_and_none_is_halt():
    result = made(kraken=100000)
    assert (result.price, result.state, result.usable) == (Decimal(100000), CompositeState.SINGLE, 1)
    assert composite([], tick=TICK).state is CompositeState.HALT


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"age_s": 2.001}, Reason.STALE),
        ({"bid": Decimal(100001), "ask": Decimal(100001)}, Reason.CROSSED),
        ({"bid": Decimal(100002), "ask": Decimal(100001)}, Reason.CROSSED),
        ({"bid": None}, Reason.ONE_SIDED),
        ({"ask": None}, Reason.ONE_SIDED),
        ({"bid": Decimal(98900), "ask": Decimal(101000)}, Reason.WIDE),
        ({"barred": Reason.MAINTENANCE}, Reason.MAINTENANCE),
        ({"barred": Reason.DOWN, "age_s": 9.0}, Reason.DOWN),
        ({"boxed": Reason.BOXED}, Reason.BOXED),
        ({"boxed": Reason.MANUAL}, Reason.MANUAL),
    ],
)
def test_every_reason_leaves_a_venue_out(changes, reason):
    others = [quote(v, 100000) for v in ("binance", "okx", "kraken")]
    result = composite([*others, quote("bitfinex", 100000, **changes)], tick=TICK)
    assert (part(result, "bitfinex").used, part(result, "bitfinex").reason, part(result, "bitfinex").weight) == (
        False,
        reason,
        0,
    )
    assert (result.price, result.state) == (Decimal(100000), CompositeState.NORMAL)


def test_exactly_at_the_age_and_the_exclusion_line_a_venue_still_counts():
    result = composite([quote("binance", 100000, age_s=2.0), quote("okx", 100000), quote("kraken", 103000)], tick=TICK)
    assert result.usable == 3


def test_a_boxed_venue_is_measured_against_the_others():
    result = composite(
        [quote("binance", 100000), quote("okx", 100000), quote("kraken", 100500, boxed=Reason.BOXED)], tick=TICK
    )
    assert part(result, "kraken").deviation == Decimal("0.005")
    assert result.usable == 2


def test_weights_hand_the_excess_over_again_and_again():
    assert capped_weights([Decimal(8000), Decimal(1000), Decimal(600), Decimal(400)], cap=Decimal("0.5")) == [
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.15"),
        Decimal("0.1"),
    ]
    # with a cap of 0.3 the second venue exceeds only after the first one's excess reached it
    assert capped_weights([Decimal(70), Decimal(20), Decimal(5), Decimal(5)], cap=Decimal("0.3")) == [
        Decimal("0.3"),
        Decimal("0.3"),
        Decimal("0.2"),
        Decimal("0.2"),
    ]


def test_weights_of_unknown_or_no_volume():
    equal = [quote(v, 1, volume_24h=None) for v in "abc"]
    assert sum(capped_weights(known_volumes(equal), cap=Decimal("0.5"))) == 1
    some = [
        quote("a", 1, volume_24h=Decimal(30)),
        quote("b", 1, volume_24h=None),
        quote("c", 1, volume_24h=Decimal(10)),
    ]
    assert known_volumes(some) == [Decimal(30), Decimal(10), Decimal(10)]
    assert capped_weights([Decimal(0), Decimal(0)], cap=Decimal("0.5")) == [Decimal("0.5"), Decimal("0.5")]
    assert capped_weights([Decimal(5), Decimal(0), Decimal(0)], cap=Decimal("0.5")) == [
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.25"),
    ]


def test_factor_changes_the_weight():
    venues = [
        quote("a", 100, volume_24h=Decimal(10), weight_factor=Decimal(0)),
        quote("b", 100, volume_24h=Decimal(10)),
        quote("c", 103, volume_24h=Decimal(10)),
    ]
    assert composite(venues, tick=TICK).constituents[0].weight == 0


def test_price_is_rounded_half_even_to_the_tick():
    result = composite([quote("a", "100.005"), quote("b", "100.005")], tick=TICK)
    assert (result.exact, result.price) == (Decimal("100.005"), Decimal("100.00"))


def test_median_and_quantile():
    assert median([Decimal(3), Decimal(1), Decimal(2)]) == 2
    assert median([Decimal(4), Decimal(1), Decimal(2), Decimal(3)]) == Decimal("2.5")
    assert quantile([Decimal(0), Decimal(10)], Decimal("0.25")) == Decimal("2.5")
    assert quantile([Decimal(7)], Decimal("0.75")) == 7


def test_default_rules_are_the_published_ones():
    assert (DEFAULT_RULES.exclude_beyond, DEFAULT_RULES.clamp_to, DEFAULT_RULES.weight_cap) == (
        Decimal("0.03"),
        Decimal("0.005"),
        Decimal("0.5"),
    )
