"""Transfers leave their entries: those of now in the very statement that posts them, those that wait at each step of two people."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from identity.audit import service as audit
from kernel import db, origin
from kernel.ids import SYSTEM, uuid7
from payments.journal.group import GroupCommit
from payments.transfers import postings, service
from payments.transfers.service import Asker, Wish
from rivermouth import registry

D = Decimal
assert registry.SCHEDULES  # the process that knows the registry writes commands down


def entries(books, **asked):
    return list(reversed(audit.page(books.tenant, **asked)))


@pytest.fixture
def payer(books):
    account = books.customer()
    books.credit(account, "100")
    return account


def _asked(asker, payer, payee, amount, key):
    return postings.asked(
        key=f"c/transfers/{key}", asker=asker, realm="REAL", from_account=payer, to_account=payee, amount=D(amount),
        memo='a "memo" with \\ and {}', metadata=None,
    )  # fmt: skip


def test_a_transfer_of_now_has_its_entry_in_its_own_commit(books, payer):
    asker, payee = uuid7(), books.customer()
    with origin.bound(origin.Origin(request_id="r", address="192.0.2.1")):
        origin.caller(principal=asker, roles=["retail"], session_id=uuid7())
        wanted = [
            _asked(asker, payer, payee, "30", "a"),
            _asked(asker, payer, payee, "90", "b"),
            _asked(asker, payer, payee, "20", "c"),
        ]

    async def run():
        group = GroupCommit(lanes=1)
        await group.start()
        try:
            first = await asyncio.gather(*(group.submit(books.tenant, journal) for journal in wanted))
            again = await group.submit(books.tenant, wanted[0])
        finally:
            await group.stop()
        return first, again

    posted, again = asyncio.run(run())
    assert [p.status for p in posted] == ["ok", "insufficient_funds", "ok"]
    assert (again.status, again.journal_id) == ("exists", posted[0].journal_id)
    told = entries(books, action="transfer")
    assert {e.resource_id for e in told} == {str(posted[0].journal_id), str(posted[2].journal_id)}
    assert {(e.actor, e.via, e.address, e.request_id) for e in told} == {(asker, "session", "192.0.2.1", "r")}
    assert sorted(e.details["key"] for e in told) == ["c/transfers/a", "c/transfers/c"]
    xids = books.engine.execute(
        "SELECT count(*) FROM identity.audit_entries a JOIN payments.entries e ON e.journal_id::text = a.resource_id AND e.xid = a.xid"
    ).fetchone()[0]
    assert xids == 4  # two lines each: entry and journal are of one transaction
    books.fold()
    assert books.violations() == set()


def test_each_step_of_two_people_is_told(books, payer):
    payee = books.customer()
    alice, bob = (Asker(tenant=books.tenant, id=books.staff(), staff=True, realm="REAL") for _ in range(2))
    with db.transaction(tenant=books.tenant) as tx:
        later = tx.now + timedelta(days=1)
    for execute_at in (None, later):
        wish = Wish(source=str(payer), target=str(payee), asset="USDT", amount=D(5), execute_at=execute_at)
        stored = service.store(alice, wish, key=None)
        service.approve(bob, stored.id, key=None)
        told = entries(books, resource_id=str(stored.id))
        assert [(e.action, e.actor) for e in told] == [("transfer.stored", alice.id), ("transfer.approved", bob.id)]
        assert told[1].details["became"] == ("posted" if execute_at is None else "scheduled")
    books.engine.execute("UPDATE kernel.clock SET \"offset\" = interval '2 days'")
    db.configure(books.database.engine)
    assert service.post_due() == 1
    db.configure(books.database.app)
    assert (entries(books)[-1].action, entries(books)[-1].actor) == ("transfer.posted", SYSTEM)
    books.fold()
