"""The tables of loans come and go without a trace."""

import psycopg
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from rivermouth import migrate


def test_the_migration_goes_down_and_up_again(database):
    def tables():
        with psycopg.connect(roles.conninfo(database.owner)) as connection:
            found = connection.execute(
                "SELECT table_name, grantee || privilege_type FROM information_schema.table_privileges WHERE table_schema = 'lending'"
            ).fetchall()
        return set(found)

    def go(to, turn):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        engine.dispose()

    ours = {"funding_lines", "loan_products", "loans", "liquidations", "accruals"}
    whole = tables()
    assert ours <= {name for name, _ in whole}
    go("0036", command.downgrade)
    go("-1", command.downgrade)
    assert not ours & {name for name, _ in tables()}
    go("head", command.upgrade)
    assert tables() == whole
