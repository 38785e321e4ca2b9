"""Sessions that were open when tokens got a table of their own stay open, there and back."""

import hashlib
from datetime import UTC, datetime, timedelta

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate


def test_open_sessions_survive_the_migration_up_and_down(database):
    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    def found(role, token):
        with psycopg.connect(roles.conninfo(getattr(database, role))) as connection:
            asked = "SELECT * FROM identity.principal_by_token(%s)"
            return connection.execute(asked, [hashlib.sha256(token).digest()]).fetchall()

    def held():
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            return connection.execute(
                "SELECT s.id, s.created_at, s.expires_at, s.ended_at FROM identity.sessions s ORDER BY 1"
            ).fetchall()

    tenant, principal, open_id, ended_id = (uuid7() for _ in range(4))
    now = datetime.now(UTC)
    go("0022", command.downgrade)
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        connection.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", [tenant])
        connection.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles) VALUES (%s, %s, 'customer', 'a@b.example', '{retail}')",
            [tenant, principal],
        )
        for session, token, ended in ((open_id, b"open", None), (ended_id, b"ended", now)):
            connection.execute(
                "INSERT INTO identity.sessions (tenant_id, id, principal_id, token_hash, created_at, expires_at, ended_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [tenant, session, principal, hashlib.sha256(token).digest(), now, now + timedelta(hours=12), ended],
            )
    before = held()
    go("head", command.upgrade)
    assert held() == before
    assert found("app", b"open") == found("engine", b"ended") == [(tenant, principal)]
    assert found("app", b"nobody's") == []
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        kept = connection.execute("SELECT session_id, kind, expires_at FROM identity.tokens ORDER BY 1").fetchall()
        assert kept == [(row[0], "access", row[2]) for row in before]
        connection.execute("DELETE FROM identity.tokens WHERE session_id = %s", [ended_id])
    go("0022", command.downgrade)
    assert held() == [row for row in before if row[0] == open_id]
    assert found("app", b"open") == [(tenant, principal)]
    go("head", command.upgrade)
    assert found("app", b"open") == [(tenant, principal)]
