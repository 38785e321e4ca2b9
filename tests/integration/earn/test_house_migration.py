"""Houses that are there already go on selling earn at any rate; what was asked for of a policy without that line is asked for again."""

import psycopg
from alembic import command
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from rivermouth import migrate

OLD = {"custody": "own", "whitelist_delay_h": 24, "change_delay_h": 24, "limits": {}}


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

    def products(tenant):
        return set(one("SELECT products FROM identity.tenant_settings WHERE tenant_id = %s", tenant)[0])

    go("0047", command.downgrade)
    go("-1", command.downgrade)
    tenant, change = uuid7(), uuid7()
    one("INSERT INTO identity.tenants (id, name) VALUES (%s, 'House')", tenant)
    one(
        """INSERT INTO identity.policy_changes (tenant_id, id, base_version, before, after, loosens, delay_h, approval_id, asked_by,
                                                state, asked_at)
           VALUES (%s, %s, 1, %s, %s, '{whitelist_delay_h}', 24, %s, %s, 'waiting', now())""",
        tenant, change, Jsonb(OLD), Jsonb(OLD | {"whitelist_delay_h": 1}), uuid7(), uuid7(),
    )  # fmt: skip
    assert "earn" not in products(tenant)
    go("head", command.upgrade)
    assert products(tenant) == {"earn", "lending", "payments", "trading", "withdrawals"}
    assert one("SELECT highest_apr FROM identity.policies WHERE tenant_id = %s", tenant) == (1,)
    assert one("SELECT state, reason FROM identity.policy_changes WHERE id = %s", change) == ("ended", "overtaken")
    go("0047", command.downgrade)
    go("-1", command.downgrade)
    assert products(tenant) == {"lending", "payments", "trading"}
    one("UPDATE identity.policies SET version = 2, whitelist_delay_h = 48 WHERE tenant_id = %s", tenant)
    go("head", command.upgrade)
