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
