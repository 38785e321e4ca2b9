"""Houses that are there already pay out; and there is a way back."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate


def test_a_house_comes_there_and_back(database):
    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    def one(statement, *given):
        with psycopg.connect(roles.conninfo(database.superuser)) as connection:
            done = connection.execute(statement, given)
            return done.fetchone() if done.description else None

    def sold(tenant):
        return one("SELECT products FROM identity.tenant_settings WHERE tenant_id = %s", tenant)[0]

    go("0050", command.downgrade)
    go("-1", command.downgrade)
    tenant = uuid7()
    one("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", tenant)
    assert "withdrawals" not in sold(tenant)
    go("head", command.upgrade)
    assert "withdrawals" in sold(tenant)
    go("0050", command.downgrade)
    go("-1", command.downgrade)
    assert "withdrawals" not in sold(tenant)
    assert one("SELECT to_regclass('wallet_bridge.withdrawals'), to_regclass('wallet_bridge.address_book')") == (
        None,
        None,
    )
    go("head", command.upgrade)
