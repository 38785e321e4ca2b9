"""Customers of before levels existed are known to the house and go on; one that comes without a standing may nothing."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate


def test_customers_of_before_keep_what_they_could_do(database):
    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    tenant, customer, staff = uuid7(), uuid7(), uuid7()
    go("0028", command.downgrade)
    with psycopg.connect(roles.conninfo(database.superuser)) as connection:
        connection.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", [tenant])
        for who, kind, role in ((customer, "customer", "retail"), (staff, "staff", "finance")):
            connection.execute(
                "INSERT INTO identity.principals (tenant_id, id, kind, email, roles) VALUES (%s, %s, %s, %s, ARRAY[%s])",
                [tenant, who, kind, f"{kind}@b.example", role],
            )
    for _ in range(2):
        go("head", command.upgrade)
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            found = connection.execute(
                "SELECT customer_id, level, country, screening FROM identity.standings"
            ).fetchall()
            forced = connection.execute(
                "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'identity.principals'::regclass"
            ).fetchone()
        assert found == [(customer, 2, None, "vouched")]
        assert forced == (True,)
        go("0028", command.downgrade)
    go("head", command.upgrade)
