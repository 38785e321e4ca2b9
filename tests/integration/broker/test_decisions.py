"""A venue order that no answer settles: two people decide on evidence, and the venue's own evidence still wins."""

from decimal import Decimal

import pytest

from broker.decisions import errors, service
from broker.decisions.states import Verdict
from kernel.calls.outcomes import Unknown
from kernel.errors import NotFound
from kernel.ids import uuid7

D = Decimal
ALICE, BOB = uuid7(), uuid7()
WHY = "the venue's support confirmed it, ticket 4711"


@pytest.fixture
def lost(desk):
    """An order whose venue order waits for a person."""
    order_id = desk.place(quantity="0.5")
    desk.apply(order_id, Unknown("timeout"))
    desk.engine.execute("UPDATE kernel.calls SET state = 'manual' WHERE payload->>'order_id' = %s", [str(order_id)])
    return order_id


def fill(quantity="0.5", price="99970", trade="T1"):
    return {
        "trade_id": trade, "price": price, "quantity": quantity, "fee": "0.0005", "fee_asset": "BTC",
        "executed_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip


def propose(desk, order_id, verdict=Verdict.NOT_PLACED, fills=(), by=ALICE, **more):
    [child] = desk.children(order_id)
    made = service.propose(
        tenant=desk.tenant, principal=by, venue_order_id=child.id, verdict=verdict, fills=fills, evidence=WHY,
        key=more.get("key"),
    )  # fmt: skip
    return made.id


def carry_out(desk):
    with desk.as_engine():
        done = service.carry_out()
    assert desk.broken() == {}
    return done


def status(desk, decision):
    return service.read(desk.tenant, decision).status


def test_never_placed_gives_everything_back(desk, lost):
    [waiting] = service.waiting(desk.tenant)
    assert (waiting.order_id, waiting.quantity, waiting.decision_id) == (lost, D("0.5"), None)
    decision = propose(desk, lost)
    assert carry_out(desk) == 0, "one person alone decides nothing"
    assert (desk.order(lost).status, desk.held("USDT") > 0) == ("working", True)
    assert service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision).status == "confirmed"
    assert carry_out(desk) == 1
    assert (desk.order(lost).status, desk.held("USDT")) == ("rejected", 0)
    assert (status(desk, decision), service.waiting(desk.tenant)) == ("carried_out", [])
    assert carry_out(desk) == 0


def test_what_the_venue_did_is_booked_as_if_it_had_said_so(desk, lost):
    decision = propose(desk, lost, Verdict.ENDED, [fill()])
    service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    assert carry_out(desk) == 1
    order = desk.order(lost)
    assert (order.status, order.filled_quantity, desk.gained("BTC")) == ("filled", D("0.5"), D("0.5"))
    assert desk.held("USDT") == 0


def test_a_part_is_booked_and_the_rest_given_back(desk, lost):
    decision = propose(desk, lost, Verdict.ENDED, [fill("0.2")])
    service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    carry_out(desk)
    assert (desk.order(lost).status, desk.gained("BTC"), desk.held("USDT")) == ("cancelled", D("0.2"), 0)


def test_the_venue_s_answer_overtakes_a_decision(desk, lost):
    decision = propose(desk, lost)
    service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    desk.answer(lost, "filled", desk.fill("0.5"))
    desk.engine.execute("UPDATE kernel.calls SET state = 'done' WHERE payload->>'order_id' = %s", [str(lost)])
    assert carry_out(desk) == 0
    assert (status(desk, decision), desk.order(lost).status) == ("overtaken", "filled")


def test_who_proposed_does_not_confirm(desk, lost):
    decision = propose(desk, lost)
    with pytest.raises(errors.DeciderMustDiffer):
        service.confirm(tenant=desk.tenant, principal=ALICE, decision_id=decision)
    assert service.withdraw(tenant=desk.tenant, decision_id=decision).status == "withdrawn"
    with pytest.raises(errors.DecisionNotOpen):
        service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    again = propose(desk, lost, key="k")
    assert propose(desk, lost, key="k") == again, "the same key is the same proposal"
    with pytest.raises(errors.DecisionPending):
        propose(desk, lost, by=BOB)


def test_what_cannot_be_decided(desk, lost):
    fine = desk.place(quantity="0.1")
    with pytest.raises(errors.NothingToDecide):
        propose(desk, fine)
    with pytest.raises(NotFound):
        service.propose(
            tenant=desk.tenant, principal=ALICE, venue_order_id=uuid7(), verdict=Verdict.ENDED, fills=[], evidence=WHY, key=None
        )  # fmt: skip
    with pytest.raises(NotFound):
        service.confirm(tenant=desk.tenant, principal=BOB, decision_id=uuid7())
    impossible = (
        (Verdict.NOT_PLACED, [fill()]),
        (Verdict.ENDED, [fill("0.6")]),
        (Verdict.ENDED, [fill("0.1"), fill("0.1")]),
        (Verdict.ENDED, [fill(price="200000")]),
    )
    for verdict, fills in impossible:
        with pytest.raises(errors.ImpossibleFills):
            propose(desk, lost, verdict, fills)


def test_a_trade_of_another_venue_order_is_no_evidence(desk, lost):
    other = desk.place(quantity="0.1")
    desk.answer(other, "filled", desk.fill("0.1", trade="T9"))
    with pytest.raises(errors.ImpossibleFills):
        propose(desk, lost, Verdict.ENDED, [fill(trade="T9")])


def test_a_decision_that_cannot_be_booked_any_more_holds_up_no_other(desk, lost):
    decision = propose(desk, lost, Verdict.ENDED, [fill(trade="T8")])
    service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    other = desk.place(quantity="0.1")
    desk.answer(other, "filled", desk.fill("0.1", trade="T8"))
    assert carry_out(desk) == 0
    assert status(desk, decision) == "overtaken"
    assert desk.order(lost).status == "working"


def test_what_is_booked_counts_with_what_is_decided(desk, lost):
    desk.answer(lost, "open", desk.fill("0.2", trade="T1"), complete=False)
    with pytest.raises(errors.ImpossibleFills):
        propose(desk, lost, Verdict.ENDED, [fill("0.4", trade="T2")])
    with pytest.raises(errors.ImpossibleFills):
        propose(desk, lost, Verdict.NOT_PLACED)
    decision = propose(desk, lost, Verdict.ENDED, [fill("0.3", trade="T2")])
    service.confirm(tenant=desk.tenant, principal=BOB, decision_id=decision)
    assert carry_out(desk) == 1
    assert desk.order(lost).status == "filled"
