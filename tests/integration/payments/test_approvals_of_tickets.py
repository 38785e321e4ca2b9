"""Tickets of reconciliation in the inbox of approvals: the same proposal at two doors, carried out once, by another person."""

from __future__ import annotations

import pytest

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalOwnRequest, ApprovalVoid
from identity.approvals.states import ApprovalState
from kernel import db, outbox
from payments.reconciliation import second_person, service, tickets
from payments.reconciliation.errors import BreakNotOpen
from payments.reconciliation.states import BreakState, Resolution
from rivermouth.registry import CONSUMERS
from tests.ledger_books import as_engine
from tests.reconciliation_desk import FIRST, SECOND, D, balance, breaks, house_books, limits, run

__all__ = ["house_books"]
OWNERS = [consumer for consumer in CONSUMERS if consumer.name == "tickets"]


class Ticket:
    """A break of ten dollars in suspense, and both doors to it."""

    def __init__(self, books):
        self.books = books
        limits(books, dust=D("0.001"), daily_cap=D(1))
        books.place.reports = {"USDT": "990"}
        run(books)
        [found] = breaks(books)
        self.id = found.id

    def propose(self, resolution=Resolution.WRITE_OFF, by=FIRST):
        given = {"resolution": resolution, "account": None, "note": None, "key": None}
        tickets.propose(tenant=self.books.tenant, principal=by, item_id=self.id, **given)

    def waiting(self, reader=SECOND):
        found = approvals.page(
            tenant=self.books.tenant,
            reader=reader,
            box=None,
            state=None,
            kind=second_person.KIND,
            before=None,
            limit=10,
        )
        return [one for one in found if one.state is ApprovalState.REQUESTED]

    def approve(self, by=SECOND, one=None):
        one = one or self.waiting(by)[0]
        approvals.approve(tenant=self.books.tenant, by=by, approval_id=one.id, digest=one.digest, key=None)
        return one

    def events(self):
        with as_engine(self.books.database):
            while sum(outbox.consume(consumer) for consumer in OWNERS):
                pass

    @property
    def state(self):
        return service.get_break(self.books.tenant, self.id)[0].state

    def approval(self, approval_id):
        return approvals.read(tenant=self.books.tenant, reader=SECOND, approval_id=approval_id).state


@pytest.fixture
def ticket(house_books):
    return Ticket(house_books)


def test_a_proposal_waits_in_the_inbox_and_is_carried_out_once(ticket):
    ticket.propose()
    [one] = ticket.waiting()
    assert (one.summary["difference"], one.summary["resolution"], one.may_decide) == ("-10", "write_off", True)
    with pytest.raises(ApprovalOwnRequest):
        ticket.approve(by=FIRST, one=one)
    ticket.approve()
    assert ticket.state == BreakState.PROPOSED, "the engine carries it out"
    ticket.events()
    ticket.events()
    assert (ticket.state, ticket.approval(one.id)) == (BreakState.RESOLVED, ApprovalState.CARRIED_OUT)
    assert balance(ticket.books, "suspense:") == {}
    closed, _ = service.get_break(ticket.books.tenant, ticket.id)
    assert (closed.proposed_by, closed.confirmed_by) == (FIRST, SECOND)
    with db.read_only(tenant=ticket.books.tenant) as tx:
        actors = tx.all("SELECT actor FROM identity.audit_entries WHERE action = 'break.confirmed'")
    assert [row.actor for row in actors] == [SECOND]
    assert ticket.books.violations() == set()


def test_the_route_of_tickets_decides_the_same_approval(ticket):
    ticket.propose()
    [one] = ticket.waiting()
    tickets.confirm(tenant=ticket.books.tenant, principal=SECOND, item_id=ticket.id, key=None)
    assert (ticket.state, ticket.approval(one.id)) == (BreakState.RESOLVED, ApprovalState.CARRIED_OUT)
    ticket.events()
    assert ticket.books.violations() == set()


def test_agreed_to_in_the_inbox_and_then_at_the_route_is_done_once(ticket):
    ticket.propose()
    ticket.approve()
    with pytest.raises(BreakNotOpen):
        tickets.confirm(tenant=ticket.books.tenant, principal=SECOND, item_id=ticket.id, key=None)
    ticket.events()
    assert ticket.state == BreakState.RESOLVED


def test_a_no_in_the_inbox_opens_the_ticket_again_with_its_reason(ticket):
    ticket.propose()
    [one] = ticket.waiting()
    approvals.reject(tenant=ticket.books.tenant, by=SECOND, approval_id=one.id, reason="ask the bank first", key=None)
    ticket.events()
    found, notes = service.get_break(ticket.books.tenant, ticket.id)
    assert (found.state, found.proposed_by, [n.text for n in notes]) == ("ticketed", None, ["ask the bank first"])
    ticket.propose()
    assert len(ticket.waiting()) == 1


def test_another_proposal_is_another_request(ticket):
    ticket.propose()
    [first] = ticket.waiting()
    tickets.reject(tenant=ticket.books.tenant, principal=FIRST, item_id=ticket.id, note="wrong", key=None)
    ticket.propose(Resolution.BOOK_FEE)
    with pytest.raises(ApprovalVoid):
        ticket.approve(one=first)
    assert [one.summary["resolution"] for one in ticket.waiting()] == ["book_fee"]


def test_a_proposal_that_was_tampered_with_is_not_carried_out(ticket):
    ticket.propose()
    one = ticket.approve()
    with ticket.books.superuser() as superuser:
        superuser.execute("UPDATE payments.tickets SET resolution = 'book_fee' WHERE item_id = %s", (ticket.id,))
    ticket.events()
    assert (ticket.state, ticket.approval(one.id)) == (BreakState.PROPOSED, ApprovalState.VOID)


def test_what_was_proposed_before_there_was_an_inbox_is_confirmed_as_ever(ticket):
    ticket.propose()
    with ticket.books.superuser() as superuser:
        superuser.execute("DELETE FROM identity.approvals")
    tickets.confirm(tenant=ticket.books.tenant, principal=SECOND, item_id=ticket.id, key=None)
    assert ticket.state == BreakState.RESOLVED
