"""Books with a place outside whose reports are set by hand, and the steps that every test of reconciliation takes."""

from decimal import Decimal

import pytest

from kernel import db
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from payments.chart import move
from payments.partner_statements.comparison import PartnerStatements
from payments.reconciliation import service, sources
from payments.reconciliation.projection import Projection
from payments.reconciliation.sources import Observation, Slice
from payments.reconciliation.states import Level

D = Decimal
FIRST, SECOND = uuid7(), uuid7()


class Place:
    """A source of balances for tests: what it reports of each asset's custody account is set by hand."""

    levels = frozenset(Level)

    def __init__(self, books):
        self.books, self.reports, self.moving, self.hint = books, {}, False, None

    def account(self, tx, asset):
        return accounts.house(tx, path="place", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")

    def read(self, tx, scope, position, limit):
        seen = []
        for asset, theirs in self.reports.items():
            account = self.account(tx, asset)
            seen.append(
                Observation(
                    reference=f"place:{asset}", asset=asset, ours=-balances.exact(tx, account), theirs=D(theirs), theirs_text=theirs,
                    account_id=account, whole=True, moving=self.moving, hint=self.hint, raw={"reported": theirs},
                )
            )  # fmt: skip
        return Slice(seen, None)


@pytest.fixture
def house_books(books):
    """Books whose custody account at `place` holds 1,000 USDT of capital."""
    books.place = Place(books)
    books.staff(FIRST), books.staff(SECOND)
    before = dict(sources._sources)
    sources.register("place", books.place)
    sources.register("balances", Projection())
    sources.register("statement", PartnerStatements())
    with books.tx() as tx:
        books.custody = books.place.account(tx, "USDT")
    books.post(*move(books.custody, books.outside(), D(1000)))
    yield books
    sources._sources.clear()
    sources._sources.update(before)


def run(books, source="place", level=Level.BATCH, **rest):
    started = service.start_run(tenant=books.tenant, principal=FIRST, level=level, source=source, **rest)
    done = service.run_now(books.tenant, started.id)
    assert done.state == "done", done.reason
    assert books.violations() == set()
    return done


def breaks(books, *states, **rest):
    return service.list_breaks(books.tenant, states=states or service.LIVE, **rest)


def balance(books, prefix):
    with db.read_only(tenant=books.tenant) as tx:
        return {b.path: b.posted for b in balances.by_path_prefix(tx, prefix) if b.posted}


def limits(books, **given):
    return service.set_limits(books.tenant, asset="USDT", **given)


def owned(books):
    return -books.exact(books.custody)[0]
