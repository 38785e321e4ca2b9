"""The watch over real rows: what a tick decides, writes and leaves alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from kernel import db
from lending.errors import LoanBusy
from lending.liquidation.states import Cause
from lending.loans import queries as loans
from lending.products.states import Rebase
from lending.watch import entering
from markets.composite.states import CompositeState
from tests.watch_desk import BRIEF, NOON, D, Lines, observed, open_watch


@pytest.fixture
def watch(database, valkey_url):
    with open_watch(database, valkey_url) as desk:
        yield desk


@pytest.fixture
def loan(watch):
    return watch.lend(watch.book.product({"BTC": BRIEF}))


def test_the_levels_of_the_brief(watch, loan):
    for second, (price, level) in enumerate(
        [("25500.01", "HEALTHY"), ("25500", "WARNING"), ("24900.01", "WARNING"), ("24900", "MARGIN_CALL"),
         ("24600.01", "MARGIN_CALL"), ("24600", "PENDING_LIQUIDATION"), ("24910", "WARNING"), ("30000", "HEALTHY")]
    ):  # fmt: skip
        watch.see(second, price)
        assert watch.level(loan) == level, price
    assert watch.begun == []
    kept = watch.rows("SELECT from_level, to_level, line, debt, prices FROM lending.price_evidence ORDER BY id")
    assert [(row.from_level, row.to_level) for row in kept][:2] == [("HEALTHY", "WARNING"), ("WARNING", "MARGIN_CALL")]
    assert kept[0].line == "warning"
    assert kept[0].debt == 24000
    assert kept[0].prices["BTC"]["price"] == "25500"
    shown = [row.payload for row in watch.rows("SELECT payload FROM lending.loan_events WHERE shown ORDER BY seq")]
    assert "PENDING" not in str(shown)


def test_a_wick_is_survived_and_a_price_that_stays_sells(watch, loan):
    watch.see(2, "24590")
    watch.see(4, "24910")
    assert watch.level(loan) == "WARNING"
    for second, price in ((5, "24600"), (10, "24590")):
        watch.see(second, price)
        assert watch.level(loan) == "PENDING_LIQUIDATION"
    assert watch.begun == []
    watch.see(16, "24580")
    assert [(one[0], one[1], one[2]) for one in watch.begun] == [(loan, Cause.LINE, 24000)]
    evidence = watch.rows("SELECT to_level FROM lending.price_evidence WHERE id = :id", id=watch.begun[0][3])
    assert evidence[0].to_level == "LIQUIDATING"
    watch.see(17, "24000")
    assert len(watch.begun) == 1, "a loan that is being sold is out of the book"


def test_the_hard_line_sells_at_once(watch, loan):
    watch.see(2, "24300")
    assert [one[0] for one in watch.begun] == [loan]


def test_one_price_is_one_observation_however_often_it_is_read(watch, loan):
    for _ in range(5):
        watch.see(2, "24590")
    assert watch.loan(loan).below == 1


def test_who_takes_over_does_not_count_a_price_again(watch, loan):
    watch.see(2, "24590")
    watch.see(8, "24590")
    other = watch.another()
    watch.see(14, "24590", watcher=other)
    assert watch.loan(loan).below == 2
    watch.see(15, "24590", watcher=other)
    assert [one[0] for one in watch.begun] == [loan]


def test_an_owner_that_lost_its_lease_writes_nothing(watch, loan):
    lost = watch.another(held=lambda _: False)
    watch.see(2, "24300", watcher=lost)
    assert watch.begun == []
    assert watch.level(loan) == "HEALTHY"


def test_interest_of_the_day_counts(watch):
    """Reference T2, day 60: 24,473.42 owed, sold at 24,900."""
    loan = watch.lend(watch.book.product({"BTC": BRIEF}), opened_on=date(2026, 1, 1))
    watch.see(1, "24900")
    assert watch.level(loan) == "PENDING_LIQUIDATION"


def test_a_basket_is_carried_by_what_stands(watch):
    eth = Lines("0.70", "0.78", "0.755", "0.74", "0.73")
    loan = watch.lend(watch.book.product({"BTC": BRIEF, "ETH": eth}), principal="19000", BTC="0.5", ETH="5")
    for second, (btc, ether, level) in enumerate(
        [(30000, 2000, "HEALTHY"), (25500, 1560, "WARNING"), (24000, 1600, "MARGIN_CALL")]
    ):
        watch.see(second, {"BTC": btc, "ETH": ether})
        assert watch.level(loan) == level
    watch.see(9, {"BTC": 100})
    assert watch.level(loan) == "MARGIN_CALL", "without a price of one asset nothing is decided"


def test_a_repayment_is_seen_by_the_next_tick(watch, loan):
    watch.see(1, "24900")
    with db.transaction(tenant=watch.tenant) as tx:
        loans.change(tx, loans.lock(tx, loan), principal=D(12000))
    watch.see(2, "24590")
    assert watch.level(loan) == "HEALTHY"


def test_what_nobody_changed_is_not_written(watch, loan):
    watch.see(1, "25400")
    before = watch.loan(loan).row_version
    for second in range(2, 6):
        watch.see(second, "25300")
    assert watch.loan(loan).row_version == before


def test_a_loan_that_somebody_works_on_is_decided_after_the_others(watch):
    product = watch.book.product({"BTC": BRIEF})
    first, second = watch.lend(product), watch.lend(product)
    watch.see(0, "30000")
    with watch.book.connection.transaction():
        watch.book.connection.execute("SELECT 1 FROM lending.loans WHERE id = %s FOR UPDATE", [first])
        watch.see(1, "25400")  # gives up on the one after the time that a lock may take
        assert watch.level(second) == "WARNING"
    watch.see(2, "25300")
    assert watch.level(first) == "WARNING"


def test_a_frozen_price_decides_nothing_and_calls_somebody_in_the_end(watch, loan):
    watch.see(1, "24300", state=CompositeState.SINGLE, venues=1)
    watch.see(60, None)
    assert watch.level(loan) == "HEALTHY"
    assert not watch.rows("SELECT 1 FROM kernel.outbox WHERE topic = 'lending.price_frozen.v1'")
    assert watch.rows("SELECT seen FROM lending.freezes")[0].seen["state"] == "SINGLE"
    for second in (121, 122, 123):
        watch.see(second, "24300", age_s=9, watcher=watch.another() if second == 122 else None)
    told = watch.rows("SELECT payload FROM kernel.outbox WHERE topic = 'lending.price_frozen.v1'")
    assert [(one.payload["asset"], one.payload["loans"]) for one in told] == [("BTC", 1)]
    assert [(one.asset, one.loans) for one in entering.frozen(watch.tenant)] == [("BTC", 1)]
    watch.see(130, "24900")
    assert watch.level(loan) == "MARGIN_CALL"
    assert not watch.rows("SELECT 1 FROM lending.freezes")


def test_a_sale_that_cannot_begin_waits_tells_once_and_is_tried_again(watch, loan):
    watch.refuse = LoanBusy()
    for second in (1, 2, 3):
        tally = watch.see(second, "24300")
    assert tally.begun == 0
    assert watch.level(loan) == "PENDING_LIQUIDATION"
    assert len(watch.rows("SELECT 1 FROM kernel.outbox WHERE topic = 'lending.liquidation_not_begun.v1'")) == 1
    watch.refuse = None
    watch.see(9, "24300")
    assert [one[0] for one in watch.begun] == [loan]


def test_levels_improve_only_beyond_the_hysteresis(watch):
    loan = watch.lend(watch.book.product({"BTC": BRIEF}, hysteresis=D("0.01")))
    for second, (price, level) in enumerate(
        [("25500", "WARNING"), ("25700", "WARNING"), ("25755", "WARNING"), ("25755.01", "HEALTHY")]
    ):
        watch.see(second, price)
        assert watch.level(loan) == level, price


@pytest.mark.parametrize(("rebase", "level"), [("ON_EVENT", "WARNING"), ("FROZEN", "HEALTHY")])
def test_lines_that_stand_still(watch, rebase, level):
    """60 days of interest move no line: 25,500 is the warning line of what was owed at the last event, or was paid out."""
    loan = watch.lend(
        watch.book.product({"BTC": BRIEF}, rebase=Rebase(rebase)), opened_on=date(2026, 1, 1), debt_at_event="24000"
    )
    watch.see(1, "25500.01")
    assert watch.level(loan) == "HEALTHY"
    with db.transaction(tenant=watch.tenant) as tx:  # a repayment moves the lines of the one, of the other nothing does
        loans.change(tx, loans.lock(tx, loan), debt_at_event=D(24100))
    watch.see(2, "25600")
    assert watch.level(loan) == level
    watch.see(3, "25500")
    assert watch.level(loan) == "WARNING"


def test_two_owners_at_once_sell_a_loan_once(watch, loan):
    others = [watch.another() for _ in range(4)]
    for other in others:
        other.refresh(on=NOON.date())
    at = NOON + timedelta(seconds=5)
    prices = {("BTC", "USDT"): observed("24300", at=at)}
    with ThreadPoolExecutor(4) as pool:
        tallies = list(pool.map(lambda other: other.mark(prices, at=at), others))
    assert sum(tally.begun for tally in tallies) == 1
    assert len(watch.begun) == 1
