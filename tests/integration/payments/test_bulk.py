"""The bulk door says and does what `post_batch` does, for every kind of refusal, and keeps the books."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from kernel.money import InvalidAmount
from payments.accounts import service as accounts
from payments.chart import JournalIn, Line, move
from payments.journal import bulk, queries
from payments.journal import service as journal
from payments.journal.rules import fingerprint

D = Decimal


@pytest.fixture(autouse=True)
def books_balance(books):
    yield
    assert books.violations() == set()
    books.fold()
    assert books.violations() == set()


def _pay(key, payer, payee, amount, **rest):
    return JournalIn(key=f"s/{key}", kind="payout", lines=move(payer, payee, D(amount)), **rest)


def _statuses(books, journals, door):
    """One word per journal, from one door; nothing stays, so that the other door meets the same books."""
    with pytest.raises(ZeroDivisionError), books.tx() as tx:
        if door == "bulk":
            words = ["ok"] * len(journals)
            for answer in bulk.post_chunk(tx, journals):
                words[answer.item] = answer.status
        else:
            words = [answer.status for answer in queries.post_batch(tx, journals, atomic=False)]
        _ = 1 / 0
    return words


def test_one_account_pays_many(books):
    payer, payees = books.customer(), [books.customer() for _ in range(7)]
    books.credit(payer, "100")
    heard = []
    result = bulk.post_bulk(
        books.tenant,
        (_pay(f"pay:{n}", payer, payees[n % 7], "1.5") for n in range(50)),
        chunk=20,
        progress=lambda r: heard.append(r.posted),
    )
    assert (result.posted, result.existed, result.refused, heard) == (50, 0, [], [20, 40, 50])
    assert books.available(payer) == 25
    assert sum(books.available(p) for p in payees) == 75
    again = bulk.post_bulk(books.tenant, (_pay(f"pay:{n}", payer, payees[n % 7], "1.50") for n in range(50)))
    assert (again.posted, again.existed) == (0, 50)
    assert books.available(payer) == 25


def test_both_doors_agree_on_every_word(books):
    rich, poor, frozen, closed, demo = (
        books.customer(), books.customer(), books.customer(), books.customer(), books.customer(realm="DEMO"),
    )  # fmt: skip
    outside, btc, btc2 = books.outside(), books.outside("BTC"), books.customer("BTC")
    books.credit(rich, "100")
    books.credit(frozen, "5")
    books.fold()
    books.credit(poor, "10")  # in the tail only
    with books.tx() as tx:
        accounts.freeze(tx, frozen)
        accounts.close(tx, closed)
    books.pay(rich, outside, "1", key="s/old")
    journals = [
        _pay("a", rich, outside, "10"),
        _pay("b", poor, outside, "6"),
        _pay("c", poor, outside, "5"),  # after b too much
        _pay("d", poor, rich, "4"),  # fits what b left
        _pay("e", frozen, outside, "1"),
        _pay("f", outside, frozen, "1"),  # a frozen account may receive
        _pay("g", outside, closed, "1"),
        _pay("h", outside, demo, "1"),
        _pay("i", outside, 999_999_999, "1"),
        _pay("j", outside, rich, "0.0000001"),
        JournalIn(key="s/k", kind="payout", lines=[Line(outside, D(1)), Line(rich, D(-2))]),
        JournalIn(key="s/l", kind="payout", lines=[Line(outside, D(1)), Line(btc, D(-1))]),
        JournalIn(key="s/m", kind="payout", lines=[]),
        replace(_pay("old", rich, outside, "1"), kind="transfer"),
        replace(_pay("old2", rich, outside, "1"), key="s/old", kind="other"),
        replace(_pay("n", books.outside(realm="DEMO"), demo, "3"), realm="DEMO"),
        JournalIn(key="s/o", kind="split", lines=[Line(rich, D(-80)), Line(poor, D(-1)), Line(outside, D(81))]),
        _pay("p", rich, outside, "9.5"),
        JournalIn(key="s/q", kind="trade", lines=[*move(outside, rich, D(2)), *move(btc, btc2, D("0.5"))]),
        JournalIn(key="s/r", kind="trade", lines=[*move(outside, rich, D(2)), Line(btc, D(-1)), Line(btc2, D("0.5"))]),
    ]
    first, second = [j for j in journals if j.kind != "other"], [j for j in journals if j.kind == "other"]
    for batch in (first, second, first[::-1]):
        assert _statuses(books, batch, "bulk") == _statuses(books, batch, "batch")
    assert _statuses(books, first, "bulk") == [
        "ok", "ok", "insufficient_funds", "ok", "account_frozen", "ok", "account_closed", "realm_mismatch", "account_not_found",
        "amount_too_fine", "unbalanced", "unbalanced", "unbalanced", "exists", "ok", "insufficient_funds", "ok", "ok",
        "unbalanced",
    ]  # fmt: skip
    assert _statuses(books, second, "bulk") == ["exists_different"]
    result = bulk.post_bulk(books.tenant, first)
    assert (result.posted, result.existed, len(result.refused)) == (7, 1, 11)
    assert {r.item for r in result.refused} == {2, 4, 6, 7, 8, 9, 10, 11, 12, 15, 18}


def test_what_is_refused_leaves_its_key_free(books):
    payer, outside = books.customer(), books.outside()
    assert bulk.post_bulk(books.tenant, [_pay("x", payer, outside, "5")]).refused[0].status == "insufficient_funds"
    books.credit(payer, "5")
    assert bulk.post_bulk(books.tenant, [_pay("x", payer, outside, "5")]).posted == 1


def test_twins_in_one_chunk_are_one_journal(books):
    payer, outside = books.customer(), books.outside()
    books.credit(payer, "10")
    twins = [_pay("t", payer, outside, "2"), _pay("t", payer, outside, "2.0"), _pay("t", payer, outside, "3")]
    result = bulk.post_bulk(books.tenant, twins)
    assert (result.posted, result.existed, [r.status for r in result.refused]) == (1, 1, ["exists_different"])
    assert books.available(payer) == 8


def test_the_same_fingerprint_as_the_other_door(books):
    account, other, me = books.customer(), uuid7(), uuid7()
    full = JournalIn(
        key="c/import/ü:\t1\\n", kind='odd "kind"\\', lines=move(books.outside(), account, D("1.50")), principal=me, order_id=other,
        meta={"memo": 'tab\t, line\n, back\\slash, "quote", ü €', "amount": D("1.0"), "at": datetime(2026, 1, 1, tzinfo=UTC)},
        actor="some\tbody", effective_at=datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC),
    )  # fmt: skip
    assert bulk.post_bulk(books.tenant, [full]).posted == 1
    with books.tx() as tx:
        posted = journal.find(tx, key=full.key, principal=me)
        row = tx.one("SELECT * FROM payments.journals WHERE journal_id = :id", id=posted)
        assert tx.scalar("SELECT fp FROM payments.journal_keys WHERE journal_id = :id", id=posted) == fingerprint(full)
    assert (row.kind, row.actor, row.order_id, row.effective_at) == (full.kind, full.actor, other, full.effective_at)
    assert row.meta == {"memo": full.meta["memo"], "amount": "1", "at": "2026-01-01T00:00:00+00:00"}
    assert journal.post_batch(tenant=books.tenant, journals=[full])[0].status == "exists"
    with pytest.raises(ZeroDivisionError), books.tx() as tx:
        reversal = replace(full, key="c/import/2", kind="reversal", reverses=posted)
        queries.post_batch(tx, [reversal], atomic=False)
        assert [answer.status for answer in bulk.post_chunk(tx, [reversal])] == ["exists"]
        _ = 1 / 0


def test_a_dry_run_says_the_same_and_writes_nothing(books):
    payer, outside = books.customer(), books.outside()
    books.credit(payer, "10")
    journals = [_pay("1", payer, outside, "6"), _pay("2", payer, outside, "6"), _pay("3", payer, outside, "4")]
    with books.tx() as tx:
        assert [(r.item, r.status) for r in bulk.post_chunk(tx, journals, dry=True)] == [(1, "insufficient_funds")]
    assert books.available(payer) == 10
    assert bulk.post_bulk(books.tenant, journals).posted == 2


def test_lines_of_nothing_and_numbers_that_are_none(books):
    payer, outside, btc = books.customer(), books.outside(), books.outside("BTC")
    books.credit(payer, "1")
    with_nothing = JournalIn(key="s/z", kind="payout", lines=[*move(payer, outside, D(1)), Line(btc, D(0))])
    assert bulk.post_bulk(books.tenant, [with_nothing]).posted == 1
    for bad in ("NaN", "Infinity", "1e38"):
        with pytest.raises(InvalidAmount):
            bulk.post_bulk(books.tenant, [JournalIn(key="s/y", kind="t", lines=[Line(payer, D(bad))])])
    assert bulk.post_bulk(books.tenant, []).posted == 0


def test_bulks_in_both_directions_with_overspend_pressure(books):
    """Two owners pay each other from several threads, more than they have: no deadlock, no overspend, every key once."""
    left, right = books.customer(), books.customer()
    books.credit(left, "50")
    books.credit(right, "50")

    def run(number):
        payer, payee = (left, right) if number % 2 else (right, left)
        mixed = [_pay(f"{number}:{n}", *((payer, payee) if n % 3 else (payee, payer)), "1") for n in range(60)]
        result = bulk.post_bulk(books.tenant, mixed, chunk=15)
        return result.posted + len(result.refused)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(8))) == [60] * 8
    assert books.available(left) + books.available(right) == 100


def test_two_runs_of_the_same_bulk_at_once_post_each_key_once(books):
    payer, outside = books.customer(), books.outside()
    books.credit(payer, "1000")
    journals = [_pay(f"race:{n}", payer, outside, "1") for n in range(200)]
    unguarded = [_pay(f"free:{n}", outside, payer, "1") for n in range(200)]  # no payer's lock orders these

    def run(batch):
        return bulk.post_bulk(books.tenant, batch, chunk=50)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, [journals, journals[::-1], unguarded, unguarded[::-1]]))
    assert sum(r.posted for r in results) == 400
    assert all(not r.refused for r in results)
    assert books.available(payer) == 1000


def test_a_stage_that_somebody_else_made_is_refused(books):
    """Where callers may make temporary tables: theirs must not be read with the ledger's rights."""
    with roles.connect(books.database.owner) as owner:
        owner.execute(f"GRANT TEMPORARY ON DATABASE {books.database.name} TO {roles.APP}")
    with psycopg.connect(roles.conninfo(books.database.app)) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", [str(books.tenant)])
        connection.execute("CREATE TEMP TABLE stage_heads (item integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stage"):
            connection.execute("SELECT payments.open_stage()")


def test_the_stage_is_the_callers_to_fill_and_nothing_else(books):
    with psycopg.connect(roles.conninfo(books.database.app), autocommit=True) as connection:
        connection.execute("SELECT payments.open_stage()")
        for statement in (
            "SELECT * FROM stage_lines",
            "DELETE FROM stage_heads",
            "INSERT INTO stage_refused VALUES (1, 'ok')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="tenant"):
            connection.execute("SELECT payments.post_stage(false)")


def test_another_tenants_account_is_unknown(books, database):
    payer, theirs = books.customer(), uuid7()
    with db.transaction(tenant=theirs) as tx:
        foreign = accounts.customer(tx, customer_id=uuid7(), asset="USDT")
    answer = bulk.post_bulk(
        books.tenant, [_pay("foreign", books.outside(), foreign, "1"), _pay("own", books.outside(), payer, "1")]
    )
    assert [(r.item, r.status) for r in answer.refused] == [(0, "account_not_found")]
