"""Anna pays Bert and Bert pays Anna, two hundred times each, all at once: whoever takes two locks takes them in one order."""

from collections import Counter

from kernel import db
from kernel.ids import uuid7
from kernel.metrics import DB_RETRIES
from payments.accounts import service as accounts
from payments.chart import JournalIn, move
from payments.journal import service as journal
from tests.crowd import at_once
from tests.withdrawal_desk import D

EACH_WAY, HANDS = 200, 20
THERE, BACK = D("0.37"), D("0.11")


def deadlocks():
    return DB_RETRIES.labels("40P01")._value.get()


def waiting(payouts):
    """Locks that somebody still waits for."""
    return payouts.superuser(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()"
    )[0][0]


def crossed(anna, bert, bert_to_anna, anna_to_bert):
    """What both should have."""
    there, back = anna_to_bert * THERE, bert_to_anna * BACK
    assert anna.has() == (100 - there + back, 0)
    assert bert.has() == (100 + there - back, 0)


def test_02_sent_by_two_customers(payouts):
    anna, bert, before = payouts.customer("100"), payouts.customer("100"), deadlocks()

    def pay(payer, payee, amount):
        return payer.ask("POST", "/transfers", {"to": payee.email, "asset": "USDT", "amount": str(amount)}).status_code

    def hand(first_there):
        ways = [lambda: pay(anna, bert, THERE), lambda: pay(bert, anna, BACK)]
        return [way() for _ in range(EACH_WAY // HANDS) for way in (ways if first_there else ways[::-1])]

    answers = at_once([lambda n=n: hand(n % 2) for n in range(HANDS)])
    assert Counter(code for each in answers for code in each) == {201: 2 * EACH_WAY}
    crossed(anna, bert, EACH_WAY, EACH_WAY)
    assert (deadlocks(), waiting(payouts)) == (before, 0)


def test_02_both_ways_in_one_transaction(payouts):
    """Each posts both directions, and half of them the other one first: every transaction wants both rows."""
    anna, bert, before = payouts.customer("100"), payouts.customer("100"), deadlocks()
    with db.transaction(tenant=payouts.house.first) as tx:
        hers, his = (accounts.customer(tx, customer_id=one.id, asset="USDT") for one in (anna, bert))

    def both(other_first):
        there, back = (
            JournalIn(key=f"s/crossing:{uuid7()}", kind="test", lines=move(*way))
            for way in ((hers, his, THERE), (his, hers, BACK))
        )
        with db.transaction(tenant=payouts.house.first) as tx:
            return len(journal.post(tx, [back, there] if other_first else [there, back]))

    def hand(other_first):
        return sum(db.retrying(lambda: both(other_first)) for _ in range(EACH_WAY // HANDS))

    assert sum(at_once([lambda n=n: hand(n % 2) for n in range(HANDS)])) == 2 * EACH_WAY
    crossed(anna, bert, EACH_WAY, EACH_WAY)
    assert (deadlocks(), waiting(payouts)) == (before, 0)
