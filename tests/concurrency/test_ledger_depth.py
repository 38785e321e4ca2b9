"""Rebuilds, months and days while everybody writes: nothing is lost, nothing is counted twice, nobody is stuck."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from kernel.errors import DomainError
from tests.ledger_books import open_books

D = Decimal


@pytest.fixture
def books(database):
    with open_books(database, pool_size=8) as opened:
        yield opened


class _Beside(threading.Thread):
    """Repeats statements as one role until told to stop, each in its own transaction."""

    def __init__(self, url, *statements):
        super().__init__(daemon=True)
        self.url, self.statements, self.enough, self.rounds, self.error = url, statements, threading.Event(), 0, None

    def run(self):
        try:
            with psycopg.connect(roles.conninfo(self.url), autocommit=True) as connection:
                while not self.enough.is_set():
                    for statement in self.statements:
                        connection.execute(statement)
                    self.rounds += 1
        except Exception as error:
            self.error = error

    def end(self):
        self.enough.set()
        self.join(60)
        assert self.error is None
        assert not self.is_alive()


def test_a_rebuild_under_load_changes_nothing_that_was_right(books):
    a, b, outside = books.customer(), books.customer(), books.outside()
    for account in (a, b):
        books.credit(account, "1000")
    wrong = []
    folder = _Beside(books.database.engine, "SELECT payments.fold(7)")
    rebuilder = _Beside(
        books.database.engine,
        """DO $$ BEGIN IF payments.rebuild(ARRAY(SELECT account_id FROM payments.balances)) > 0 THEN RAISE EXCEPTION 'it was right'; END IF; END $$""",
    )
    months = _Beside(books.database.engine, "SELECT payments.make_partitions(2)")
    checker_stop = threading.Event()

    def check():
        with psycopg.connect(roles.conninfo(books.database.engine), autocommit=True) as connection:
            while not checker_stop.is_set():
                wrong.extend(books.violations(connection))

    def work(i):
        for n in range(12):
            try:
                hold_id = books.hold((a, b)[(i + n) % 2], "3")
                if n % 3 == 0:
                    books.void(hold_id)
                else:
                    books.capture(hold_id, "2", (b, a)[(i + n) % 2], release_rest=n % 3 == 1)
                books.pay((a, b)[n % 2], outside, "1")
            except DomainError:
                raise AssertionError("there was money enough") from None

    checker = threading.Thread(target=check)
    for thread in (folder, rebuilder, months, checker):
        thread.start()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, i) for i in range(4)]:
            done.result(120)
    for thread in (folder, rebuilder, months):
        thread.end()
        assert thread.rounds > 0
    checker_stop.set()
    checker.join(60)
    assert wrong == []
    assert books.available(a) + books.available(b) + _open_holds(books) == D(2000) - 48
    while books.fold()[0]:
        pass
    assert books.violations() == set()


def _open_holds(books):
    return books.engine.execute(
        "SELECT coalesce(sum(amount - captured), 0) FROM payments.holds WHERE state = 'open'"
    ).fetchone()[0]


def test_writers_on_their_way_end_before_an_epoch_does(books):
    """A new epoch waits for who is writing; who comes while it is opened is refused or comes after it."""
    account = books.customer()
    books.credit(account, "1")
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        superuser.execute("UPDATE payments.fold_state SET system_identifier = 1 WHERE stream = 'ledger'")
    with psycopg.connect(roles.conninfo(books.database.app)) as writer:
        writer.execute("SELECT set_config('app.tenant', %s, true)", (str(books.tenant),))
        key = books.key()
        lines = (books.outside(), account)
        writer.execute(
            """SELECT * FROM payments.post_batch(true, ARRAY['00000000-0000-0000-0000-000000000000']::uuid[], ARRAY[%s], ARRAY[sha256('')],
                 ARRAY['REAL'], ARRAY['t'], ARRAY[NULL]::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL]::timestamptz[], ARRAY[NULL]::text[], ARRAY['{}'],
                 ARRAY[1, 1], ARRAY[%s, %s]::bigint[], ARRAY[-5, 5]::numeric[], ARRAY[0, 0]::numeric[], ARRAY[NULL, NULL]::uuid[])""",
            (key, *lines),
        )
        opener = _Beside(books.database.engine, "SELECT * FROM payments.open_epoch()")
        opener.start()
        deadline = time.monotonic() + 60
        while not books.engine.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
            assert opener.error is None
            assert time.monotonic() < deadline, "the new epoch did not wait for the writer"
        writer.commit()
    opener.end()
    assert books.row(account)[0] == 6
    assert books.violations() == set()
    assert books.engine.execute("SELECT epoch FROM payments.fold_state").fetchone()[0] == 2
