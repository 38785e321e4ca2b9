"""Many writers on real connections with real commits: nothing is overspent, doubled, lost or stuck, while the fold runs."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from kernel import db, roles
from kernel.errors import DomainError
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.chart import JournalIn, move
from payments.errors import CaptureExceedsHold, HoldNotOpen, InsufficientFunds
from payments.journal import service as journal
from tests.ledger_books import open_books

D = Decimal


@pytest.fixture
def books(database):
    with open_books(database, pool_size=20) as opened:
        yield opened
        assert opened.violations() == set()
        opened.fold()
        assert opened.violations() == set()


def _at_once(count, work):
    """Run `work(i)` in `count` threads that start together; errors of the domain are answers, others are raised."""
    start = threading.Barrier(count)

    def one(i):
        start.wait(60)
        try:
            return work(i)
        except DomainError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return [f.result(60) for f in [pool.submit(one, i) for i in range(count)]]


@pytest.mark.parametrize("folded", [True, False])
def test_forty_holds_against_funds_for_three(books, folded):
    account = books.customer()
    books.credit(account, "30")
    if folded:
        books.fold()
    answers = Counter(type(a) for a in _at_once(40, lambda _: books.hold(account, "10")))
    assert answers[InsufficientFunds] == 37
    assert books.exact(account) == (30, 30)


def test_forty_payments_against_funds_for_three(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "30")
    answers = Counter(type(a) for a in _at_once(40, lambda _: books.pay(account, shop, "10")))
    assert answers[InsufficientFunds] == 37
    assert books.exact(account) == (0, 0)


def test_a_to_b_and_b_to_a_never_deadlock(books):
    """No retry here: a deadlock that a caller sees fails the test."""
    a, b = books.customer(), books.customer()
    books.credit(a, "1000"), books.credit(b, "1000")

    def ping(i):
        for n in range(15):
            lines = (
                [*move(a, b, D(1)), *move(b, a, D(2))]
                if (i + n) % 3 == 0
                else move(*((a, b) if i % 2 else (b, a)), D(1))
            )
            books.post(*lines, kind="transfer")

    assert _at_once(8, ping) == [None] * 8
    assert books.available(a) + books.available(b) == 2000


def test_batches_in_opposite_order_never_deadlock(books):
    payers = [books.customer() for _ in range(4)]
    shop = books.outside()
    for payer in payers:
        books.credit(payer, "1000")

    def pay_all(i):
        order = payers if i % 2 else payers[::-1]
        for _ in range(10):
            batch = [JournalIn(key=books.key(f"b{i}"), kind="t", lines=move(p, shop, D(1))) for p in order]
            with db.transaction(tenant=books.tenant) as tx:
                journal.post(tx, batch)

    assert _at_once(8, pay_all) == [None] * 8
    assert {books.available(p) for p in payers} == {D(920)}


def test_one_key_raced_by_eight_is_one_journal(books):
    account, outside = books.customer(), books.outside()
    request = JournalIn(key="s/deposit:raced", kind="deposit", lines=move(outside, account, D(5)))

    def once(_):
        [posted] = journal.post_batch(tenant=books.tenant, journals=[request])
        return posted

    answers = _at_once(8, once)
    assert len({a.journal_id for a in answers}) == 1
    assert Counter(a.status for a in answers) == {"ok": 1, "exists": 7}
    assert books.available(account) == 5


def test_overlapping_batches_of_keys_in_any_order(books):
    account, outside = books.customer(), books.outside()

    def batch(i):
        numbers = list(range(20))
        random.Random(i).shuffle(numbers)
        requests = [JournalIn(key=f"s/once:{n}", kind="t", lines=move(outside, account, D(1))) for n in numbers]
        return Counter(p.status for p in journal.post_batch(tenant=books.tenant, journals=requests))

    answers = _at_once(6, batch)
    assert sum((a for a in answers), Counter()) == {"ok": 20, "exists": 100}
    assert books.available(account) == 20


def test_a_hold_raced_by_captures_and_a_void_is_spent_once(books):
    account, shop = books.customer(), books.outside()
    for _ in range(5):
        books.credit(account, "10")
        hold_id = books.hold(account, "10")
        answers = _at_once(6, lambda i, h=hold_id: books.void(h) if i == 0 else books.capture(h, "10", shop))
        captured = [a for a in answers[1:] if not isinstance(a, DomainError)]
        assert (len(captured), answers[0]) in {(1, D(0)), (0, D(10))}
        assert all(isinstance(a, HoldNotOpen) for a in answers[1:] if isinstance(a, DomainError))


def test_partial_captures_raced_never_exceed_the_hold(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "10")
    answers = _at_once(8, lambda _: books.capture(hold_id, "3", shop))
    assert Counter(type(a) for a in answers)[CaptureExceedsHold] == 5
    assert books.exact(account) == (91, 1)


def test_an_account_raced_is_opened_once(books):
    owner = uuid7()
    assert len(set(_at_once(8, lambda _: books.customer(owner=owner)))) == 1


def _open(books, lock_timeout_ms=300):
    connection = psycopg.connect(roles.conninfo(books.database.app))
    connection.execute(
        "SELECT set_config('app.tenant', %s, true), set_config('lock_timeout', %s, true)",
        (str(books.tenant), f"{lock_timeout_ms}ms"),
    )
    return connection


def test_a_payer_is_locked_until_commit_and_a_payee_never(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    with books.tx() as tx:
        journal.post(tx, [JournalIn(key="s/slow:1", kind="t", lines=move(payer, payee, D(6)))])
        with _open(books) as other:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("SELECT * FROM payments.hold_open(uuidv7(), %s, 5, 'order', 'r', NULL, NULL)", (payer,))
            other.rollback()
        with ThreadPoolExecutor(1) as pool:  # the payee can receive and even spend at the same time
            pool.submit(books.credit, payee, "1").result(5)
            pool.submit(books.hold, payee, "1").result(5)
    assert (books.available(payer), books.available(payee)) == (4, 6)


def test_a_freeze_waits_for_the_payment_and_stops_the_next(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "10")
    with books.tx() as tx:
        journal.post(tx, [JournalIn(key="s/slow:2", kind="t", lines=move(account, shop, D(1)))])
        with _open(books) as other, pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT payments.account_set_status(%s, 'frozen')", (account,))
    with books.tx() as tx:
        accounts.freeze(tx, account)
    with pytest.raises(DomainError):
        books.pay(account, shop, "1")


@pytest.mark.slow
def test_books_hold_at_every_moment_under_load(books):
    """Writers under overspend pressure, a folder and a checker at once; every look in flight finds all invariants kept."""
    customers = [books.customer() for _ in range(4)]
    shop = books.outside()
    for customer in customers:
        books.credit(customer, "20")
    done, trouble, over = Counter(), [], threading.Event()

    def writer(i):
        rng = random.Random(i)
        for _ in range(400):
            done[_answer(lambda: _random_step(books, rng, customers, shop), trouble)] += 1

    def folder():
        with psycopg.connect(roles.conninfo(books.database.engine), autocommit=True) as engine:
            while not over.is_set():
                done["folded"] += engine.execute(
                    "SELECT folded FROM payments.fold(%s)", (random.choice([7, 1000]),)
                ).fetchone()[0]
                time.sleep(0.05)

    def checker():
        with psycopg.connect(roles.conninfo(books.database.engine), autocommit=True) as engine:
            while not over.is_set():
                trouble.extend(books.violations(engine))
                done["checks"] += 1
                time.sleep(0.1)

    writers = [threading.Thread(target=writer, args=(i,)) for i in range(5)]
    watchers = [threading.Thread(target=folder), threading.Thread(target=checker)]
    for worker in (*writers, *watchers):
        worker.start()
    for worker in writers:
        worker.join()
    over.set()
    for worker in watchers:
        worker.join()
    assert trouble == []
    assert min(done["checks"], done["folded"], done["paid"], done["captured"], done["insufficient_funds"]) > 0, done


def _answer(step, trouble):
    """What a step says, or why it was refused; a lost race for a key may be tried again, anything else is trouble."""
    try:
        return step()
    except DomainError as refused:
        return refused.code
    except DBAPIError as error:
        if db.sqlstate(error) != "40001":
            trouble.append(error)
        return db.sqlstate(error)


def _random_step(books, rng, customers, shop):
    customer, other = rng.sample(customers, 2)
    match rng.randrange(6):
        case 0:
            books.credit(customer, str(rng.randint(1, 5)))
            return "credited"
        case 1 | 2:
            books.pay(customer, rng.choice([other, shop]), f"{rng.randint(1, 15)}.{rng.randint(0, 999999):06}")
            return "paid"
        case 3:
            books.post(*move(customer, other, D(rng.randint(1, 9))), key=f"s/replayed:{customer}:{rng.randint(1, 9)}")
            return "replayed"
        case _:
            hold_id = books.hold(customer, str(rng.randint(2, 10)))
            if rng.random() < 0.7:
                books.capture(hold_id, "1.5", rng.choice([other, shop]), release_rest=rng.random() < 0.5)
            if rng.random() < 0.8:
                books.void(hold_id)
            return "captured"
