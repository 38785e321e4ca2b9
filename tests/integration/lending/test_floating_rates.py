"""Floating loans keep floating whatever the product charges by now, and every one of them hears of a new rate before it counts, once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel import outbox
from lending.funding import service as funding
from lending.life import accruing, queries, repricing
from lending.loans import queries as loans
from lending.loans import steps
from lending.products import queries as products
from notices import tasks
from tests.integration.lending.test_loan_days import broken, in_the_engine, lend, receivable
from tests.ledger_books import as_engine

D = Decimal
TELLER = outbox.BatchConsumer("notices", tasks.TOPICS, tasks.tell_people)


@pytest.fixture
def floating(lender):
    """A product that floats at 10 %: five of its line and a spread."""
    product = lender.product(rate_mode="FLOATING", rate="0", spread="0.05")
    with lender.tx() as tx:
        products.begin_index(tx, product, today=tx.now.date(), rate=D("0.10"))
    return product


def line_costs(lender, rate):
    with lender.tx() as tx:
        funding.change(tx, lender.line, limit=None, rate=D(rate))


def steps_of(lender, product):
    rows = lender.engine.execute(
        "SELECT rate FROM lending.rate_indexes WHERE product_id = %s ORDER BY from_day", (product,)
    ).fetchall()
    return [rate for (rate,) in rows]


def told(lender):
    """(loan, rate in per cent) of each notice; the customers of these tests have one loan each."""
    with as_engine(lender.database):
        while outbox.consume_together(TELLER):
            pass
    rows = lender.engine.execute(
        "SELECT params ->> 'loan', params ->> 'rate' FROM notices.notices WHERE kind = 'loan_rate_announced' ORDER BY 1, 2"
    ).fetchall()
    return [(loan, rate) for loan, rate in rows]


# ------------------------------------------------------------------------------------------------------------------ kept by the loans


def test_the_loans_of_a_floating_version_float_on_after_a_fixed_one_followed(lender, floating):
    loan_id = lend(lender, floating, "36500", rate="0.10", btc="2")
    lender.next_version(floating, rate_mode="FIXED", rate="0.12", spread="0", day_count="actual/360")
    line_costs(lender, "0.15")
    in_the_engine(lender, repricing.announce, repricing.announce)
    assert steps_of(lender, floating) == [D("0.10"), D("0.20")]
    in_the_engine(lender, accruing.book_days, days=7)
    assert receivable(lender, floating) == D("69.999999")  # ten a day until the rate begins; kept rounded down
    in_the_engine(lender, accruing.book_days, days=2)
    assert receivable(lender, floating) == D("109.999999")  # twenty a day from then on
    with lender.locked(loan_id) as (tx, loan, version, on):
        assert steps.charge_interest(tx, loan, version, on).interest_owed == 110
    assert not broken(lender)


def test_they_float_on_when_the_product_is_offered_no_more(lender, floating):
    lend(lender, floating, "36500", rate="0.10", btc="2")
    lender.engine.execute("UPDATE lending.loan_products SET status = 'retired' WHERE id = %s", (floating,))
    line_costs(lender, "0.01")
    in_the_engine(lender, repricing.announce)
    assert steps_of(lender, floating) == [D("0.10"), D("0.06")]


def test_a_later_floating_version_goes_on_with_an_index_that_never_stood_still(lender, floating):
    lender.next_version(floating, rate_mode="FIXED", rate="0.12", spread="0")
    line_costs(lender, "0.15")
    in_the_engine(lender, repricing.announce)
    number = lender.next_version(floating, rate_mode="FLOATING", rate="0", spread="0.05")
    in_the_engine(lender, repricing.announce, days=7)
    with lender.tx() as tx:
        today = loans.rate_steps(tx, floating, until=steps.today(tx))
        assert (number, today[-1].rate) == (3, D("0.20"))


# --------------------------------------------------------------------------------------------------------------------- told of it


def test_each_floating_loan_hears_of_a_rate_before_it_counts_and_no_other_one(lender, floating):
    first, second = (lend(lender, floating, "1000", rate="0.10") for _ in range(2))
    lend(lender, lender.product(), "1000")
    line_costs(lender, "0.075")
    in_the_engine(lender, repricing.announce, repricing.tell, repricing.tell)
    assert told(lender) == sorted([(str(first), "12.5"), (str(second), "12.5")])
    params = lender.engine.execute("SELECT params FROM notices.notices WHERE kind = 'loan_rate_announced'").fetchone()[
        0
    ]
    [day] = {row[0] for row in lender.engine.execute(
        "SELECT payload ->> 'from_day' FROM lending.loan_events WHERE kind = 'rate_announced'"
    )}  # fmt: skip
    assert (params["day"], params["before"]) == (day, "10")
    assert day == (lender.loan(first).opened_on + timedelta(days=7)).isoformat()
    in_the_engine(lender, repricing.tell, days=8)
    assert len(told(lender)) == 2


def test_a_loan_that_begins_before_the_day_hears_of_it_and_one_that_begins_on_it_does_not(lender, floating):
    line_costs(lender, "0.15")
    in_the_engine(lender, repricing.announce, repricing.tell, days=0)
    lender.days_pass(6)
    before = lend(lender, floating, "1000", rate="0.10")
    in_the_engine(lender, repricing.tell)
    lender.days_pass(1)
    lend(lender, floating, "1000", rate="0.20")
    in_the_engine(lender, repricing.tell)
    assert told(lender) == [(str(before), "20")]


def test_two_changes_are_two_messages(lender, floating):
    loan = lend(lender, floating, "1000", rate="0.10")
    line_costs(lender, "0.15")
    in_the_engine(lender, repricing.announce, repricing.tell)
    line_costs(lender, "0.01")
    in_the_engine(lender, repricing.announce, repricing.tell, days=1)
    assert told(lender) == [(str(loan), "20"), (str(loan), "6")]
    line_costs(lender, "0.07")
    in_the_engine(lender, repricing.announce, days=1)
    line_costs(lender, "0.08")
    late = lend(lender, floating, "1000", rate="0.10")
    in_the_engine(lender, repricing.announce, repricing.tell, days=1)
    assert [rate for loan, rate in told(lender) if loan == str(late)] == ["12", "13", "20", "6"]
    assert lender.events(late) == ["opened", *["rate_announced"] * 4]


def test_many_are_told_in_small_transactions_and_an_engine_that_dies_between_them_tells_nobody_twice(
    lender, floating, monkeypatch
):
    five = [str(lend(lender, floating, "1000", rate="0.10")) for _ in range(5)]
    line_costs(lender, "0.15")
    monkeypatch.setattr(repricing, "_PAGE", 2)
    real, calls = outbox.publish_all, []

    class Killed(BaseException):
        """What no handler of errors catches, as nothing catches the end of a process."""

    def dying(tx, facts):
        calls.append(len(facts))
        real(tx, facts)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(outbox, "publish_all", dying)
    with pytest.raises(Killed):
        in_the_engine(lender, repricing.announce, repricing.tell)
    assert len(told(lender)) == 2
    in_the_engine(lender, repricing.tell, repricing.tell)
    assert told(lender) == sorted((loan, "20") for loan in five)
    assert calls == [2, 2, 2, 1]


def test_a_loan_that_cannot_be_told_keeps_nobody_else_waiting(lender, floating, monkeypatch):
    good, bad = (lend(lender, floating, "1000", rate="0.10") for _ in range(2))
    line_costs(lender, "0.15")
    real = queries.note_rates

    def failing(tx, news):
        if bad in {loan for loan, _ in news}:
            raise RuntimeError("its timeline is broken")
        return real(tx, news)

    monkeypatch.setattr(queries, "note_rates", failing)
    in_the_engine(lender, repricing.announce, repricing.tell)
    assert told(lender) == [(str(good), "20")]
    monkeypatch.undo()
    in_the_engine(lender, repricing.tell)
    assert told(lender) == sorted([(str(good), "20"), (str(bad), "20")])
