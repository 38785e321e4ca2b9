"""Months of the journal: made ahead, guarded one by one, closed to everybody who does not come through the parent."""

import psycopg
import pytest
from psycopg import errors

from kernel import roles


@pytest.fixture
def owner(books):
    with psycopg.connect(roles.conninfo(books.database.owner), autocommit=True) as connection:
        yield connection


def _partitions(connection, parent):
    rows = connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1", (parent,)
    ).fetchall()
    return [row[0] for row in rows]


PARENTS = ["payments.journals", "payments.entries", "payments.journal_keys"]


def test_this_month_and_the_next_two_are_there(owner):
    months = owner.execute(
        """SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => m), '"_y"YYYY"m"MM')
             FROM generate_series(0, 2) m"""
    ).fetchall()
    for parent in PARENTS[:2]:
        assert _partitions(owner, parent) == [parent + month for (month,) in months]
    assert len(_partitions(owner, PARENTS[2])) == 4


def test_months_are_made_once(books, owner):
    assert books.engine.execute("SELECT payments.make_partitions(2)").fetchall() == []
    made = [row[0] for row in books.engine.execute("SELECT payments.make_partitions(3)").fetchall()]
    assert [name.split("_")[0] for name in made] == ["journals", "entries"]
    assert len(_partitions(owner, PARENTS[1])) == 4
    with psycopg.connect(roles.conninfo(books.database.app)) as app, pytest.raises(errors.InsufficientPrivilege):
        app.execute("SELECT payments.make_partitions(3)")


@pytest.mark.parametrize("statement", ["UPDATE {} SET journal_id = journal_id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_a_single_partition_is_as_guarded_as_its_parent(books, owner, statement, role):
    books.credit(books.customer(), "1")
    with psycopg.connect(roles.conninfo(getattr(books.database, role)), autocommit=True) as connection:
        for parent in PARENTS:
            for name in _partitions(owner, parent):
                if statement.startswith("TRUNCATE") or _full(books, name, role):
                    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
                        connection.execute(statement.format(name))
                else:
                    assert connection.execute(statement.format(name)).rowcount == 0
    assert books.engine.execute("SELECT count(*) FROM payments.entries").fetchone()[0] == 2


def _full(books, name, role):
    """Row triggers speak where there are rows; the owner sees none of a partition, for it has no policy."""
    with psycopg.connect(roles.conninfo(books.database.superuser)) as superuser:
        return role == "superuser" and superuser.execute(f"SELECT count(*) FROM {name}").fetchone()[0] > 0


@pytest.mark.parametrize("role", ["app", "engine"])
def test_nobody_reaches_a_partition_past_its_parent(books, owner, role):
    with psycopg.connect(roles.conninfo(getattr(books.database, role)), autocommit=True) as connection:
        for parent in PARENTS:
            for name in _partitions(owner, parent):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(f"SELECT * FROM {name}")


def test_a_journal_and_its_entries_are_in_the_month_of_its_id(books):
    journal_id = books.credit(books.customer(), "1")
    month = books.engine.execute(
        "SELECT to_char(uuid_extract_timestamp(%s) AT TIME ZONE 'UTC', '\"_y\"YYYY\"m\"MM')", (journal_id,)
    ).fetchone()[0]
    for table in ("journals", "entries"):
        found = books.engine.execute(
            f"SELECT DISTINCT tableoid::regclass::text FROM payments.{table} WHERE journal_id = %s", (journal_id,)
        ).fetchall()
        assert found == [(f"payments.{table}{month}",)]
