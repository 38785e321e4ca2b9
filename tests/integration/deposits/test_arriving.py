"""From the custodian's events to the books: each state, each way back, and what nobody can be given."""

from decimal import Decimal

import pytest

from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountStatus
from wallet_bridge.deposits.schemas import shown
from wallet_bridge.deposits.states import DepositStatus, Place

D = Decimal
S = DepositStatus


def test_a_deposit_is_seen_confirmed_credited_and_final(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "1.5").at().all()
    seen = deposits.deposit(feed)
    assert (seen.status, seen.customer_id, seen.confirmations) == (S.SEEN, customer, 1)
    assert (seen.to_credit, seen.to_final) == (2, 4)
    assert deposits.has(customer) == 0
    feed.deeper().all()
    assert deposits.deposit(feed).status is S.CREDITED
    assert deposits.has(customer) == D("1.5")
    feed.deeper(2).all()
    final = deposits.deposit(feed)
    assert (final.status, final.place, final.bookings) == (S.FINAL, Place.CUSTOMER, 1)
    assert final.credited_at is not None
    assert final.final_at is not None
    assert deposits.has(customer) == deposits.wallet() == D("1.5")
    assert [one["amount"] for one in deposits.told("wallet.deposit_credited.v1")] == ["1.5"]
    assert len(deposits.told("wallet.deposit_seen.v1")) == 1


def test_between_credited_and_final_it_may_be_traded_and_not_be_withdrawn(deposits):
    deposits.offered(asset="USDT", minimum_deposit=D(1))
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "250", asset="USDT").at().deeper().all()
    assert deposits.deposit(feed).status is S.CREDITED
    assert deposits.unsettled(customer, "USDT") == deposits.has(customer, "USDT") == 250
    feed.deeper(2).all()
    assert deposits.deposit(feed).status is S.FINAL
    assert deposits.unsettled(customer, "USDT") == 0
    assert deposits.has(customer, "USDT") == 250


def test_a_large_amount_waits_for_twice_as_many_blocks(deposits):
    deposits.offered(asset="USDT", minimum_deposit=D(1))
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "100000.01", asset="USDT").at().deeper(2).all()
    assert deposits.deposit(feed).status is S.CONFIRMING
    feed.deeper().all()
    assert deposits.deposit(feed).status is S.FINAL


def test_what_nobody_has_a_price_for_counts_as_large(deposits):
    deposits.offered(asset="BTC")
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "0.02", asset="BTC").at().deeper(2).all()
    assert deposits.deposit(feed).status is S.CONFIRMING
    assert (deposits.deposit(feed).to_credit, deposits.deposit(feed).to_final) == (4, 4)


def test_orphaned_before_the_credit_and_seen_again_it_is_credited_once(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().lost().all()
    assert deposits.deposit(feed).status is S.ORPHANED
    assert deposits.has(customer) == 0
    feed.at().deeper(3).all()
    assert deposits.deposit(feed).status is S.FINAL
    assert deposits.has(customer) == 1
    assert deposits.told("wallet.deposit_reversed.v1") == []


def test_reversed_after_the_credit_it_leaves_the_books_and_may_come_again(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    feed.lost().all()
    gone = deposits.deposit(feed)
    assert (gone.status, gone.place, gone.booked, gone.shortage) == (S.REVERSED, None, 0, 0)
    assert deposits.has(customer) == deposits.wallet() == 0
    [told] = deposits.told("wallet.deposit_reversed.v1")
    assert (told["amount"], told["missing"]) == ("1", "0")
    feed.at().deeper(3).all()
    assert deposits.deposit(feed).bookings == 2
    assert deposits.has(customer) == deposits.wallet() == 1


def spend(deposits, customer, amount):
    deposits.fold()
    other = deposits.customer("ETH")
    deposits.pay(deposits.customer("ETH", owner=customer), other, amount)
    deposits.fold()


def status_of(deposits, customer, asset):
    with deposits.tx() as tx:
        account_id = accounts.customer(tx, customer_id=customer, asset=asset)
        return accounts.get(tx, account_id, owner=None, realm="REAL").status


def test_reversed_and_spent_it_is_owed_and_the_accounts_are_shut(deposits):
    customer, address = deposits.payer()
    deposits.customer("USDT", owner=customer)
    feed = deposits.feed(customer, address).at().deeper(3).all()
    spend(deposits, customer, "0.7")
    feed.lost().all()
    gone = deposits.deposit(feed)
    assert (gone.status, gone.reason, gone.shortage) == (S.REVERSED, "spent", D("0.7"))
    assert [shown(gone, staff=staff).missing for staff in (True, False)] == [D("0.7"), None]
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == D("-0.7")
    assert deposits.has(customer) == deposits.wallet() == 0
    assert {status_of(deposits, customer, asset) for asset in ("ETH", "USDT")} == {AccountStatus.FROZEN}
    [told] = deposits.told("wallet.deposit_reversed.v1")
    assert told["missing"] == "0.7"
    # Another deposit of theirs waits for a person meanwhile.
    other = deposits.feed(customer, address, "5").at().deeper(3).all()
    assert (deposits.deposit(other).status, deposits.deposit(other).reason) == (S.HELD, "account_frozen")


def test_what_was_missing_is_paid_back_first_when_it_comes_again(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    spend(deposits, customer, "0.7")
    feed.lost().all().at().deeper(3).all()
    assert deposits.deposit(feed).status is S.FINAL
    assert deposits.deposit(feed).shortage == 0
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == 0
    assert deposits.has(customer) == D("0.3")
    assert status_of(deposits, customer, "ETH") is AccountStatus.OPEN


def test_below_the_minimum_it_is_visible_booked_and_not_credited(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, "0.009").at().deeper(3).all()
    small = deposits.deposit(feed)
    assert (small.status, small.customer_id, small.place) == (S.BELOW_MINIMUM, customer, Place.SMALL)
    assert deposits.has(customer) == 0
    assert deposits.on("deposits.small:ETH") == deposits.wallet() == D("0.009")
    feed.lost().all()
    assert deposits.deposit(feed).status is S.REVERSED
    assert deposits.wallet() == 0


def test_what_names_nobody_goes_to_suspense_and_is_booked(deposits):
    feed = deposits.feed(None, "0xunknown", "3").at().deeper(3).all()
    lost = deposits.deposit(feed)
    assert (lost.status, lost.reason, lost.customer_id) == (S.SUSPENSE, "owner_unknown", None)
    assert deposits.on("deposits.suspense:ETH") == deposits.wallet() == 3
    [told] = deposits.told("wallet.deposit_unclaimed.v1")
    assert told["reason"] == "owner_unknown"


def test_an_owner_whom_we_gave_another_address_is_not_believed(deposits):
    customer, _ = deposits.payer()
    feed = deposits.feed(customer, "0xsomebody-elses").at().deeper(3).all()
    assert deposits.deposit(feed).status is S.SUSPENSE


@pytest.mark.parametrize(("memo", "reason"), [(None, "memo_missing"), ("77", "owner_unknown")])
def test_where_all_share_an_address_the_memo_says_whose_it_is(deposits, memo, reason):
    deposits.offered(memo_required=True)
    customer, shared = deposits.known_customer(), f"0x{uuid7().hex}"
    deposits.address(customer, shared, "42")
    mine = deposits.feed(customer, shared, memo="42").at().deeper(3).all()
    assert deposits.has(customer) == 1
    feed = deposits.feed(None, shared, memo=memo).at().deeper(3).all()
    assert (deposits.deposit(feed).status, deposits.deposit(feed).reason) == (S.SUSPENSE, reason)
    assert deposits.deposit(mine).status is S.FINAL


def test_an_asset_the_books_do_not_know_has_no_journal(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address, asset="FAKE").at().deeper(6).all()
    fake = deposits.deposit(feed)
    assert (fake.status, fake.reason, fake.place, fake.bookings) == (S.SUSPENSE, "asset_unknown", None, 0)
    assert len(deposits.told("wallet.deposit_unclaimed.v1")) == 1
    feed.lost().all()
    assert deposits.deposit(feed).status is S.ORPHANED


@pytest.mark.parametrize(
    ("person", "reason"), [({"level": 0}, "level_too_low"), ({"status": "frozen"}, "account_shut")]
)
def test_what_a_customer_may_not_have_now_is_held(deposits, person, reason):
    status = person.pop("status", None)
    customer, address = deposits.payer(**person)
    if status:
        deposits.engine.execute("UPDATE identity.principals SET status = %s WHERE id = %s", (status, customer))
    feed = deposits.feed(customer, address, "2").at().deeper(3).all()
    held = deposits.deposit(feed)
    assert (held.status, held.reason, held.place) == (S.HELD, reason, Place.HELD)
    assert deposits.has(customer) == 0
    assert deposits.on("deposits.held:ETH") == deposits.wallet() == 2
    [told] = deposits.told("wallet.deposit_held.v1")
    assert told["reason"] == reason


def test_a_closed_account_gets_nothing_and_what_it_had_is_owed_when_it_is_reversed(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    spend(deposits, customer, "1")
    with deposits.tx() as tx:
        accounts.close(tx, accounts.customer(tx, customer_id=customer, asset="ETH"))
    other = deposits.feed(customer, address).at().deeper(3).all()
    assert (deposits.deposit(other).status, deposits.deposit(other).reason) == (S.HELD, "account_closed")
    feed.lost().all()
    assert deposits.deposit(feed).shortage == 1


def test_a_network_that_is_offered_no_more_credits_when_the_custodian_calls_it_final(deposits):
    customer, address = deposits.payer()
    with deposits.superuser() as connection:
        connection.execute("DELETE FROM wallet_bridge.networks WHERE tenant_id = %s", (deposits.tenant,))
    feed = deposits.feed(customer, address).at().deeper(4).all()
    assert deposits.deposit(feed).status is S.CONFIRMING
    feed.deeper().all()
    assert deposits.deposit(feed).status is S.FINAL


def test_what_is_too_fine_for_the_books_is_carried(deposits):
    deposits.asset("FINE", 2)
    deposits.offered(asset="FINE", minimum_deposit=D(0))
    customer, address = deposits.payer()
    for n in range(3):
        deposits.feed(customer, address, "1.004", asset="FINE", output=n).at().deeper(3).all()
    assert deposits.has(customer, "FINE") == 3
    assert deposits.on("deposits.residue:FINE") == D("0.01")  # 0.012 came, 0.002 of it is still carried
    assert deposits.wallet("FINE") == D("3.01")


def test_what_is_below_the_smallest_unit_is_carried_for_the_house_and_is_no_customers(deposits):
    deposits.asset("FINE", 2)
    deposits.offered(asset="FINE", minimum_deposit=D(0))
    customer, address = deposits.payer()
    feeds = [deposits.feed(customer, address, "0.004", asset="FINE", output=n).at().deeper(3).all() for n in range(3)]
    small = deposits.deposit(feeds[0])
    assert (small.status, small.place, small.booked, small.fine) == (S.BELOW_MINIMUM, None, 0, D("0.004"))
    assert deposits.has(customer, "FINE") == 0
    assert deposits.wallet("FINE") == deposits.on("deposits.residue:FINE") == D("0.01")
    assert deposits.carried("FINE") == D("0.002")
    feeds[2].lost().all()  # one block less, and the unit is none any more
    assert deposits.wallet("FINE") + deposits.carried("FINE") == D("0.008")
    feeds[2].at().deeper(3).all()
    assert deposits.wallet("FINE") + deposits.carried("FINE") == D("0.012")
    deposits.feed(None, "0xnobody", "0.009", asset="FINE").at().deeper(3).all()
    assert deposits.wallet("FINE") + deposits.carried("FINE") == D("0.021")


def test_another_block_without_a_word_of_the_first_ones_end(deposits):
    """The event of the orphan was put aside; the next one says enough."""
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    feed.lost()
    late = feed.told.pop()
    feed.at().all()
    assert deposits.deposit(feed).status is S.SEEN
    assert deposits.has(customer) == 0
    feed.told.append(late)
    feed.deeper(3).all()
    assert deposits.has(customer) == 1
    assert deposits.deposit(feed).bookings == 2


def test_the_deposit_of_another_house_changes_nothing_here(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at()
    heard = list(feed.told)
    feed.all()
    other, deposits.tenant = deposits.tenant, uuid7()
    deposits.hear([(99, *heard[0][1:])])
    deposits.tenant = other
    assert deposits.deposit(feed).seq == heard[0][0]


def test_a_credit_that_is_not_in_the_balances_yet_can_be_reversed(deposits):
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).lost().all()
    assert deposits.deposit(feed).shortage == 0
    assert deposits.has(customer) == 0
