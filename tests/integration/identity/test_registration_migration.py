"""What registering needs comes and goes without a trace; whoever was shut out stays shut out."""

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
                    WHERE table_schema IN ('identity', 'notices')
                   UNION ALL SELECT relname, 'table', acl::text FROM pg_class, unnest(relacl) AS acl
                    WHERE relnamespace IN ('identity'::regnamespace, 'notices'::regnamespace)
                   UNION ALL SELECT conname, '', pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE connamespace = 'identity'::regnamespace AND contype = 'c'
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
    go("0028", command.downgrade)
    before = found()
    assert not {row for row in before if row[0] in {"registrations", "mail_links", "email_changes"}}
    go("head", command.upgrade)
    assert found() == whole
    with psycopg.connect(roles.conninfo(database.engine)) as engine:
        engine.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", [tenant])
        engine.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles, status)"
            " VALUES (%s, %s, 'customer', 'a@b.example', '{retail}', 'frozen')",
            [tenant, person],
        )
    go("0028", command.downgrade)
    assert found() == before
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        assert connection.execute("SELECT status FROM identity.principals").fetchall() == [("disabled",)]
    go("head", command.upgrade)
    assert found() == whole
