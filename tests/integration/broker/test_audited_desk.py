"""Orders and decisions leave their entries: one each, in their own transaction, and none for what was denied."""

from decimal import Decimal

import pytest

from broker.controls.errors import TradingStopped
from broker.controls.service import set_switch
from broker.controls.states import Mode, Scope
from broker.decisions import service as decisions
from broker.decisions.states import Verdict
from broker.orders import amendments
from broker.orders.amendments import Change
from identity.audit import rules, service
from kernel import origin
from kernel.ids import SYSTEM, uuid7
from payments.errors import InsufficientFunds
from rivermouth import registry

D = Decimal
assert registry.SCHEDULES  # the process that knows the registry writes commands down


def entries(desk, resource=None, action=None):
    rows = service.page(desk.tenant, resource_id=resource and str(resource), action=action, limit=200)
    return [row for row in reversed(rows) if row.action.split(".")[0] in {"order", "decision", "control"}]


def test_an_order_s_life_is_told_by_those_who_changed_it(desk):
    with origin.bound(origin.Origin(request_id="r-1", address="192.0.2.7")):
        session = uuid7()
        origin.caller(principal=desk.owner, roles=["retail"], session_id=session)
        order_id = desk.place(limit="90000")
        amendments.amend(tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=Change(quantity=D("0.3")))
        desk.cancel(order_id)
    placed, amended, cancelled = entries(desk, order_id)
    assert [e.action for e in (placed, amended, cancelled)] == ["order.placed", "order.amended", "order.cancelled"]
    for entry in (placed, amended, cancelled):
        assert (entry.actor, entry.roles, entry.via, entry.credential) == (desk.owner, ["retail"], "session", session)
        assert (entry.address, entry.request_id, entry.resource_kind) == ("192.0.2.7", "r-1", "order")
    before = {
        "quantity": D("0.5"),
        "limit_price": D(90000),
        "stop_price": None,
        "display_quantity": None,
        "expires_at": None,
    }
    assert amended.before == rules.digest(before).hex()
    assert amended.before != amended.after
    assert cancelled.details == {"reason": "cancelled by the customer"}


def test_what_was_denied_leaves_nothing(desk):
    with pytest.raises(InsufficientFunds):
        desk.place(quantity="50", limit="90000")
    set_switch(
        tenant=desk.tenant, actor=uuid7(), scope=Scope.GLOBAL, target="", mode=Mode.NO_NEW, reason="drill", until=None
    )
    with pytest.raises(TradingStopped):
        desk.place(limit="90000")
    assert [e.action for e in entries(desk)] == ["control.set"]


def test_a_decision_names_both_people_and_the_product_that_carried_it_out(desk):
    order_id = desk.place()
    desk.sent(order_id)
    desk.engine.execute("UPDATE kernel.calls SET state = 'manual' WHERE payload->>'order_id' = %s", [str(order_id)])
    alice, bob = uuid7(), uuid7()
    made = decisions.propose(
        tenant=desk.tenant, principal=alice, venue_order_id=desk.children(order_id)[0].id, verdict=Verdict.NOT_PLACED, fills=[],
        evidence="their list", key=None,
    )  # fmt: skip
    decisions.confirm(tenant=desk.tenant, principal=bob, decision_id=made.id)
    with desk.as_engine():
        assert decisions.carry_out() == 1
    assert [(e.action, e.actor) for e in entries(desk, made.id)] == [
        ("decision.proposed", alice),
        ("decision.confirmed", bob),
        ("decision.carried_out", SYSTEM),
    ]
