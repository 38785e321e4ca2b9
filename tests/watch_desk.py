"""A few loans, a clock of the test's own, and a watcher that sells to nobody: what it would begin is written down."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

from identity.tenants import service as tenants
from kernel import cache, clock, db
from kernel.ids import uuid7
from lending.loans import queries as loans
from lending.loans.states import LoanStatus
from lending.loans.watching import SeenPrice
from lending.prices import Observed
from lending.watch import service
from lending.watch.service import Watcher
from markets.composite.states import CompositeState
from rivermouth.prove.lending_book import BRIEF, Borrowed, LendingBook, Lines

D = Decimal
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def observed(price, *, at, state=CompositeState.NORMAL, venues=4, age_s=0):
    seen = SeenPrice(price=D(str(price)), age=timedelta(seconds=age_s), venues=venues, state=state)
    evidence = {"symbol": "?", "price": str(price), "state": state.value, "as_of": at.isoformat(), "venues": []}
    return Observed(seen, evidence)


class WatchDesk:
    """`see` is one tick at a second after noon: prices per asset, or of BTC alone."""

    def __init__(self, database, tenant):
        self.database, self.tenant, self.customer = database, tenant, uuid7()
        self.book = LendingBook(database.owner, tenant)
        self.begun, self.refuse, self.rescue = [], None, None
        self.watcher = self.another()

    def another(self, held=lambda _: True):
        return Watcher(begin=self._begin, rescue=lambda *given: bool(self.rescue and self.rescue(*given)), held=held)

    def _begin(self, tx, loan, product, *, cause, owed, prices, evidence_id, on, wanted=None):
        if self.refuse is not None:
            raise self.refuse
        self.begun.append((loan.id, cause, owed.total, evidence_id))
        assert loans.change(tx, loan, to=LoanStatus.LIQUIDATING, level="LIQUIDATING")
        return uuid7()

    def lend(self, product, *, principal="24000", opened_on=None, debt_at_event=None, **collateral):
        quantities = {asset: D(quantity) for asset, quantity in (collateral or {"BTC": "1"}).items()}
        loan = Borrowed(
            product=product, customer=self.customer, collateral=quantities, principal=D(principal),
            opened_on=opened_on or NOON.date(), debt_at_event=debt_at_event,
        )  # fmt: skip
        self.book.lend([loan])
        return loan.id

    def see(self, second, prices, *, watcher=None, on=None, **how):
        at = NOON + timedelta(seconds=second)
        prices = prices if isinstance(prices, dict) else {"BTC": prices}
        chosen = watcher or self.watcher
        chosen.refresh(on=on or at.date())
        return chosen.mark({(a, "USDT"): observed(p, at=at, **how) for a, p in prices.items() if p}, at=at)

    def loan(self, loan_id):
        with db.read_only(tenant=self.tenant) as tx:
            return loans.get(tx, loan_id, customer=None)

    def level(self, loan_id):
        return self.loan(loan_id).level.value

    def rows(self, statement, **params):
        with db.read_only(tenant=self.tenant) as tx:
            return tx.all(statement, **params)


@contextmanager
def open_watch(database, valkey_url):
    db.configure(database.engine, pool_size=6)
    cache.configure(valkey_url)
    tenant = uuid7()
    tenants.ensure(tenant, name="A House")
    desk = WatchDesk(database, tenant)
    stopped = SimpleNamespace(
        monotonic=lambda: 0.0, wall=clock.wall
    )  # a price grows no older while this machine stands still
    try:
        with mock.patch.object(service, "clock", stopped):
            yield desk
    finally:
        desk.book.close()
        db.dispose()


__all__ = ["BRIEF", "NOON", "D", "Lines", "WatchDesk", "observed", "open_watch"]
