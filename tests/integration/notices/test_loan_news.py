"""Customers are told of each level once a day, in their language, before anything is sold; staff of what needs a person."""

from decimal import Decimal

import pytest

from kernel import db, outbox
from kernel.ids import uuid7
from kernel.outbox import Fact
from lending.loans.events import CollateralChanged, Repaid
from notices import tasks
from notices.chat import tasks as chat_tasks
from tests.watch_desk import BRIEF, open_watch

TELLER = outbox.BatchConsumer("notices", tasks.TOPICS, tasks.tell_people)


@pytest.fixture
def watch(database, valkey_url):
    with open_watch(database, valkey_url) as desk:
        yield desk


def told(watch):
    while outbox.consume_together(TELLER):
        pass
    rows = watch.rows(
        "SELECT kind, params FROM notices.notices WHERE principal_id = :who ORDER BY id", who=watch.customer
    )
    return [row.kind for row in rows]


def test_each_level_once_a_day_and_never_a_hidden_one(watch):
    watch.lend(watch.book.product({"BTC": BRIEF}))
    for second, price in enumerate(("25500", "24900", "24599", "25400", "24899", "24590", "30000", "25500", "30000")):
        watch.see(second, price)
    assert told(watch) == ["loan_warning", "loan_margin_call", "loan_recovered"]
    row = watch.rows("SELECT params FROM notices.notices WHERE kind = 'loan_warning'")[0]
    assert row.params["prices"] == "BTC 25500"
    assert row.params["repay"] == "3600"
    assert row.params["debt"] == "24000"
    watch.see(86_400, "25500")
    assert told(watch)[3:] == ["loan_warning"], "the next day it is news again"


def test_the_alarms_of_staff_can_be_worded(watch):
    watch.lend(watch.book.product({"BTC": BRIEF}))
    for second in (1, 200):
        watch.see(second, None)
    facts = watch.rows("SELECT topic FROM kernel.outbox WHERE topic = ANY(:topics)", topics=list(chat_tasks.TOPICS))
    assert [fact.topic for fact in facts] == ["lending.price_frozen.v1"]


def test_what_happens_twice_alike_is_told_twice_and_what_is_delivered_twice_once(watch):
    """Half a coin more after half a coin less, and the interest of a month as of the month before."""
    loan, ten = uuid7(), Decimal(10)
    added = CollateralChanged(loan, watch.customer, "BTC", Decimal("0.5"), Decimal("1.5"), "auto")
    paid = Repaid(loan, watch.customer, "USDT", Decimal(0), Decimal(0), ten, Decimal(0), Decimal(1000), False, "auto")
    facts = [Fact(uuid7(), "a topic", fact) for fact in (added, paid, added, paid)]
    for _ in range(2):
        with db.transaction(tenant=watch.tenant) as tx:
            tasks.tell_people(tx, facts)
    assert sorted(told(watch)) == ["loan_repaid_by_itself"] * 2 + ["loan_topped_up"] * 2
