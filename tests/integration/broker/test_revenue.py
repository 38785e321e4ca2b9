"""What fills earned and cost, counted once each; volumes, tiers, exposure and hedge gaps come from the same rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from broker.exposure import service as exposure
from broker.fees import service as fees
from broker.revenue import service as revenue
from broker.venue_trades import service as venue_trades
from identity.tenants import service as tenants
from kernel import clock, db
from venues import fee_reports
from venues.gateway import VenueFees, VenueTrade

D = Decimal


@pytest.fixture
def books(desk):
    fees.forget()
    with desk.as_engine():
        tenants.ensure(desk.tenant, name="House")
        revenue.note_marks({"BTC": D(100_000), "ETH": D(3_000)}, source="test", at=clock.wall())
    yield desk
    fees.forget()


def account(desk):
    with desk.as_engine():
        done = revenue.account_waiting()
    assert desk.broken() == {}
    return done


def bought(desk, quantity="0.5", *, fee="0.00025", fee_asset="BTC"):
    order_id = desk.place(quantity=quantity)
    desk.answer(order_id, "filled", desk.fill(quantity, "99970", fee=fee, fee_asset=fee_asset))
    return order_id


def report(desk, by="venue", **how):
    with desk.tx() as tx:
        now = tx.now
    return revenue.report(desk.tenant, by=by, start=now - timedelta(days=1), end=now + timedelta(seconds=1), **how)


def test_a_fill_is_accounted_once_and_agrees_with_the_ledger(books):
    books.configure_market(markup="0.0002")
    order_id = bought(books)
    assert report(books).waiting == 1
    assert [account(books), account(books)] == [1, 0]
    found = report(books)
    [row] = found.groups
    assert (row.key, row.fills, row.volume) == ("binance", 1, D(49985))
    assert (row.trade_fees, row.spread, row.venue_fees) == (D("49.994997"), D("9.997"), D(25))
    btc, usdt = found.assets
    assert (btc.asset, btc.venue_fee, btc.ledger_venue_fee) == ("BTC", D("0.00025"), D("0.00025"))
    assert (usdt.trade_fee, usdt.spread) == (usdt.ledger_trade_fee, usdt.ledger_spread) == (D("49.994997"), D("9.997"))
    assert [r.key for r in report(books, by="order").groups] == [str(order_id)]
    assert [r.key for r in report(books, by="symbol").groups] == ["BTC-USDT"]
    assert found.waiting == 0


def test_the_volume_moves_the_customer_up(books):
    assert fees.of_customer(books.tenant, books.owner).tier.tier == 0
    bought(books), bought(books)
    sale = books.place(side="sell")
    books.answer(sale, "filled", books.fill("0.5", "99960"))
    account(books)
    now = fees.of_customer(books.tenant, books.owner)
    assert (now.volume, now.tier.tier, now.next_tier.tier) == (D(149_950), 1, 2)
    fees.forget()
    order = books.order(books.place())
    assert (order.fee_rate, order.maker_rate) == (now.rates.taker, now.rates.maker)


def test_volume_older_than_thirty_days_does_not_count(books):
    bought(books)
    account(books)
    with books.as_engine(), db.transaction() as tx:
        tx.execute("UPDATE broker.customer_volumes SET day = day - 29")
    assert fees.of_customer(books.tenant, books.owner).volume == D(49985)
    with books.as_engine(), db.transaction() as tx:
        tx.execute("UPDATE broker.customer_volumes SET day = day - 1")
    assert fees.of_customer(books.tenant, books.owner).volume == 0
    with books.as_engine(), db.transaction() as tx:
        tx.execute("UPDATE broker.customer_volumes SET day = day + 30")


def test_a_fee_in_a_third_asset_is_expensed_and_gets_its_worth_when_a_price_is_known(books):
    bought(books, fee="0.05", fee_asset="BNB")
    account(books)
    assert books.sum_of("expense.venue_fee:BNB") == D("-0.05")
    assert (report(books).totals.venue_fees, report(books).totals.without_worth) == (0, 1)
    with books.as_engine():
        revenue.note_marks({"BNB": D(600)}, source="test", at=clock.wall())
    bought(books)
    account(books)
    assert (report(books).totals.venue_fees, report(books).totals.without_worth) == (D(30) + D(25), 0)


def test_the_house_is_flat_and_bears_only_what_fees_left(books):
    bought(books)
    account(books)
    now = exposure.overview(books.tenant)
    by_asset = {e.books.asset: e for e in now.assets}
    assert all(e.books.balanced and e.books.trading == 0 for e in now.assets)
    btc = by_asset["BTC"]
    assert (btc.books.capital, btc.books.spent, btc.position.quantity) == (D(80), D("0.00025"), D("-0.00025"))
    assert btc.books.custody + btc.books.outside == btc.books.customers + D(80) - D("0.00025")
    assert (btc.price, btc.unrealised) == (D(100_000), 0)
    with books.as_engine():
        revenue.note_marks({"BTC": D(120_000)}, source="test", at=clock.wall())
        assert exposure.watch_gaps() == 0
    assert exposure.overview(books.tenant).unrealised == D(-5), "a short of 0.00025 loses when the price rises"


def late_fill(desk):
    """A fill that comes after its order was closed: the house owns it."""
    order_id = desk.place()
    early = desk.fill("0.2", "100000")
    desk.answer(order_id, "cancelled", early)
    desk.answer(order_id, "cancelled", early, desk.fill("0.1", "100000"))
    return order_id


def test_a_late_fill_opens_a_gap_that_closes_when_it_is_traded_away(books):
    late_fill(books)
    account(books)
    assert books.sum_of("house.trading:BTC") == D("0.1")
    with books.as_engine():
        assert [exposure.watch_gaps(), exposure.watch_gaps()] == [2, 0]
    now = exposure.overview(books.tenant)
    assert {gap.asset: gap.quantity for gap in now.gaps} == {"BTC": D("0.1"), "USDT": D(-10_000)}
    btc = next(e for e in now.assets if e.books.asset == "BTC")
    assert (btc.position.quantity, btc.position.cost, btc.books.trading) == (D("0.1"), D(10_000), D("0.1"))
    total = report(books).totals
    assert (total.fills, total.trade_fees, total.spread) == (2, D(20), 0)
    sold(books, "BTC", "0.1")
    sold(books, "USDT", "-10000")
    with books.as_engine():
        assert exposure.watch_gaps() == 2
    assert all(gap.closed_at for gap in exposure.overview(books.tenant).gaps)
    rows = books.engine.execute(
        "SELECT topic FROM kernel.outbox WHERE topic LIKE 'broker.hedge%' ORDER BY id"
    ).fetchall()
    assert [topic for (topic,) in rows] == ["broker.hedge_gap_opened.v1"] * 2 + ["broker.hedge_gap_closed.v1"] * 2


def sold(desk, asset, amount):
    """Staff give the position to the house's capital."""
    with desk.tx() as tx:
        from payments.accounts import service as accounts
        from payments.accounts.states import AccountKind

        trading = accounts.house(tx, path="house.trading", asset=asset, kind=AccountKind.HOUSE, normal_side="debit")
        capital = accounts.house(tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
    desk.pay(trading, capital, amount) if D(amount) > 0 else desk.pay(capital, trading, -D(amount))


def test_a_day_gets_one_report_when_it_is_over(books):
    bought(books)
    account(books)
    with books.as_engine():
        assert exposure.report_days() == 0, "the day is not over"
        with db.transaction() as tx:
            today = tx.now.astimezone(UTC).date()
            tx.execute("""UPDATE kernel.clock SET "offset" = "offset" + interval '25 hours'""")
        assert exposure.report_days() >= 1
        assert exposure.report_days() == 0
    days, lines = exposure.reports(books.tenant, before=None, limit=10)
    first = days[-1]
    assert isinstance(today, date) and first.day == today
    assert (first.fills, first.volume, first.venue_fees, first.hedge_gaps) == (1, D(49985), D(25), 0)
    btc = next(line for line in lines[today] if line.asset == "BTC")
    assert (btc.spent, btc.trading, btc.position, btc.capital) == (D("0.00025"), 0, D("-0.00025"), D(80))


def test_nobody_else_sees_it(books):
    from kernel.ids import uuid7

    bought(books)
    account(books)
    with books.tx() as tx:
        now = tx.now
    other = revenue.report(uuid7(), by="day", start=now - timedelta(days=1), end=now + timedelta(seconds=1))
    assert (other.groups, other.totals.fills, other.waiting) == ([], 0, 0)


def test_what_a_venue_reports_is_kept_and_silly_rates_are_not(books):
    told = {
        "BTC-USDT": VenueFees(maker=D("0.0014"), taker=D("0.0024"), volume=D(60_000)),
        "ETH-USDT": VenueFees(maker=D("0.14"), taker=D("0.24")),
    }
    with books.as_engine():
        assert [fee_reports.store(books.tenant, venue="kraken", reported=told) for _ in range(2)] == [1, 1]
    with books.tx() as tx:
        [row] = fee_reports.every(tx)
    assert (row.symbol, row.taker, row.volume) == ("BTC-USDT", D("0.0024"), D(60_000))
    assert row.changed_at < row.reported_at, "the second report changed nothing"


def test_two_accountants_count_once(books):
    for _ in range(3):
        bought(books, "0.1")
    with books.as_engine(), ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: revenue.account_waiting(), range(4)))
    assert sum(done) == 3
    assert books.broken() == {}
    assert report(books).totals.fills == 3


def test_a_fee_in_an_asset_without_books_stops_nothing_and_is_listed(books):
    order_id = books.place()
    fill = books.fill("0.5", "99970", fee="7", fee_asset="WAT", trade="BTC-USDT:9")
    books.answer(order_id, "filled", fill)
    assert books.order(order_id).status == "filled"
    account(books)
    with books.as_engine():
        listed = VenueTrade(
            trade_id=fill.trade_id, price=fill.price, quantity=fill.quantity, fee=fill.fee, fee_asset="WAT", executed_at=fill.executed_at,
            symbol="BTC-USDT", side="buy", venue_order_id="v-1",
        )  # fmt: skip
        at = clock.wall() - timedelta(minutes=1)
        venue_trades.store(
            books.tenant, venue="binance", symbol="BTC-USDT", since=at, asked_at=clock.wall(), trades=[listed]
        )
    [row] = report(books).unbooked
    assert (row.venue, row.asset, row.amount, row.trades) == ("binance", "WAT", D(7), 1)
    assert report(books).totals.venue_fees == 0


def test_a_fee_without_a_mark_waits_for_one(books):
    bought(books)
    with books.as_engine():
        assert revenue.account_waiting() == 1
        with db.transaction() as tx:
            tx.execute("UPDATE broker.marks SET asset = 'GONE' WHERE asset = 'BTC'")
    bought(books)
    account(books)
    totals = report(books).totals
    assert (totals.fills, totals.without_worth) == (2, 1)
    with books.as_engine():
        revenue.note_marks({"BTC": D(100_000)}, source="test", at=clock.wall())
    bought(books, "0.1", fee="0")
    account(books)
    assert report(books).totals.without_worth == 0
