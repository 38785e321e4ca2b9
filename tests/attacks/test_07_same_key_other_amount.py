"""The key of one withdrawal on another one."""

from kernel.ids import uuid7


def test_07_another_body_under_the_same_key_does_nothing(payouts):
    anna, key = payouts.customer("100"), str(uuid7())
    to = anna.book()
    assert anna.withdraw("30", to, key=key).status_code == 201
    for amount, where in (("31", to), ("30", anna.book())):
        answer = anna.withdraw(amount, where, key=key)
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert anna.has() == (69, 31)
