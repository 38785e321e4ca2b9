"""Many people at the same transfer, and two accounts that pay each other from 32 connections: once each, and no deadlock anybody sees."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.errors import DomainError, InvalidTransition
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.chart import JournalIn, move
from payments.errors import IdempotencyConflict, InsufficientFunds
from payments.journal import service as journal
from payments.journal.group import GroupCommit
from payments.transfers import batches, service
from payments.transfers.errors import AlreadyReversed
from payments.transfers.parties import Asker, Wish
from tests.ledger_books import open_books

D = Decimal
PEOPLE = 32


@pytest.fixture
def books(database):
    with open_books(database, pool_size=PEOPLE) as opened:
        yield opened
        assert opened.violations() == set()
        opened.fold()
        assert opened.violations() == set()


def _at_once(count, work):
    """Run `work(i)` in `count` threads that start together; errors of the domain are answers, others are raised."""
    start = threading.Barrier(count)

    def one(i):
        start.wait(30)
        try:
            return work(i)
        except DomainError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return [f.result(120) for f in [pool.submit(one, i) for i in range(count)]]


def _deadlocks(books):
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        superuser.execute("SELECT pg_stat_force_next_flush()")
        return superuser.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [books.database.name]
        ).fetchone()[0]


def _customer(books, *, staff=False):
    asker = Asker(tenant=books.tenant, id=books.staff() if staff else books.known_customer(), staff=staff, realm="REAL")
    with books.tx() as tx:
        account = accounts.customer(tx, customer_id=asker.id, asset="USDT")
    return asker, account


def _wish(target, amount, source=None, **rest):
    return Wish(source=source, target=str(target), asset="USDT", amount=D(amount), **rest)


def _post(asker, wish, key=None):
    entry = service.prepare(asker, wish, key=key or str(uuid7()))
    return service.settle(asker, wish, journal.post_batch(tenant=asker.tenant, journals=[entry])[0])[0]


def test_two_accounts_pay_each_other_from_32_connections(books):
    """Single payments, both ways in one batch in either order, both ways in one journal: no retry here, so a deadlock fails the test."""
    a, b = books.customer(), books.customer()
    books.credit(a, "10000"), books.credit(b, "10000")
    before = _deadlocks(books)

    def ping(i):
        done = Counter()
        for n in range(8):
            there, back = (a, b) if i % 2 else (b, a)
            shape = (i + n) % 3
            ways = [move(there, back, D(1))]
            if shape == 1:
                ways.append(move(back, there, D(2)))
            elif shape == 2:
                ways = [[*move(there, back, D(1)), *move(back, there, D(2))]]
            entries = [JournalIn(key=f"s/ping:{i}:{n}:{k}", kind="transfer", lines=w) for k, w in enumerate(ways)]
            with db.transaction(tenant=books.tenant) as tx:
                done["journals"] += len(journal.post(tx, entries))
        return done

    answers = _at_once(PEOPLE, ping)
    assert all(isinstance(answer, Counter) for answer in answers), answers
    posted = sum((answer["journals"] for answer in answers), 0)
    assert (
        books.engine.execute("SELECT count(*) FROM payments.journals WHERE kind = 'transfer'").fetchone()[0] == posted
    )
    assert books.available(a) + books.available(b) == 20000
    assert _deadlocks(books) == before


def test_two_accounts_pay_each_other_through_the_group_commit(books):
    a, b = books.customer(), books.customer()
    books.credit(a, "1000"), books.credit(b, "1000")
    before = _deadlocks(books)

    async def run():
        group = GroupCommit()
        await group.start()

        async def ping(i):
            statuses = Counter()
            for n in range(20):
                lines = move(*((a, b) if (i + n) % 2 else (b, a)), D(1))
                entry = JournalIn(key=f"s/ping:{i}:{n}", kind="transfer", lines=lines)
                statuses[(await group.submit(books.tenant, entry)).status] += 1
            return statuses

        answers = await asyncio.gather(*(ping(i) for i in range(PEOPLE)))
        await group.stop()
        return sum(answers, Counter())

    assert asyncio.run(run()) == {"ok": 20 * PEOPLE}
    assert books.available(a) + books.available(b) == 2000
    assert _deadlocks(books) == before


def test_one_key_from_sixteen_connections_is_one_transfer(books):
    payer, account = _customer(books)
    _, target = _customer(books)
    books.credit(account, "100")
    answers = _at_once(16, lambda i: _post(payer, _wish(target, "1" if i else "2"), key="same"))
    refused = [a for a in answers if isinstance(a, IdempotencyConflict)]
    assert len({a.id for a in answers if not isinstance(a, DomainError)}) == 1
    assert len(refused) in {1, 15}
    assert books.available(target) in {1, 2}


def test_sixteen_reversals_are_one(books):
    payer, account = _customer(books)
    receiver, target = _customer(books)
    books.credit(account, "10")
    made = _post(payer, _wish(target, "10"))
    answers = _at_once(16, lambda _: service.reverse(receiver, made.id, memo=None, key=None))
    assert {a.id for a in answers if not isinstance(a, AlreadyReversed)} == {
        a.id for a in answers if not isinstance(a, DomainError)
    }
    assert len({a.id for a in answers if not isinstance(a, DomainError)}) == 1
    assert (books.available(account), books.available(target)) == (10, 0)


def test_eight_second_persons_post_it_once(books):
    maker, _ = _customer(books, staff=True)
    _, account = _customer(books)
    _, target = _customer(books)
    books.credit(account, "100")
    asked = service.store(maker, _wish(target, "10", source=str(account)), key=None)
    others = [Asker(tenant=books.tenant, id=books.staff(), staff=True, realm="REAL") for _ in range(7)]
    answers = _at_once(
        8, lambda i: (service.approve if i else service.cancel)([*others, maker][i - 1], asked.id, key=None)
    )
    assert sum(isinstance(a, InvalidTransition) for a in answers) == 7
    posted = service.read(maker, asked.id).status == "posted"
    assert books.available(target) == (10 if posted else 0)


def test_one_batch_sent_from_eight_connections_is_done_once(books):
    payer, account = _customer(books)
    targets = [_customer(books)[1] for _ in range(5)]
    books.credit(account, "100")
    wishes = [_wish(target, "1", linked=i in {1, 2}) for i, target in enumerate(targets)]
    answers = _at_once(8, lambda _: batches.run(payer, wishes, mode="continue", key="same"))
    assert len({tuple(item.id for item in answer) for answer in answers}) == 1
    assert Counter(item.status for answer in answers for item in answer) == {"ok": 5, "exists": 35}
    assert [books.available(target) for target in targets] == [1] * 5


def test_funds_for_three_are_three_transfers(books):
    payer, account = _customer(books)
    _, target = _customer(books)
    books.credit(account, "30")
    answers = _at_once(PEOPLE, lambda _: _post(payer, _wish(target, "10")))
    assert sum(isinstance(a, InsufficientFunds) for a in answers) == PEOPLE - 3
    assert (books.available(account), books.available(target)) == (0, 30)
