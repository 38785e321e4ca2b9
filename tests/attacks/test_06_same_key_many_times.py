"""One Idempotency-Key, fifty times at once."""

from collections import Counter

from kernel.ids import uuid7
from tests.crowd import at_once


def test_06_one_withdrawal_is_made_and_every_answer_shows_it(payouts):
    anna, bert, key = payouts.customer("1000"), payouts.customer("1000"), str(uuid7())
    to, his = anna.book(), bert.book()
    answers = at_once([lambda: anna.withdraw("30", to, key=key) for _ in range(50)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert anna.has() == (969, 31)
    other = bert.withdraw("30", his, key=key)
    assert (other.status_code, bert.has()) == (201, (969, 31))
    assert other.json()["id"] != answers[0].json()["id"]
