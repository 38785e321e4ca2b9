"""Any order of generating, buying, paying, redeeming and jumps of the clock keeps the books and the plans."""

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest

from earn.instances import service as instances
from earn.plans.errors import AlreadyMatured
from earn.reports import service
from earn.subscriptions import service as subscriptions
from earn.subscriptions.errors import CapReached, SaleNotOpen, SoldOut, SubscriptionEnded
from earn.subscriptions.states import SubscriptionStatus
from kernel import db
from payments.errors import InsufficientFunds
from tests.earn_books import D, utc

POLICIES = ("FORFEIT_CURRENT", "CLAWBACK_PAID", "PENAL_RATE", "PAY_ACCRUED")
PAYOUTS = (("daily", "5D"), ("weekly", "20D"), ("monthly", "2M"), ("at_maturity", "7D"))
REFUSED = (SoldOut, CapReached, SaleNotOpen, SubscriptionEnded, AlreadyMatured, InsufficientFunds)


class Walk:
    def __init__(self, earn, seed):
        self.earn, self.rng = earn, random.Random(seed)
        self.now = utc(2031, 1, 28, 9)
        earn.at(self.now)
        self.templates = [self._template(policy, *PAYOUTS[n]) for n, policy in enumerate(POLICIES)]
        self.customers = [earn.saver("3000") for _ in range(4)]
        self.made = []

    def _template(self, policy, payout, tenor):
        zone = self.rng.choice(("UTC", "Asia/Shanghai", "America/New_York"))
        penal = "0.01" if policy == "PENAL_RATE" else "0"
        return self.earn.template(
            early=policy, payout=payout, tenor=tenor, zone=zone, penal_rate=penal, daily_quota="1000", customer_cap="1500",
            apr="0.07", lag_days=self.rng.randint(0, 2),
        )  # fmt: skip

    def buy(self):
        template, day = self.rng.choice(self.templates), self.now.date()
        principal = str(10 * self.rng.randint(10, 60))
        customer = self.rng.choice(self.customers)
        self.made.append((customer, self.earn.subscribe(customer, self.earn.day(template, day), principal)))

    def redeem(self):
        if self.made:
            self.earn.redeem(*self.rng.choice(self.made))

    def pay(self):
        self.earn.hour()

    def generate(self):
        instances.generate(self.earn.tenant)

    def jump(self):
        self.now += timedelta(hours=self.rng.choice((1, 5, 24, 24, 24 * 9)))
        self.earn.at(self.now)
        self.generate()


@pytest.mark.parametrize("seed", range(3))
def test_any_order_keeps_the_books(earn, seed):
    walk = Walk(earn, seed)
    deeds = (walk.buy, walk.buy, walk.buy, walk.redeem, walk.pay, walk.generate, walk.jump)
    for _ in range(60):
        with suppress(*REFUSED):
            walk.rng.choice(deeds)()
        assert earn.broken() == {}
        assert ladder(earn) == promised(walk)
    earn.at(walk.now + timedelta(days=90))
    earn.hour()
    ended = [earn.look(one) for _, one in walk.made]
    assert len(ended) > 5, "the walk went somewhere"
    assert {view.subscription.status for view in ended} <= {
        SubscriptionStatus.PAID_OUT,
        SubscriptionStatus.REDEEMED_EARLY,
    }
    assert {earn.owed(template) for template in walk.templates} == {(0, 0)}
    assert ladder(earn) == (0, 0)
    gained = sum(earn.has(customer) for customer in walk.customers) - 12000
    assert gained == -earn.on("expense.earn:USDT") == sum(_gain(view) for view in ended)
    with db.read_only(tenant=earn.tenant) as tx:
        taken = tx.scalar("SELECT coalesce(sum(taken), 0) FROM earn.caps WHERE day = DATE '0001-01-01'")
    assert taken == 0
    assert len(subscriptions.page(earn.tenant, customer=None, status=None, before=None, limit=100)) == len(walk.made)


def ladder(earn):
    found = service.ladder(earn.tenant, asset=None).assets
    assert [sum(each.principal for each in one.buckets(date(2031, 2, 1))) for one in found] == [
        one.principal for one in found
    ]
    return sum(one.principal for one in found), sum(one.interest for one in found)


def promised(walk):
    """The principal that the ledger owes, and the interest that the plans have pending."""
    principal = sum(walk.earn.owed(template)[0] for template in walk.templates)
    rows = [row for _, one in walk.made for row in walk.earn.look(one).rows if row.status.value == "pending"]
    return principal, sum(row.interest for row in rows)


def _gain(view):
    """What a customer got beyond their principal, from the plan alone."""
    one = view.subscription
    paid = sum(row.interest for row in view.rows if row.status.value == "paid")
    return paid + (one.accrued or D(0)) - (one.clawed_back or D(0))
