"""Funds at venues: nothing is promised twice, and treasury hears of it once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from kernel import db
from kernel.ids import uuid7
from wallet_bridge.alerts import service as alerts
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.errors import VenueBalanceLow
from wallet_bridge.funds.service import Shortage
from wallet_bridge.lines import service as lines
from wallet_bridge.lines.service import Line, Unit

D = Decimal


@pytest.fixture
def books(database, valkey_url):
    """Books without orders: reservations made here belong to no venue order, so the broker's invariants do not apply."""
    from tests.ledger_books import open_books

    with open_books(database, pool_size=22) as opened:
        yield opened
        assert opened.violations() == set()


def _fund(books, *, ledger, reported, venue="okx", asset="USDT"):
    with books.tx() as tx:
        postings.fund_venue(tx, venue=venue, asset=asset, amount=D(ledger), key=books.key())
        funds.store_report(tx, venue, {asset: (D(reported), D(reported))})


def _reserve(books, amount, venue="okx", asset="USDT"):
    with books.tx() as tx:
        return funds.reserve(tx, venue=venue, asset=asset, amount=D(amount))


def _release(books, amount):
    with books.tx() as tx:
        funds.release(tx, venue="okx", asset="USDT", amount=D(amount))


def _balance(books, venue="okx", asset="USDT"):
    [row] = [b for b in funds.list_balances(books.tenant) if (b.venue, b.asset) == (venue, asset)]
    return row


def test_twenty_at_once_against_funds_for_three(books):
    _fund(books, ledger="30", reported="30")
    start = threading.Barrier(20)

    def one(_):
        start.wait(60)
        return db.retrying(lambda: _reserve(books, "10"))

    with ThreadPoolExecutor(20) as pool:
        answers = [f.result(60) for f in [pool.submit(one, n) for n in range(20)]]
    assert Counter(answers) == {None: 3, Shortage("okx", "USDT", D(10), D(0)): 17}
    assert (_balance(books).reserved, _balance(books).usable) == (30, 0)


def test_release_gives_back_and_the_next_one_fits(books):
    _fund(books, ledger="30", reported="30")
    assert _reserve(books, "25") is None
    assert _reserve(books, "10") == Shortage("okx", "USDT", D(10), D(5))
    _release(books, "25")
    assert _reserve(books, "30") is None
    _release(books, "0")
    assert _balance(books).reserved == 30


@pytest.mark.parametrize(("ledger", "reported", "usable"), [("30", "20", "20"), ("20", "30", "20"), ("30", "30", "30")])
def test_usable_is_the_smaller_of_report_and_ledger_less_what_is_reserved(books, ledger, reported, usable):
    _fund(books, ledger=ledger, reported=reported)
    assert _balance(books).usable == D(usable)
    assert _reserve(books, "7") is None
    assert (_balance(books).usable, _balance(books).ledger, _balance(books).free) == (
        D(usable) - 7,
        D(ledger),
        D(reported),
    )
    assert _reserve(books, D(usable) - 7 + D("0.000001")) == Shortage(
        "okx", "USDT", D(usable) - 7 + D("0.000001"), D(usable) - 7
    )
    assert _reserve(books, D(usable) - 7) is None


def test_the_ledger_counts_before_the_fold(books):
    """A fill that was booked a moment ago is spent, folded or not."""
    _fund(books, ledger="30", reported="30")
    books.fold()
    with books.tx() as tx:
        postings.fund_venue(tx, venue="okx", asset="USDT", amount=D(-20), key="spent")
    assert _reserve(books, "11") == Shortage("okx", "USDT", D(11), D(10))


def test_a_report_that_falls_below_what_is_reserved_leaves_nothing_usable(books):
    _fund(books, ledger="30", reported="30")
    assert _reserve(books, "25") is None
    funds.report(books.tenant, "okx", {"USDT": (D(5), D(30))})
    assert _reserve(books, "1") == Shortage("okx", "USDT", D(1), D(0))
    assert _balance(books).usable == 0


def test_a_venue_that_never_reported_has_nothing(books):
    with books.tx() as tx:
        postings.fund_venue(tx, venue="okx", asset="USDT", amount=D(30), key="only-ours")
    assert _reserve(books, "1") == Shortage("okx", "USDT", D(1), D(0))


def test_a_repeated_shortage_counts_up_one_alert(books):
    _fund(books, ledger="30", reported="30")
    for needed in (40, 50, 60):
        funds.report_shortage(books.tenant, Shortage("okx", "USDT", D(needed), D(30)))
    funds.report_shortage(books.tenant, Shortage("kraken", "USDT", D(1), D(0)))
    found = {a.venue: a for a in alerts.list_alerts(books.tenant)}
    assert len(alerts.list_alerts(books.tenant)) == 2
    assert (found["okx"].times, found["okx"].needed, found["okx"].state) == (3, D(60), "open")
    assert found["okx"].last_at > found["okx"].first_at
    assert found["kraken"].times == 1


def test_the_line_of_a_venue_is_what_orders_look_at(books):
    _fund(books, ledger="30", reported="30")
    with books.tx() as tx:
        lines.step(tx, location="venue:okx", asset="USDT", line=Line(Unit.AMOUNT, D(20), D(5)))
    assert funds.room(books.tenant, "USDT")["okx"] == funds.VenueRoom(usable=D(30), warning_line=D(20))
    assert not _balance(books).below_line
    funds.report(books.tenant, "okx", {"USDT": (D("19.99"), D(30))})
    assert funds.room(books.tenant, "USDT")["okx"] == funds.VenueRoom(usable=D("19.99"), warning_line=D(20))
    assert _balance(books).below_line


def test_another_tenant_has_funds_of_its_own(books):
    _fund(books, ledger="30", reported="30")
    other = uuid7()
    assert funds.list_balances(other) == []
    with db.transaction(tenant=other) as tx:
        assert funds.reserve(tx, venue="okx", asset="USDT", amount=D(1)) == Shortage("okx", "USDT", D(1), D(0))
    funds.report_shortage(books.tenant, Shortage("okx", "USDT", D(1), D(0)))
    assert alerts.list_alerts(other) == []


def test_a_dry_named_venue_denies_the_order_holds_nothing_and_tells_treasury(desk):
    funds.report(desk.tenant, "binance", {"USDT": (D(100), D(100))})
    for times in (1, 2):
        with pytest.raises(VenueBalanceLow):
            desk.place()
        [alert] = desk.alerts()
        assert (alert.venue, alert.asset, alert.usable, alert.times) == ("binance", "USDT", D(100), times)
        assert alert.needed > 49_985
    assert (desk.held("USDT"), desk.reserved("binance", "USDT")) == (0, 0)
    assert desk.engine.execute("SELECT count(*) FROM broker.orders").fetchone() == (0,)


def test_best_passes_a_dry_venue_over_in_the_same_breath(desk):
    funds.report(desk.tenant, "binance", {"USDT": (D(100), D(100))})
    order_id = desk.place(venue="best")
    [child] = desk.children(order_id)
    assert child.venue != "binance"
    assert desk.reserved(child.venue, "USDT") == child.reserved > 0
    assert [a.venue for a in desk.alerts()] == ["binance"]
