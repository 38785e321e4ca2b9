"""The tables of programs come and go without a trace; no session of a program stays behind as a login of its customer."""

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from kernel import db, roles
from rivermouth import migrate

TENANT, WHO, CLIENT, CONNECTION, PERSONS, PROGRAMS = (f"01900000-0000-7000-8000-0000000000a{n}" for n in range(6))
ROWS = f"""
    INSERT INTO identity.tenants (id, name) VALUES ('{TENANT}', 'T');
    INSERT INTO identity.principals (tenant_id, id, kind, email, roles) VALUES ('{TENANT}', '{WHO}', 'customer', 'a@b.example', '{{retail}}');
    INSERT INTO identity.oauth_clients (tenant_id, id, key, name, grants, scopes, redirect_uris, created_at)
        VALUES ('{TENANT}', '{CLIENT}', 'rmc_{"a" * 22}', 'P', '{{authorization_code}}', '{{read}}', '{{https://x.example/}}', now());
    INSERT INTO identity.oauth_connections (tenant_id, id, client_id, principal_id, scopes, state, proposed_at, agreed_at)
        VALUES ('{TENANT}', '{CONNECTION}', '{CLIENT}', '{WHO}', '{{read}}', 'agreed', now(), now());
    INSERT INTO identity.sessions (tenant_id, id, principal_id, created_at, last_seen_at, expires_at)
        VALUES ('{TENANT}', '{PERSONS}', '{WHO}', now(), now(), now() + interval '1 day');
    INSERT INTO identity.sessions (tenant_id, id, principal_id, created_at, last_seen_at, expires_at, connection_id, scopes)
        VALUES ('{TENANT}', '{PROGRAMS}', '{WHO}', now(), now(), now() + interval '1 day', '{CONNECTION}', '{{read}}');
    INSERT INTO identity.tokens (tenant_id, token_hash, session_id, kind, created_at, expires_at)
        SELECT tenant_id, sha256(id::text::bytea), id, 'access', created_at, expires_at FROM identity.sessions;
"""


@pytest.fixture
def go(database):
    engine = create_engine(db.normalise(database.owner))

    def turn(direction, to):
        with engine.connect() as connection:
            getattr(command, direction)(migrate.configuration(connection), to)
            connection.commit()

    yield turn
    engine.dispose()


def test_the_migration_goes_down_and_up_again(database, go):
    def everything():
        with psycopg.connect(roles.conninfo(database.owner)) as connection:
            return connection.execute(
                """SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema = 'identity'
                   UNION ALL SELECT table_name, column_name, grantee || privilege_type
                     FROM information_schema.column_privileges WHERE table_schema = 'identity'
                   UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE connamespace = 'identity'::regnamespace
                   UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'identity'
                   UNION ALL SELECT tablename, policyname, roles::text FROM pg_policies WHERE schemaname = 'identity'
                   UNION ALL SELECT relname, relrowsecurity::text, relforcerowsecurity::text FROM pg_class
                    WHERE relnamespace = 'identity'::regnamespace
                   UNION ALL SELECT proname, '', '' FROM pg_proc WHERE pronamespace = 'identity'::regnamespace
                   ORDER BY 1, 2, 3"""
            ).fetchall()

    with create_engine(db.normalise(database.owner)).connect() as connection:
        before = ScriptDirectory.from_config(migrate.configuration(connection)).get_revision("0030").down_revision
    go("downgrade", "0030")  # from whatever came later
    whole = everything()
    assert ("identity", "oauth_clients", "secret_hash") in whole
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        connection.execute(ROWS)
    go("downgrade", before)
    without = everything()
    assert not [row for row in without if "oauth" in " ".join(map(str, row)) or "oidc" in " ".join(map(str, row))]
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        left = [str(row[0]) for row in connection.execute("SELECT id FROM identity.sessions")]
        tokens = connection.execute("SELECT count(*) FROM identity.tokens").fetchone()
    assert (left, tokens) == ([PERSONS], (1,))
    go("upgrade", "0030")
    assert everything() == whole
    go("downgrade", before)
    assert everything() == without
