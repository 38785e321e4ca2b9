"""Attack 45: the maker approves, by the same or another account, or after losing the role. Refused, at every door that asks for two."""

from __future__ import annotations

import pytest

from broker.decisions import service as decisions
from broker.decisions.errors import DeciderMustDiffer
from broker.decisions.states import Verdict
from identity.principals import service as principals
from kernel.calls.outcomes import Unknown
from kernel.ids import uuid7
from payments.errors import SecondPersonRequired
from payments.reconciliation import tickets
from payments.reconciliation.states import Resolution
from tests.integration.broker.conftest import desk
from tests.integration.identity.test_approvals import AGAIN, LEAVER, SECOND, inbox, problem
from tests.integration.payments.conftest import books
from tests.reconciliation_desk import D, breaks, house_books, limits, run

__all__ = ["books", "desk", "house_books", "inbox"]


def test_45_nobody_decides_what_they_asked_for(inbox):
    asked = inbox.ask()
    assert problem(inbox.approve("finance", asked)) == (403, "approval_own_request")
    assert problem(inbox.reject("finance", asked)) == (403, "approval_own_request")
    assert inbox.state(asked) == "requested"


def test_45_a_second_account_of_the_same_person_is_no_second_person(inbox):
    before = inbox.ask()
    assert inbox.get(AGAIN, f"/{before}").json()["may_decide"] is True
    assert principals.same_person(inbox.house.first, ["finance@first.example", AGAIN]) == 2
    for asked in (before, inbox.ask()):
        assert problem(inbox.approve(AGAIN, asked)) == (403, "approval_own_request")
        assert problem(inbox.reject(AGAIN, asked)) == (403, "approval_own_request")
        seen = inbox.get(AGAIN, f"/{asked}").json()
        assert (seen["own"], seen["may_decide"]) == (True, False)
        assert str(asked) in inbox.ids(AGAIN, box="asked")
        assert str(asked) not in inbox.ids(AGAIN, box="to_decide")
    mine = inbox.ask(maker=inbox.house.ids[AGAIN])
    assert problem(inbox.approve("finance", mine)) == (403, "approval_own_request")
    assert inbox.approve(SECOND, mine).status_code == 200


def test_45_who_lost_the_role_decides_nothing(inbox):
    asked = inbox.ask()
    inbox.headers(LEAVER)
    inbox.set_roles(LEAVER, "support")
    assert problem(inbox.approve(LEAVER, asked)) == (403, "approval_own_request")
    assert problem(inbox.reject(LEAVER, asked)) == (403, "approval_own_request")
    assert inbox.get(LEAVER, f"/{asked}").status_code == 404
    assert str(asked) not in inbox.ids(LEAVER)
    mine = inbox.ask(maker=inbox.house.ids[LEAVER])
    assert problem(inbox.approve(LEAVER, mine)) == (403, "approval_own_request")
    assert inbox.get(LEAVER, f"/{mine}").json()["own"] is True
    inbox.set_roles(LEAVER, "finance")
    assert inbox.approve(LEAVER, asked).status_code == 200


def joined(books, role="finance"):
    """Two accounts of one person, and a third of somebody else."""
    maker, other, second = (books.staff(role=role) for _ in range(3))
    emails = [f"{one}@house.example" for one in (maker, other)]
    assert principals.same_person(books.tenant, emails) == 2
    return maker, other, second


def test_45_a_second_account_confirms_no_ticket_of_reconciliation(house_books):
    limits(house_books, dust=D("0.001"), daily_cap=D(1))
    house_books.place.reports = {"USDT": "990"}
    run(house_books)
    [found] = breaks(house_books)
    maker, other, second = joined(house_books)
    given = {"tenant": house_books.tenant, "item_id": found.id, "key": None}
    tickets.propose(**given, principal=maker, resolution=Resolution.WRITE_OFF, account=None, note=None)
    for who in (maker, other):
        with pytest.raises(SecondPersonRequired):
            tickets.confirm(**given, principal=who)
    tickets.confirm(**given, principal=second)
    assert house_books.violations() == set()


def test_45_a_second_account_confirms_no_decision_about_a_venue_order(desk):
    order_id = desk.place(quantity="0.5")
    desk.apply(order_id, Unknown("timeout"))
    desk.engine.execute("UPDATE kernel.calls SET state = 'manual' WHERE payload->>'order_id' = %s", [str(order_id)])
    [child] = desk.children(order_id)
    maker, other, second = joined(desk, "treasury")
    made = decisions.propose(
        tenant=desk.tenant, principal=maker, venue_order_id=child.id, verdict=Verdict.NOT_PLACED, fills=(),
        evidence="the venue's support said so", key=str(uuid7()),
    )  # fmt: skip
    for who in (maker, other):
        with pytest.raises(DeciderMustDiffer):
            decisions.confirm(tenant=desk.tenant, principal=who, decision_id=made.id)
    assert decisions.confirm(tenant=desk.tenant, principal=second, decision_id=made.id).status == "confirmed"
