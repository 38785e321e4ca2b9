"""Statements explain every change of an owner's balances, newest first, and add up at every line."""

from decimal import Decimal
from itertools import pairwise

import pytest

from kernel import db
from kernel.ids import uuid7
from payments.balances import service as balances
from payments.chart import move
from payments.statements import service as statements

D = Decimal


@pytest.fixture
def history(books):
    """A customer who bought 0.5 BTC in three fills out of one deposit, with folds at awkward places."""
    books.owner = uuid7()
    usdt, btc = books.customer(owner=books.owner), books.customer("BTC", owner=books.owner)
    books.credit(usdt, "50000")
    books.fold()
    hold_id = books.hold(usdt, "40000")
    for i, (cost, quantity) in enumerate([("10000", "0.2"), ("9000.5", "0.2"), ("5000", "0.1")]):
        books.post(
            *move(books.outside("BTC"), btc, D(quantity)), kind="trade", order_id=uuid7(), meta={"price": D(cost)}
        )
        books.capture(hold_id, cost, books.outside())
        if i == 1:
            books.fold()
    books.void(hold_id)
    return books


def _all(books, **rest):
    lines, cursor, pages = [], None, 0
    while True:
        with db.read_only(tenant=books.tenant) as tx:
            page = statements.page(tx, owner=books.owner, cursor=cursor, **rest)
        lines += page.items
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            return lines, pages


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_join_without_gap_and_balances_run(history, limit):
    lines, pages = _all(history, limit=limit)
    assert len(lines) == 7
    assert pages == -(-7 // limit)
    assert [line.kind for line in lines[-1:]] == ["deposit"]
    with db.read_only(tenant=history.tenant) as tx:
        now = {b.asset: b.posted for b in balances.of_owner(tx, owner=history.owner)}
    for asset in ("USDT", "BTC"):
        own = [line for line in lines if line.asset == asset]
        assert own[0].balance_after == now[asset]
        assert all(newer.balance_after - newer.amount == older.balance_after for newer, older in pairwise(own))
        assert own[-1].balance_after == own[-1].amount
    assert [line.booked_at for line in lines] == sorted((line.booked_at for line in lines), reverse=True)


def test_a_line_says_what_happened(history):
    lines, _ = _all(history, asset="BTC")
    assert [line.amount for line in lines] == [D("0.1"), D("0.2"), D("0.2")]
    assert [line.balance_after for line in lines] == [D("0.5"), D("0.4"), D("0.2")]
    assert lines[1].kind == "trade"
    assert lines[1].order_id is not None
    assert lines[1].meta == {"price": "9000.5"}


def test_a_journal_on_two_of_the_accounts_is_two_lines_on_one_page(history):
    usdt, btc = history.customer(owner=history.owner), history.customer("BTC", owner=history.owner)
    history.post(*move(btc, history.outside("BTC"), D("0.1")), *move(history.outside(), usdt, D(7000)), kind="trade")
    with db.read_only(tenant=history.tenant) as tx:
        page = statements.page(tx, owner=history.owner, limit=1)
    assert {(line.asset, line.amount) for line in page.items} == {("BTC", D("-0.1")), ("USDT", D(7000))}
    assert len(_all(history, limit=1)[0]) == 9


def test_new_lines_do_not_shift_a_reader_who_pages_on(history):
    with db.read_only(tenant=history.tenant) as tx:
        first = statements.page(tx, owner=history.owner, asset="USDT", limit=2)
    history.credit(history.customer(owner=history.owner), "1")
    with db.read_only(tenant=history.tenant) as tx:
        second = statements.page(tx, owner=history.owner, asset="USDT", limit=2, cursor=first.next_cursor)
    assert second.items[0].balance_after == first.items[-1].balance_after - first.items[-1].amount


def test_somebody_else_sees_nothing(history):
    with db.read_only(tenant=history.tenant) as tx:
        assert statements.page(tx, owner=uuid7()).items == []
        assert statements.page(tx, owner=history.owner, realm="DEMO").items == []
