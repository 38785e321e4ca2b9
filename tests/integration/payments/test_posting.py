"""Keys, rules, account status, batches and captures: what is refused leaves nothing behind."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from kernel import db, roles
from kernel.errors import InvalidRequest
from kernel.ids import SYSTEM, uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from payments.balances import service as balances
from payments.chart import JournalIn, Line, capture_line, move
from payments.errors import (
    AccountClosed,
    AccountDiffers,
    AccountFrozen,
    AccountNotEmpty,
    AccountNotFound,
    AssetUnknown,
    CaptureExceedsHold,
    HoldExpired,
    HoldMismatch,
    HoldNotDue,
    HoldNotOpen,
    IdempotencyConflict,
    InsufficientFunds,
    RealmMismatch,
    Unbalanced,
)
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import service as journal
from payments.statements import service as statements

D = Decimal


@pytest.fixture(autouse=True)
def books_balance(books):
    yield
    assert books.violations() == set()
    books.fold()
    assert books.violations() == set()


def _count(books, table="journals"):
    return books.engine.execute(f"SELECT count(*) FROM payments.{table}").fetchone()[0]


# Keys
def test_the_same_request_twice_is_one_journal(books):
    account = books.customer()
    first = books.credit(account, "5", key="s/deposit:1")
    assert books.credit(account, "5.00", key="s/deposit:1") == first
    assert books.available(account) == 5
    with books.tx() as tx:
        assert journal.find(tx, key="s/deposit:1") == first
        assert journal.find(tx, key="s/deposit:2") is None


def test_another_request_under_the_same_key_is_a_conflict(books):
    account = books.customer()
    books.credit(account, "5", key="s/deposit:1")
    with pytest.raises(IdempotencyConflict):
        books.credit(account, "6", key="s/deposit:1")
    assert books.available(account) == 5


def test_a_key_belongs_to_its_principal(books):
    account, me, you = books.customer(), uuid7(), uuid7()
    lines = move(books.outside(), account, D(1))
    mine = books.post(*lines, key="c/transfers/1", principal=me)
    yours = books.post(*lines, key="c/transfers/1", principal=you)
    assert mine != yours
    assert books.available(account) == 2


@pytest.mark.parametrize(("key", "principal"), [("s/x:1", uuid7()), ("c/x/1", None), ("x", None)])
def test_a_client_cannot_write_our_keys_nor_we_theirs(books, key, principal):
    lines = move(books.outside(), books.customer(), D(1))
    rest = {"principal": principal} if principal else {}
    with pytest.raises(DBAPIError, match="journal_keys"):
        books.post(*lines, key=key, **rest)


def test_a_refused_request_leaves_its_key_free(books):
    account, outside = books.customer(), books.outside()
    with pytest.raises(InsufficientFunds):
        books.pay(account, outside, "5", key="s/pay:1")
    assert _count(books, "journal_keys") == 0
    books.credit(account, "5")
    books.pay(account, outside, "5", key="s/pay:1")
    assert books.available(account) == 0


# Rules
def test_unbalanced_single_and_empty_journals_are_refused(books):
    account, outside = books.customer(), books.outside()
    for lines in ([], [Line(account, D(1))], [Line(account, D(1)), Line(outside, D(-2))]):
        with pytest.raises(Unbalanced):
            books.post(*lines)
    btc = books.outside("BTC")
    with pytest.raises(Unbalanced):  # zero in total, not per asset
        books.post(Line(account, D(1)), Line(btc, D(-1)))
    assert _count(books) == 0


def test_lines_of_nothing_are_not_booked(books):
    account, outside = books.customer(), books.outside()
    books.post(*move(outside, account, D(5)), Line(books.customer("BTC"), D(0)))
    assert _count(books, "entries") == 2


def test_four_legs_in_two_assets(books):
    usdt, btc = books.customer(), books.customer("BTC")
    books.credit(usdt, "60000")
    books.post(*move(usdt, books.outside(), D(60000)), *move(books.outside("BTC"), btc, D("0.99999999")), kind="trade")
    assert (books.available(usdt), books.available(btc)) == (0, D("0.99999999"))


def test_realms_never_meet(books):
    with pytest.raises(RealmMismatch):
        books.post(*move(books.outside(), books.customer(realm="DEMO"), D(1)))
    books.post(*move(books.outside(realm="DEMO"), books.customer(realm="DEMO"), D(1)), realm="DEMO")


def test_unknown_accounts_and_assets(books):
    with pytest.raises(AccountNotFound):
        books.post(*move(books.outside(), 999_999_999, D(1)))
    with pytest.raises(AssetUnknown):
        books.customer("NOPE")
    with pytest.raises(AssetUnknown):
        assets.scale("NOPE")
    assert assets.scale("BTC") == 8
    with books.tx():
        assert assets.all_assets()["USDT"] == 6  # also inside a transaction


# Accounts
def test_assets_are_read_on_the_connection_that_the_caller_has(books):
    """With a second one each, as many callers as the pool has connections would wait for each other."""
    db.configure(books.database.app, pool_size=1)
    with books.tx():
        assert assets.scale("BTC") == 8
        assert assets.all_assets()["USDT"] == 6


def test_an_account_is_opened_once(books):
    owner = uuid7()
    assert books.customer(owner=owner) == books.customer(owner=owner)
    accounts._known.clear()
    assert books.customer(owner=owner) == books.customer(owner=owner)
    accounts._known.clear()
    with books.tx() as tx, pytest.raises(AccountDiffers):
        accounts.ensure(
            tx, path=f"customer:{owner}:USDT", asset="BTC", kind=AccountKind.CUSTOMER, guarded=True, owner=owner
        )


def test_a_rolled_back_account_is_not_remembered(books):
    owner = uuid7()
    with pytest.raises(ZeroDivisionError), books.tx() as tx:
        accounts.customer(tx, customer_id=owner, asset="USDT")
        _ = 1 / 0
    account = books.customer(owner=owner)
    books.credit(account, "1")


def test_frozen_accounts_pay_nothing_but_what_was_held(books):
    account, outside = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "40")
    with books.tx() as tx:
        accounts.freeze(tx, account)
    with pytest.raises(AccountFrozen):
        books.pay(account, outside, "1")
    with pytest.raises(AccountFrozen):
        books.hold(account, "1")
    books.credit(account, "5")
    books.capture(hold_id, "40", outside)
    assert books.available(account) == 65
    with books.tx() as tx:
        accounts.unfreeze(tx, account)
    books.pay(account, outside, "65")


def test_only_an_empty_account_closes_and_then_nothing_moves(books):
    account, outside = books.customer(), books.outside()
    books.credit(account, "10")
    with books.tx() as tx, pytest.raises(AccountNotEmpty):
        accounts.close(tx, account)
    books.pay(account, outside, "10")
    with books.tx() as tx:
        accounts.close(tx, account)
    with pytest.raises(AccountClosed):
        books.credit(account, "1")
    with books.tx() as tx, pytest.raises(AccountClosed):
        accounts.unfreeze(tx, account)


def test_money_that_arrives_while_an_account_closes_can_be_fetched(books):
    """A credit locks nobody, so one may commit just after the account was seen empty and closed."""
    account, outside = books.customer(), books.outside()
    with psycopg.connect(roles.conninfo(books.database.app)) as late:
        late.execute("SELECT set_config('app.tenant', %s, true)", [str(books.tenant)])
        late.execute(
            """SELECT * FROM payments.post_batch(true, ARRAY[%(nobody)s::uuid], ARRAY['s/late:1'], ARRAY[sha256('late')], ARRAY['REAL'],
                   ARRAY['deposit'], ARRAY[NULL::uuid], ARRAY[NULL::uuid], ARRAY[NULL::timestamptz], ARRAY[NULL::text], ARRAY['{}'],
                   ARRAY[1, 1], ARRAY[%(outside)s, %(account)s], ARRAY[-5, 5], ARRAY[0, 0], ARRAY[NULL::uuid, NULL::uuid])""",
            {"nobody": SYSTEM, "outside": outside, "account": account},
        )
        with books.tx() as tx:
            accounts.close(tx, account)
        late.commit()
    assert books.available(account) == 5
    with pytest.raises(AccountClosed):
        books.pay(account, outside, "5")
    with books.tx() as tx:
        accounts.unfreeze(tx, account)
    books.pay(account, outside, "5")
    with books.tx() as tx:
        accounts.close(tx, account)
    with books.tx() as tx, pytest.raises(AccountClosed):
        accounts.unfreeze(tx, account)


def test_a_credit_line_and_its_cut(books):
    account, outside = books.customer(), books.outside()
    with books.tx() as tx:
        accounts.set_floor(tx, account, floor=D(-50))
    books.pay(account, outside, "30")
    books.hold(account, "20")
    with pytest.raises(InsufficientFunds):
        books.hold(account, "0.000001")
    with books.tx() as tx, pytest.raises(InsufficientFunds):
        accounts.set_floor(tx, account, floor=D("-49.999999"))


# Batches
def test_atomic_refuses_all_or_nothing(books):
    poor, outside = books.customer(), books.outside()
    good = JournalIn(key="s/a:1", kind="t", lines=move(outside, poor, D(5)))
    bad = JournalIn(key="s/a:2", kind="t", lines=move(poor, outside, D(6)))
    answers = journal.post_batch(tenant=books.tenant, journals=[good, bad], mode="atomic")
    assert [a.status for a in answers] == ["not_posted", "insufficient_funds"]
    assert _count(books) == 0
    with books.tx() as tx, pytest.raises(InsufficientFunds):
        journal.post(tx, [good, bad])


def test_one_poor_payer_fails_only_what_it_cannot_pay_in_order(books):
    rich, poor, shop = books.customer(), books.customer(), books.outside()
    books.credit(rich, "100"), books.credit(poor, "10")
    wanted = [(poor, "6"), (rich, "6"), (poor, "6"), (poor, "4"), (rich, "94"), (rich, "0.000001")]
    answers = journal.post_batch(
        tenant=books.tenant,
        journals=[JournalIn(key=f"s/b:{i}", kind="t", lines=move(a, shop, D(x))) for i, (a, x) in enumerate(wanted)],
    )
    assert [a.status for a in answers] == ["ok", "ok", "insufficient_funds", "ok", "ok", "insufficient_funds"]
    assert (books.available(poor), books.available(rich)) == (0, 0)


def test_credits_of_a_batch_do_not_fund_its_debits(books):
    account, outside = books.customer(), books.outside()
    both = [
        JournalIn(key="s/c:1", kind="t", lines=move(outside, account, D(5))),
        JournalIn(key="s/c:2", kind="t", lines=move(account, outside, D(5))),
    ]
    assert [a.status for a in journal.post_batch(tenant=books.tenant, journals=both)] == ["ok", "insufficient_funds"]
    assert [a.status for a in journal.post_batch(tenant=books.tenant, journals=both)] == ["exists", "ok"]


def test_a_key_twice_in_one_batch_is_a_mistake(books):
    twin = JournalIn(key="s/d:1", kind="t", lines=move(books.outside(), books.customer(), D(5)))
    with pytest.raises(DBAPIError, match="twice"):
        journal.post_batch(tenant=books.tenant, journals=[twin, twin])


# Holds
def test_more_than_the_hold_cannot_be_captured(books):
    account, outside = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "60")
    books.capture(hold_id, "59.999999", outside)
    with pytest.raises(CaptureExceedsHold):
        books.capture(hold_id, "0.000002", outside)
    books.capture(hold_id, "0.000001", outside)
    with pytest.raises(HoldNotOpen):
        books.capture(hold_id, "0.000001", outside)
    assert books.available(account) == 40


def test_a_capture_and_its_lines_are_one(books):
    """Lines that spend a hold nobody captured, or a capture whose journal was posted before, are refused by the database."""
    account, outside = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "60")
    spend = [capture_line(account, D(10), held_delta=D(-10), hold_id=hold_id), Line(outside, D(10))]
    with pytest.raises(HoldMismatch):
        books.post(*spend)
    with pytest.raises(HoldMismatch):  # more lines than captured
        _capture_and_post(books, hold_id, "9", spend)
    with pytest.raises(HoldMismatch):  # frees more than captured
        _capture_and_post(
            books,
            hold_id,
            "10",
            [capture_line(account, D(10), held_delta=D(-60), hold_id=hold_id), Line(outside, D(10))],
        )
    other = books.customer()
    with pytest.raises(HoldMismatch):  # somebody else's hold
        _capture_and_post(
            books, hold_id, "10", [capture_line(other, D(10), held_delta=D(-10), hold_id=hold_id), Line(outside, D(10))]
        )
    _capture_and_post(books, hold_id, "10", spend, key="s/fill:1")
    with pytest.raises(HoldMismatch):  # the same fill again: the key exists, the capture must not stand
        _capture_and_post(books, hold_id, "10", spend, key="s/fill:1")
    assert books.exact(account) == (D(90), D(50))


def _capture_and_post(books, hold_id, amount, lines, key=None):
    with books.tx() as tx:
        holds.capture(tx, hold_id=hold_id, amount=D(amount))
        return journal.post(tx, [JournalIn(key=key or books.key(), kind="t", lines=lines)])


def test_several_captures_in_one_transaction(books):
    account, outside = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "60")
    with books.tx() as tx:
        for i in range(3):
            taken = holds.capture(tx, hold_id=hold_id, amount=D(5))
            line = capture_line(account, D(5), held_delta=taken.held_delta, hold_id=hold_id)
            journal.post(tx, [JournalIn(key=f"s/f:{i}", kind="t", lines=[line, Line(outside, D(5))])])
        assert holds.void(tx, hold_id=hold_id) == 45
        assert balances.exact(tx, account) == 85
    assert books.exact(account) == (D(85), 0)


def test_expiry_is_judged_by_business_time(books):
    account, outside = books.customer(), books.outside()
    books.credit(account, "100")
    with books.tx() as tx:
        ends = tx.now + timedelta(minutes=15)
        hold_id = holds.open_hold(
            tx, account_id=account, amount=D(60), kind=HoldKind.ORDER, reference="r", order_id=None, expires_at=ends
        )
    with books.tx() as tx, pytest.raises(HoldNotDue):
        holds.expire(tx, hold_id=hold_id)
    with psycopg.connect(roles.conninfo(books.database.engine), autocommit=True) as engine:
        engine.execute("""UPDATE kernel.clock SET "offset" = "offset" + interval '1 hour'""")
    with pytest.raises(HoldExpired):
        books.capture(hold_id, "1", outside)
    with books.tx() as tx:
        assert holds.due(tx) == [(books.tenant, hold_id)]
        assert holds.expire(tx, hold_id=hold_id) == 60
    with db.read_only(tenant=books.tenant) as tx:
        assert holds.get(tx, hold_id).state == "expired"
        assert holds.due(tx) == []
    assert books.available(account) == 100


def test_statement_cursor_from_elsewhere_is_refused(books):
    with db.read_only(tenant=books.tenant) as tx:
        for cursor in ("x", "####", "MS4yLjM", "é"):
            with pytest.raises(InvalidRequest):
                statements.page(tx, owner=uuid7(), cursor=cursor)
