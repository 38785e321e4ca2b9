"""What came below the books' smallest unit before it was carried is carried from the migration on, and goes back with it."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from kernel import db
from rivermouth import migrate
from tests.deposit_books import D


def test_what_came_before_is_carried_from_now_on(deposits, database):
    deposits.asset("FINE", 2)
    deposits.offered(asset="FINE", minimum_deposit=D(0))
    customer, address = deposits.payer()
    for n in range(2):
        deposits.feed(customer, address, "0.004", asset="FINE", output=n).at().deeper(3).all()

    def go(turn, to):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            configuration = migrate.configuration(connection)
            turn(configuration, to(ScriptDirectory.from_config(configuration)))
            connection.commit()
        engine.dispose()

    assert deposits.carried("FINE") == D("0.008")
    go(command.downgrade, lambda scripts: scripts.get_revision("0057").down_revision)
    assert deposits.carried("FINE") == 0
    go(command.upgrade, lambda _scripts: "head")
    assert deposits.carried("FINE") == D("0.008")
