"""Runs of the payout as staff sees them, rows that the ledger refuses, and the watch that tells when payouts are late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from earn.payouts import queries, tasks, watching
from kernel import db
from kernel.ids import uuid7
from tests.earn_books import utc
from tests.ledger_books import as_engine

SALE, DUE = date(2031, 1, 30), utc(2031, 2, 28)
DAY = timedelta(days=1)


@pytest.fixture
def sold(earn):
    """Two customers with a coupon due at the end of February, one of whom has an account that takes nothing any more."""
    earn.at(utc(2031, 1, 30, 9))
    one = earn.day(earn.template(), SALE)
    anna, ben = earn.saver(), earn.saver()
    mine = [earn.subscribe(customer, one, "1000") for customer in (anna, ben)]
    return earn, anna, ben, mine


def freeze(earn, customer, status="closed"):
    """The account as a decision of staff leaves it: closed while something is still owed to its owner."""
    with earn.superuser() as owner:
        owner.execute("UPDATE payments.accounts SET status = %s WHERE owner = %s", [status, customer])


def watched(earn, at):
    """What is told to staff when the watch looks at a moment, and which incidents are open then."""
    earn.at(at)
    with as_engine(earn.database):
        tasks.watch(at)
    told = earn.engine.execute(
        "SELECT payload FROM kernel.outbox WHERE topic = 'earn.payouts_late.v1' ORDER BY id"
    ).fetchall()
    still = earn.engine.execute("SELECT name FROM payments.incidents WHERE kind = 'late' AND state = 'open' ORDER BY 1")
    return [(row[0]["what"], row[0]["rows"], row[0]["reasons"]) for row in told], [row[0] for row in still.fetchall()]


def runs(earn):
    return watching.runs(earn.tenant, before=None, limit=10)


def test_a_run_says_what_it_paid_and_what_is_left(sold):
    earn, _, ben, (_, refused) = sold
    freeze(earn, ben)
    earn.at(DUE)
    assert earn.hour() == 1
    freeze(earn, ben, "open")
    before = watching.refusals(earn.tenant, after=None, limit=10)
    assert [(row.subscription_id, row.seq, row.customer_id, row.reason) for row in before] == [
        (refused, 1, ben, "account_closed")
    ]
    earn.at(DUE + timedelta(hours=1))
    assert earn.hour() == 1
    newest, oldest = runs(earn)
    assert (newest.paid, newest.refused, newest.still_due) == (1, 0, 0)
    assert newest.due_by > oldest.due_by
    assert (oldest.paid, oldest.refused, oldest.still_due, oldest.state.value) == (1, 1, 0, "ended")
    assert oldest.ended_at is not None
    assert watching.refusals(earn.tenant, after=None, limit=10) == [], "it is paid by now"
    assert [run.id for run in watching.runs(earn.tenant, before=newest.id, limit=10)] == [oldest.id]


def test_a_refused_row_names_the_last_run_that_tried(sold):
    earn, _, ben, _ = sold
    freeze(earn, ben)
    for hour in range(3):
        earn.at(DUE + timedelta(hours=hour))
        earn.hour()
    (row,) = watching.refusals(earn.tenant, after=None, limit=10)
    newest = runs(earn)[0]
    assert (row.run_id, newest.refused, newest.still_due) == (newest.id, 1, 1)
    assert row.first_at < row.last_at
    assert watching.refusals(earn.tenant, after=(row.subscription_id, row.seq), limit=10) == []
    freeze(earn, ben, "open")
    earn.hour()


def test_a_run_that_was_not_heard_of_is_dead(sold):
    earn, *_ = sold
    earn.at(DUE)
    with db.transaction(tenant=earn.tenant) as tx:
        queries.begin_run(tx, run := uuid7(), by=DUE)
    assert [(one.id, one.state.value, one.still_due) for one in runs(earn)] == [(run, "running", 2)]
    with earn.superuser() as owner:
        owner.execute("UPDATE earn.runs SET heard_at = heard_at - %s", [watching.SILENCE])
    assert runs(earn)[0].state.value == "died"
    with db.transaction(tenant=earn.tenant) as tx:
        queries.progress(tx, run, paid=1, refused=0)
    assert runs(earn)[0].state.value == "running", "it was heard of"


def test_a_payout_that_stops_is_told_once_until_it_runs_again(sold):
    earn, *_ = sold
    earn.at(DUE - DAY)
    earn.hour()
    assert watched(earn, DUE - timedelta(hours=1)) == ([], [])
    assert watched(earn, DUE + DAY) == ([("stopped", 2, "")], ["earn.payouts.stopped"])
    assert watched(earn, DUE + DAY + timedelta(hours=1))[0] == [("stopped", 2, "")], "it is not told again"
    assert earn.hour() == 2
    assert watched(earn, DUE + DAY + timedelta(hours=2)) == ([("stopped", 2, "")], [])


def test_a_new_house_is_not_late(sold):
    """Nothing has ever run there: the day counts from its first plan."""
    earn, *_ = sold
    assert watched(earn, utc(2031, 1, 31, 8)) == ([], [])
    assert watched(earn, utc(2031, 1, 31, 10)) == ([("stopped", 0, "")], ["earn.payouts.stopped"])


def test_rows_that_stay_due_are_told_with_the_reason_or_without(sold):
    earn, _, ben, (left, _) = sold
    freeze(earn, ben)
    for day in range(2):
        earn.at(DUE + day * DAY)
        with db.transaction(tenant=earn.tenant) as tx:  # somebody holds the subscription whenever the payout comes by
            tx.execute("SELECT FROM earn.subscriptions WHERE id = :id FOR UPDATE", id=left)
            in_another_thread(earn)
    told, still = watched(earn, DUE + DAY + timedelta(minutes=1))
    assert sorted(told) == [("refused", 1, "account_closed"), ("rows", 1, "")]
    assert still == ["earn.payouts.refused", "earn.payouts.rows"]
    freeze(earn, ben, "open")
    assert earn.hour() == 2
    assert watched(earn, DUE + DAY + timedelta(hours=1))[1] == []


def in_another_thread(earn):
    """A thread has no transaction open."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(earn.hour).result()
