"""People end what no machine can: another amount came, or nothing does. Two of them, and what is missing is a loss that the books name."""

import pytest

from identity.approvals.errors import ApprovalOwnRequest
from tests.moves_desk import D
from tests.notice_board import advance
from wallet_bridge.moves import errors, service, settling, tasks

LOSSES = "expense.treasury_losses:USDT"


def ask(desk, transfer, received, reason="statement of okx of today, line 7"):
    wish = settling.Wish(transfer_id=transfer, received=D(received), reason=reason)
    return settling.ask(tenant=desk.tenant, actor=desk.maker, wish=wish, key=None)


def arrived_short(desk):
    desk.ready("binance", "okx")
    transfer = desk.agreed()
    desk.simulator.fault("binance", "short_arrival", operation="withdraw")
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    desk.read_arrivals("okx", desk.at_state(transfer, "arrived"))
    return transfer


def lost(desk):
    """It has left, does not come, and was told as late."""
    desk.ready("binance", "okx")
    desk.simulator.control("POST", "/control/moves", {"delay_ms": 3_600_000})
    transfer = desk.agreed()
    desk.run_lane("binance", desk.at_state(transfer, "in_transit"))
    with pytest.raises(errors.TreasuryTransferNotOpen):
        ask(desk, transfer, "0")
    with desk.as_engine():
        advance(f"{3 * desk.transfer(transfer).minutes + 1} minutes")
        tasks.look_for_late(None)
    return transfer


def state_of(desk, approval_id):
    row = desk.engine.execute("SELECT state, reason FROM identity.approvals WHERE id = %s", [approval_id]).fetchone()
    return tuple(row)


@pytest.mark.parametrize(
    ("received", "loss", "there"), [("999", 1, 999), ("1000", 0, 1000), ("1002.5", D("-2.5"), D("1002.5"))]
)
def test_what_came_short_is_settled_by_two_people(desk, received, loss, there):
    transfer = arrived_short(desk)
    before = desk.total()
    assert settling.may_be(desk.transfer(transfer))
    asked = ask(desk, transfer, received)
    assert service.read(desk.tenant, transfer)[1].settle == asked
    desk.agree(asked)
    row = desk.transfer(transfer)
    assert not settling.may_be(row)
    assert (row.state, row.received_amount, row.settle_asked_by, row.settled_by) == (
        "settled", D(received), desk.maker, desk.checker,
    )  # fmt: skip
    assert row.ended_at is not None
    assert (desk.transit(), desk.venue_gained("okx", "USDT")) == (0, there)
    assert (-desk.sum_of(LOSSES), desk.total()) == (loss, before - loss)
    assert desk.told(transfer) == ["differs", "settled"]


def test_what_is_lost_is_a_loss_of_the_house(desk):
    transfer = lost(desk)
    approval_id = ask(desk, transfer, "0")
    with pytest.raises(ApprovalOwnRequest):
        desk.agree(approval_id, by=desk.maker)
    assert desk.transit() == 1000
    desk.agree(approval_id)
    assert (desk.state(transfer), desk.transit(), -desk.sum_of(LOSSES)) == ("settled", 0, 1000)
    with pytest.raises(errors.TreasuryTransferNotOpen):
        ask(desk, transfer, "0")


def test_one_that_comes_while_people_decide_is_not_lost(desk):
    """The second person agrees to a loss that is none any more."""
    transfer = lost(desk)
    approval_id = ask(desk, transfer, "0")
    core = desk.simulator.cores["binance"]
    (sent,) = [one for one in core.moves.every_withdrawal() if one.client_id == service.reference(transfer)]
    sent.arrives_ms = 0
    desk.read_arrivals("okx", desk.at_state(transfer, "closed"))
    desk.agree(approval_id)
    assert (desk.state(transfer), desk.transit(), desk.sum_of(LOSSES)) == ("closed", 0, 0)
    assert state_of(desk, approval_id)[0] == "void"


def test_less_than_is_booked_or_finer_than_the_books_is_refused(desk):
    transfer = arrived_short(desk)
    for received in ("998", "0", "999.00000000000000000000001"):
        with pytest.raises(errors.TreasuryReceivedUnfit):
            ask(desk, transfer, received)
    first, second = ask(desk, transfer, "999"), ask(desk, transfer, "1000")
    assert state_of(desk, first)[0] == "void"
    desk.agree(second)
    assert (desk.state(transfer), desk.venue_gained("okx", "USDT")) == ("settled", 1000)
