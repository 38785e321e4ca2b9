"""Borrowing and taking collateral out against a falling price: what a loan carries is judged under its lock, by what is known then."""

import threading
from collections import Counter
from contextlib import contextmanager

import psycopg
import pytest

from kernel import roles
from lending import prices
from tests.crowd import at_once
from tests.loan_desk import LoanDesk

BTC = "BTC-USDT"


@pytest.fixture(scope="module")
def desk(house):
    made = LoanDesk(house)
    yield made
    broken = made.broken()
    made.close()
    assert broken == {}


@pytest.fixture
def loan(desk):
    """12,000 on a bitcoin at 30,000: half of it may leave."""
    desk.at[BTC] = "30000"
    return desk.lend("12000")["id"]


def take(desk, loan, quantity):
    return desk.act(loan, "collateral-withdrawals", {"asset": "BTC", "quantity": quantity})


def pledged(desk, loan):
    return desk.get(loan)["collateral"][0]["quantity"]


@contextmanager
def held_by_the_watch(desk, loan):
    """Somebody has the loan's lock; inside, whoever asks for it waits."""
    with psycopg.connect(roles.conninfo(desk.database.superuser)) as watch:
        watch.execute("SELECT 1 FROM lending.loans WHERE id = %s FOR UPDATE", [loan])
        yield watch
        watch.commit()


def until_it_waits(desk, thread):
    with psycopg.connect(roles.conninfo(desk.database.superuser), autocommit=True) as looking:
        while not looking.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()"
        ).fetchone()[0]:
            assert thread.is_alive(), "it did not wait for the loan"


def taken_meanwhile(desk, loan, meanwhile):
    """What a withdrawal is answered that read its price before, and got the lock after `meanwhile`."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(take(desk, loan, "0.5")))
    with held_by_the_watch(desk, loan) as watch:
        thread.start()
        until_it_waits(desk, thread)
        meanwhile(watch)
    thread.join()
    return answers[0].status_code, answers[0].json().get("code")


def test_14_a_margin_call_that_came_while_it_waited_keeps_everything_in(desk, loan):
    def called(watch):
        watch.execute("UPDATE lending.loans SET level = 'MARGIN_CALL' WHERE id = %s", [loan])

    assert taken_meanwhile(desk, loan, called) == (409, "withdrawal_too_large")
    assert (pledged(desk, loan), desk.loan(loan).level) == ("1", "MARGIN_CALL")


@pytest.mark.parametrize(
    ("now", "refusal"), [("16000", "withdrawal_too_large"), (None, "price_not_trusted")], ids=["fell", "gone"]
)
def test_14_the_price_of_after_the_wait_counts(desk, loan, now, refusal):
    """What it read before it had to wait would have let half of it go."""

    def falls(watch):
        watch.execute("SELECT pg_sleep(%s)", [prices.WAITED_S * 1.2])
        if now is None:
            desk.no_price(BTC)
        else:
            desk.price(BTC, now)

    assert taken_meanwhile(desk, loan, falls) == (409, refusal)
    assert pledged(desk, loan) == "1"


def test_14_many_at_once_take_what_one_could(desk, loan):
    answers = at_once([lambda: take(desk, loan, "0.1") for _ in range(10)])
    assert Counter(answer.status_code for answer in answers) == {200: 5, 409: 5}
    assert (pledged(desk, loan), desk.get(loan)["ltv"]) == ("0.5", "0.8")


def test_14_after_the_fall_nothing_leaves_and_nothing_is_lent_on_it(desk, loan):
    quotes = [desk.quote("12000").json()["id"] for _ in range(4)]
    desk.at[BTC] = "12500"
    answers = at_once(
        [*(lambda one=one: desk.accept(one) for one in quotes), *(lambda: take(desk, loan, "0.1") for _ in range(4))]
    )
    assert Counter(answer.json().get("code") for answer in answers) == {
        "loan_quote_expired": 4,
        "withdrawal_too_large": 4,
    }
    assert pledged(desk, loan) == "1"


def test_14_a_coin_is_pledged_or_withdrawn_and_not_both(desk, payouts):
    desk.at[BTC] = "30000"
    desk.price(BTC, "30000")
    payouts.offer(asset="BTC", withdrawal_fee=0, minimum_withdrawal="0.1")
    anna = payouts.customer("1", asset="BTC")
    to = anna.book()
    for round_ in range(3):
        if round_:
            payouts.credit(anna, "1", "BTC")
        body = {
            "product_id": desk.brief,
            "collateral": [{"asset": "BTC", "quantity": "1"}],
            "borrow_asset": "USDT",
            "tenor_days": 90,
            "amount": "1000",
        }
        desk.price(BTC, "30000")
        quote = anna.ask("POST", "/loan-quotes", body).json()["id"]

        def borrow(quote=quote):
            desk.price(BTC, "30000")
            return anna.ask("POST", "/loans", {"quote_id": quote})

        both = at_once([borrow, lambda: anna.withdraw("1", to, asset="BTC")])
        assert sorted(answer.status_code for answer in both) == [201, 409], [answer.text for answer in both]
        assert next(a for a in both if a.status_code == 409).json()["code"] == "insufficient_funds"
        assert anna.has("BTC")[0] == 0
