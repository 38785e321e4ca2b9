"""A quarter of a template: sold out, paid month by month, redeemed on a due day and the day before, matured; nothing is owed at the end."""

from contextlib import nullcontext
from datetime import date
from decimal import Decimal

import pytest

from earn.instances import service as instances
from earn.payouts import service as payouts
from earn.plans.errors import AlreadyMatured
from earn.subscriptions import service as subscriptions
from earn.subscriptions.errors import (
    CapReached,
    PrincipalUnfit,
    SaleNotOpen,
    SoldOut,
    SubscriptionEnded,
    SubscriptionNotFound,
    TermsChanged,
)
from earn.subscriptions.service import Caller
from earn.subscriptions.states import SubscriptionStatus
from identity.eligibility.errors import NotEligible
from kernel.errors import IdempotencyConflict, InvalidRequest
from kernel.ids import uuid7
from payments.errors import InsufficientFunds
from payments.orders import service as orders
from payments.orders.errors import OrderNotRefundable
from tests.earn_books import D, utc

SALE = date(2031, 1, 30)  # interest runs from the 31st: months of every length follow


@pytest.fixture
def quarter(earn):
    """A template of three months, 5 %, paid monthly, on a day of sale in the morning."""
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(daily_quota="10000", minimum="100", step="10", apr="0.05", payout="monthly", tenor="3M")
    return earn, template, earn.day(template, SALE)


def test_the_quarter(quarter):
    earn, template, one = quarter
    ann, ben, cem = (earn.saver("6000") for _ in range(3))
    first = earn.subscribe(ann, one, "5000")
    due_day, day_before = earn.subscribe(ben, one, "1000"), earn.subscribe(cem, one, "4000")
    with pytest.raises(SoldOut):
        earn.subscribe(ann, one, "100")
    assert (earn.day(template, SALE).left, earn.day(template, SALE).sold) == (0, 10000)
    assert earn.owed(template) == (10000, 0)
    assert earn.has(ann) == 1000
    assert [(row.due_date, row.interest, row.principal) for row in earn.look(first).rows] == [
        (date(2031, 2, 28), D("19.178082"), D(0)),
        (date(2031, 3, 31), D("21.232876"), D(0)),
        (date(2031, 4, 30), D("20.547946"), D(5000)),
    ]
    assert earn.hour() == 0

    earn.at(utc(2031, 2, 27, 23, 59))
    assert earn.hour() == 0, "the day before"
    before = subscriptions.what_if(Caller(earn.tenant, cem), day_before)[1]
    done = earn.redeem(cem, day_before)
    assert (done.status, done.accrued, done.clawed_back) == (SubscriptionStatus.REDEEMED_EARLY, 0, 0)
    assert (before.cash, before.due_first, before.void) == (4000, (), (1, 2, 3))
    assert earn.has(cem) == 6000, "the current coupon is forfeited"

    earn.at(utc(2031, 2, 28, 0, 1))
    earn.redeem(ben, due_day)  # the payout has not run yet: what is due comes first
    assert earn.has(ben) == 6000 + D("3.835616")
    assert [row.status.value for row in earn.look(due_day).rows] == ["paid", "void", "void"]
    assert earn.hour() == 1
    assert earn.has(ann) == 1000 + D("19.178082")
    assert earn.owed(template) == (5000, 0)

    for moment in (utc(2031, 3, 31, 1), utc(2031, 4, 29, 23), utc(2031, 4, 30, 0)):
        earn.at(moment)
        earn.hour()
    assert earn.look(first).subscription.status is SubscriptionStatus.PAID_OUT
    assert earn.has(ann) == 6000 + D("60.958904")
    assert earn.owed(template) == (0, 0)
    assert earn.on("expense.earn:USDT") == -(D("60.958904") + D("3.835616"))
    assert sum(earn.costs(template).values()) == D("60.958904") + D("3.835616")


def test_liabilities_grow_day_by_day_and_a_late_run_catches_up(quarter):
    earn, template, one = quarter
    customer = earn.saver()
    earn.subscribe(customer, one, "1000")
    for day in range(1, 11):
        earn.at(utc(2031, 2, day, 0, 1))
        earn.hour()
        assert earn.owed(template)[1] == (D("3.835616") * day / 28).quantize(D("0.000001"), rounding="ROUND_DOWN")
    assert len(earn.costs(template)) == 10
    earn.at(utc(2031, 4, 5))  # two payouts were missed
    for hour in (utc(2031, 2, 28), utc(2031, 3, 31), utc(2031, 4, 5)):  # as a schedule that catches up
        payouts.accrue(earn.tenant, at=hour)
        assert payouts.run(earn.tenant, by=hour).paid == (hour.day != 5)
    assert [row.status.value for row in earn.look(_only(earn)).rows] == ["paid", "paid", "pending"]
    assert earn.owed(template)[1] == (D("4.109589") * 5 / 30).quantize(D("0.000001"), rounding="ROUND_DOWN")
    assert {date(2031, 2, 28), date(2031, 3, 31)} <= earn.costs(template).keys()


def test_a_run_by_hand_for_a_day_long_past_takes_no_cost_back(quarter):
    earn, template, one = quarter
    earn.subscribe(earn.saver(), one, "1000")
    earn.at(utc(2031, 2, 20, 0, 1))
    earn.hour()
    before = earn.owed(template), earn.costs(template)
    payouts.ask_for(earn.tenant, date(2031, 2, 5))
    assert (earn.owed(template), earn.costs(template)) == before


@pytest.mark.parametrize(("hour", "begun"), [(9, False), (10, True)])
def test_a_day_is_paid_by_hand_once_it_has_begun_anywhere(quarter, hour, begun):
    """On Kiritimati a day begins fourteen hours before that of UTC."""
    earn, _template, _one = quarter
    earn.at(utc(2031, 2, 5, hour))
    with nullcontext() if begun else pytest.raises(InvalidRequest):
        payouts.ask_for(earn.tenant, date(2031, 2, 6))
    for day in (date.min, date(2031, 2, 5)):
        assert payouts.ask_for(earn.tenant, day).paid == 0
    with pytest.raises(InvalidRequest):
        payouts.ask_for(earn.tenant, date.max)


def _only(earn):
    return subscriptions.page(earn.tenant, customer=None, status=None, before=None, limit=2)[0].subscription.id


@pytest.mark.parametrize(
    ("policy", "penal", "cash"),
    [
        ("FORFEIT_CURRENT", "0", "1000"),
        ("CLAWBACK_PAID", "0", "995.89041096"),
        ("PENAL_RATE", "0.005", "996.50684931"),
        ("PAY_ACCRUED", "0", "1002.05479452"),
    ],
)
def test_each_policy_pays_what_the_reference_says(earn, policy, penal, cash):
    """P = 1,000, 5 %, 90 days, a coupon each 30 days in eight decimals, left on day 45: the first coupon was paid."""
    earn.at(utc(2031, 4, 30, 9))
    template = earn.template(
        asset="BTC", apr="0.05", payout="monthly", tenor="90D", early=policy, penal_rate=penal, daily_quota="10000", minimum="1",
        step="1",
    )  # fmt: skip
    customer = earn.saver("0.01", BTC="1000")
    one = earn.subscribe(customer, earn.day(template, date(2031, 4, 30)), "1000")
    coupon = earn.look(one).rows[0]
    earn.at(utc(2031, 6, 1, 1))
    earn.hour()
    assert earn.has(customer, "BTC") == coupon.interest
    earn.at(utc(2031, 6, 15, 1))  # the 45th day after 1 May
    what = subscriptions.what_if(Caller(earn.tenant, customer), one)[1]
    earn.redeem(customer, one)
    assert earn.has(customer, "BTC") == coupon.interest + what.cash
    if coupon.interest == D("4.10958904"):
        assert what.cash == D(cash)
    earn.hour()
    assert earn.owed(template, "BTC") == (0, 0)


def test_what_does_not_hold_is_refused_and_nothing_is_taken(quarter):
    earn, template, one = quarter
    customer = earn.saver("500")
    for error, how in (
        (TermsChanged, {"apr": "0.06"}),
        (TermsChanged, {"version": 2}),
        (PrincipalUnfit, {"principal": "90"}),
        (PrincipalUnfit, {"principal": "105"}),
        (PrincipalUnfit, {"principal": "-100"}),
        (InsufficientFunds, {"principal": "510"}),
    ):
        with pytest.raises(error):
            earn.subscribe(customer, one, how.pop("principal", "100"), **how)
    rich = earn.saver()
    with pytest.raises(SoldOut):
        earn.subscribe(rich, one, "10010")
    with pytest.raises(NotEligible):
        earn.subscribe(uuid7(), one, "100")
    with pytest.raises(SaleNotOpen):
        earn.subscribe(customer, earn.day(template, date(2031, 1, 31)), "100")
    instances.stop(tenant=earn.tenant, actor=uuid7(), instance_id=one.instance.id, key=None)
    with pytest.raises(SaleNotOpen):
        earn.subscribe(customer, one, "100")
    earn.at(utc(2031, 1, 31, 0))
    with pytest.raises(SaleNotOpen):
        earn.subscribe(customer, one, "100")
    assert (earn.has(customer), earn.has(rich)) == (500, 100000)
    assert earn.owed(template) == (0, 0)
    assert (
        earn.engine.execute("SELECT count(*) FROM payments.holds WHERE tenant_id = %s", [earn.tenant]).fetchone()[0]
        == 0
    )


def test_one_key_subscribes_once(quarter):
    earn, _template, one = quarter
    customer = earn.saver()
    first = earn.subscribe(customer, one, "100", key="twice")
    assert earn.subscribe(customer, one, "100", key="twice") == first
    with pytest.raises(IdempotencyConflict):
        earn.subscribe(customer, one, "200", key="twice")
    assert earn.has(customer) == 99900


def test_caps_count_what_runs_and_what_was_bought_of_a_day(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(customer_cap="500", customer_day_cap="300")
    today = earn.day(template, SALE)
    customer = earn.saver()
    first = earn.subscribe(customer, today, "300")
    with pytest.raises(CapReached):
        earn.subscribe(customer, today, "100")
    earn.redeem(customer, first)
    with pytest.raises(CapReached):
        earn.subscribe(customer, today, "100")  # what was bought of a day stays bought
    earn.at(utc(2031, 1, 31, 9))
    earn.subscribe(customer, earn.day(template, date(2031, 1, 31)), "300")
    earn.at(utc(2031, 2, 1, 9))
    third = earn.day(template, date(2031, 2, 1))
    with pytest.raises(CapReached):
        earn.subscribe(customer, third, "210")
    earn.subscribe(customer, third, "200")


def test_it_ends_once_and_only_for_its_owner(quarter):
    earn, _template, one = quarter
    customer = earn.saver()
    mine = earn.subscribe(customer, one, "100")
    with pytest.raises(SubscriptionNotFound):
        earn.redeem(earn.saver(), mine)
    earn.redeem(customer, mine)
    with pytest.raises(SubscriptionEnded):
        earn.redeem(customer, mine)
    second = earn.subscribe(customer, one, "100")
    earn.at(utc(2031, 4, 30, 0))
    with pytest.raises(AlreadyMatured):
        earn.redeem(customer, second)
    assert earn.hour() == 3
    assert earn.has(customer) == 100000 + sum(row.interest for row in earn.look(second).rows)


def test_it_is_not_refunded_as_an_order(quarter):
    earn, _template, one = quarter
    customer = earn.saver()
    order = earn.look(earn.subscribe(customer, one, "100")).subscription.order_id
    with pytest.raises(OrderNotRefundable):
        orders.refund(orders.Caller(earn.tenant, uuid7()), order, amount=Decimal(100))


def test_a_closed_account_keeps_nobody_waiting(quarter):
    earn, _template, one = quarter
    ann, ben = earn.saver("100"), earn.saver()
    shut, paid = earn.subscribe(ann, one, "100"), earn.subscribe(ben, one, "100")
    earn.close_account(ann)
    earn.at(utc(2031, 3, 31, 1))
    payouts.accrue(earn.tenant, at=utc(2031, 3, 31, 1))
    for expected in ((2, 2), (0, 2)):
        done = payouts.run(earn.tenant, by=utc(2031, 3, 31, 1))
        assert (done.paid, done.refused) == expected
    assert [row.status.value for row in earn.look(paid).rows] == ["paid", "paid", "pending"]
    assert [row.status.value for row in earn.look(shut).rows] == ["pending"] * 3


def test_a_principal_too_small_to_earn_a_unit_is_still_paid_out(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(
        apr="0.0001", payout="daily", tenor="3D", daily_quota="1", minimum="0.000001", step="0.000001"
    )
    customer = earn.saver("1")
    one = earn.subscribe(customer, earn.day(template, SALE), "0.000001")
    earn.at(utc(2031, 2, 4))
    assert earn.hour() == 3
    assert earn.look(one).subscription.status is SubscriptionStatus.PAID_OUT
    assert earn.has(customer) == 1
