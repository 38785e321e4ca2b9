"""Which venues nothing is planned at: silent ones, failing ones, and those whose lane could not send yet."""

from types import SimpleNamespace

from rivermouth.engine.main import _closed
from venues.health import VenueHealth


def _parts(*, loaded, lane=True, health=None):
    gateway = SimpleNamespace(health=health or VenueHealth("okx"), loaded=loaded)
    return SimpleNamespace(gateways={"okx": gateway}, work={"lane:okx": None} if lane else {})


def test_a_venue_whose_lane_has_not_read_its_markets_is_closed():
    assert _closed(_parts(loaded=False)) == {"okx"}
    assert _closed(_parts(loaded=True)) == frozenset()


def test_a_process_without_the_lane_leaves_that_to_the_one_that_has_it():
    assert _closed(_parts(loaded=False, lane=False)) == frozenset()


def test_a_venue_that_wants_silence_is_closed():
    health = VenueHealth("okx")
    health.pause(3600)
    assert _closed(_parts(loaded=True, health=health)) == {"okx"}
