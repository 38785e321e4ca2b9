"""The fee jumps up to the amount, or beyond it."""

import pytest


@pytest.mark.parametrize("fee", ["30", "31"])
def test_11_it_is_refused_and_nothing_is_negative(payouts, fee):
    anna = payouts.customer("100")
    to = anna.book()
    payouts.offer(withdrawal_fee=fee)
    answer = anna.withdraw("30", to)
    assert (answer.status_code, answer.json()["code"]) == (409, "fee_exceeds_amount")
    assert anna.has() == (100, 0)


def test_11_what_was_asked_for_keeps_the_fee_it_was_asked_at(payouts):
    anna = payouts.customer("100")
    made = anna.made("30", anna.book())
    payouts.offer(withdrawal_fee="29")
    payouts.report(made, "final")
    assert (anna.look(made["id"])["fee"], anna.has()) == ("1", (69, 0))
