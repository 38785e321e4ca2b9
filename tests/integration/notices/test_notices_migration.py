"""The tables of notices come and go without a trace."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from rivermouth import migrate


def test_the_migration_goes_down_and_up_again(database):
    def everything():
        with psycopg.connect(roles.conninfo(database.owner)) as connection:
            return connection.execute(
                """SELECT nspname, '', '' FROM pg_namespace
                   UNION ALL SELECT table_schema, table_name, column_name FROM information_schema.columns
                    WHERE table_schema IN ('notices', 'identity', 'kernel')
                   UNION ALL SELECT table_name, column_name, grantee || privilege_type
                     FROM information_schema.column_privileges WHERE table_schema IN ('notices', 'identity', 'kernel')
                   ORDER BY 1, 2, 3"""
            ).fetchall()

    def go(turn, to):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    go(command.downgrade, "0028")  # from whatever came later
    whole = everything()
    assert ("notices", "notices", "dedup_key") in whole
    go(command.downgrade, "0027")
    without = everything()
    assert not {row for row in without if "notices" in row}
    go(command.upgrade, "0028")
    assert everything() == whole
    go(command.downgrade, "0027")
    assert everything() == without
