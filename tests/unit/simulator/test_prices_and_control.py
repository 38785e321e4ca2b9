"""Where simulated prices come from, and the control API over HTTP."""

import urllib.error
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.simulator_server import start_simulator
from venues.simulator import recording
from venues.simulator.core import VenueCore
from venues.simulator.faults import Faults
from venues.simulator.listings import VENUES
from venues.simulator.prices import PriceSource

D = Decimal


def source(**more) -> tuple[PriceSource, dict[str, VenueCore]]:
    faults = Faults()
    cores = {venue: VenueCore(venue, faults) for venue in VENUES}
    return PriceSource(cores, **more), cores


def test_free_prices_repeat_for_a_seed_move_and_stay_together():
    (one, _), (two, _) = source(seed=5), source(seed=5)
    mids = []
    for _ in range(200):
        one.tick()
        two.tick()
        shown = [one.shown(venue, "BTC-USDT").mid for venue in VENUES]
        assert shown == [two.shown(venue, "BTC-USDT").mid for venue in VENUES]
        assert (max(shown) - min(shown)) / min(shown) < D("0.0006")
        mids.append(shown[0])
    assert len(set(mids)) > 100
    assert all(D("0.99") < mid / 60000 < D("1.01") for mid in mids)


def test_a_pinned_symbol_holds_still_while_others_walk_and_then_walks_on_from_there():
    prices, cores = source()
    prices.pin("BTC-USDT", VENUES, D(45000), exact=False)
    eth = cores["okx"].book("ETH-USDT").sequence
    before = cores["okx"].book("BTC-USDT").sequence
    for _ in range(5):
        prices.tick()
    assert {prices.shown(venue, "BTC-USDT").mid for venue in VENUES} == {D(45000)}
    assert cores["okx"].book("BTC-USDT").sequence > before, "feeds of a pinned market stay alive"
    assert cores["okx"].book("ETH-USDT").sequence > eth
    prices.free("BTC-USDT")
    prices.tick()
    assert abs(prices.shown("binance", "BTC-USDT").mid - 45000) < 50


def test_one_venue_may_be_pinned_alone():
    prices, _ = source()
    prices.pin("BTC-USDT", ["okx"], D(66000), exact=False)
    prices.tick()
    assert prices.shown("okx", "BTC-USDT").mid == 66000
    assert prices.shown("kraken", "BTC-USDT").mid < 61000


def test_a_recording_sets_the_common_price():
    prices, _ = source(recording=[D(100), D(200), D(300)])
    mids = []
    for _ in range(3):
        mids.append(prices.shown("binance", "BTC-USDT").mid)
        prices.tick()
    assert [abs(mid - want) < 1 for mid, want in zip(mids, (100, 200, 300), strict=True)] == [True] * 3


def test_a_made_up_recording_has_the_shape_of_the_real_one(tmp_path):
    made = recording.find(None, tmp_path)
    assert made.name == "btc-usdt-1m-2022-01-01_18.csv"
    rows = list(recording.read(made))
    assert len(rows) == 25_979
    assert all(row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high for row in rows)
    assert {(b.at - a.at).total_seconds() for a, b in pairwise(rows)} == {60}
    again = recording.generate(tmp_path / "again.csv")
    assert again.read_bytes() == made.read_bytes()


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0) as running:
        yield running


def test_pins_over_http(simulator):
    answer = simulator.control(
        "POST", "/control/prices", {"symbol": "BTC-USDT", "venue": "all", "price": "60000.005", "exact": True}
    )
    shown = {venue: view["shown"] for venue, view in answer["venues"].items()}
    assert shown == {"binance": True, "bitfinex": False, "kraken": False, "okx": False}
    listed = simulator.control("GET", "/control/prices")["BTC-USDT"]
    assert listed["kraken"]["silent"] is True
    assert listed["kraken"]["bid"] is None
    assert listed["binance"]["mid"] == "60000.005"
    assert listed["binance"]["mode"] == "pinned"
    seq = simulator.control("POST", "/control/play-point", {"symbol": "BTC-USDT", "price": "60001"})["seq"]
    assert seq == answer["seq"] + 1
    simulator.control("POST", "/control/free", {"symbol": "BTC-USDT"})
    assert simulator.control("GET", "/control/prices")["BTC-USDT"]["kraken"]["mode"] == "generator"


def test_thin_books_and_reset(simulator):
    simulator.pin("ETH-USDT", "3000")
    levels = [["bid", "2999", "1"], ["ask", "3001", "0.5"], ["ask", "3002", "0.25"]]
    simulator.control("POST", "/control/books", {"venue": "okx", "symbol": "ETH-USDT", "levels": levels})
    assert simulator.cores["okx"].book("ETH-USDT").asks == ((D(3001), D("0.5")), (D(3002), D("0.25")))
    simulator.pin("ETH-USDT", "3100")
    assert [quantity for _, quantity in simulator.cores["okx"].book("ETH-USDT").asks] == [D("0.5"), D("0.25")]
    simulator.reset()
    assert len(simulator.cores["okx"].book("ETH-USDT").asks) == 20
    assert simulator.control("GET", "/control/prices")["ETH-USDT"]["okx"]["mode"] == "generator"


def test_balances_and_faults_over_http(simulator):
    simulator.control("POST", "/control/balances", {"venue": "kraken", "asset": "USDT", "free": "12.5"})
    items = {row["asset"]: row for row in simulator.control("GET", "/control/balances/kraken")["items"]}
    assert items["USDT"] == {"asset": "USDT", "free": "12.5", "locked": "0"}
    fault = simulator.fault("kraken", "http_503", operation="ask", count=3)
    assert simulator.hits(fault) == 0
    assert [one["id"] for one in simulator.control("GET", "/control/faults")["items"]] == [fault]
    simulator.control("DELETE", f"/control/faults/{fault}")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        simulator.hits(fault)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/prices", {"symbol": "NOPE", "price": "1"}),
        ("/control/prices", {"symbol": "BTC-USDT", "price": "-1"}),
        ("/control/prices", {"symbol": "BTC-USDT", "price": 5}),
        ("/control/prices", {"symbol": "BTC-USDT", "venue": "nowhere", "price": "1"}),
        ("/control/faults", {"venue": "okx", "kind": "nonsense"}),
        ("/control/faults", {"venue": "okx", "kind": "slow", "operation": "nonsense"}),
        ("/control/balances", {"venue": "all", "asset": "BTC", "free": "1"}),
        ("/control/books", {"venue": "okx", "symbol": "BTC-USDT", "levels": [["up", "1", "1"]]}),
    ],
)
def test_nonsense_is_refused(simulator, path, body):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        simulator.control("POST", path, body)
