"""Corners of booking that only odd venues show."""

from decimal import Decimal as D


def test_a_fill_worth_less_than_a_unit_of_quote_is_booked_for_nothing(desk):
    order_id = desk.place()
    desk.answer(order_id, "partially_filled", desk.fill("0.00000001", "10"), complete=False)
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity, order.filled_cost, order.fee) == ("working", D("0.00000001"), 0, 0)
    assert (desk.gained("BTC"), desk.gained("USDT")) == (D("0.00000001"), 0)
    assert desk.hold_of(order_id)[1:] == (0, "open")
