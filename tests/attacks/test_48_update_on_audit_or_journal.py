"""Attack 48: UPDATE or DELETE on the audit or the journal: refused by grant and by trigger; by a superuser without triggers: named."""

from __future__ import annotations

import psycopg
import pytest

from kernel import roles
from rivermouth import ledger_tools
from tests.integration.identity.conftest import ten, trail
from tests.ledger_books import D, open_books

__all__ = ["ten", "trail"]


@pytest.mark.parametrize("table", ["audit_entries", "audit_links", "audit_checkpoints"])
def test_48_update_delete_and_truncate_of_the_audit_are_refused_by_grant_and_by_trigger(ten, table):
    column = {"audit_entries": "action", "audit_links": "hash", "audit_checkpoints": "key_id"}[table]
    for statement in (
        f"UPDATE identity.{table} SET {column} = {column}",
        f"DELETE FROM identity.{table}",
        f"TRUNCATE identity.{table}",
    ):
        for role in ("app", "engine"):
            with psycopg.connect(roles.conninfo(getattr(ten.database, role))) as connection:
                connection.execute("SELECT set_config('app.tenant', %s, true)", (str(ten.tenant),))
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
                    connection.execute(statement)
        with (
            psycopg.connect(roles.conninfo(ten.database.superuser)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
        ):
            connection.execute(statement)
    with psycopg.connect(roles.conninfo(ten.database.owner)) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", (str(ten.tenant),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(f"TRUNCATE identity.{table}")


def test_48_the_owner_of_the_audit_is_refused_by_the_trigger(ten):
    for statement in ("UPDATE identity.audit_entries SET action = 'a.b'", "DELETE FROM identity.audit_entries"):
        with psycopg.connect(roles.conninfo(ten.database.owner)) as connection:
            connection.execute("SELECT set_config('app.tenant', %s, true)", (str(ten.tenant),))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement)


def test_48_an_entry_that_a_superuser_changed_is_named(ten):
    victim = ten.entry(4)
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_entries SET resource_id = 'other' WHERE id = %s", (victim,))
    (broken,) = ten.broken()
    assert (broken.fault, broken.seq, broken.entry_id) == ("entry_changed", 4, victim)


def test_48_an_entry_that_a_superuser_deleted_is_named(ten):
    victim = ten.entry(7)
    with ten.superuser() as superuser:
        superuser.execute("DELETE FROM identity.audit_entries WHERE id = %s", (victim,))
    (broken,) = ten.broken()
    assert (broken.fault, broken.seq, broken.entry_id) == ("entry_missing", 7, victim)


@pytest.fixture
def paid(database):
    """Books with a journal that is sealed."""
    with open_books(database) as books:
        books.journal = books.credit(books.customer(), "12.5")
        books.fold()
        yield books


@pytest.mark.parametrize("table", ["journals", "entries", "seals"])
def test_48_update_delete_and_truncate_of_the_journal_are_refused_by_grant_and_by_trigger(paid, table):
    column = {"seals": "n"}.get(table, "journal_id")
    for statement in (
        f"UPDATE payments.{table} SET {column} = {column}",
        f"DELETE FROM payments.{table}",
        f"TRUNCATE payments.{table}",
    ):
        for role, words in (
            ("app", "permission denied"),
            ("engine", "permission denied"),
            ("owner", "append-only"),
            ("superuser", "append-only"),
        ):
            with psycopg.connect(roles.conninfo(getattr(paid.database, role))) as connection:
                connection.execute("SELECT set_config('app.tenant', %s, true)", (str(paid.tenant),))
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match=words):
                    connection.execute(statement)


def test_48_a_journal_that_a_superuser_changed_is_named(paid, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ledger_tools.log, "configure", lambda *_: None)
    monkeypatch.setenv("RIVERMOUTH_DATABASE_URL", paid.database.engine)
    assert ledger_tools.verify(tmp_path)
    with paid.superuser() as superuser:
        superuser.execute(
            "UPDATE payments.entries SET amount = amount + %s WHERE journal_id = %s AND line = 2", (D(1), paid.journal)
        )
    assert not ledger_tools.verify(tmp_path)
    assert f"BROKEN  row_changed: seal 1, journal {paid.journal}, line 2" in capsys.readouterr().out
