"""The trial balance and the chart tell the same sums as the journal, folded or not, now and at a moment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel import db
from payments.balances import service as balances
from payments.days import service as days
from payments.errors import NotFinalYet
from payments.reports import service as reports
from payments.reports.errors import ChartTooWide

D = Decimal


def _trial(books, **rest):
    with db.read_only(tenant=books.tenant, repeatable=True) as tx:
        return reports.trial_balance(tx, realm=rest.pop("realm", "REAL"), **rest)


def _chart(books, **rest):
    with db.read_only(tenant=books.tenant, repeatable=True) as tx:
        return reports.chart(tx, realm=rest.pop("realm", "REAL"), **rest)


def test_both_columns_are_equal_per_asset(books):
    first, second, btc = books.customer(), books.customer(), books.customer("BTC")
    books.credit(first, "100")
    books.fold()
    books.credit(second, "20.5")  # in the tail
    books.credit(btc, "0.00000001", asset="BTC")
    books.customer(realm="DEMO")
    trial = _trial(books)
    assert {(r.asset, r.kind, r.accounts, r.debit, r.credit) for r in trial.rows} == {
        ("USDT", "customer", 2, 0, D("120.5")),
        ("USDT", "external", 1, D("120.5"), 0),
        ("BTC", "customer", 1, 0, D("0.00000001")),
        ("BTC", "external", 1, D("0.00000001"), 0),
    }
    assert [(t.asset, t.debit, t.credit, t.balanced) for t in trial.totals] == [
        ("USDT", D("120.5"), D("120.5"), True),
        ("BTC", D("0.00000001"), D("0.00000001"), True),
    ]
    assert [(r.kind, r.debit, r.credit) for r in _trial(books, realm="DEMO").rows] == [("customer", 0, 0)]


def _jump(books, by):
    """Move the business clock, as if the jump lay long ago."""
    books.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + %s', (by,))
    with books.superuser() as root:
        root.execute("UPDATE kernel.clock SET changed_at = '-infinity'")


def test_broken_books_show(books):
    account = books.customer()
    books.credit(account, "7")
    with books.superuser() as root:
        root.execute("UPDATE payments.entries SET amount = 8 WHERE account_id = %s", (account,))
    assert [t.balanced for t in _trial(books).totals] == [False]


def test_a_moment_of_the_past(books):
    account = books.customer()
    books.credit(account, "5")
    with db.read_only(tenant=books.tenant) as tx:
        between = tx.now
    with pytest.raises(NotFinalYet):
        _trial(books, at=between)
    _jump(books, timedelta(hours=1))
    books.credit(account, "10")
    assert [(r.kind, r.debit, r.credit) for r in _trial(books, at=between).rows] == [
        ("customer", 0, 5),
        ("external", 5, 0),
    ]
    assert _trial(books, at=between - timedelta(days=1)).totals[0].credit == 0
    assert _chart(books, at=between)[0].sums == {"USDT": 5}
    with pytest.raises(NotFinalYet):
        _chart(books, at=between + timedelta(hours=2))


def test_closed_days_change_no_report_of_the_past(books):
    """Each moment's sum is that of the account itself, also at the border of two days, before and after the days are closed."""
    account, moments = books.customer(), []
    for n in range(1, 6):
        _jump(books, timedelta(hours=17))
        books.credit(account, str(n))
        if n % 2:
            books.fold()
        with db.read_only(tenant=books.tenant) as tx:
            moments += [tx.now, tx.now.replace(hour=0, minute=0, second=0, microsecond=0)]
    _jump(books, timedelta(minutes=5))

    def seen():
        with db.read_only(tenant=books.tenant, repeatable=True) as tx:
            alone = [balances.at(tx, account, moment) for moment in moments]
            sums = [reports.trial_balance(tx, realm="REAL", at=moment).totals[0].credit for moment in moments]
            tree = [reports.chart(tx, realm="REAL", under="customer", at=moment)[0].sums["USDT"] for moment in moments]
        assert alone == sums == tree
        return sums

    before = seen()
    assert before[::2] == [1, 3, 6, 10, 15]
    db.configure(books.database.engine)
    assert days.close_due() is not None
    db.configure(books.database.app)
    assert seen() == before


def test_the_chart_is_a_tree_with_sums(books):
    usdt, btc, other = books.customer(), books.customer("BTC"), books.customer()
    books.credit(usdt, "100")
    books.fold()
    books.credit(btc, "2", asset="BTC")
    books.pay(usdt, other, "30")
    customers, external = _chart(books)
    assert (customers.path, customers.accounts, customers.sums) == ("customer", 3, {"USDT": 100, "BTC": 2})
    assert (external.path, external.accounts, external.sums) == ("external", 2, {"USDT": -100, "BTC": -2})
    assert customers.children == {}
    deep = _chart(books, depth=3)
    assert [b.sums for b in deep] == [customers.sums, external.sums]
    assert set(deep[1].children) == {"deposits"}
    assert {leaf.path for leaf in deep[1].children["deposits"].children.values()} == {
        "external:deposits:USDT",
        "external:deposits:BTC",
    }
    one = next(iter(deep[0].children.values()))
    assert [b.path for b in _chart(books, under=one.path)] == [leaf.path for leaf in one.children.values()]
    assert [b.path for b in _chart(books, under="external.deposits", depth=6)] == [
        "external:deposits:BTC",
        "external:deposits:USDT",
    ]
    assert _chart(books, under="nothing") == []


def test_a_chart_without_end_is_refused(books, monkeypatch):
    monkeypatch.setattr(reports, "WIDEST", 2)
    for _ in range(3):
        books.customer()
    with pytest.raises(ChartTooWide):
        _chart(books, depth=2)
    assert _chart(books)[0].accounts == 3


def test_over_http(house):
    answer = house.client.get("/v1/ledger/trial-balance", headers=house.auth("finance"))
    assert answer.status_code == 200
    assert answer.json()["realm"] == "REAL"
    late = {"at": "2100-01-01T00:00:00Z"}
    assert (
        house.client.get("/v1/ledger/trial-balance", params=late, headers=house.auth("auditor")).json()["code"]
        == "not_final_yet"
    )
    chart = house.client.get("/v1/ledger/chart", params={"depth": 2, "under": "a:b"}, headers=house.auth("finance"))
    assert chart.json() == {"realm": "REAL", "under": "a:b", "items": []}
    assert (
        house.client.get("/v1/ledger/chart", params={"at": "2026-01-01"}, headers=house.auth("finance")).status_code
        == 400
    )
