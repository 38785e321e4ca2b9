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


def _scans(text, index):
    """What each executed scan of a partition's copy of the index found."""
    lines = [line for line in text.splitlines() if index in line and "never executed" not in line]
    assert lines, text
    return lines


@pytest.mark.parametrize("role", ["app", "engine"])
def test_the_tail_of_an_account_reads_only_the_tail_and_only_its_months(long_past, role):
    with psycopg.connect(roles.conninfo(getattr(long_past.database, role)), autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", (str(long_past.tenant),))
        plan = connection.execute(
            """EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)
               SELECT tail.amount FROM payments.fold_state f CROSS JOIN LATERAL (
                   SELECT sum(e.amount) AS amount FROM payments.entries e
                    WHERE e.account_id = %s AND (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from) tail
                WHERE f.stream = 'ledger'""",
            (long_past.account,),
        ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert all("rows=0" in line for line in _scans(text, "account_id_epoch_xid_idx")), text
    assert "Rows Removed by Filter" not in text, text


def test_the_tail_skips_old_months(long_past):
    """The bound follows the horizon, a day behind; partitions below it are never opened."""
    with psycopg.connect(roles.conninfo(long_past.database.owner), autocommit=True) as owner:
        owner.execute("SELECT payments.make_partitions(2, now() - interval '5 months')")
    long_past.credit(long_past.account, "1")
    plan = long_past.engine.execute(
        """EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)
           SELECT tail.amount FROM payments.fold_state f CROSS JOIN LATERAL (
               SELECT sum(e.amount) AS amount FROM payments.entries e
                WHERE e.account_id = %s AND (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from) tail
            WHERE f.stream = 'ledger'""",
        (long_past.account,),
    ).fetchall()
    skipped = [row[0] for row in plan if "never executed" in row[0]]
    assert len(skipped) >= 4, plan
    assert long_past.exact(long_past.account)[0] == 901


def test_the_backlog_is_read_by_its_order(long_past):
    """As the function does it: with sequential scans off, the plan is an index range even where the statistics are stale."""
    with long_past.engine.transaction():
        long_past.engine.execute("SET LOCAL enable_seqscan = off")
        plan = long_past.engine.execute(
            """EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT e.journal_id FROM payments.entries e, payments.fold_state f
                WHERE f.stream = 'ledger' AND e.epoch = f.epoch AND e.xid >= f.w ORDER BY e.xid LIMIT 10"""
        ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert all("rows=0" in line for line in _scans(text, "epoch_xid_idx")), text
