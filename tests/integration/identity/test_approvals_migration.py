"""The tables of approvals come and go without a trace, and principals stay as they were."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate


def test_the_migration_goes_down_and_up_again(database):
    def found():
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            return connection.execute(
                """SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'identity'
                   UNION ALL SELECT table_name, column_name, grantee || privilege_type FROM information_schema.column_privileges
                    WHERE table_schema IN ('identity', 'payments')
                   UNION ALL SELECT 'function', p.proname, '' FROM pg_proc p WHERE p.pronamespace = 'identity'::regnamespace
                   UNION ALL SELECT tablename, indexname, '' FROM pg_indexes WHERE schemaname = 'identity' ORDER BY 1, 2, 3"""
            ).fetchall()

    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    tenant, person = uuid7(), uuid7()
    whole = found()
    assert ("approvals", "digest", "bytea") in whole
    with psycopg.connect(roles.conninfo(database.engine)) as engine:
        engine.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", [tenant])
        engine.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles, person_id) VALUES (%s, %s, 'staff', 'a@b.example',"
            " '{finance}', %s)",
            [tenant, person, person],
        )
    go("0025", command.downgrade)
    without = found()
    assert not {row for row in without if row[0] == "approvals" or "person" in row[1]}
    go("head", command.upgrade)
    assert found() == whole
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        kept = connection.execute("SELECT id, person_id FROM identity.principals").fetchall()
    assert kept == [(person, None)]
    go("0025", command.downgrade)
    assert found() == without
    go("head", command.upgrade)
