"""Any order of generating, buying, choosing, paying, renewing, redeeming, stopped sales and jumps of the clock keeps books and plans."""

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest

from earn.coupons.errors import CouponExhausted, CouponNotUsable
from earn.instances import service as instances
from earn.instances.errors import SaleEnded
from earn.plans.errors import AlreadyMatured
from earn.renewals.errors import RenewalNotOffered
from earn.reports import service
from earn.subscriptions import service as subscriptions
from earn.subscriptions.errors import CapReached, SaleNotOpen, SoldOut, SubscriptionEnded
from earn.subscriptions.states import SubscriptionStatus
from kernel import db
from kernel.ids import uuid7
from payments.errors import InsufficientFunds
from tests.earn_books import D, utc

POLICIES = ("FORFEIT_CURRENT", "CLAWBACK_PAID", "PENAL_RATE", "PAY_ACCRUED")
PAYOUTS = (("daily", "5D"), ("weekly", "20D"), ("monthly", "2M"), ("at_maturity", "7D"))
RENEWALS = ("pay_out", "renew_principal", "renew_all", "move")
REFUSED = (
    SoldOut, CapReached, SaleNotOpen, SaleEnded, SubscriptionEnded, AlreadyMatured, InsufficientFunds, RenewalNotOffered,
    CouponNotUsable, CouponExhausted,
)  # fmt: skip


class Walk:
    def __init__(self, earn, seed):
        self.earn, self.rng = earn, random.Random(seed)
        self.now = utc(2031, 1, 28, 9)
        earn.at(self.now)
        self.templates = []
        for n, policy in enumerate(POLICIES):
            self.templates.append(self._template(policy, *PAYOUTS[n], move_to=self.templates[-1:]))
        self.customers = [earn.saver("3000") for _ in range(4)]
        self.made = []
        self.coupons = [
            earn.coupon(funds="2", budget="2", uses_per_customer=3, days=4, max_principal="400"),
            earn.coupon(funds="1", budget="90", uses_per_customer=99, apr_boost="0.3", minimum="200"),
        ]

    def _template(self, policy, payout, tenor, *, move_to):
        zone = self.rng.choice(("UTC", "Asia/Shanghai", "America/New_York"))
        penal = "0.01" if policy == "PENAL_RATE" else "0"
        return self.earn.template(
            early=policy, payout=payout, tenor=tenor, zone=zone, penal_rate=penal, daily_quota="1000", customer_cap="1500",
            apr="0.07", lag_days=self.rng.randint(0, 2), move_to=str(move_to[0]) if move_to else None,
            step=self.rng.choice(("10", "5", "0.01")), renewals=[*RENEWALS[:3], *(RENEWALS[3:] if move_to else ())],
        )  # fmt: skip

    def buy(self):
        template, day = self.rng.choice(self.templates), self.now.date()
        principal = str(10 * self.rng.randint(10, 60))
        customer = self.rng.choice(self.customers)
        wanted, coupon = self.rng.choice(RENEWALS), self.rng.choice((None, *self.coupons))
        one = self.earn.day(template, day)
        self.made.append((customer, self.earn.subscribe(customer, one, principal, renewal=wanted, coupon=coupon)))

    def choose(self):
        if self.made:
            customer, one = self.rng.choice(self.made)
            self.earn.choose(customer, self.last(one), self.rng.choice(RENEWALS))

    def last(self, one):
        return self.earn.chain(one)[-1].subscription.id

    def stop(self):
        one = self.earn.day(self.rng.choice(self.templates), self.now.date() + timedelta(days=self.rng.randint(0, 3)))
        instances.stop(tenant=self.earn.tenant, actor=uuid7(), instance_id=one.instance.id, key=None)

    def redeem(self):
        if self.made:
            customer, one = self.rng.choice(self.made)
            self.earn.redeem(customer, self.last(one))

    def pay(self):
        self.earn.hour()

    def generate(self):
        instances.generate(self.earn.tenant)

    def jump(self):
        self.now += timedelta(hours=self.rng.choice((1, 5, 24, 24, 24 * 9)))
        self.earn.at(self.now)
        self.generate()

    def end(self):
        """Nobody renews any more, and every hour is run until nothing is left."""
        for customer, one in self.made:
            with suppress(*REFUSED):
                self.earn.choose(customer, self.last(one), "pay_out")
        for _ in range(2):  # what has matured and waits for the next hour is renewed once more
            self.now += timedelta(days=90)
            self.earn.at(self.now)
            self.earn.hour()
            self.earn.hour()
            for customer, one in self.made:
                with suppress(*REFUSED):
                    self.earn.choose(customer, self.last(one), "pay_out")


@pytest.mark.parametrize("seed", range(3))
def test_any_order_keeps_the_books(earn, seed):
    walk = Walk(earn, seed)
    deeds = (
        walk.buy, walk.buy, walk.buy, walk.redeem, walk.choose, walk.choose, walk.pay, walk.generate, walk.stop, walk.jump, walk.jump,
    )  # fmt: skip
    for _ in range(70):
        with suppress(*REFUSED):
            walk.rng.choice(deeds)()
        assert earn.broken() == {}
        assert ladder(earn) == promised(walk)
    walk.end()
    ended = [view for _, one in walk.made for view in earn.chain(one)]
    assert len(walk.made) > 5, "the walk went somewhere"
    assert {view.subscription.status for view in ended} <= set(SubscriptionStatus) - {SubscriptionStatus.ACTIVE}
    assert SubscriptionStatus.RENEWED in {view.subscription.status for view in ended}
    assert {earn.owed(template) for template in walk.templates} == {(0, 0)}
    assert ladder(earn) == (0, 0)
    gained = sum(earn.has(customer) for customer in walk.customers) - 12000
    promoted = 3 - earn.on("marketing.earn:USDT")
    assert gained == promoted - earn.on("expense.earn:USDT") == sum(_gain(view) for view in ended)
    assert promoted == sum(earn.used(coupon) for coupon in walk.coupons) > 0
    assert {earn.bonus_owed(template) for template in walk.templates} == {0}
    with db.read_only(tenant=earn.tenant) as tx:
        taken = tx.scalar("SELECT coalesce(sum(taken), 0) FROM earn.caps WHERE day = DATE '0001-01-01'")
    assert taken == 0
    assert len(subscriptions.page(earn.tenant, customer=None, status=None, before=None, limit=500)) == len(ended)


def ladder(earn):
    found = service.ladder(earn.tenant, asset=None).assets
    assert [sum(each.principal for each in one.buckets(date(2031, 2, 1))) for one in found] == [
        one.principal for one in found
    ]
    return sum(one.principal for one in found), sum(one.interest for one in found)


def promised(walk):
    """The principal that the ledger owes, and the interest that the plans have pending."""
    principal = sum(walk.earn.owed(template)[0] for template in walk.templates)
    views = [view for _, one in walk.made for view in walk.earn.chain(one)]
    rows = [row for view in views for row in view.rows if row.status.value == "pending"]
    return principal, sum(row.interest + row.bonus for row in rows)


def _gain(view):
    """What a customer got beyond their principal, from the plan alone."""
    one = view.subscription
    paid = sum(row.interest + row.bonus for row in view.rows if row.status.value == "paid")
    taken = view.coupon.clawed_back if view.coupon else D(0)
    return paid + (one.accrued or D(0)) - (one.clawed_back or D(0)) - taken
