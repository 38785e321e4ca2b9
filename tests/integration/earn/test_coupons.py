"""The money of coupons: reserved when they are used, paid with the interest, back in the budget where it is not paid."""

from datetime import date

import pytest

from earn.coupons import service as coupons
from earn.coupons.errors import CouponExhausted, CouponNotUsable
from earn.payouts import service as payouts
from earn.subscriptions import service as subscriptions
from earn.subscriptions.schemas import previewed, redeemed
from earn.subscriptions.service import Caller
from kernel.errors import IdempotencyConflict
from kernel.ids import uuid7
from payments.accounts import service as ledger
from tests.earn_books import D, utc

SALE = date(2031, 1, 30)  # interest runs from the 31st
MARKETING = "marketing.earn:USDT"


@pytest.fixture
def quarter(earn):
    """Three months at 5 %, paid monthly, with 2 % more on up to 1000 for the first 45 days."""
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(daily_quota="10000", apr="0.05", payout="monthly", tenor="3M")
    return earn, template, earn.day(template, SALE), earn.coupon(funds="50", days=45, budget="10")


def journals(earn, kind):
    """What each journal of a kind did, by account."""
    rows = earn.engine.execute(
        """SELECT j.journal_id, array_agg(a.path || ' ' || e.amount ORDER BY a.path)
             FROM payments.journals j JOIN payments.entries e USING (journal_id) JOIN payments.accounts a USING (account_id)
            WHERE j.kind = %s AND j.tenant_id = %s GROUP BY 1 ORDER BY 1""",
        [kind, earn.tenant],
    )
    return [lines for _, lines in rows.fetchall()]


def test_the_whole_bonus_is_reserved_and_paid_with_the_interest(quarter):
    earn, template, one, coupon = quarter
    ann = earn.saver("6000")
    made = earn.subscribe(ann, one, "5000", coupon=coupon)
    rows = earn.look(made).rows
    assert [row.bonus for row in rows] == [D("1.534246"), D("0.931507"), D(0)], "28 days, then 17 of 31, then none"
    assert [row.interest for row in rows] == [D("19.178082"), D("21.232876"), D("20.547946")]
    assert (earn.on(MARKETING), earn.bonus_owed(template), earn.used(coupon)) == (
        50 - D("2.465753"),
        D("2.465753"),
        D("2.465753"),
    )
    assert earn.has(ann) == 1000

    earn.at(utc(2031, 2, 28, 0, 1))
    assert earn.hour() == 1
    assert journals(earn, "earn_payout") == [
        [
            f"customer:{ann}:USDT 20.712328",
            f"earn.bonus.{template}:USDT -1.534246",
            f"earn.interest.{template}:USDT -19.178082",
        ]
    ]
    assert earn.bonus_owed(template) == D("0.931507")
    for moment in (utc(2031, 3, 31, 1), utc(2031, 4, 30, 1)):
        earn.at(moment)
        earn.hour()
    assert earn.has(ann) == 6000 + D("60.958904") + D("2.465753")
    assert (earn.owed(template), earn.bonus_owed(template)) == ((0, 0), 0)
    assert earn.on("expense.earn:USDT") == -D("60.958904"), "the bonus is marketing's"
    assert earn.used(coupon) == D("2.465753"), "what was paid stays used"


@pytest.mark.parametrize(
    ("policy", "penal", "clawed_back"),
    [("FORFEIT_CURRENT", "0", "0"), ("CLAWBACK_PAID", "0", "1.534246"), ("PENAL_RATE", "0.01", "0"), ("PAY_ACCRUED", "0", "0")],
)  # fmt: skip
def test_an_early_end_gives_back_what_is_not_paid(earn, policy, penal, clawed_back):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(payout="monthly", tenor="3M", apr="0.05", early=policy, penal_rate=penal)
    coupon, one, ann = earn.coupon(funds="50"), earn.day(template, SALE), earn.saver("1000")
    plain, made = earn.saver("1000"), earn.subscribe(ann, one, "1000", coupon=coupon)
    without = earn.subscribe(plain, one, "1000")
    whole = D("4.876712")
    assert earn.on(MARKETING) == 50 - whole
    earn.at(utc(2031, 3, 15))
    payouts.accrue(earn.tenant, at=utc(2031, 3, 15))
    caller = Caller(earn.tenant, ann)
    look = previewed(*subscriptions.what_if(caller, made))  # the first row is due and not paid yet
    assert (look.bonus_forfeited, look.bonus_clawed_back) == (whole - D("1.534246"), D(clawed_back))
    done = subscriptions.redeem(caller, made)
    assert redeemed(done) == look
    subscriptions.redeem(Caller(earn.tenant, plain), without)
    kept = D("1.534246") - D(clawed_back)
    assert earn.has(ann) - earn.has(plain) == kept, "beside the coupon both got the same"
    assert earn.on(MARKETING) == 50 - kept
    assert (earn.used(coupon), earn.bonus_owed(template)) == (kept, 0)
    assert done.coupon.amount == whole


def test_the_last_of_a_budget_and_what_comes_back_of_it(quarter):
    earn, template, one, _ = quarter
    coupon = earn.coupon(funds="0.000001", budget="5", uses_per_customer=9)  # 4.876712 for 1000, so only one of them
    ann, ben = earn.saver("3000"), earn.saver("3000")
    first = earn.subscribe(ann, one, "1000", coupon=coupon)
    left = earn.day(template, SALE).left
    with pytest.raises(CouponExhausted):
        earn.subscribe(ben, one, "1000", coupon=coupon)
    assert (earn.has(ben), earn.day(template, SALE).left) == (3000, left), "nothing was taken, nothing counted"
    assert _uses(earn, coupon) == 1
    earn.redeem(ann, first)
    earn.subscribe(ben, one, "1000", coupon=coupon)
    assert earn.used(coupon) == D("4.876712")


def test_nothing_is_promised_that_marketing_does_not_have(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template()
    one, coupon, ann = earn.day(template, SALE), earn.coupon(funds="4.876711"), earn.saver("3000")
    with pytest.raises(CouponExhausted):
        earn.subscribe(ann, one, "1000", coupon=coupon)
    assert (earn.has(ann), _uses(earn, coupon), earn.on(MARKETING)) == (3000, 0, D("4.876711"))
    earn.coupon(funds="0.000001")
    earn.subscribe(ann, one, "1000", coupon=coupon)
    assert earn.on(MARKETING) == 0


def test_a_frozen_budget_pays_for_nothing_new(quarter):
    earn, _, one, coupon = quarter
    with earn.tx() as tx:
        account = coupons.accounts.marketing(tx, "USDT")
        ledger.freeze(tx, account)
    with pytest.raises(CouponExhausted):
        earn.subscribe(earn.saver("1000"), one, "1000", coupon=coupon)


def test_a_use_is_spent_whatever_becomes_of_it_and_the_end_is_the_end(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template()
    one, ann = earn.day(template, SALE), earn.saver("3000")
    coupon = earn.coupon(ends_at="2031-01-30T10:00:00Z", uses_per_customer=2)
    for _ in range(2):
        earn.redeem(ann, earn.subscribe(ann, one, "100", coupon=coupon))
    assert _reason(earn, ann, one, coupon) == "uses_spent"
    assert [item.id for item, _ in coupons.mine(earn.tenant, ann)] == []
    ben = earn.saver("3000")
    assert [(item.id, left) for item, left in coupons.mine(earn.tenant, ben)] == [(coupon, 2)]
    earn.at(utc(2031, 1, 30, 10))
    assert _reason(earn, ben, one, coupon) == "over"
    assert coupons.mine(earn.tenant, ben) == []


def test_a_key_stands_for_its_coupon_too(quarter):
    earn, _, one, coupon = quarter
    ann, key = earn.saver("3000"), f"k-{uuid7()}"
    made = earn.subscribe(ann, one, "1000", key=key, coupon=coupon)
    assert earn.subscribe(ann, one, "1000", key=key, coupon=coupon) == made
    with pytest.raises(IdempotencyConflict):
        earn.subscribe(ann, one, "1000", key=key)
    assert (_uses(earn, coupon), earn.has(ann)) == (1, 2000)


def _uses(earn, coupon_id):
    return coupons.view(earn.tenant, coupon_id).uses


def _reason(earn, customer, one, coupon):
    with pytest.raises(CouponNotUsable) as refused:
        earn.subscribe(customer, one, "100", coupon=coupon)
    return refused.value.extra["reason"]
