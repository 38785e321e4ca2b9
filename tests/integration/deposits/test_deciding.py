"""Held deposits and money without an owner: two people decide, over what they saw, once, and only when the chain keeps it."""

from decimal import Decimal

import pytest

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalOwnRequest
from identity.approvals.events import ApprovalGranted
from kernel import db
from kernel.errors import NotFound
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountStatus
from wallet_bridge.deposits import claiming, errors, releasing
from wallet_bridge.deposits.states import DepositStatus, Place

D = Decimal
S = DepositStatus


@pytest.fixture
def staff(deposits):
    return deposits.staff(), deposits.staff(role="compliance")


def look(deposits, approval_id, reader):
    return approvals.read(tenant=deposits.tenant, reader=reader, approval_id=approval_id)


def agree(deposits, approval_id, by, maker):
    """The second person says yes, and the consumer of events carries it out, twice."""
    asked = look(deposits, approval_id, by)
    approvals.approve(tenant=deposits.tenant, by=by, approval_id=approval_id, digest=asked.digest, key=None)
    fact = ApprovalGranted(approval_id, asked.kind, asked.resource_id, asked.digest, maker, by)
    for handler in (releasing.granted, claiming.granted, releasing.granted, claiming.granted):
        with deposits.tx() as tx:
            handler(tx, fact)
    return look(deposits, approval_id, by).state


def held(deposits, amount="2", blocks=3):
    customer, address = deposits.payer(level=0)
    feed = deposits.feed(customer, address, amount).at().deeper(blocks).all()
    assert deposits.deposit(feed).status is S.HELD
    return customer, feed


def release(deposits, feed, by):
    return releasing.ask(tenant=deposits.tenant, actor=by, deposit_id=deposits.deposit(feed).id, key=None)


def claim(deposits, feed, customer, by):
    deposit_id = deposits.deposit(feed).id
    return claiming.ask(tenant=deposits.tenant, actor=by, deposit_id=deposit_id, customer_id=customer, key=None)


def test_two_people_let_a_held_deposit_go(deposits, staff):
    customer, feed = held(deposits)
    approval_id = release(deposits, feed, staff[0])
    with pytest.raises(ApprovalOwnRequest):
        agree(deposits, approval_id, staff[0], staff[0])
    assert deposits.has(customer) == 0
    assert agree(deposits, approval_id, staff[1], staff[0]) == "carried_out"
    row = deposits.deposit(feed)
    assert (row.status, row.place) == (S.RELEASED, Place.CUSTOMER)
    assert deposits.has(customer) == deposits.wallet() == 2
    assert deposits.on("deposits.held:ETH") == 0
    deposits.fold()
    feed.lost().all()  # deeper than anybody thought possible
    assert deposits.deposit(feed).status is S.REVERSED
    assert deposits.has(customer) == deposits.wallet() == 0


def test_what_the_chain_may_still_take_back_is_not_let_go(deposits, staff):
    _, feed = held(deposits, blocks=1)
    with pytest.raises(errors.DepositNotFinal):
        release(deposits, feed, staff[0])
    feed.deeper(2).all()
    release(deposits, feed, staff[0])


def test_what_left_the_chain_while_it_was_asked_about_is_not_let_go(deposits, staff):
    customer, feed = held(deposits)
    approval_id = release(deposits, feed, staff[0])
    feed.lost().all()
    assert agree(deposits, approval_id, staff[1], staff[0]) == "void"
    assert deposits.has(customer) == deposits.wallet() == 0


def test_a_closed_account_gets_nothing_and_the_approval_says_why(deposits, staff):
    customer, feed = held(deposits)
    with deposits.tx() as tx:
        accounts.close(tx, accounts.customer(tx, customer_id=customer, asset="ETH"))
    approval_id = release(deposits, feed, staff[0])
    assert agree(deposits, approval_id, staff[1], staff[0]) == "failed"
    assert look(deposits, approval_id, staff[1]).reason == "account_closed"
    assert deposits.deposit(feed).status is S.HELD


def test_only_what_is_held_can_be_let_go(deposits, staff):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    with pytest.raises(errors.DepositNotHeld):
        release(deposits, feed, staff[0])
    with pytest.raises(errors.DepositNotFound):
        releasing.ask(tenant=deposits.tenant, actor=staff[0], deposit_id=uuid7(), key=None)
    with pytest.raises(errors.DepositNotInSuspense):
        claim(deposits, feed, customer, staff[0])


def test_who_had_spent_what_was_reversed_is_let_go_and_owes_it_still(deposits, staff):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    deposits.pay(deposits.customer("ETH", owner=customer), deposits.customer("ETH"), "1")
    deposits.fold()
    feed.lost().all()
    assert agree(deposits, release(deposits, feed, staff[0]), staff[1], staff[0]) == "carried_out"
    account_id = deposits.customer("ETH", owner=customer)
    with db.read_only(tenant=deposits.tenant) as tx:
        account = accounts.get(tx, account_id, owner=None, realm="REAL")
    assert account.status is AccountStatus.OPEN
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == -1
    with pytest.raises(errors.DepositNotHeld):
        release(deposits, feed, staff[0])
    feed.at().deeper(3).all()
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == deposits.has(customer) == 0


def spent_and_reversed(deposits, customer, address, amount="1"):
    feed = deposits.feed(customer, address, amount).at().deeper(3).all()
    deposits.fold()
    deposits.pay(deposits.customer("ETH", owner=customer), deposits.customer("ETH"), amount)
    deposits.fold()
    return feed


def is_shut(deposits, customer):
    account_id = deposits.customer("ETH", owner=customer)
    with db.read_only(tenant=deposits.tenant) as tx:
        return accounts.get(tx, account_id, owner=None, realm="REAL").status is AccountStatus.FROZEN


def test_who_was_shut_can_be_let_go_after_it_came_and_left_once_more(deposits, staff):
    customer, address = deposits.payer()
    feed = spent_and_reversed(deposits, customer, address).lost().all()
    feed.at().all()
    assert (deposits.deposit(feed).status, is_shut(deposits, customer)) == (S.SEEN, True)
    feed.lost().all()
    assert (deposits.deposit(feed).status, is_shut(deposits, customer)) == (S.ORPHANED, True)
    assert agree(deposits, release(deposits, feed, staff[0]), staff[1], staff[0]) == "carried_out"
    assert not is_shut(deposits, customer)
    feed.at().lost().all()
    assert deposits.deposit(feed).reason == "let_go"


def test_one_that_is_paid_back_opens_nothing_while_another_one_is_owed(deposits):
    customer, address = deposits.payer()
    first, second = (spent_and_reversed(deposits, customer, address) for _ in range(2))
    first.lost().all()
    second.lost().all()
    first.at().all()  # seen again, and nothing is paid back by that
    second.at().deeper(3).all()
    assert deposits.deposit(second).shortage == 0
    assert is_shut(deposits, customer)
    first.deeper(3).all()
    assert not is_shut(deposits, customer)


def test_what_comes_again_with_less_leaves_the_accounts_shut(deposits):
    customer, address = deposits.payer()
    feed = spent_and_reversed(deposits, customer, address).lost().all()
    feed.data["amount"] = "0.4"
    feed.at().deeper(3).all()
    row = deposits.deposit(feed)
    assert (row.status, row.shortage, row.reason) == (S.FINAL, D("0.6"), "spent")
    assert is_shut(deposits, customer)
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == D("-0.6")


def test_money_without_an_owner_is_claimed_by_two_people(deposits, staff):
    customer = deposits.known_customer()
    feed = deposits.feed(None, "0xunknown", "3").at().deeper(3).all()
    approval_id = claim(deposits, feed, customer, staff[0])
    assert look(deposits, approval_id, staff[1]).summary["customer_id"] == str(customer)
    assert agree(deposits, approval_id, staff[1], staff[0]) == "carried_out"
    row = deposits.deposit(feed)
    assert (row.status, row.customer_id, row.place) == (S.RELEASED, customer, Place.CUSTOMER)
    assert deposits.has(customer) == deposits.wallet() == 3
    assert deposits.on("deposits.suspense:ETH") == 0


def test_a_claim_names_a_customer_of_this_house(deposits, staff):
    feed = deposits.feed(None, "0xunknown", "3").at().deeper(3).all()
    for nobody in (uuid7(), staff[1]):
        with pytest.raises(errors.ClaimantUnknown):
            claim(deposits, feed, nobody, staff[0])


def test_an_asset_that_the_books_learn_of_can_be_claimed(deposits, staff):
    customer = deposits.known_customer()
    feed = deposits.feed(None, "0xunknown", "3", asset="LATER").at().deeper(5).all()
    with pytest.raises(Exception, match="no such asset"):
        claim(deposits, feed, customer, staff[0])
    deposits.asset("LATER", 8)
    assert agree(deposits, claim(deposits, feed, customer, staff[0]), staff[1], staff[0]) == "carried_out"
    assert deposits.has(customer, "LATER") == deposits.wallet("LATER") == 3


def test_who_may_not_decide_does_not(deposits, staff):
    _, feed = held(deposits)
    approval_id = release(deposits, feed, staff[0])
    with pytest.raises(NotFound):
        look(deposits, approval_id, deposits.staff(role="support"))
