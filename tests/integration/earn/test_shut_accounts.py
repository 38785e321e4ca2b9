"""Who is on a list of names, and whose account in the ledger is frozen: what is owed still arrives, and nothing moves by their hand."""

from datetime import date
from decimal import Decimal

import pytest

from identity.eligibility.errors import NotEligible
from kernel import db
from payments.accounts import service as accounts
from payments.errors import AccountFrozen
from tests.earn_books import utc

D = Decimal


@pytest.fixture
def one(earn):
    earn.at(utc(2027, 1, 4, 12))
    return earn.day(earn.template(tenor="30D", payout="weekly"), date(2027, 1, 4))


def screened(earn, customer, word):
    earn.engine.execute("UPDATE identity.standings SET screening = %s WHERE customer_id = %s", [word, customer])


@pytest.mark.parametrize(("word", "may_end"), [("review", True), ("confirmed", False)])
def test_a_hit_on_a_list_begins_nothing_and_what_runs_is_paid(earn, one, word, may_end):
    customer = earn.saver("3000")
    mine, other = earn.subscribe(customer, one, 1000), earn.subscribe(customer, one, 500)
    screened(earn, customer, word)
    with pytest.raises(NotEligible):
        earn.subscribe(customer, one, 100)
    if may_end:
        assert earn.redeem(customer, other).status == "redeemed_early"
    else:
        with pytest.raises(NotEligible) as refusal:
            earn.redeem(customer, other)
        assert refusal.value.extra["reasons"] == [], "nobody is told that a list is why"
        assert earn.look(other).subscription.status == "active"
    earn.at(utc(2027, 3, 1))
    earn.hour()
    assert earn.look(mine).subscription.status == "paid_out"
    assert earn.has(customer) > 3000
    assert earn.owed(one.instance.template_id) == (0, 0)


def test_money_arrives_on_a_frozen_account_and_leaves_it_for_nothing(earn, one):
    customer = earn.saver("3000")
    mine, other = earn.subscribe(customer, one, 1000), earn.subscribe(customer, one, 500)
    with earn.tx() as tx:
        accounts.freeze(tx, accounts.customer(tx, customer_id=customer, asset="USDT"))
    with pytest.raises(AccountFrozen):
        earn.subscribe(customer, one, 100)
    assert earn.redeem(customer, other).status == "redeemed_early"
    assert earn.has(customer) == 2000
    earn.at(utc(2027, 3, 1))
    earn.hour()
    assert earn.look(mine).subscription.status == "paid_out"
    with db.read_only(tenant=earn.tenant) as tx:
        assert tx.scalar("SELECT count(*) FROM earn.repayment_rows WHERE status = 'pending'") == 0
    assert earn.has(customer) == 3000 + sum(row.interest for row in earn.look(mine).rows)
