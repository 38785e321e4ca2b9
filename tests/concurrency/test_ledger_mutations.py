"""Each known way to break the ledger is noticed. A scenario must pass on the ledger as it is and fail on its mutant.

Interleavings are tried in all orders; where one order decides, the locks of a third connection produce it.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from kernel import db, roles
from kernel.errors import DomainError
from kernel.ids import SYSTEM
from payments.chart import JournalIn, capture_line, move
from payments.errors import AmountTooFine, HoldMismatch, HoldNotOpen, InsufficientFunds
from payments.holds import service as holds
from payments.journal import service as journal
from tests.interleaving import PATIENCE_S, commit, orders, play, waits_for_a_lock
from tests.ledger_books import open_books
from tests.ledger_mutants import MUTANTS, mutated

D = Decimal
POST = """SELECT status FROM payments.post_batch(true, ARRAY[%s]::uuid[], ARRAY[%s], ARRAY[%s]::bytea[], '{REAL}', '{t}', '{NULL}', '{NULL}',
    '{NULL}', '{NULL}', '{"{}"}', '{1,1}', ARRAY[%s, %s]::bigint[], ARRAY[-%s::numeric, %s::numeric], '{0,0}', '{NULL,NULL}')"""


@pytest.fixture
def books(database):
    with open_books(database, pool_size=6) as opened:
        yield opened


def _paying(books, payer, payee, amount):
    """A step: post inside the connection's own transaction, without a retry."""
    key = books.key("step")

    def step(connection):
        connection.execute("SELECT set_config('app.tenant', %s, true)", (str(books.tenant),))
        values = (SYSTEM, key, bytes(32), payer, payee, amount, amount)
        return connection.execute(POST, values).fetchone()[0]

    return step


def _fold(connection):
    connection.execute("SELECT * FROM payments.fold(1000)")
    connection.commit()


# Scenarios -----------------------------------------------------------------------------------------------------------------------


def late_committers_are_folded(books):
    """A inserts 5 first and B 7, a folder passes at any moment: all thirty orders end in 12."""
    outside, app, engine = books.outside(), books.database.app, books.database.engine
    lost = []
    for order in orders((2, 2, 1)):
        account = books.customer()
        scripts = [
            (app, [_paying(books, outside, account, 5), commit]),
            (app, [_paying(books, outside, account, 7), commit]),
            (engine, [_fold]),
        ]
        play(books.database, scripts, order)
        books.fold()
        if books.row(account)[0] != 12:
            lost.append("".join("ABF"[step] for step in order))
    assert not lost, f"orders that lose money: {lost}"


def two_debits_are_not_both_paid(books):
    """Whatever the order of two debits of 10 and their commits: 10 are spent once."""
    for order in orders((2, 2)):
        account, shop = books.customer(), books.outside()
        books.credit(account, "10")
        books.fold()
        scripts = [(books.database.app, [_paying(books, account, shop, 10), commit]) for _ in range(2)]
        said = sorted(answers[0] for answers in play(books.database, scripts, order))
        assert said == ["insufficient_funds", "ok"], (order, said)
    assert books.violations() == set()


def crossing_payments_do_not_deadlock(books):
    """One pays from a, c and b, the other from b and a, while somebody holds c: in the order of ids nobody waits in a circle."""
    a, b, c = (books.customer() for _ in range(3))
    shop = books.outside()
    for account in (a, b, c):
        books.credit(account, "10")
    with _locked(books, c) as let_go, ThreadPoolExecutor(2) as pool:
        first = pool.submit(_post_all, books, [a, c, b], shop)
        _until_waiting(books, 1)
        second = pool.submit(_post_all, books, [b, a], shop)
        _until_waiting(books, 2)
        let_go()
        assert (first.result(PATIENCE_S), second.result(PATIENCE_S)) == (None, None)


def a_fold_during_a_hold_counts_nothing_twice(books):
    """A folder has the account's row and is about to commit; a hold waits for it. 10 are there, 15 must be refused."""
    account = books.customer()
    books.credit(account, "10")
    with psycopg.connect(roles.conninfo(books.database.engine)) as folder, ThreadPoolExecutor(1) as pool:
        folder.execute("SELECT * FROM payments.fold(1000)")
        waiting = pool.submit(books.hold, account, "15")
        _until_waiting(books, 1)
        folder.commit()
        with pytest.raises(InsufficientFunds):
            waiting.result(PATIENCE_S)


def a_hold_that_has_ended_pays_nothing(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "10")
    hold = books.hold(account, "10")
    books.capture(hold, "4", shop, release_rest=True)
    books.pay(account, shop, "6")
    with pytest.raises(HoldNotOpen):
        books.capture(hold, "6", shop)
    assert books.violations() == set()


def one_capture_is_one_journal(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "20")
    hold = books.hold(account, "10")
    with books.tx() as tx:
        taken = holds.capture(tx, hold_id=hold, amount=D(10))
        lines = [
            capture_line(account, D(10), held_delta=taken.held_delta, hold_id=hold),
            *move(account, shop, D(10))[1:],
        ]
        journal.post(tx, [JournalIn(key=books.key(), kind="t", lines=lines)])
    with pytest.raises(HoldMismatch):
        books.post(*lines)
    assert books.violations() == set()


def what_is_held_is_given_back_by_the_fold(books):
    account, shop = books.customer(), books.outside()
    books.credit(account, "10")
    books.pay(account, shop, "4")
    assert books.violations() == set()
    books.fold()
    assert books.violations() == set()
    assert books.row(account) == (6, 0)


def a_finer_amount_is_refused(books):
    with pytest.raises(AmountTooFine):
        books.credit(books.customer(), "0.0000001")
    assert books.violations() == set()


SCENARIOS = {
    "fold by id": late_committers_are_folded,
    "drop the sort": crossing_payments_do_not_deadlock,
    "drop the payer lock": two_debits_are_not_both_paid,
    "capture twice": a_hold_that_has_ended_pays_nothing,
    "book a capture twice": one_capture_is_one_journal,
    "omit held_delta": what_is_held_is_given_back_by_the_fold,
    "skip a hold delta in the fold": what_is_held_is_given_back_by_the_fold,
    "drop the scale check": a_finer_amount_is_refused,
    "read w before the lock": a_fold_during_a_hold_counts_nothing_twice,
}


@pytest.mark.parametrize(
    "scenario", sorted(set(SCENARIOS.values()), key=lambda s: s.__name__), ids=lambda s: s.__name__
)
def test_the_ledger_keeps(books, scenario):
    scenario(books)
    books.fold()
    assert books.violations() == set()


SEEN_BY = {
    "fold by id": "posted_is_the_folded_journal",
    "drop the payer lock": "nothing_overspent",
    "book a capture twice": "captures_are_booked",
    "omit held_delta": "held_is_open_holds_and_tail",
    "skip a hold delta in the fold": "held_is_open_holds_and_tail",
    "drop the scale check": "journals_are_whole",
    "read w before the lock": "nothing_overspent",
}


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_broken_ledger_is_caught(books, name):
    """Each mutant fails the scenario that is named for it, and where it breaks the books an invariant says so afterwards."""
    with mutated(books.database, name):
        assert not _passes(SCENARIOS[name], books), f"nothing noticed: {name}"
    assert name not in SEEN_BY or SEEN_BY[name] in books.violations()


# Around them ---------------------------------------------------------------------------------------------------------------------


def _passes(scenario, books):
    try:
        scenario(books)
    except (AssertionError, DBAPIError, DomainError, pytest.fail.Exception):
        return False
    return True


def _post_all(books, payers, shop):
    lines = [line for payer in payers for line in move(payer, shop, D(1))]
    with db.transaction(tenant=books.tenant) as tx:
        journal.post(tx, [JournalIn(key=f"s/cross:{payers}", kind="t", lines=lines)])


@contextmanager
def _locked(books, account):
    with psycopg.connect(roles.conninfo(books.database.superuser)) as holder:
        holder.execute("SELECT 1 FROM payments.balances WHERE account_id = %s FOR UPDATE", (account,))
        yield holder.rollback


def _until_waiting(books, count):
    """Until that many connections of the database stand before a lock."""
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as watcher:
        while True:
            pids = [
                row[0] for row in watcher.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            ]
            if sum(waits_for_a_lock(watcher, pid) for pid in pids) >= count:
                return
            assert time.monotonic() < deadline, f"{count} were expected to wait for a lock"
            time.sleep(0.01)
