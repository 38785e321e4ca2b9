"""Funding lines: what is drawn, what goes back, and what the days in between cost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.day_count import DayCount
from kernel.ids import uuid7
from lending import accounts
from lending.funding import errors, queries, service
from lending.funding.service import Wish
from lending.funding.states import Adapter, MoveStatus
from tests.ledger_books import as_engine

D = Decimal


def wish(**changes):
    given = {"name": "house USDT", "adapter": Adapter.LEDGER, "source": "partner", "asset": "USDT"}
    return Wish(**{**given, "limit": D(100_000), "rate": D("0.05"), "day_count": DayCount.ACTUAL_365, **changes})


@pytest.fixture
def line(books):
    with books.tx() as tx:
        return service.open_line(tx, wish())


def draw(books, line, amount, loan=None):
    loan = loan or uuid7()
    with books.tx() as tx:
        assert service.draw(tx, line_id=line, loan_id=loan, amount=D(amount))
    return loan


def repay(books, line, loan, amount):
    with books.tx() as tx:
        service.repay(tx, line_id=line, loan_id=loan, amount=D(amount))


def stands(books, line):
    with books.tx() as tx:
        return service.find(tx, line)


def owed(books, line):
    """(principal, cost) that the ledger says we owe the source, and the cash that came of it."""
    with books.tx() as tx:
        found = (
            accounts.funding_payable(tx, line, "USDT"),
            accounts.funding_interest(tx, line, "USDT"),
            accounts.cash(tx, "USDT"),
        )
    return tuple(books.exact(account)[0] for account in found)


def pass_days(database, days):
    with as_engine(database, later=timedelta(days=days)):
        pass


def test_money_comes_goes_back_and_has_cost_what_the_days_between_say(books, database, line):
    loan = draw(books, line, "24000")
    assert owed(books, line) == (24000, 0, -24000)
    pass_days(database, 30)
    repay(books, line, loan, "24000")
    cost = D("98.630136")  # 24,000 at 5 % for 30 days: 98.630136986…, rounded down once
    assert owed(books, line) == (0, 0, cost)
    with books.tx() as tx:
        expense = accounts.funding_expense(tx, "USDT")
        days = queries.cost_by_day(tx, line, since=tx.now.date() - timedelta(days=40))
        moved = queries.moves(tx, line, limit=10)
    assert books.exact(expense)[0] == -cost
    assert len(days) == 30
    assert sum(day.amount for day in days) == days[-1].total == cost
    assert [(move.kind, move.amount, move.status) for move in moved] == [
        ("cost", cost, MoveStatus.DONE), ("repay", 24000, MoveStatus.DONE), ("draw", 24000, MoveStatus.DONE)
    ]  # fmt: skip
    assert stands(books, line).drawn == 0
    assert not books.violations()


def test_a_day_is_booked_once_however_often_somebody_looks(books, database, line):
    draw(books, line, "1000")
    pass_days(database, 2)
    for _ in range(3):
        with books.tx() as tx:
            service.accrue(tx, line)
    draw(books, line, "1000")
    assert owed(books, line)[1] == D("0.273972")
    pass_days(database, 1)
    with books.tx() as tx:
        seen = service.accrue(tx, line)
    assert owed(books, line)[1] == D("0.547945")  # 1,000 for two days and 2,000 for one: 0.5479452054…
    assert D("0.547945205479452") < seen.accrued < D("0.547945205479453")


def test_many_days_of_little_money_are_rounded_once(books, database, line):
    draw(books, line, "0.010000")  # a day costs 0.00000137: by itself it would book nothing or twice too much
    pass_days(database, 365)
    with books.tx() as tx:
        service.accrue(tx, line)
    assert owed(books, line)[1] == D("0.000500")


def test_no_more_is_drawn_than_the_limit_allows(books, line):
    draw(books, line, "60000")
    with books.tx() as tx, pytest.raises(errors.FundingExhausted):
        service.draw(tx, line_id=line, loan_id=uuid7(), amount=D("40000.000001"))
    draw(books, line, "40000")
    with books.tx() as tx, pytest.raises(errors.FundingLimitTooLow):
        service.change(tx, line, limit=D(99_999), rate=None)
    assert stands(books, line).free == 0


def test_another_rate_counts_from_the_day_it_is_set(books, database, line):
    draw(books, line, "36500")
    pass_days(database, 1)
    with books.tx() as tx:
        service.change(tx, line, limit=None, rate=D("0.10"))
    pass_days(database, 1)
    with books.tx() as tx:
        service.accrue(tx, line)
        assert service.rate(tx, line, tx.now.date()) == D("0.10")
    assert owed(books, line)[1] == D("15")  # 5 of the first day, 10 of the second


def test_a_loan_gives_back_what_was_drawn_for_it_and_no_more(books, line):
    mine, other = draw(books, line, "100"), draw(books, line, "50")
    repay(books, line, mine, "120")  # its principal held a fee that never came from the source
    assert stands(books, line).drawn == 50
    repay(books, line, mine, "1")
    assert stands(books, line).drawn == 50
    repay(books, line, other, "20")
    assert owed(books, line)[0] == 30


def test_a_line_of_somebody_else_is_no_line(books, line):
    books.tenant = uuid7()
    with books.tx() as tx, pytest.raises(errors.FundingLineNotFound):
        service.draw(tx, line_id=line, loan_id=uuid7(), amount=D(1))


def test_many_draw_at_once_and_the_limit_holds(books, line):
    def one(_):
        try:
            draw(books, line, "30000")
        except errors.FundingExhausted:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 3
    assert stands(books, line).drawn == 90_000
    assert owed(books, line)[0] == 90_000
