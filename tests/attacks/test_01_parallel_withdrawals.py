"""Forty withdrawals of 30 at once from 100."""

from collections import Counter

from tests.crowd import at_once


def test_01_three_are_accepted_and_ten_stay(payouts):
    payouts.offer(withdrawal_fee=0)
    anna = payouts.customer("100")
    to = anna.book()
    answers = at_once([lambda: anna.withdraw("30", to) for _ in range(40)])
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 37}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"insufficient_funds"}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert anna.has() == (10, 90)
    assert [len(payouts.intents(one["id"])) for one in made] == [1, 1, 1]
    for one in made:
        payouts.report(one, "final")
    assert anna.has() == (10, 0)


def test_01_a_limit_that_is_enough_for_three_lets_three_pass(payouts):
    payouts.offer(withdrawal_fee=0)
    payouts.limits(
        withdrawal_single="30", withdrawal_day="100", withdrawal_unreviewed="30", withdrawal_new_address="30"
    )
    anna = payouts.customer("10000")
    to = anna.book()
    answers = at_once([lambda: anna.withdraw("30", to) for _ in range(40)])
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 37}
    assert anna.has() == (9910, 90)
