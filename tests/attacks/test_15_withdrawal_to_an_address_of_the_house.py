"""Money sent to a deposit address of the platform itself."""

import pytest

from tests.withdrawal_desk import address


@pytest.mark.parametrize("spelt", [str, str.lower, lambda text: "0x" + text[2:].upper()])
def test_15_it_stays_in_the_books_and_nothing_is_sent(payouts, spelt):
    anna, bert, his = payouts.customer("100"), payouts.customer("0"), address()
    payouts.deposit_address(bert, "0x" + his[2:].upper())
    made = anna.made("30", anna.book(spelt(his)))
    assert (made["internal"], made["state"], made["fee"], made["txid"]) == (True, "final", "0", None)
    assert (anna.has(), bert.has(), payouts.intents(made["id"])) == ((70, 0), (30, 0), [])


def test_15_what_a_person_looks_at_first_stays_in_the_books_too(payouts):
    payouts.limits()
    anna, bert, his = payouts.customer("100"), payouts.customer("0"), address()
    payouts.deposit_address(bert, his)
    made = anna.made("30", anna.book(his))
    assert (made["internal"], made["state"], bert.has()) == (True, "review", (0, 0))
    assert payouts.agree(payouts.release(made["id"])).status_code == 200
    payouts.run_events()
    assert (anna.look(made["id"])["status"], anna.has(), bert.has()) == ("completed", (70, 0), (30, 0))


def test_15_to_oneself_it_is_refused(payouts):
    anna, own = payouts.customer("100"), address()
    payouts.deposit_address(anna, own)
    answer = anna.withdraw("30", anna.book(own))
    assert (answer.status_code, answer.json()["code"], anna.has()) == (400, "own_address", (100, 0))


def test_15_to_another_house_it_goes_by_the_chain(payouts):
    anna, other, theirs = payouts.customer("100"), payouts.customer("0", tenant=payouts.house.second), address()
    payouts.deposit_address(other, theirs)
    made = anna.made("30", anna.book(theirs))
    assert (made["internal"], made["state"], len(payouts.intents(made["id"]))) == (False, "reserved", 1)


def test_15_the_memo_tells_who_receives(payouts):
    payouts.offer(network="memos", memo_required=True)
    anna, bert, carl, shared = payouts.customer("100"), payouts.customer("0"), payouts.customer("0"), address()
    payouts.deposit_address(bert, shared, memo="77", network="memos")
    payouts.deposit_address(carl, shared, memo="78", network="memos")
    made = anna.made("30", anna.book(shared, network="memos", memo="78"), network="memos")
    assert (made["internal"], bert.has(), carl.has()) == (True, (0, 0), (30, 0))
