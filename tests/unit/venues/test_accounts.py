"""Accounts come from the environment; a sandbox without keys talks to the simulator and to nothing else."""

import pytest

from kernel.errors import InvalidRequest
from kernel.settings import settings
from venues import accounts
from venues.capabilities import CAPABILITIES, guard_s


@pytest.fixture
def environment(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield put
    settings.cache_clear()


def test_sandbox_uses_the_simulator(environment):
    environment(RIVERMOUTH_MODE="sandbox", RIVERMOUTH_SIMULATOR_URL="http://127.0.0.1:8111/")
    by_venue = {a.venue: a for a in accounts.accounts()}
    assert set(by_venue) == set(accounts.VENUES)
    assert by_venue["kraken"].base_url == "http://127.0.0.1:8111/kraken"
    assert by_venue["binance"].ws_url == "ws://127.0.0.1:8111/binance/ws"
    assert by_venue["okx"].password == "sim-pass"
    assert all(a.simulated for a in by_venue.values())


def test_keys_win_and_reach_the_real_venue(environment):
    environment(
        RIVERMOUTH_MODE="sandbox",
        RIVERMOUTH_SIMULATOR_URL="http://127.0.0.1:1",
        RIVERMOUTH_VENUE_OKX_KEY="k",
        RIVERMOUTH_VENUE_OKX_SECRET="s",
        RIVERMOUTH_VENUE_OKX_PASSWORD="p",
    )
    own = accounts.account("okx")
    assert (own.api_key, own.secret, own.password, own.base_url, own.simulated) == ("k", "s", "p", None, False)


def test_no_simulator_in_production(environment):
    environment(RIVERMOUTH_MODE="production", RIVERMOUTH_SIMULATOR_URL="http://127.0.0.1:1")
    with pytest.raises(InvalidRequest):
        accounts.account("okx")


def test_unknown_venue_is_refused(environment):
    environment(RIVERMOUTH_VENUES="binance,mtgox")
    with pytest.raises(InvalidRequest):
        accounts.configured_venues()


def test_guards(environment):
    assert {v: row.guard_s for v, row in CAPABILITIES.items()} == {
        "binance": 11,
        "kraken": 11,
        "okx": 11,
        "bitfinex": 120,
    }
    assert {v: row.max_in_flight for v, row in CAPABILITIES.items()} == {
        "binance": 32,
        "okx": 32,
        "kraken": 1,
        "bitfinex": 1,
    }
    environment(RIVERMOUTH_RESOLVER_SCALE="0.1")
    assert guard_s("bitfinex") == pytest.approx(12)
