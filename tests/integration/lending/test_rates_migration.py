"""Houses that are there already go on lending when the switch for it comes; it goes away again without a trace."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate


def test_every_house_lends_until_it_says_otherwise(database):
    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    def products(tenant):
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            return set(
                connection.execute(
                    "SELECT unnest(products) FROM identity.tenant_settings WHERE tenant_id = %s", [tenant]
                ).fetchall()
            )

    def make():
        tenant = uuid7()
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            connection.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", [tenant])
        return tenant

    def frozen_since():
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            return connection.execute(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'lending' AND table_name = 'loans'"
                " AND column_name = 'frozen_since'"
            ).fetchone()[0]

    new = make()
    assert products(new) >= {("payments",), ("trading",), ("lending",)}
    assert frozen_since() == 0
    go("0038", command.downgrade)
    go("-1", command.downgrade)
    old = make()
    assert products(new) == products(old) == {("payments",), ("trading",)}
    assert frozen_since() == 1
    go("head", command.upgrade)
    assert products(old) == products(new) >= {("payments",), ("trading",), ("lending",)}
