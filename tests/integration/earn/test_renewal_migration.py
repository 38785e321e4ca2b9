"""The way back from renewals holds the subscriptions that were renewed, and their successors."""

from datetime import date

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from kernel import db
from rivermouth import migrate
from tests.earn_books import utc

SALE = date(2031, 1, 30)


def test_what_was_renewed_comes_there_and_back(earn, database):
    earn.at(utc(2031, 1, 30, 9))
    template = earn.template(tenor="5D", payout="daily", renewals=["renew_all"], minimum="100", step="10")
    coupon, refused = earn.coupon(), earn.saver("1000")
    for saver in (earn.saver("1000"), refused):
        earn.subscribe(saver, earn.day(template, SALE), "1000", coupon=coupon)
    earn.engine.execute("UPDATE identity.standings SET level = 0 WHERE customer_id = %s", [refused])
    earn.at(utc(2031, 2, 5, 1))
    earn.hour()

    def statuses():
        rows = earn.engine.execute("SELECT status, count(*) FROM earn.subscriptions GROUP BY 1").fetchall()
        return dict(rows)

    def go(turn, to):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            configuration = migrate.configuration(connection)
            turn(configuration, to(ScriptDirectory.from_config(configuration)))
            connection.commit()
        engine.dispose()

    assert statuses() == {"active": 1, "paid_out": 1, "renewed": 1}
    go(command.downgrade, lambda scripts: scripts.get_revision("0043").down_revision)
    assert statuses() == {"active": 1, "paid_out": 2}
    go(command.upgrade, lambda _scripts: "head")
    assert statuses() == {"active": 1, "paid_out": 2}
    assert earn.engine.execute("SELECT count(*) FROM earn.subscriptions WHERE renewal <> 'pay_out'").fetchone() == (0,)
