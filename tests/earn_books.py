"""Earn on a real database: a house that sells templates, customers with money, and a business clock that stands where a test wants it."""

from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from earn.coupons import queries as coupon_rows
from earn.coupons import service as coupons
from earn.coupons.schemas import EarnCouponIn
from earn.instances import service as instances
from earn.invariants import INVARIANTS as EARN
from earn.payouts import service as payouts
from earn.renewals import service as renewals
from earn.subscriptions import service as subscriptions
from earn.subscriptions.service import Caller, Wish
from earn.templates import service as templates
from earn.templates.schemas import EarnTemplateIn
from earn.templates.states import Renewal
from kernel import db
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.invariants import INVARIANTS as LEDGER
from tests.earn_desk import coupon_wish, wish
from tests.ledger_books import Books

D = Decimal


class EarnBooks(Books):
    """Services run as the app role, the fold and the checks as the engine."""

    def at(self, moment):
        """Put the business clock to a moment; it only goes forward."""
        self.engine.execute('UPDATE kernel.clock SET "offset" = CAST(%s AS timestamptz) - now()', [moment])

    def template(self, **changes):
        """A published version 1, and the days of this month and the next."""
        made = EarnTemplateIn.model_validate(wish(**{"name": f"T {uuid7()}", **changes}))
        templates.ensure(self.tenant, made.wish())
        with self.tx() as tx:
            template_id = templates.queries.named(tx, made.name)
            instances.plan(tx, template_id)
        return template_id

    def publish(self, template_id, **changes):
        """A newer version, which governs from today on."""
        made = EarnTemplateIn.model_validate(wish(**{"name": f"T {uuid7()}", **changes})).wish()
        templates.create(tenant=self.tenant, actor=uuid7(), wish=made, template_id=template_id, key=None)
        with self.tx() as tx:
            templates.publish(tx, templates.queries.draft(tx, template_id), by=uuid7())
            instances.plan(tx, template_id)

    def day(self, template_id, day):
        """The instance of a day of sale, as it is seen."""
        return next(
            one
            for one in instances.calendar(self.tenant, day, template_id=template_id)[1]
            if one.instance.dates.sale_date == day
        )

    def saver(self, usdt="100000", **others):
        customer = self.known_customer()
        for asset, amount in {"USDT": usdt, **others}.items():
            self.credit(self.customer(asset, owner=customer), amount, asset)
        return customer

    def coupon(self, *, funds="1000000", **changes):
        """A published one, with money in the marketing budget."""
        made = EarnCouponIn.model_validate(coupon_wish(**{"name": f"C {uuid7()}", **changes}))
        coupons.ensure(self.tenant, made.wish(), funds=D(funds))
        with self.tx() as tx:
            return coupon_rows.named(tx, made.name)

    def used(self, coupon_id):
        return coupons.view(self.tenant, coupon_id).coupon.used

    def subscribe(
        self, customer, one, principal, *, key=None, apr=None, version=None, renewal=None, coupon=None
    ) -> UUID:
        instance = one.instance
        seen = Wish(
            instance.id,
            D(principal),
            D(apr) if apr else instance.terms.tiers[0].apr,
            version or instance.version,
            renewal and Renewal(renewal),
            coupon,
        )
        return subscriptions.subscribe(Caller(self.tenant, customer, key), seen).id

    def look(self, subscription_id):
        return subscriptions.view(self.tenant, subscription_id, customer=None)

    def redeem(self, customer, subscription_id):
        return subscriptions.redeem(Caller(self.tenant, customer), subscription_id).subscription

    def choose(self, customer, subscription_id, renewal):
        renewals.choose(Caller(self.tenant, customer), subscription_id, Renewal(renewal))

    def chain(self, subscription_id):
        """A subscription and what it was renewed into, in order."""
        found = [self.look(subscription_id)]
        while (into := found[-1].subscription.renewed_into) is not None:
            found.append(self.look(into))
        return found

    def told(self, kind):
        """The facts of a kind that were published, oldest first."""
        rows = self.engine.execute(
            "SELECT payload FROM kernel.outbox WHERE tenant_id = %s AND topic = %s ORDER BY id", (self.tenant, kind)
        )
        return [row[0] for row in rows]

    def hour(self):
        """What the schedule does at this moment; answers how many rows were paid."""
        with db.read_only(tenant=self.tenant) as tx:
            now = tx.now
        payouts.accrue(self.tenant, at=now)
        paid = payouts.run(self.tenant, by=now).paid
        renewals.remind(self.tenant, by=now)
        return paid

    def has(self, customer, asset="USDT"):
        return self.on(f"customer:{customer}:{asset}")

    def owed(self, template_id, asset="USDT"):
        """(principal, interest) that the ledger owes the customers of a template."""
        return tuple(self.on(f"earn.{what}.{template_id}:{asset}") for what in ("principal", "interest"))

    def bonus_owed(self, template_id, asset="USDT"):
        return self.on(f"earn.bonus.{template_id}:{asset}")

    def on(self, path):
        row = self.engine.execute(
            """SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                WHERE a.tenant_id = %s AND a.path = %s""",
            (self.tenant, path),
        ).fetchone()
        return row[0] if row else D(0)

    def close_account(self, customer):
        with self.tx() as tx:
            accounts.close(tx, accounts.customer(tx, customer_id=customer, asset="USDT"))

    def costs(self, template_id):
        rows = self.engine.execute(
            "SELECT day, amount FROM earn.costs WHERE template_id = %s ORDER BY day", [template_id]
        )
        return dict(rows.fetchall())

    def broken(self):
        """Invariants of earn and of the ledger that do not hold, with how often."""
        found = {each.name: self.engine.execute(each.sql).fetchone()[0] for each in (*EARN, *LEDGER)}
        return {name: count for name, count in found.items() if count}


@contextmanager
def open_earn(database):
    db.configure(database.app, pool_size=22)
    books = EarnBooks(database)
    try:
        yield books
    finally:
        books.close()
        db.dispose()


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)
