"""The hot statements use their indexes, also through the tenant filter: a tail that scans an account's whole past would kill it."""

from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from payments.chart import JournalIn, move
from payments.journal import service as journal

D = Decimal


@pytest.fixture
def long_past(books):
    books.account = books.customer()
    outside = books.outside()
    for _ in range(3):
        batch = [JournalIn(key=books.key(), kind="t", lines=move(outside, books.account, D(1))) for _ in range(300)]
        journal.post_batch(tenant=books.tenant, journals=batch)
    books.fold()
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        superuser.execute("ANALYZE payments.entries")
    return books


@pytest.mark.parametrize("role", ["app", "engine"])
def test_the_tail_of_an_account_reads_only_the_tail(long_past, role):
    with psycopg.connect(roles.conninfo(getattr(long_past.database, role)), autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", (str(long_past.tenant),))
        plan = connection.execute(
            """EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT sum(e.amount) FROM payments.entries e, payments.fold_state f
                WHERE e.account_id = %s AND (e.epoch, e.xid) >= (f.epoch, f.w) AND f.stream = 'ledger'""",
            (long_past.account,),
        ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert "entries_of_account" in text, text
    assert "Rows Removed by Filter" not in text, text
    index_line = next(row[0] for row in plan if "entries_of_account" in row[0])
    assert "rows=0" in index_line, text


def test_the_backlog_is_read_by_its_order(long_past):
    """As the function does it: with sequential scans off, the plan is an index range even where the statistics are stale."""
    with long_past.engine.transaction():
        long_past.engine.execute("SET LOCAL enable_seqscan = off")
        plan = long_past.engine.execute(
            """EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT e.journal_id FROM payments.entries e, payments.fold_state f
                WHERE f.stream = 'ledger' AND e.epoch = f.epoch AND e.xid >= f.w ORDER BY e.xid LIMIT 10"""
        ).fetchall()
    text = "\n".join(row[0] for row in plan)
    index_line = next(row[0] for row in plan if "entries_order" in row[0])
    assert "rows=0" in index_line, text
