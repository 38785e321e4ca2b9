"""Accounts, their lines and single journals over HTTP: own ones for customers, all for readers of the ledger, others' for nobody."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kernel import db
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line, capture_line, move
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import service as journal

D = Decimal


@pytest.fixture(scope="module")
def booked(house):
    """A customer with two accounts, some holds and thirty lines; a second customer of another tenant with one."""
    house.accounts = {}
    with db.transaction(tenant=house.first) as tx:
        mine = accounts.customer(tx, customer_id=house.ids["retail"], asset="USDT")
        accounts.customer(tx, customer_id=house.ids["retail"], asset="BTC")
        outside = accounts.house(
            tx, path="external.deposits", asset="USDT", kind=AccountKind.EXTERNAL, normal_side="debit"
        )
        _post(tx, move(outside, mine, D(100)))
    for i in range(12):
        with db.transaction(tenant=house.first) as tx:
            _post(tx, [*move(mine, outside, D(i + 1) / 10), Line(mine, D("0.01")), Line(outside, D("-0.01"))])
    with db.transaction(tenant=house.first) as tx:
        for kind, amount in ((HoldKind.ORDER, "3"), (HoldKind.COLLATERAL, "4"), (HoldKind.ORDER, "1")):
            held = holds.open_hold(tx, account_id=mine, amount=D(amount), kind=kind, reference="test")
        taken = holds.capture(tx, hold_id=held, amount=D("0.5"))
        house.captured = _post(
            tx,
            [capture_line(mine, taken.amount, held_delta=taken.held_delta, hold_id=held), Line(outside, taken.amount)],
        )
    with db.transaction(tenant=house.second) as tx:
        other = accounts.customer(tx, customer_id=house.ids["other"], asset="USDT")
    house.accounts = {"mine": mine, "outside": outside, "other": other}
    return house


def _post(tx, lines):
    return journal.post(tx, [JournalIn(key=f"s/test:{uuid7()}", kind="test", lines=lines, meta={"why": "test"})])[0]


def _get(house, who, address, **params):
    return house.client.get(address, headers=house.auth(who), params=params)


def _all(house, who, address, limit, **params):
    items, cursor = [], None
    while True:
        page = _get(house, who, address, limit=limit, **params, **({"cursor": cursor} if cursor else {})).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_a_customer_sees_the_own_accounts(booked):
    shown = _all(booked, "retail", "/v1/accounts", 1)
    assert [a["asset"] for a in shown] == ["USDT", "BTC"]
    usdt = shown[0]
    assert usdt["id"] == str(booked.accounts["mine"])
    # 100 in, 7.8 out, 0.12 back, 0.5 captured
    assert (usdt["posted"], usdt["held"], usdt["available"]) == ("91.82", "7.5", "84.32")
    assert usdt["held_by_purpose"] == {"order": "3.5", "collateral": "4"}
    assert _get(booked, "retail", f"/v1/accounts/{usdt['id']}").json() == usdt
    balances = _get(booked, "retail", "/v1/balances").json()["items"]
    assert balances[0]["held_by_purpose"] == usdt["held_by_purpose"]
    assert _get(booked, "retail", "/v1/accounts", path="external").json()["items"] == []


def test_readers_of_the_ledger_see_all_of_their_tenant(booked):
    for who in ("finance", "auditor"):
        shown = {a["id"]: a for a in _all(booked, who, "/v1/accounts", 2)}
        assert {str(booked.accounts["mine"]), str(booked.accounts["outside"])} <= set(shown)
        assert str(booked.accounts["other"]) not in shown
        external = _get(booked, who, "/v1/accounts", path="external.").json()["items"]
        assert [a["path"] for a in external] == ["external.deposits:USDT"]
        assert (external[0]["posted"], external[0]["normal_side"]) == ("-91.82", "debit")


@pytest.mark.parametrize("part", ["", "/balance", "/entries"])
def test_others_accounts_are_not_there(booked, part):
    for who, which in (("retail", "outside"), ("retail", "other"), ("finance", "other"), ("other", "mine")):
        answer = _get(booked, who, f"/v1/accounts/{booked.accounts[which]}{part}")
        assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found"), (who, which)
    for nonsense in ("0", "x", "9" * 30):
        assert _get(booked, "finance", f"/v1/accounts/{nonsense}{part}").status_code == 400
    demo = booked.client.get(
        f"/v1/accounts/{booked.accounts['mine']}{part}",
        headers={**booked.auth("retail"), "Rivermouth-Realm": "demo"},
    )
    assert demo.status_code == 404


@pytest.mark.parametrize("limit", [1, 4, 7, 200])
def test_entries_run_down_to_zero_whatever_the_page(booked, limit):
    path = f"/v1/accounts/{booked.accounts['mine']}/entries"
    lines = _all(booked, "retail", path, limit)
    assert len(lines) == 1 + 12 * 2 + 1
    assert lines[0]["balance_after"] == "91.82"
    assert lines[0]["hold_id"] is not None
    after = D("91.82")
    for line in lines:
        assert D(line["balance_after"]) == after
        after -= D(line["amount"])
    assert after == 0
    assert len({(line["journal_id"], line["line"]) for line in lines}) == len(lines)


def test_a_page_stays_in_place_while_new_lines_come(booked):
    path = f"/v1/accounts/{booked.accounts['outside']}/entries"
    first = _get(booked, "finance", path, limit=5).json()
    expected = _get(booked, "finance", path, limit=10).json()["items"][5:]
    with db.transaction(tenant=booked.first) as tx:
        reserve = accounts.house(tx, path="house.reserve", asset="USDT", kind=AccountKind.HOUSE, normal_side="credit")
        _post(tx, move(reserve, booked.accounts["outside"], D(5)))
    again = _get(booked, "finance", path, limit=5, cursor=first["next_cursor"]).json()["items"]
    assert [(line["journal_id"], line["amount"], line["balance_after"]) for line in again] == [
        (line["journal_id"], line["amount"], line["balance_after"]) for line in expected
    ]
    with db.transaction(tenant=booked.first) as tx:
        _post(tx, move(booked.accounts["outside"], reserve, D(5)))


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzEsMiwiMyIsNF0", "WzEsLTEsIjAxOTAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSIsMV0"]
)
def test_a_cursor_from_elsewhere_is_refused(booked, cursor):
    answer = _get(booked, "retail", f"/v1/accounts/{booked.accounts['mine']}/entries", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_the_balance_now_and_then(booked):
    path = f"/v1/accounts/{booked.accounts['mine']}/balance"
    now = _get(booked, "retail", path).json()
    assert (now["balance"], now["asset"], now["id"]) == ("91.82", "USDT", str(booked.accounts["mine"]))
    before = _get(booked, "retail", path, at="2001-01-01T00:00:00Z")
    assert (before.status_code, before.json()["balance"]) == (200, "0"), before.text
    abroad = _get(booked, "retail", path, at="2001-01-01T08:00:00+08:00")
    assert abroad.json() == before.json()  # times on the wire are in UTC
    assert _get(booked, "retail", path, at="0001-01-01T00:00:00+14:00").status_code == 400
    ahead = _get(booked, "retail", path, at=(datetime.now(UTC) + timedelta(days=900)).isoformat())
    assert (ahead.status_code, ahead.json()["code"]) == (409, "not_final_yet")
    assert _get(booked, "retail", path, at="yesterday").status_code == 400


def test_one_journal_with_all_its_lines(booked):
    path = f"/v1/ledger/journals/{booked.captured}"
    shown = _get(booked, "finance", path).json()
    assert (shown["id"], shown["kind"], shown["meta"]) == (str(booked.captured), "test", {"why": "test"})
    assert shown["key"].startswith("s/test:")
    assert [(line["path"].split(":")[0], line["amount"], line["held_delta"]) for line in shown["lines"]] == [
        ("customer", "-0.5", "-0.5"),
        ("external.deposits", "0.5", "0"),
    ]
    missing = _get(booked, "finance", f"/v1/ledger/journals/{uuid7()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "journal_not_found")
    assert _get(booked, "retail", path).status_code == 403
