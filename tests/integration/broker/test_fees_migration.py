"""The tables of fees come and go without a trace."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from rivermouth import migrate


def test_the_migration_goes_down_and_up_again(database):
    def columns():
        with psycopg.connect(roles.conninfo(database.owner)) as connection:
            return connection.execute(
                """SELECT table_schema, table_name, column_name FROM information_schema.columns
                    WHERE table_schema IN ('broker', 'markets', 'venues')
                   UNION ALL SELECT table_name, column_name, grantee || privilege_type FROM information_schema.column_privileges
                    WHERE table_schema IN ('broker', 'markets', 'venues')
                   UNION ALL SELECT n.nspname, p.proname, '' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = 'broker' ORDER BY 1, 2, 3"""
            ).fetchall()

    def go(to):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn = command.downgrade if to == "0018" else command.upgrade
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    go("0018")
    without = columns()
    go("0019")
    whole = columns()
    assert {("broker", "fills", "accounted"), ("broker", "orders", "maker_rate")} <= set(whole) - set(without)
    go("0018")
    assert columns() == without
    go("head")
