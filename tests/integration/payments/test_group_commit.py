"""Group commit: one commit for what queued meanwhile, one answer for each caller, and nobody spoils anybody else's posting."""

import asyncio
import time
from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from kernel.errors import Unavailable
from kernel.ids import uuid7
from kernel.money import InvalidAmount
from payments.chart import JournalIn, Line, move
from payments.journal.group import GroupCommit
from tests.ledger_books import Books

D = Decimal


@pytest.fixture(autouse=True)
def books_balance(books):
    yield
    books.fold()
    assert books.violations() == set()


def _transfer(payer, payee, amount, key, **rest):
    return JournalIn(key=key, kind="transfer", lines=move(payer, payee, D(amount)), **rest)


def _with_group(work, **options):
    async def run():
        group = GroupCommit(**options)
        await group.start()
        try:
            return await work(group)
        finally:
            await group.stop()

    return asyncio.run(run())


def _commits(books):
    return books.engine.execute("SELECT count(DISTINCT xid) FROM payments.entries").fetchone()[0]


def _until(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def _waiting(books):
    """How many backends of the product wait for a lock."""
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        return superuser.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s",
            (books.database.name,),
        ).fetchone()[0]


def test_a_caller_alone_is_answered_at_once(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "5")
    posted = _with_group(lambda group: group.submit(books.tenant, _transfer(payer, payee, "5", "s/g:1")))
    assert posted.status == "ok"
    assert books.available(payee) == 5


def test_what_queued_while_a_commit_ran_is_one_commit(books):
    payer, payee, rich = books.customer(), books.customer(), books.customer()
    books.credit(payer, "1")
    books.credit(rich, "100")
    before = _commits(books)

    async def work(group):
        with psycopg.connect(roles.conninfo(books.database.superuser)) as blocker:
            blocker.execute("SELECT 1 FROM payments.balances WHERE account_id = %s FOR UPDATE", (payer,))
            first = asyncio.create_task(group.submit(books.tenant, _transfer(payer, payee, "1", "s/g:first")))
            await asyncio.sleep(0)
            await asyncio.to_thread(_until, lambda: _waiting(books), "nobody waits")
            rest = [
                asyncio.create_task(group.submit(books.tenant, _transfer(rich, payee, "1", f"s/g:{i}")))
                for i in range(60)
            ]
            await asyncio.sleep(0)
            blocker.rollback()
        return await asyncio.gather(first, *rest)

    answers = _with_group(work, lanes=1)
    assert {a.status for a in answers} == {"ok"}
    assert _commits(books) - before == 2
    assert books.available(payee) == 61


def test_no_batch_is_larger_than_the_cap(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")
    before = _commits(books)

    async def work(group):
        return await asyncio.gather(
            *(group.submit(books.tenant, _transfer(payer, payee, "1", f"s/g:{i}")) for i in range(50))
        )

    assert {a.status for a in _with_group(work, lanes=1, cap=10)} == {"ok"}
    assert _commits(books) - before >= 5


def test_one_poor_payer_fails_alone(books):
    rich, poor, shop = books.customer(), books.customer(), books.outside()
    books.credit(rich, "100")
    books.credit(poor, "1")

    async def work(group):
        wishes = [(rich if i % 2 else poor, f"s/g:{i}") for i in range(40)]
        return await asyncio.gather(*(group.submit(books.tenant, _transfer(p, shop, "1", key)) for p, key in wishes))

    answers = [a.status for a in _with_group(work)]
    assert (answers.count("ok"), answers.count("insufficient_funds")) == (21, 19)
    assert (books.available(poor), books.available(rich)) == (0, 80)


def test_twins_sent_together_are_one_journal(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")

    async def work(group):
        twins = [_transfer(payer, payee, "1", "s/g:twin") for _ in range(20)]
        other = _transfer(payer, payee, "2", "s/g:twin")
        return await asyncio.gather(*(group.submit(books.tenant, journal) for journal in (*twins, other)))

    answers = _with_group(work)
    assert sorted(a.status for a in answers) == ["exists"] * 19 + ["exists_different", "ok"]
    assert len({a.journal_id for a in answers if a.status != "exists_different"}) == 1
    assert books.available(payee) == 1


def test_a_journal_that_breaks_the_batch_breaks_only_itself(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")

    async def work(group):
        spoilers = [
            JournalIn(key="s/g:nan", kind="transfer", lines=[*move(payer, payee, D(1)), Line(payer, D("NaN"))]),
            _transfer(payer, payee, "1", "x/g:no such namespace"),
        ]
        good = [_transfer(payer, payee, "1", f"s/g:{i}") for i in range(10)]
        return await asyncio.gather(
            *(group.submit(books.tenant, journal) for journal in (*spoilers, *good)), return_exceptions=True
        )

    nan, namespace, *good = _with_group(work, lanes=1)
    assert isinstance(nan, InvalidAmount)
    assert isinstance(namespace, Exception)
    assert {a.status for a in good} == {"ok"}
    assert books.available(payee) == 10


def test_tenants_and_realms_share_no_batch(books):
    other = Books(books.database)
    try:
        pairs = [
            (books, books.outside(), books.customer(), "REAL"),
            (other, other.outside(), other.customer(), "REAL"),
            (books, books.outside(realm="DEMO"), books.customer(realm="DEMO"), "DEMO"),
        ]

        async def work(group):
            return await asyncio.gather(
                *(
                    group.submit(house.tenant, _transfer(payer, payee, "1", f"s/g:{realm}:{i}", realm=realm))
                    for i in range(10)
                    for house, payer, payee, realm in pairs
                )
            )

        assert {a.status for a in _with_group(work)} == {"ok"}
        assert [books.available(payee) for _, _, payee, _ in pairs] == [10, 10, 10]
    finally:
        other.close()
    mixed = (
        "SELECT count(*) FROM (SELECT xid FROM payments.entries GROUP BY xid HAVING count(DISTINCT tenant_id) > 1) t"
    )
    assert books.engine.execute(mixed).fetchone()[0] == 0


def test_threads_may_ask_too(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")

    async def work(group):
        return await asyncio.gather(
            *(
                asyncio.to_thread(group.submit_blocking, books.tenant, _transfer(payer, payee, "1", f"s/g:{i}"))
                for i in range(12)
            )
        )

    assert {a.status for a in _with_group(work)} == {"ok"}
    assert books.available(payee) == 12


def test_a_broken_connection_is_replaced_and_the_batch_sent_again(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")

    async def work(group):
        first = await group.submit(books.tenant, _transfer(payer, payee, "1", "s/g:1"))
        with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                (books.database.name, roles.APP),
            )
        again = await group.submit(books.tenant, _transfer(payer, payee, "1", "s/g:1"))
        second = await group.submit(books.tenant, _transfer(payer, payee, "1", "s/g:2"))
        return first, again, second

    first, again, second = _with_group(work, lanes=1)
    assert (first.status, again.status, second.status) == ("ok", "exists", "ok")
    assert again.journal_id == first.journal_id
    assert books.available(payee) == 2


def test_a_stop_posts_what_was_queued_and_then_nothing(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")

    async def run():
        group = GroupCommit(lanes=1, cap=3)
        await group.start()
        asked = [
            asyncio.create_task(group.submit(books.tenant, _transfer(payer, payee, "1", f"s/g:{i}"))) for i in range(10)
        ]
        await asyncio.sleep(0)
        await group.stop()
        assert {a.status for a in await asyncio.gather(*asked)} == {"ok"}
        with pytest.raises(Unavailable):
            await group.submit(uuid7(), _transfer(payer, payee, "1", "s/g:late"))

    asyncio.run(run())
    assert books.available(payee) == 10
