"""Amounts that are no amounts: refused before anything is looked at, and nothing is written."""

import pytest

AMOUNTS = [
    "-1", "0", "-0", "1e-30", "1e40", "NaN", "Infinity", "-Infinity", "1,5", "１", "0x10", True, None, 1, 0.1 + 0.2, [], {}, "",
    " 1", "1.", ".5", "+1", "0.0000000000000000001", "9" * 40,
]  # fmt: skip


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
def test_03_it_is_refused_and_nothing_is_written(payouts, amount):
    anna = payouts.customer("100")
    to = anna.book()
    answer = anna.withdraw(amount, to)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in {"invalid_request", "invalid_amount", "amount_too_fine", "below_minimum_withdrawal"}
    assert (anna.has(), anna.ask("GET", "/withdrawals").json()["items"]) == ((100, 0), [])
