"""Funding lines as a source of reconciliation: the ledger beside the lines, and both beside what the venue says that it has lent us."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel import clock
from kernel.ids import uuid7
from lending.funding import readings, service
from lending.funding.service import Wish
from lending.funding.states import Adapter
from payments.reconciliation import service as reconciliation
from payments.reconciliation import sources
from payments.reconciliation.errors import ScopeUnknown
from payments.reconciliation.states import BreakState, Level
from rivermouth import lending_parts
from rivermouth.engine import lending as engine
from tests.ledger_books import as_engine
from tests.reconciliation_desk import FIRST, breaks, house_books, run
from venues.gateway import VenueUnreachable

__all__ = ["house_books"]

D = Decimal


@pytest.fixture
def books(house_books):
    sources.register("funding", *lending_parts.COMPARISONS)
    return house_books


def open_line(books, adapter=Adapter.LEDGER, source="partner"):
    with books.tx() as tx:
        wish = Wish(
            name=f"{adapter} line", adapter=adapter, source=source, asset="USDT", limit=D(10_000), rate=D("0.05")
        )
        return service.open_line(tx, wish)


def draw(books, line, amount="1000"):
    loan = uuid7()
    with books.tx() as tx:
        here = service.draw(tx, line_id=line, loan_id=loan, amount=D(amount))
    return loan, here


def at_the_venue(books, amount="1000", refs=("71", "72")):
    """A line whose money came from the venue, under these numbers."""
    line = open_line(books, Adapter.BITFINEX, "bitfinex")
    loan, here = draw(books, line, amount)
    assert not here
    [move] = books.engine.execute("SELECT id FROM lending.funding_moves WHERE loan_id = %s", (loan,)).fetchone()
    with books.tx() as tx:
        service.taken(tx, move, bid_ref="7", taken_refs=refs)
        service.drawn(tx, move)
    return line, loan


def says(books, _later=timedelta(hours=1), **taken):
    """The venue is read, long after anything that was booked so far: so nothing of it moves."""
    with as_engine(books.database):
        readings.store(books.tenant, Adapter.BITFINEX, "USDT", {ref[1:]: D(amount) for ref, amount in taken.items()})
    books.engine.execute(
        "UPDATE lending.funding_readings SET read_at = read_at + %s WHERE tenant_id = %s", (_later, books.tenant)
    )


def compared(books, **rest):
    done = run(books, source="funding", **rest)
    return done.compared, done.agreed, done.ticketed


def found(books):
    return [(one.reference, one.kind, one.difference) for one in reversed(breaks(books))]


def test_a_line_and_the_ledger_agree_on_what_is_drawn_and_what_it_costs(books, database):
    line = open_line(books)
    draw(books, line, "2400")
    with as_engine(database, later=timedelta(days=30)):
        pass
    with books.tx() as tx:
        service.accrue(tx, line)
    for level in Level:
        assert compared(books, level=level) == (2, 2, 0)


def test_each_difference_of_line_and_ledger_is_a_ticket_however_small_and_moves_nothing(books):
    line = open_line(books)
    draw(books, line)
    with books.superuser() as connection:
        connection.execute(
            "UPDATE lending.funding_lines SET drawn = drawn + 0.000001, accrued = 5 WHERE id = %s", (line,)
        )
    assert compared(books) == (2, 0, 2)
    assert found(books) == [(f"{line}:drawn", "wrong_amount", D("-0.000001")), (f"{line}:cost", "wrong_amount", D(-5))]
    assert {one.raw["line"] for one in breaks(books)} == {"ledger line"}
    assert [one.journal_id for one in breaks(books)] == [None, None]
    with books.superuser() as connection:
        connection.execute("UPDATE lending.funding_lines SET drawn = 1000, accrued = 0 WHERE id = %s", (line,))
    assert compared(books) == (2, 2, 0)


def test_what_the_venue_lists_is_what_the_line_has_drawn(books):
    at_the_venue(books)
    assert compared(books) == (2, 2, 0), "nobody has read the venue yet"
    says(books, _71="600", _72="400")
    assert compared(books) == (3, 3, 0)


@pytest.mark.parametrize(
    ("taken", "gap", "missing"),
    [({"_71": "600"}, 400, "72"), ({}, 1000, "71, 72"), ({"_71": "600", "_72": "401"}, -1, "")],
)
def test_what_the_venue_says_otherwise_is_a_ticket_with_its_numbers(books, taken, gap, missing):
    line, _ = at_the_venue(books)
    says(books, **taken)
    assert compared(books) == (3, 2, 1)
    assert found(books) == [(f"{line}:bitfinex", "unknown", D(gap))]
    assert breaks(books)[0].raw["not_at_the_venue"] == missing
    compared(books)
    assert len(breaks(books, *BreakState)) == 1, "one ticket, however often it is seen"


def test_money_of_the_venue_that_no_line_knows_is_a_ticket(books):
    at_the_venue(books)
    says(books, _71="600", _72="400", _99="250")
    assert compared(books) == (4, 3, 1)
    assert found(books) == [("bitfinex:99", "missing_ours", D(-250))]


def test_while_a_bid_is_under_way_its_money_belongs_to_nobody_yet(books):
    line, _ = at_the_venue(books)
    draw(books, line, "250")
    says(books, _71="600", _72="400", _99="250")
    assert compared(books) == (3, 3, 0)


def test_what_goes_back_is_on_its_way_until_all_of_it_is_back(books):
    line, loan = at_the_venue(books)
    with books.tx() as tx:
        service.repay(tx, line_id=line, loan_id=loan, amount=D(1000))
    [move] = books.engine.execute(
        "SELECT id FROM lending.funding_moves WHERE loan_id = %s AND kind = 'draw'", (loan,)
    ).fetchone()
    with books.tx() as tx:
        service.returned(tx, move, "71")
    for still in ({"_71": "600", "_72": "400"}, {"_72": "400"}):  # read before the venue took it, and after
        says(books, **still)
        assert compared(books)[2] == 0
        assert {one.state for one in breaks(books)} <= {BreakState.OPEN}
    with books.tx() as tx:
        service.returned(tx, move, "72")
    books.engine.execute("UPDATE kernel.calls SET state = 'done', settled_at = now()")
    says(books)
    assert compared(books) == (3, 3, 0)
    assert breaks(books) == []
    says(books, _72="400")  # and there it is again
    compared(books)
    assert found(books) == [("bitfinex:72", "missing_ours", D(-400))]


def test_a_reading_from_before_a_draw_is_compared_with_what_was_drawn_then(books):
    at_the_venue(books)
    says(books, _later=timedelta(0))
    assert compared(books) == (3, 3, 0)


def test_one_line_by_its_name_and_no_other(books):
    open_line(books)
    at_the_venue(books)
    says(books, _71="600", _72="400", _99="250")
    assert compared(books, scope="ledger line") == (2, 2, 0)
    assert compared(books, scope="bitfinex line") == (3, 3, 0)
    started = reconciliation.start_run(
        tenant=books.tenant, principal=FIRST, level=Level.BATCH, source="funding", scope="no line"
    )
    done = reconciliation.run_now(books.tenant, started.id)
    assert (done.state, done.reason.split(":")[0]) == ("failed", ScopeUnknown.code)


class Lender:
    def __init__(self):
        self.asked, self.away = [], False

    async def taken(self, asset):
        self.asked.append(asset)
        if self.away:
            raise VenueUnreachable("away")
        return {"71": D("600.5")}


def test_the_engine_reads_what_lines_there_are_and_outlives_a_venue_that_is_away(books, monkeypatch):
    open_line(books)
    open_line(books, Adapter.BITFINEX, "bitfinex")
    lender, turns = Lender(), iter([True, False])

    class Keeper:
        def want(self, name):
            assert name == f"funding:{books.tenant}"

        def epoch(self, _name):
            return 1

    async def rest(_seconds):
        lender.away = next(turns, None)
        if lender.away is None:
            raise asyncio.CancelledError

    monkeypatch.setattr(engine.asyncio, "sleep", rest)
    before = clock.wall()
    with as_engine(books.database), pytest.raises(asyncio.CancelledError):
        asyncio.run(engine.read_funding(Keeper(), tenant=books.tenant, desk=lender))
    assert lender.asked == ["USDT"] * 3
    taken, read_at = books.engine.execute(
        "SELECT taken, read_at FROM lending.funding_readings WHERE tenant_id = %s", (books.tenant,)
    ).fetchone()
    assert taken == {"71": "600.5"}
    assert read_at >= before
