"""The restore drill: a dump goes into another cluster, whose transactions are counted from the beginning, and the books go on."""

from decimal import Decimal

import psycopg
import pytest

from kernel import db, outbox, roles
from kernel.db import Tx
from kernel.outbox import Consumer
from payments.balances import service as balances
from payments.chart import JournalIn, move
from payments.errors import LedgerRestored
from payments.journal import service as journal
from tests.conftest import Database
from tests.ledger_books import open_books
from tests.ledger_dump import DATABASE, restored

D = Decimal


def _use_up(url, transactions):
    """Let the cluster's counter run on."""
    with psycopg.connect(roles.conninfo(url), autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE used ()")
        connection.execute(
            f"""DO $$ BEGIN FOR i IN 1 .. {transactions} LOOP
                    BEGIN INSERT INTO used DEFAULT VALUES; EXCEPTION WHEN division_by_zero THEN NULL; END;
                END LOOP; END $$"""
        )


def _counter(url):
    """What the cluster has used up: an earlier test may have used it for long."""
    with psycopg.connect(roles.conninfo(url)) as connection:
        return connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()[0]


@pytest.fixture(params=["behind"])
def drill(books, tmp_path, request):
    """Folded and not folded entries, an open hold, a capture, an event that waits; then the dump, opened as a second set of books."""
    _use_up(books.database.superuser, 20_000 if request.param == "behind" else 1)
    books.account, books.other = books.customer(), books.customer()
    books.credit(books.account, "100")
    books.credit(books.other, "5")
    books.fold()
    hold_id = books.hold(books.account, "30")
    books.capture(hold_id, "10", books.outside())
    books.credit(books.account, "7")  # these two are in nobody's balance yet
    books.pay(books.account, books.other, "2")
    with psycopg.connect(roles.conninfo(books.database.engine)) as engine:
        engine.execute(
            """INSERT INTO kernel.outbox (id, tenant_id, topic, key, payload) VALUES (uuidv7(), %s, 'test.happened.v1', 'k', '{}')""",
            (books.tenant,),
        )
    with restored(books.database, tmp_path) as postgres:
        url = postgres.url
        there = Database(
            DATABASE,
            url(roles.OWNER, DATABASE),
            url(roles.APP, DATABASE),
            url(roles.ENGINE, DATABASE),
            url("postgres", DATABASE),
        )
        db.dispose()
        if request.param == "ahead":
            _use_up(there.superuser, _counter(books.database.superuser) - _counter(there.superuser) + 10_000)
        with open_books(there) as opened:
            opened.tenant, opened.numbers = books.tenant, books.numbers
            opened.account, opened.other, opened.original = books.account, books.other, books
            yield opened


def _state(books):
    return books.engine.execute(
        "SELECT epoch, system_identifier FROM payments.fold_state WHERE stream = 'ledger'"
    ).fetchone()


def test_a_dump_in_another_cluster_opens_a_new_epoch_and_the_books_go_on(drill):
    epoch, identifier = _state(drill)
    exact = {a: drill.exact(a) for a in (drill.account, drill.other)}
    assert exact == {a: drill.original.exact(a) for a in exact}
    with drill.tx() as tx:  # somebody posts before the folder has looked
        with pytest.raises(LedgerRestored):
            journal.post(tx, [JournalIn(key="s/early:1", kind="t", lines=move(drill.account, drill.other, D(1)))])
        tx.connection.rollback()

    db.configure(drill.database.engine)
    assert balances.fold() == balances.FoldResult(0, 0, 0, None)
    assert _state(drill) == (epoch + 1, drill.engine.execute("SELECT payments.cluster_id()").fetchone()[0])
    assert _state(drill)[1] != identifier
    assert drill.violations() == set()
    with db.read_only() as tx:
        assert balances.verify_seals(tx) == []
        assert balances.fold_lag(tx) == balances.FoldLag(0, 0.0)
    assert {a: drill.row(a) for a in exact} == exact

    db.configure(drill.database.app)
    drill.pay(drill.account, drill.other, "3")
    assert drill.violations() == set()
    db.configure(drill.database.engine)
    assert balances.fold().folded == 2
    assert drill.row(drill.other)[0] == exact[drill.other][0] + 3
    assert drill.violations() == set()
    with db.read_only() as tx:
        assert balances.verify_seals(tx) == []

    with drill.superuser() as superuser:  # a row of the old epoch is still watched
        journal_id = superuser.execute(
            "UPDATE payments.entries SET amount = amount + 1 WHERE line = 1"
            " AND journal_id = (SELECT journal_id FROM payments.entries ORDER BY 1 LIMIT 1) RETURNING journal_id"
        ).fetchone()[0]
    with db.read_only() as tx:
        assert balances.verify_seals(tx) == [balances.BrokenSeal(1, "row_changed", journal_id, 1)]


@pytest.mark.parametrize("drill", ["ahead"], indirect=True)
def test_a_cluster_whose_counter_is_ahead_may_be_posted_to_at_once(drill):
    """What is written above the old horizon is in no balance yet, so the new epoch finds it."""
    drill.pay(drill.account, drill.other, "1")
    exact = {a: drill.exact(a) for a in (drill.account, drill.other)}
    assert exact[drill.other][0] == drill.original.exact(drill.other)[0] + 1
    db.configure(drill.database.engine)
    balances.fold()
    assert {a: drill.row(a) for a in exact} == exact
    assert drill.violations() == set()
    with db.read_only() as tx:
        assert balances.verify_seals(tx) == []


def test_the_epoch_is_opened_once_and_events_are_neither_lost_nor_repeated(drill):
    handled = []

    def remember(_tx: Tx, fact: object) -> None:
        handled.append(fact)

    consumer = Consumer("drill", {"test.happened.v1": remember})
    db.configure(drill.database.engine)
    balances.fold()
    epoch = _state(drill)
    balances.fold()
    assert drill.engine.execute("SELECT opened FROM payments.open_epoch()").fetchone() == (False,)
    assert _state(drill) == epoch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.events.decode", lambda topic, payload: (topic, payload))
        while outbox.consume(consumer):
            pass
        while outbox.consume(consumer):
            pass
    assert handled == [("test.happened.v1", {})]


def test_the_same_cluster_needs_no_epoch(books):
    books.credit(books.customer(), "1")
    before = _state(books)
    assert books.engine.execute("SELECT opened FROM payments.open_epoch()").fetchone() == (False,)
    books.fold()
    assert _state(books) == before
