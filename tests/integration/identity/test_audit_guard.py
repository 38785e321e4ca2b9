"""Nobody changes the audit: refused by grant, and by trigger where there is a grant; and its migration, down and up."""

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from rivermouth import migrate
from tests.audit_trail import Trail


def test_the_application_makes_no_links_and_no_checkpoints(trail):
    for statement in (
        "INSERT INTO identity.audit_links (tenant_id, seq, entry_id, leaf, hash) VALUES (gen_random_uuid(), 1, gen_random_uuid(), sha256(''), sha256(''))",
        "SELECT * FROM identity.audit_checkpoints",
        "UPDATE identity.audit_state SET horizon = '0'",
    ):
        with (
            psycopg.connect(roles.conninfo(trail.database.app)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"),
        ):
            connection.execute(statement)


def test_the_migration_goes_down_and_up(database):
    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    def tables():
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            found = connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r' AND relname LIKE 'audit%'"
                " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'identity'::regnamespace AND proname ~ '^(audit|refuse)'"
            ).fetchall()
        return {row[0] for row in found}

    there = {
        "audit_entries",
        "audit_links",
        "audit_checkpoints",
        "audit_state",
        "audit_leaf",
        "audit_write",
        "refuse_change",
    }
    assert tables() == there
    go("0026", command.downgrade)
    assert tables() == set()
    go("head", command.upgrade)
    assert tables() == there
    trail = Trail(database)
    trail.write()
    assert trail.extend() == 1
    trail.close()
