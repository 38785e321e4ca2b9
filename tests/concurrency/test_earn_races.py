"""Many buyers for the last of a quota, many workers on one day of payouts or renewals, a redemption at the same moment, and kill -9."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from earn.coupons.errors import CouponExhausted, CouponNotUsable
from earn.payouts import queries
from earn.payouts import service as payouts
from earn.plans.errors import AlreadyMatured
from earn.subscriptions.errors import CapReached, SoldOut, SubscriptionEnded
from kernel import db
from kernel.ids import uuid7
from tests.earn_books import D, open_earn, utc

SALE = date(2031, 1, 30)
WORKER = """
import sys
from datetime import datetime
from uuid import UUID
from kernel import db
from kernel.ids import uuid7
from earn.payouts import service
db.configure(sys.argv[1], pool_size=2)
service.BATCH = 7
service.run(UUID(sys.argv[2]), by=datetime.fromisoformat(sys.argv[3]))
"""


@pytest.fixture
def earn(database):
    with open_earn(database) as opened:
        opened.at(utc(2031, 1, 30, 9))
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}


def outcome(deed):
    try:
        return deed()
    except (
        AlreadyMatured, SoldOut, CapReached, SubscriptionEnded, CouponExhausted, CouponNotUsable,
    ) as refused:  # fmt: skip
        return refused.code


def test_two_hundred_buyers_race_for_the_last_units(earn):
    template = earn.template(daily_quota="1700", minimum="100", step="10")
    one = earn.day(template, SALE)
    buyers = [earn.saver("150") for _ in range(200)]
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda buyer: outcome(lambda: earn.subscribe(buyer, one, "100")), buyers))
    won = [buyer for buyer, what in zip(buyers, got, strict=True) if what != "sold_out"]
    assert len(won) == 17
    assert earn.day(template, SALE).left == 0
    assert earn.owed(template)[0] == 1700
    assert {earn.has(buyer) for buyer in won} == {50}
    assert {earn.has(buyer) for buyer in set(buyers) - set(won)} == {150}
    held = earn.engine.execute(
        "SELECT count(*) FROM payments.holds WHERE tenant_id = %s AND state = 'open'", [earn.tenant]
    )
    assert held.fetchone()[0] == 0, "no money is frozen for who got nothing"


@pytest.mark.parametrize(
    ("campaign", "marketing"), [("15", "1000"), ("1000", "15")], ids=["the coupon's budget", "the marketing account"]
)
def test_two_hundred_race_for_the_last_of_a_budget(earn, campaign, marketing):
    """A bonus of 0.487671 each: thirty of them fit into 15, whichever of the two budgets ends first."""
    template = earn.template(daily_quota="100000", minimum="100", step="10", tenor="3M")
    one, coupon = earn.day(template, SALE), earn.coupon(budget=campaign, funds=marketing)
    buyers = [earn.saver("150") for _ in range(200)]
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda buyer: outcome(lambda: earn.subscribe(buyer, one, "100", coupon=coupon)), buyers))
    won = [buyer for buyer, what in zip(buyers, got, strict=True) if what != "coupon_exhausted"]
    assert len(won) == 30
    assert earn.used(coupon) == earn.bonus_owed(template) == D("14.63013")
    assert earn.on("marketing.earn:USDT") == D(marketing) - D("14.63013")
    assert (earn.owed(template)[0], earn.day(template, SALE).sold) == (3000, 3000)
    assert {earn.has(buyer) for buyer in won} == {50}
    assert {earn.has(buyer) for buyer in set(buyers) - set(won)} == {150}


def test_a_customer_in_many_windows_uses_a_coupon_as_often_as_one_may(earn):
    """Of several products, for the cap of one product would make them wait for each other as well."""
    days = [earn.day(earn.template(), SALE) for _ in range(4)]
    coupon, customer = earn.coupon(uses_per_customer=3), earn.saver()

    def buy(number):
        return outcome(lambda: earn.subscribe(customer, days[number % 4], "100", coupon=coupon))

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(buy, range(16)))
    assert got.count("coupon_not_usable") == 13
    assert earn.has(customer) == 100000 - 300


def test_a_cap_is_not_passed_by_a_customer_in_many_windows(earn):
    template = earn.template(customer_cap="500", daily_quota="10000")
    one, customer = earn.day(template, SALE), earn.saver()
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: outcome(lambda: earn.subscribe(customer, one, "100")), range(16)))
    assert got.count("cap_reached") == 11
    assert earn.has(customer) == 100000 - 500


def test_each_row_is_paid_once_by_any_number_of_workers(earn, monkeypatch):
    monkeypatch.setattr(payouts, "BATCH", 9)
    template = earn.template(payout="daily", tenor="5D", daily_quota="100000")
    one, customers = earn.day(template, SALE), [earn.saver() for _ in range(30)]
    subscriptions = [earn.subscribe(customer, one, "1000") for customer in customers]
    earn.at(utc(2031, 2, 5))
    payouts.accrue(earn.tenant, at=utc(2031, 2, 5))
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: payouts.run(earn.tenant, by=utc(2031, 2, 5)), range(3)))
    late = payouts.run(earn.tenant, by=utc(2031, 2, 5)).paid
    assert sum(each.paid for each in done) + late == 150
    assert payouts.run(earn.tenant, by=utc(2031, 2, 5)).paid == 0
    expected = 100000 + sum(row.interest for row in earn.look(subscriptions[0]).rows)
    assert {earn.has(customer) for customer in customers} == {expected}
    assert earn.owed(template) == (0, 0)


def test_a_last_row_waits_for_the_one_that_another_worker_had(earn):
    """A worker passes by the first row while somebody holds the subscription, and meets the last one when it is free again."""
    template = earn.template(payout="daily", tenor="2D", daily_quota="100000")
    customer = earn.saver()
    one = earn.subscribe(customer, earn.day(template, SALE), "1000")
    by = utc(2031, 2, 5)
    earn.at(by)
    with db.transaction(tenant=earn.tenant) as tx:
        first, last = queries.claim(tx, by=by, after=queries.START, limit=9)
    _, done = payouts._batch(earn.tenant, uuid7(), by, (first.due_at, first.subscription_id, first.seq))
    assert (done.paid, earn.look(one).subscription.status.value) == (0, "active"), last
    assert payouts.run(earn.tenant, by=by).paid == 2
    assert earn.has(customer) == 100000 + sum(row.interest for row in earn.look(one).rows)


def test_a_redemption_meets_the_payout_of_its_row(earn):
    """Whoever comes first, the coupon that is due is paid once and the principal comes back once."""
    template = earn.template(daily_quota="100000")
    one, customers = earn.day(template, SALE), [earn.saver() for _ in range(12)]
    subscriptions = [earn.subscribe(customer, one, "1000") for customer in customers]
    coupon = earn.look(subscriptions[0]).rows[0].interest
    earn.at(utc(2031, 2, 28, 1))

    def end(number):
        return outcome(lambda: earn.redeem(customers[number % 12], subscriptions[number % 12]))

    with ThreadPoolExecutor(6) as pool:
        runs = [pool.submit(payouts.run, earn.tenant, by=utc(2031, 2, 28)) for _ in range(2)]
        ended = list(pool.map(end, range(24)))
        for each in runs:
            each.result()
    assert ended.count("subscription_ended") == 12
    assert {earn.has(customer) for customer in customers} == {100000 + coupon}
    earn.hour()
    assert earn.owed(template) == (0, 0)


def test_a_worker_that_dies_leaves_no_row_half_paid(earn, tmp_path):
    template = earn.template(payout="daily", tenor="3D", daily_quota="100000")
    one, customers = earn.day(template, SALE), [earn.saver() for _ in range(8)]
    for customer in customers:
        earn.subscribe(customer, one, "1000")
    by = utc(2031, 2, 4)
    earn.at(by)
    payouts.accrue(earn.tenant, at=by)
    for number, (place, paid) in enumerate((("before", 0), ("after", 7), ("before", 7), ("after", 14))):
        (folder := tmp_path / str(number)).mkdir()
        assert _dies(earn, folder, by, f"earn.payout.{place}_commit") == -signal.SIGKILL
        with db.read_only(tenant=earn.tenant) as tx:
            rows = tx.scalar("SELECT count(*) FROM earn.repayment_rows WHERE status = 'paid'")
            journals = tx.scalar("SELECT count(*) FROM payments.journals WHERE kind = 'earn_payout'")
        assert (rows, journals) == (paid, paid), place
    assert payouts.run(earn.tenant, by=by).paid == 10
    assert earn.owed(template) == (0, 0)
    assert {earn.has(customer) for customer in customers} == {100000 + D("0.410958")}


def _dies(earn, folder, by, place):
    env = os.environ | {
        "RIVERMOUTH_FAILPOINT": place, "RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_DATA_DIR": str(folder),
        "RIVERMOUTH_DATABASE_URL": earn.database.app, "RIVERMOUTH_REDIS_URL": "redis://127.0.0.1:1/0",
    }  # fmt: skip
    words = [sys.executable, "-c", WORKER, earn.database.app, str(earn.tenant), by.isoformat()]
    return subprocess.run(words, env=env, capture_output=True, timeout=120, check=False).returncode


def test_each_maturity_is_renewed_once_by_any_number_of_workers(earn):
    """Twelve renew into what nine of them have room for; three runs at once, and one after them."""
    template = earn.template(payout="daily", tenor="5D", daily_quota="12000", renewals=["renew_principal"])
    one, customers = earn.day(template, SALE), [earn.saver("1000") for _ in range(12)]
    subscriptions = [earn.subscribe(customer, one, "1000") for customer in customers]
    earn.at(utc(2031, 2, 4, 12))
    earn.subscribe(earn.saver(), earn.day(template, date(2031, 2, 4)), "3000")
    by = utc(2031, 2, 5)
    earn.at(by)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: payouts.run(earn.tenant, by=by), range(3)))
    late = payouts.run(earn.tenant, by=by)
    assert sum(each.paid for each in (*done, late)) == 60
    assert sum(each.refused for each in (*done, late)) == 0
    ended = [earn.look(one).subscription for one in subscriptions]
    assert sorted(each.status.value for each in ended) == ["paid_out"] * 3 + ["renewed"] * 9
    assert {each.renewal_refused for each in ended if each.renewed_into is None} == {"sold_out"}
    assert sorted(earn.has(customer) for customer in customers) == [D("0.684931")] * 9 + [D("1000.684931")] * 3
    assert earn.owed(template)[0] == 12000


def test_a_redemption_or_another_choice_meets_the_renewal(earn):
    """Runs of the day of maturity begin while customers still leave and change their minds: each one ends in one way."""
    template = earn.template(tenor="5D", payout="at_maturity", daily_quota="100000", renewals=["renew_all", "pay_out"])
    one, customers = earn.day(template, SALE), [earn.saver("1000") for _ in range(12)]
    subscriptions = [earn.subscribe(customer, one, "1000") for customer in customers]
    earn.at(utc(2031, 2, 4, 12))

    def deed(number):
        customer, mine = customers[number % 12], subscriptions[number % 12]
        if number % 3 == 0:
            return outcome(lambda: earn.redeem(customer, mine))
        if number % 3 == 1:
            return outcome(lambda: earn.choose(customer, mine, "pay_out" if number % 2 else "renew_all"))
        return payouts.run(earn.tenant, by=utc(2031, 2, 5))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deed, range(48)))
    earn.at(utc(2031, 2, 5, 1))
    earn.hour()
    interest = D("0.684931")
    for customer, mine in zip(customers, subscriptions, strict=True):
        ended = earn.look(mine).subscription.status.value
        expected = {"redeemed_early": D(1000), "paid_out": 1000 + interest, "renewed": interest}
        assert earn.has(customer) == expected[ended], ended
        assert len(earn.chain(mine)) == 1 + (ended == "renewed")


def test_a_worker_that_dies_leaves_nothing_between_the_customer_and_the_renewal(earn, tmp_path):
    template = earn.template(payout="at_maturity", tenor="3D", daily_quota="100000", renewals=["renew_principal"])
    one, customers = earn.day(template, SALE), [earn.saver("1000") for _ in range(4)]
    subscriptions = [earn.subscribe(customer, one, "1000") for customer in customers]
    by = utc(2031, 2, 3)
    earn.at(by)
    for number, (place, renewed) in enumerate((("before", 0), ("after", 1), ("before", 1), ("after", 2))):
        (folder := tmp_path / str(number)).mkdir()
        assert _dies(earn, folder, by, f"earn.renewal.{place}_commit") == -signal.SIGKILL
        ended = [earn.look(one).subscription.status.value for one in subscriptions]
        assert ended.count("renewed") == renewed, place
        assert sum(earn.has(customer) for customer in customers) == renewed * D("0.410958")
        assert earn.owed(template)[0] == 4000
        assert earn.broken() == {}
    assert payouts.run(earn.tenant, by=by).paid == 2
    assert {earn.look(one).subscription.status.value for one in subscriptions} == {"renewed"}
    assert {earn.has(customer) for customer in customers} == {D("0.410958")}
