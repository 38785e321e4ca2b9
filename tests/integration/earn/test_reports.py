"""What treasury and finance are told of earn, against numbers that can be checked by hand: 1,000 at 36.5 % earn 1 a day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from earn.payouts import service as payouts
from earn.reports import service
from kernel.errors import InvalidRequest
from lending.life import accruing
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import move
from payments.reports import service as books
from tests.earn_books import D, utc
from tests.integration.lending.test_loan_days import lend
from tests.ledger_books import as_engine
from tests.loan_books import Lender
from wallet_bridge.funds import postings as funds

SALE = date(2031, 1, 30)  # interest runs from the 31st
ZERO = Decimal(0)


@pytest.fixture
def morning(earn):
    earn.at(utc(2031, 1, 30, 9))
    return earn


def opened(earn, **changes):
    terms = {"apr": "0.365", "payout": "monthly", "tenor": "3M", "daily_quota": "100000", "minimum": "10", "step": "10"}
    template = earn.template(**(terms | changes))
    return template, earn.day(template, SALE)


def ladder(earn, asset="USDT"):
    found = service.ladder(earn.tenant, asset=None)
    rungs = next((one for one in found.assets if one.asset == asset), None)
    return rungs, {} if rungs is None else {each.date: (each.principal, each.interest) for each in rungs.days}


def buckets(rungs, today):
    return [(b.first, b.last, b.principal, b.interest) for b in rungs.buckets(today)]


def test_the_ladder_of_a_plan(morning):
    earn = morning
    template, one = opened(earn)
    weekly, other = opened(earn, payout="at_maturity", tenor="2D", zone="Asia/Shanghai")
    ann = earn.saver()
    earn.subscribe(ann, one, "1000")
    earn.subscribe(ann, other, "500")
    rungs, days = ladder(earn)
    assert days == {
        date(2031, 2, 2): (500, 1), date(2031, 2, 28): (0, 28), date(2031, 3, 31): (0, 31), date(2031, 4, 30): (1000, 30),
    }  # fmt: skip
    assert (rungs.principal, rungs.interest) == (1500, 90)
    assert buckets(rungs, SALE) == [
        (None, date(2031, 1, 29), 0, 0),
        (date(2031, 1, 30), date(2031, 2, 5), 500, 1),
        (date(2031, 2, 6), date(2031, 2, 28), 0, 28),
        (date(2031, 3, 1), date(2031, 4, 29), 0, 31),
        (date(2031, 4, 30), date(2031, 7, 28), 1000, 30),
        (date(2031, 7, 29), date(2032, 1, 29), 0, 0),
        (date(2032, 1, 30), None, 0, 0),
    ]
    assert service.ladder(earn.tenant, asset="BTC").assets == []

    earn.at(utc(2031, 2, 3, 1))  # the short one was due yesterday, and nobody has paid it
    rungs, _ = ladder(earn)
    assert buckets(rungs, date(2031, 2, 3))[0] == (None, date(2031, 2, 2), 500, 1)
    earn.hour()
    rungs, days = ladder(earn)
    assert (rungs.principal, rungs.interest) == (1000, 89)
    assert sum(each.principal for each in rungs.buckets(date(2031, 2, 3))) == 1000 == earn.owed(template)[0]
    assert earn.owed(weekly)[0] == 0


def test_what_is_owed_beside_what_is_there(morning):
    earn = morning
    template, one = opened(earn)
    ann = earn.saver()
    earn.subscribe(ann, one, "1000")
    earn.at(utc(2031, 2, 11, 1))
    earn.hour()  # eleven days have passed
    product = "00000000-0000-7000-8000-000000000001"
    with earn.tx() as tx:
        funds.fund_venue(tx, venue="binance", asset="USDT", amount=D("300"), key="a")
        funds.fund_venue(tx, venue="kraken", asset="USDT", amount=D("50.5"), key="b")
        funds.fund_venue(tx, venue="kraken", asset="BTC", amount=D("2"), key="c")
        places = [
            accounts.house(tx, path=path, asset="USDT", kind=kind, normal_side="debit")
            for path, kind in (
                ("wallet.cold", AccountKind.CUSTODY),
                ("house.cash", AccountKind.CUSTODY),
                (f"lending.principal.{product}", AccountKind.RECEIVABLE),
            )
        ]
        capital = accounts.house(tx, path="house.capital", asset="USDT", kind=AccountKind.HOUSE, normal_side="credit")
    for place, amount in zip(places, ("20", "7", "600"), strict=True):
        earn.post(*move(place, capital, D(amount)))
    btc, usdt = service.coverage(earn.tenant).assets
    assert (usdt.principal, usdt.interest, usdt.liabilities) == (1000, 11, 1011)
    assert (usdt.venues, usdt.wallets, usdt.loans, usdt.assets) == (D("350.5"), 27, 600, D("977.5"))
    assert usdt.ratio == D("0.966864")  # 977.5 / 1011 = 0.9668645…
    assert (btc.asset, btc.venues, btc.liabilities, btc.ratio) == ("BTC", 2, 0, None)
    assert earn.owed(template) == (1000, 11)


@pytest.mark.parametrize(
    ("policy", "day_of_leaving"), [("PAY_ACCRUED", 2), ("CLAWBACK_PAID", -28), ("FORFEIT_CURRENT", 0)]
)
def test_costs_by_day_are_what_the_ledger_spent(morning, policy, day_of_leaving):
    earn = morning
    template, one = opened(earn, early=policy)
    ann = earn.saver()
    first = earn.subscribe(ann, one, "1000")
    earn.subscribe(ann, one, "500")
    for day in (1, 2, 28):
        earn.at(utc(2031, 2, day, 0, 1))
        earn.hour()
    earn.at(utc(2031, 3, 1, 0, 1))
    earn.hour()
    earn.at(utc(2031, 3, 2, 0, 1))
    earn.redeem(ann, first)  # 2 days after its first coupon of 28
    earn.hour()
    found = service.costs(earn.tenant, first=date(2031, 2, 1), last=date(2031, 3, 2), asset=None)
    by_day = {each.day: each.interest for each in found.items}
    assert by_day == {
        date(2031, 2, 1): D("1.5"), date(2031, 2, 2): D("1.5"), date(2031, 2, 28): 39, date(2031, 3, 1): D("1.5"),
        date(2031, 3, 2): D("0.5") - 1 + day_of_leaving,  # what it had earned is owed no more; what the policy gives or takes
    }  # fmt: skip
    assert {each.template for each in found.items} == {template}
    assert booked(earn, date(2031, 2, 1), date(2031, 3, 2)) == by_day
    assert sum(by_day.values()) == -earn.on("expense.earn:USDT")
    (total,) = found.totals
    assert (total.interest, total.coupons, total.lending_interest, total.margin) == (
        sum(by_day.values()),
        0,
        0,
        -total.interest,
    )
    only = service.costs(earn.tenant, first=date(2031, 2, 2), last=date(2031, 2, 2), asset="USDT")
    assert [each.interest for each in only.items] == [D("1.5")] == [each.interest for each in only.totals]
    assert service.costs(earn.tenant, first=date(2031, 2, 2), last=date(2031, 2, 2), asset="BTC").items == []


def booked(earn, first, last):
    """What the account of cost says of each day."""
    with earn.tx() as tx:
        return {each.day: -each.amount for each in books.moved(tx, "expense.earn:", first=first, last=last)}


def test_days_that_were_caught_up_count_where_they_belong(morning):
    earn = morning
    _template, one = opened(earn)
    earn.subscribe(earn.saver(), one, "1000")
    earn.at(utc(2031, 2, 5, 3))
    for day in range(1, 6):
        payouts.accrue(earn.tenant, at=utc(2031, 2, day))
    days = [date(2031, 2, day) for day in range(1, 6)]
    found = service.costs(earn.tenant, first=days[0], last=days[-1], asset=None)
    assert (
        {each.day: each.interest for each in found.items}
        == dict.fromkeys(days, D(1))
        == booked(earn, days[0], days[-1])
    )


def test_what_lending_earned_stands_beside_it(morning, valkey_url):
    """36,500 lent at 12 % bring 12 a day, and cost 5 at 5 % of the funding line."""
    earn = morning
    lender = Lender(earn.database, valkey_url, tenant=earn.tenant)
    lender.numbers = earn.numbers  # one tenant, one row of keys
    try:
        _template, one = opened(earn)
        earn.subscribe(earn.saver(), one, "1000")
        lend(lender, lender.product(), "36500", btc="3")
        for day in (31, 32, 33):
            earn.at(utc(2031, 1, 1, 0, 1) + timedelta(days=day - 1))
            with as_engine(earn.database):
                accruing.book_days()
            earn.hour()
        (usdt,) = [each for each in service.coverage(earn.tenant).assets if each.asset == "USDT"]
        assert usdt.loans == 36500
        (total,) = service.costs(earn.tenant, first=date(2031, 2, 1), last=date(2031, 2, 2), asset=None).totals
        assert (total.interest, total.lending_interest, total.funding_interest, total.margin) == (2, 24, 10, 12)
        (total,) = service.costs(earn.tenant, first=date(2031, 1, 30), last=date(2031, 1, 31), asset="USDT").totals
        assert (total.interest, total.lending_interest, total.funding_interest) == (0, 12, 5)
    finally:
        lender.close()


def test_coupons_are_what_their_journals_took_from_the_marketing_budget(morning):
    earn = morning
    template, one = opened(earn)
    mine = earn.subscribe(earn.saver(), one, "1000")
    with earn.tx() as tx:
        budget = accounts.ensure(
            tx, path="marketing.earn:USDT", asset="USDT", kind=AccountKind.POOL, guarded=True, normal_side="credit"
        )
        owed = accounts.house(
            tx, path=f"earn.bonus.{template}", asset="USDT", kind=AccountKind.HOUSE, normal_side="credit"
        )
    earn.credit(budget, "100")  # what funds the budget is no cost
    earn.post(*move(budget, owed, D("7.5")), kind="earn_coupon", meta={"subscription": str(mine)})
    found = service.costs(earn.tenant, first=SALE, last=SALE, asset=None)
    assert [(each.template, each.interest, each.coupons) for each in found.items] == [(template, 0, D("7.5"))]
    assert [(each.coupons, each.margin) for each in found.totals] == [(D("7.5"), D("-7.5"))]


def test_impossible_spans_are_refused(morning):
    for first, last in (
        (date(2031, 1, 2), date(2031, 1, 1)), (date(2030, 1, 1), date(2031, 1, 2)), (date.min, date.max),
    ):  # fmt: skip
        with pytest.raises(InvalidRequest):
            service.costs(morning.tenant, first=first, last=last, asset=None)
    assert service.costs(morning.tenant, first=None, last=date.min, asset=None).items == []
