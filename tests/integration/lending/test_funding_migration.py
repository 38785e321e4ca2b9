"""What the rows of funding lines may say, and how a house comes there that has others."""

import psycopg
import pytest
from alembic import command
from psycopg.errors import CheckViolation
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.day_count import DayCount
from kernel.ids import uuid7
from lending.funding import service
from lending.funding.states import Adapter
from rivermouth import migrate
from tests.ledger_books import as_engine

ROW = {
    "adapter": "ledger",
    "source": "partner",
    "line_limit": 1000,
    "rate": "0.05",
    "day_count": "actual/365",
    "drawn": 0,
}


def insert(connection, tenant, **changes):
    row = {**ROW, **changes, "tenant_id": tenant, "id": uuid7(), "asset": "USDT"}
    row["name"] = str(row["id"])
    names = ", ".join(row)
    connection.execute(
        f"INSERT INTO lending.funding_lines ({names}, accrued_through, created_at)"
        f" VALUES ({', '.join(f'%({name})s' for name in row)}, current_date, now())",
        row,
    )
    return row["id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_count": "actual/364"}, {"adapter": "bank"}, {"adapter": "bitfinex", "source": "kraken"}, {"source": ""},
        {"line_limit": -1}, {"rate": "-0.01"}, {"drawn": -1}, {"drawn": 1001},
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_the_code_could_not_read_is_no_row(database, wrong):
    with psycopg.connect(roles.conninfo(database.engine)) as engine, pytest.raises(CheckViolation):
        insert(engine, uuid7(), **wrong)


def test_every_word_of_the_code_is_a_word_of_the_rows(database):
    with psycopg.connect(roles.conninfo(database.engine)) as engine:
        for word in DayCount:
            insert(engine, uuid7(), day_count=word.value)
        for word in Adapter:
            insert(engine, uuid7(), adapter=word.value, source=word.value)


def test_rows_from_before_can_be_read_afterwards(database):
    def go(to, turn):
        made = create_engine(db.normalise(database.owner))
        with made.connect() as connection:
            turn(migrate.configuration(connection), to)
            connection.commit()
        made.dispose()

    tenant = uuid7()
    go("0039", command.downgrade)
    go("-1", command.downgrade)
    with psycopg.connect(roles.conninfo(database.engine)) as engine:
        line = insert(engine, tenant, day_count="actual/364")
        venue = insert(engine, tenant, adapter="bitfinex", source="house")
    go("head", command.upgrade)
    with as_engine(database):
        lines = {one.id: one for one in service.lines_of(tenant)}
    assert lines[line].day_count is DayCount.ACTUAL_365
    assert lines[venue].source == "bitfinex"
