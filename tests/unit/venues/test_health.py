"""The breaker opens on many errors only, lets one probe through, and a venue that limits us is left alone."""

from venues.health import Breaker, BreakerState, VenueHealth


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def breaker():
    clock = Clock()
    return Breaker("kraken", "place", monotonic=clock), clock


def test_five_errors_open_and_four_do_not():
    b, _ = breaker()
    for _ in range(4):
        b.failed()
    assert b.wait_s() == 0
    b.failed()
    assert b.state is BreakerState.OPEN
    assert b.wait_s() == 10


def test_half_is_not_more_than_half():
    b, _ = breaker()
    for _ in range(5):
        b.succeeded()
        b.failed()
    assert b.state is BreakerState.CLOSED
    b.failed()
    assert b.state is BreakerState.OPEN


def test_errors_age_out_after_30_s():
    b, clock = breaker()
    for _ in range(4):
        b.failed()
    clock.now += 30
    b.failed()
    assert b.state is BreakerState.CLOSED


def test_one_probe_closes_or_opens_again():
    b, clock = breaker()
    for _ in range(5):
        b.failed()
    clock.now += 10
    assert b.state is BreakerState.HALF_OPEN
    assert b.blocked_s() == 0
    assert b.wait_s() == 0
    assert b.wait_s() > 0, "a second probe beside the first"
    b.failed()
    assert b.wait_s() == 10
    clock.now += 10
    assert b.wait_s() == 0
    b.succeeded()
    assert b.state is BreakerState.CLOSED
    b.failed()
    assert b.state is BreakerState.CLOSED, "old errors are forgotten"


def test_a_lost_probe_does_not_block_for_ever():
    b, clock = breaker()
    for _ in range(5):
        b.failed()
    clock.now += 10
    assert b.wait_s() == 0
    clock.now += 10
    assert b.wait_s() == 0


def test_retry_after_stops_every_operation():
    clock = Clock()
    health = VenueHealth("binance", monotonic=clock)
    health.pause(7)
    health.pause(2)
    assert health.wait_s("place") == health.wait_s("book") == 7
    assert not health.ready("place")
    clock.now += 7
    assert health.wait_s("place") == 0
    assert health.ready("place")


def test_a_pause_passes_with_business_time_and_a_breaker_does_not():
    clock, business = Clock(), Clock()
    health = VenueHealth("kraken", monotonic=clock, business=business)
    for _ in range(5):
        health.breaker("place").failed()
    health.pause(7200)
    assert health.paused_s() == 7200
    business.now += 7200
    assert health.paused_s() == 0
    assert not health.ready("place")
    clock.now += 10
    assert health.ready("place")


def test_a_long_pause_is_news_once_and_a_short_one_is_not():
    clock = Clock()
    health = VenueHealth("okx", monotonic=clock)
    health.pause(1)
    assert health.take_untold() is None
    health.pause(60)
    assert health.take_untold() == 60
    assert health.take_untold() is None
    health.reset()
    assert health.take_untold() == 0


def test_what_others_know_holds_as_long_as_they_say_so():
    health = VenueHealth("okx", monotonic=Clock())
    health.hold(30)
    assert health.paused_s() == 30
    assert not health.ready("ask")
    health.pause(10)
    health.hold(0)
    assert health.paused_s() == 10
