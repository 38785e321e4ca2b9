import pytest

from tests import rails_desk
from tests.broker_desk import open_desk
from tests.moves_desk import MovesDesk
from tests.simulator_server import start_simulator


@pytest.fixture(scope="session")
def venues():
    with start_simulator(tick_s=0) as running:
        yield running


@pytest.fixture
def desk(database, valkey_url, venues, monkeypatch):
    """After every test all invariants hold, before and after the fold."""
    monkeypatch.setattr("kernel.calls.lane.MAX_PAUSE_S", 3600.0)  # a machine of tests may stand still for seconds
    monkeypatch.setattr("wallet_bridge.moves.service.AGAIN_S", 0.1)
    venues.reset()
    venues.control("POST", "/control/moves", {"delay_ms": 0, "closed": []})
    with open_desk(database, valkey_url, MovesDesk) as opened:
        yield opened.at(venues)
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}


@pytest.fixture
def rails(anvil, custody_url, database, valkey_url, venues, tmp_path, monkeypatch):
    """With a real custodian on a real node. After every test all invariants hold."""
    monkeypatch.setattr("kernel.calls.lane.MAX_PAUSE_S", 3600.0)
    monkeypatch.setattr("wallet_bridge.moves.service.AGAIN_S", 0.1)
    venues.reset()
    venues.control("POST", "/control/moves", {"delay_ms": 0, "closed": []})
    with rails_desk.opened(anvil, custody_url, database, valkey_url, tmp_path, venues) as opened:
        opened.roads()
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}
