"""A line whose money is taken at a venue: asked for once, told when it comes or not, and returned whole."""

import asyncio
from decimal import Decimal

import pytest

from kernel.calls import outcomes
from kernel.calls import queries as kernel_calls
from kernel.ids import uuid7
from lending import accounts
from lending.funding import errors, queries, service
from lending.funding.service import Wish
from lending.funding.sources import BID, RETURN
from lending.funding.states import Adapter, MoveStatus
from lending.funding.venue_calls import BidCalls, ReturnCalls
from lending.invariants import INVARIANTS
from venues import gateway as venues
from venues.bitfinex_funding import Bid

D = Decimal


class Venue:
    """Answers as it is told to; remembers what was asked of it."""

    def __init__(self):
        self.answer, self.found, self.returned, self.refuses = None, None, [], 0

    def ready(self):
        return True

    async def bid(self, *, asset, amount, rate):
        assert rate == D("0.00013698"), "a year's five per cent by the day, rounded down"
        return self.answer or Bid("7", "taken", amount, ("71", "72"))

    async def find(self, **_question):
        return self.found

    async def cancel(self, bid_id):
        self.found = Bid(bid_id, "ended", self.found.taken, self.found.refs)

    async def give_back(self, ref):
        if self.refuses:
            self.refuses -= 1
            return venues.Refused(reason="rejected", code="10001", text="not enough balance")
        self.returned.append(ref)
        return None


@pytest.fixture
def line(books):
    with books.tx() as tx:
        wish = Wish(
            name="Bitfinex USDT",
            adapter=Adapter.BITFINEX,
            source="bitfinex",
            asset="USDT",
            limit=D(10_000),
            rate=D("0.05"),
        )
        return service.open_line(tx, wish)


def ask_for(books, line, amount="1000"):
    loan = uuid7()
    with books.tx() as tx:
        assert not service.draw(tx, line_id=line, loan_id=loan, amount=D(amount))
    return loan


def carry(books, venue):
    """What the lane does: send every intent once, book its outcome."""
    kinds, again = {BID: BidCalls(venue), RETURN: ReturnCalls(venue)}, []
    while True:
        with books.tx() as tx:
            waiting = kernel_calls.intents(tx, lane=f"bitfinex:{books.tenant}", limit=10)
        if not waiting:
            return again
        for call in waiting:
            outcome = asyncio.run(kinds[call.kind].send(call))
            with books.tx() as tx:
                again.append((call, kinds[call.kind].apply(tx, call, outcome)))
            books.engine.execute("UPDATE kernel.calls SET state = 'done' WHERE id = %s", (call.id,))


def stands(books, line):
    with books.tx() as tx:
        found, moves = service.find(tx, line), queries.moves(tx, line, limit=9)
        payable, cash = accounts.funding_payable(tx, line, "USDT"), accounts.cash(tx, "USDT", venue="bitfinex")
    broken = {one.name for one in INVARIANTS if books.engine.execute(one.sql).fetchone()[0]}
    assert not broken | books.violations()
    return found.drawn, books.exact(payable)[0], books.exact(cash)[0], [move.status for move in reversed(moves)]


def told(books):
    rows = books.engine.execute(
        "SELECT topic FROM kernel.outbox WHERE topic LIKE 'lending.funding%' ORDER BY id"
    ).fetchall()
    return [topic.removeprefix("lending.") for (topic,) in rows]


def test_money_comes_later_is_booked_at_the_venue_and_goes_back_whole(books, line):
    venue, loan = Venue(), ask_for(books, line)
    assert stands(books, line)[:3] == (0, 0, 0)
    carry(books, venue)
    assert stands(books, line) == (1000, 1000, -1000, [MoveStatus.DONE])
    assert told(books) == ["funding_drawn.v1"]
    for amount in ("400", "600"):
        with books.tx() as tx:
            service.repay(tx, line_id=line, loan_id=loan, amount=D(amount))
        carry(books, venue)
        if amount == "400":  # the venue takes no part of it
            assert venue.returned == []
            assert stands(books, line)[0] == 1000
    assert venue.returned == ["71", "72"]
    assert stands(books, line) == (0, 0, 0, [MoveStatus.DONE] * 3)


def test_what_is_refused_frees_the_limit_and_the_loan_is_told(books, line):
    venue = Venue()
    venue.answer = venues.Refused(reason="rejected", code="10020", text="no")
    ask_for(books, line, "10000")
    carry(books, venue)
    assert (stands(books, line)[3], told(books)) == ([MoveStatus.REFUSED], ["funding_refused.v1"])
    ask_for(books, line, "10000")


def test_one_bid_at_a_time_for_a_bid_is_known_by_its_amount_only(books, line):
    ask_for(books, line)
    with books.tx() as tx, pytest.raises(errors.FundingBusy):
        service.draw(tx, line_id=line, loan_id=uuid7(), amount=D(1))


def test_a_bid_without_an_answer_is_asked_about_and_counts_once(books, line):
    venue = Venue()
    venue.answer = venues.Unknown(text="timed out")
    ask_for(books, line)
    [(call, _)] = carry(books, venue)
    assert stands(books, line)[3] == [MoveStatus.UNKNOWN]
    venue.found = Bid("7", "taken", D(1000), ("71",))
    found = asyncio.run(BidCalls(venue).ask(call))
    for _ in range(2):
        with books.tx() as tx:
            assert BidCalls(venue).apply(tx, call, found) is None
    assert (stands(books, line)[0], told(books)) == (1000, ["funding_drawn.v1"])


def test_what_came_in_part_goes_back_and_the_loan_is_told_no(books, line):
    venue = Venue()
    venue.answer = Bid("7", "open", D(300), ("71",))
    ask_for(books, line)
    [(call, again)] = carry(books, venue)
    assert again is not None, "it rests: ask again"
    with books.tx() as tx:
        BidCalls(venue).apply(tx, call, outcomes.Done(Bid("7", "ended", D(300), ("71",))))
    carry(books, venue)
    assert venue.returned == ["71"]
    assert (stands(books, line)[3], told(books)) == ([MoveStatus.REFUSED], ["funding_refused.v1"])


def test_money_that_turns_up_after_the_loan_was_told_no_goes_back(books, line):
    venue = Venue()
    venue.answer = venues.Unknown(text="timed out")
    ask_for(books, line)
    [(call, _)] = carry(books, venue)
    for outcome in (outcomes.NotPlaced(3), outcomes.Done(Bid("7", "taken", D(1000), ("71",)))):
        with books.tx() as tx:
            BidCalls(venue).apply(tx, call, outcome)
    carry(books, venue)
    assert (venue.returned, stands(books, line)[0]) == (["71"], 0)


def test_a_return_that_did_not_happen_is_asked_for_again(books, line):
    venue, loan = Venue(), ask_for(books, line)
    carry(books, venue)
    venue.refuses = 3
    with books.tx() as tx:
        service.repay(tx, line_id=line, loan_id=loan, amount=D(1000))
    carry(books, venue)
    assert sorted(venue.returned) == ["71", "72"]
    assert stands(books, line)[0] == 0
