"""Checking a seal reads the rows of that seal, not all older journals as well."""

from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from payments.chart import JournalIn, move
from payments.journal import service as journal

SEALS, JOURNALS, LINES = 400, 45, 6  # so many that a merge join looks cheap to the planner


@pytest.fixture
def long_chain(books):
    account, outside = books.customer(), books.outside()
    for _ in range(SEALS):
        lines = [line for n in (1, 2, 3) for line in move(outside, account, Decimal(n))]
        batch = [JournalIn(key=books.key(), kind="t", lines=lines, meta={"note": "x" * 300}) for _ in range(JOURNALS)]
        journal.post_batch(tenant=books.tenant, journals=batch)
        books.fold()
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        superuser.execute("ANALYZE payments.entries, payments.journals, payments.seals")
    return books


def _rows_read(books, statement, table):
    """Rows that the statement read of a table and its partitions, by whatever way."""
    count = "SELECT sum(coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0)) FROM pg_stat_xact_user_tables WHERE relname LIKE %s"
    with books.engine.transaction():
        before = books.engine.execute(count, (f"{table}%",)).fetchone()[0]
        assert books.engine.execute(statement).fetchone()[0] == 0
        return int(books.engine.execute(count, (f"{table}%",)).fetchone()[0] - before)


def test_a_late_seal_is_checked_without_the_journals_before_it(long_chain):
    late = f"SELECT count(*) FROM payments.verify_seals({SEALS - 4}, {SEALS})"
    assert 0 < _rows_read(long_chain, late, "journals_y") <= 5 * JOURNALS * LINES * 2
