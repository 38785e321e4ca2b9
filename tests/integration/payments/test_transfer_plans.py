"""The lists that grow for ever are read by their indexes, through the tenant filter and over all partitions."""

from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.chart import JournalIn, move
from payments.journal import service as journal
from payments.statements import queries as statements
from payments.transfers import queries, service
from payments.transfers.parties import Asker, Wish

D = Decimal


@pytest.fixture
def busy(books):
    """A customer with a few transfers of the own in a ledger of many other journals."""
    books.asker = Asker(tenant=books.tenant, id=books.known_customer(), staff=False, realm="REAL")
    with books.tx() as tx:
        books.account = accounts.customer(tx, customer_id=books.asker.id, asset="USDT")
    outside, other = books.outside(), books.customer()
    for n in range(4):
        others = [
            JournalIn(
                key=f"s/o:{n}:{i}",
                kind="transfer" if i % 2 else "t",
                lines=move(outside, books.account, D(1)),
                actor=str(uuid7()),
            )
            for i in range(400)
        ]
        journal.post_batch(tenant=books.tenant, journals=others)
    wish = Wish(source=None, target=str(other), asset="USDT", amount=D(1))
    entries = [service.prepare(books.asker, wish, key=str(i)) for i in range(6)]
    journal.post_batch(tenant=books.tenant, journals=entries)
    books.fold()
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        superuser.execute("ANALYZE payments.entries, payments.journals, payments.accounts, payments.balances")
    return books


def _explained(monkeypatch, work):
    """The plans of what `work` asks, as it really ran."""
    plans = []
    real = db.Tx.all

    def explaining(self, statement, /, **params):
        plans.append(
            "\n".join(row[0] for row in real(self, f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", **params))
        )
        return real(self, statement, **params)

    with monkeypatch.context() as patch:
        patch.setattr(db.Tx, "all", explaining)
        found = work()
    return found, "\n".join(plans)


def _whole_reads(plan):
    """Scans of a whole partition that is not empty."""
    scans = [line for line in plan.splitlines() if "Seq Scan on journals" in line or "Seq Scan on entries" in line]
    return [line for line in scans if "never executed" not in line and "rows=0" not in line]


def test_own_transfers_among_many(busy, monkeypatch):
    def work():
        with db.read_only(tenant=busy.tenant) as tx:
            return queries.page(tx, realm="REAL", maker=busy.asker.id, status=None, before=None, limit=5)

    rows, plan = _explained(monkeypatch, work)
    assert len(rows) == 5
    assert "tenant_id_actor_journal_id_idx" in plan, plan
    assert _whole_reads(plan) == [], plan


def test_a_page_of_a_long_account_reads_a_page(busy, monkeypatch):
    def work():
        with db.read_only(tenant=busy.tenant, repeatable=True) as tx:
            return statements.entries(tx, busy.account, before=None, limit=5)

    rows, plan = _explained(monkeypatch, work)
    assert len(rows) == 5
    assert "account_id_epoch_xid_idx" in plan, plan
    assert _whole_reads(plan) == [], plan
