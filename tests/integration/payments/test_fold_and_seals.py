"""The fold: complete, exactly once, cut between transactions, sealed. A seal is recomputed here by other means than the ledger's."""

import hashlib
import json
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from kernel.money import canonical
from payments.balances import service as balances
from payments.chart import JournalIn, move
from payments.invariants import INVARIANTS
from payments.journal import service as journal
from payments.orders.invariants import INVARIANTS as PAYMENT_ORDERS

D = Decimal


@pytest.fixture
def account(books):
    return books.customer()


def _seals(books):
    return books.engine.execute(
        "SELECT seal_no, epoch, xid_from::text, xid_to::text, n, prev, hash, sums FROM payments.seals ORDER BY 1"
    ).fetchall()


def test_a_pass_is_cut_between_transactions(books, account):
    outside = books.outside()
    for _ in range(3):
        with books.tx() as tx:  # 4 entries in one transaction
            journal.post(
                tx, [JournalIn(key=books.key(), kind="t", lines=move(outside, account, D(1))) for _ in range(2)]
            )
    folded = []
    while (n := books.fold(5)[0]) > 0:
        folded.append(n)
        assert books.violations() == set()
    assert folded == [4, 4, 4]  # 5 would tear the second transaction
    assert books.row(account) == (6, 0)


def test_one_transaction_above_the_limit_is_folded_whole(books, account):
    outside = books.outside()
    for n in (1, 5, 1):
        with books.tx() as tx:
            journal.post(
                tx, [JournalIn(key=books.key(), kind="t", lines=move(outside, account, D(1))) for _ in range(n)]
            )
    folded = []
    while (n := books.fold(3)[0]) > 0:
        folded.append(n)
    assert folded == [2, 10, 2]
    assert books.violations() == set()


def test_folding_again_adds_nothing(books, account):
    books.credit(account, "3")
    books.fold()
    books.fold()
    assert books.row(account)[0] == 3
    assert len(_seals(books)) == 1


def test_the_service_folds_as_the_engine_and_idles_for_free(books, account):
    books.credit(account, "3")
    db.configure(books.database.engine)
    with db.read_only() as tx:
        waiting = balances.fold_lag(tx)
    assert waiting.entries == 2
    assert waiting.age_s >= 0
    done = balances.fold()
    assert (done.folded, done.accounts, done.left, done.seal_no) == (2, 2, 0, 1)
    before = books.engine.execute("SELECT xmin::text, w::text FROM payments.fold_state WHERE stream = 'ledger'").fetchone()
    assert balances.fold() == balances.FoldResult(0, 0, 0, None)
    assert books.engine.execute("SELECT xmin::text, w::text FROM payments.fold_state WHERE stream = 'ledger'").fetchone() == before
    with db.read_only() as tx:
        assert balances.fold_lag(tx) == balances.FoldLag(0, 0.0)
        assert balances.verify_seals(tx) == []


def test_two_folders_are_harmless(books, account):
    books.credit(account, "3")
    with psycopg.connect(roles.conninfo(books.database.engine)) as first:
        first.execute("SELECT * FROM payments.fold(10)")
        books.engine.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            books.fold()  # waits its turn
        first.commit()
    books.fold()
    assert books.row(account)[0] == 3


def test_a_rolled_back_writer_leaves_no_trace_and_no_gap(books, account):
    outside = books.outside()
    with pytest.raises(ZeroDivisionError), books.tx() as tx:
        journal.post(tx, [JournalIn(key="s/lost:1", kind="t", lines=move(outside, account, D(7)))])
        _ = 1 / 0
    books.credit(account, "1")
    books.fold()
    assert books.row(account)[0] == 1
    assert books.violations() == set()


def test_the_seal_is_the_hash_it_says(books, account):
    """sha256(prev, leaves) written down once more, in Python; a leaf is journal, line and the sha256 of the row."""
    order = uuid7()
    books.post(
        *move(books.outside(), account, D("1.50")),
        order_id=order,
        meta={"note": "a|b\nc", "price": D("1.10")},
        actor="téster",
    )
    books.fold()
    books.hold(account, "1")
    books.credit(account, "2")
    books.fold()
    prev = b""
    for _, epoch, start, end, n, stored_prev, stored, _ in _seals(books):
        rows = books.engine.execute(
            """SELECT e.epoch, e.xid::text, e.journal_id, e.line, e.account_id, e.asset_id, e.amount, e.held_delta, e.hold_id,
                      j.tenant_id, j.realm, j.kind, j.order_id, j.reverses, j.booked_at, j.effective_at, j.actor, j.meta::text
                 FROM payments.entries e JOIN payments.journals j USING (journal_id)
                WHERE e.epoch = %s AND e.xid >= %s::text::xid8 AND e.xid < %s::text::xid8 ORDER BY e.xid, e.journal_id, e.line""",
            (epoch, start, end),
        ).fetchall()
        assert len(rows) == n
        leaves = b"".join(
            row[2].bytes + row[3].to_bytes(2, "big") + hashlib.sha256(_canonical_row(row).encode()).digest()
            for row in rows
        )
        assert stored_prev == prev
        prev = hashlib.sha256(prev + leaves).digest()
        assert stored == prev
    assert len(_seals(books)) == 2


def _canonical_row(row):
    epoch, xid, journal_id, line, account_id, asset_id, amount, held, hold_id, *head = row
    tenant, realm, kind, order_id, reverses, booked_at, _effective, actor, meta = head
    micros = int(booked_at.timestamp()) * 1_000_000 + booked_at.microsecond
    known = [
        str(journal_id),
        str(tenant),
        realm,
        kind,
        str(order_id) if order_id else None,
        str(reverses) if reverses else None,
        micros,
        None,
        actor,
    ]
    listed = json.dumps(known, ensure_ascii=False)[:-1] + ", " + meta + "]"
    digest = hashlib.sha256(listed.encode()).hexdigest()
    fields = [
        epoch,
        xid,
        journal_id,
        line,
        account_id,
        asset_id,
        canonical(amount),
        canonical(held),
        hold_id or "-",
        digest,
    ]
    return "|".join(str(f) for f in fields)


def test_the_sums_of_a_seal_are_the_turnover_of_each_tenant(books, account):
    books.credit(account, "1.50"), books.credit(account, "2")
    first, books.tenant = books.tenant, uuid7()
    books.credit(books.customer("BTC"), "0.25", asset="BTC")
    books.fold()
    assert _seals(books)[0][7] == {str(first): {"USDT": "3.5"}, str(books.tenant): {"BTC": "0.25"}}


TAMPERING = {
    "an amount": (
        "row_changed",
        1,
        "UPDATE payments.entries SET amount = amount + 0.000001 WHERE journal_id = %s AND line = 1",
    ),
    "a held delta": (
        "row_changed",
        2,
        "UPDATE payments.entries SET held_delta = -0.000001 WHERE journal_id = %s AND line = 2",
    ),
    "an account": (
        "row_changed",
        1,
        "UPDATE payments.entries SET account_id = 1 WHERE journal_id = %s AND account_id = 2",
    ),
    "a line removed": ("row_missing", 2, "DELETE FROM payments.entries WHERE journal_id = %s AND line = 2"),
    "the kind of the journal": ("row_changed", 1, "UPDATE payments.journals SET kind = 'gift' WHERE journal_id = %s"),
    "the time of the journal": (
        "row_changed",
        1,
        "UPDATE payments.journals SET booked_at = booked_at + interval '1 microsecond' WHERE journal_id = %s",
    ),
    "the explanation": (
        "row_changed",
        1,
        'UPDATE payments.journals SET meta = \'{"note": "b"}\' WHERE journal_id = %s',
    ),
    "the journal removed": ("row_changed", 1, "DELETE FROM payments.journals WHERE journal_id = %s"),
}
TAMPERED_SEALS = {
    "hash": ("hash_broken", "UPDATE payments.seals SET hash = sha256(hash) WHERE seal_no = 2"),
    "range": ("range_broken", "UPDATE payments.seals SET xid_from = '1' WHERE seal_no = 2"),
    "sums": ("sums_changed", "UPDATE payments.seals SET sums = '{}' WHERE seal_no = 2"),
    "count": ("count_changed", "UPDATE payments.seals SET n = 3 WHERE seal_no = 2"),
    "leaves": (
        "hash_broken",
        "UPDATE payments.seal_leaves SET leaves = sha256('') || substr(leaves, 33) WHERE seal_no = 2",
    ),
    "leaves removed": ("hash_broken", "DELETE FROM payments.seal_leaves WHERE seal_no = 2"),
}


def _three_seals(books, account):
    journals = []
    for amount in ("1", "2", "3"):
        journals.append(books.post(*move(books.outside(), account, D(amount)), meta={"note": "a"}))
        books.fold()
    return journals


def _verified(books):
    db.configure(books.database.engine)
    with db.read_only() as tx:
        return balances.verify_seals(tx)


@pytest.mark.parametrize("what", TAMPERING)
def test_a_changed_byte_names_its_seal_and_its_row(books, account, what):
    journals = _three_seals(books, account)
    fault, line, statement = TAMPERING[what]
    with books.superuser() as superuser:
        assert superuser.execute(statement, (journals[1],)).rowcount == 1
    assert _verified(books) == [balances.BrokenSeal(2, fault, journals[1], line)]
    assert "seals_hold" in books.violations()


@pytest.mark.parametrize("what", TAMPERED_SEALS)
def test_a_changed_seal_is_named(books, account, what):
    _three_seals(books, account)
    fault, statement = TAMPERED_SEALS[what]
    with books.superuser() as superuser:
        superuser.execute(statement)
    assert (2, fault) in {(b.seal_no, b.fault) for b in _verified(books)}
    assert "seals_hold" in books.violations()


def test_an_entry_moved_to_another_seal_is_missed_here_and_found_there(books, account):
    journals = _three_seals(books, account)
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE payments.entries SET xid = (SELECT xid_to FROM payments.seals WHERE seal_no = 1) WHERE journal_id = %s AND line = 1",
            (journals[0],),
        )
    assert [(b.seal_no, b.fault, b.journal_id, b.line) for b in _verified(books)] == [
        (1, "row_missing", journals[0], 1),
        (2, "row_added", journals[0], 1),
    ]


def test_a_stretch_of_the_chain_can_be_checked_alone(books, account):
    journals = _three_seals(books, account)
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE payments.entries SET amount = amount * 2 WHERE journal_id = %s AND line = 2", (journals[2],)
        )
    db.configure(books.database.engine)
    with db.read_only() as tx:
        assert balances.check_seals(tx, first=1, last=2) == []
        assert [b.seal_no for b in balances.check_seals(tx, first=3, last=3)] == [3]


def test_an_inserted_old_entry_is_in_no_honest_seal(books, account):
    first = books.credit(account, "1")
    books.fold()
    with books.superuser() as superuser:
        added = superuser.execute(
            """INSERT INTO payments.entries SELECT uuidv7(), line, tenant_id, account_id, asset_id, amount, held_delta, hold_id, epoch, xid
                 FROM payments.entries WHERE journal_id = %s RETURNING journal_id""",
            (first,),
        ).fetchone()[0]
    assert [(b.seal_no, b.fault, b.journal_id) for b in _verified(books)] == [(1, "row_added", added)]
    assert {"seals_hold", "journals_are_whole", "posted_is_the_folded_journal"} <= books.violations()


def test_a_removed_seal_breaks_the_chain(books, account):
    for _ in range(3):
        books.credit(account, "1")
        books.fold()
    with books.superuser() as superuser:
        superuser.execute("DELETE FROM payments.seals WHERE seal_no = 2")
    db.configure(books.database.engine)
    with db.read_only() as tx:
        faults = balances.verify_seals(tx)
    assert (3, "chain_broken") in {(b.seal_no, b.fault) for b in faults}
    assert any(b.fault == "entry_unsealed" for b in faults)


PLANTED = {
    "journal_sums_to_zero": "UPDATE payments.entries SET amount = amount + 0.5 WHERE line = 1",
    "books_sum_to_zero": "UPDATE payments.entries SET amount = amount + 0.5 WHERE line = 1",
    "posted_is_the_folded_journal": "UPDATE payments.balances SET posted = posted + 1",
    "held_is_open_holds_and_tail": "UPDATE payments.balances SET held = held + 1",
    "nothing_overspent": "UPDATE payments.holds SET amount = amount + 1000",
    "journals_are_whole": "DELETE FROM payments.journal_keys",
    "captures_are_booked": "UPDATE payments.holds SET captured = captured + 1",
    "implicit_holds_are_complete": "UPDATE payments.entries SET held_delta = 0 WHERE held_delta < 0 AND hold_id IS NULL",
    "seals_hold": "DELETE FROM payments.seal_leaves",
    "reversals_are_mirrors": "UPDATE payments.journals SET kind = 'reversal'",
    "keys_are_once": "INSERT INTO payments.journal_keys SELECT tenant_id, principal_id, key || 'x', fp, journal_id FROM payments.journal_keys",
    "rebuild_is_the_projection": "UPDATE payments.balances SET posted = posted + 1",
    "pool_and_suspense_keep_their_limits": """UPDATE payments.journals SET kind = 'rounding';
        UPDATE payments.accounts SET kind = 'pool' WHERE kind = 'external'""",
    "days_are_the_journal": "INSERT INTO payments.days SELECT current_date, now() + interval '1 day', now()",
    "entries_are_untouched": "UPDATE payments.entries SET amount = amount",
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_invariant_finds_its_planted_fault(books, account, name):
    books.credit(account, "10")
    books.pay(account, books.outside(), "1")
    hold_id = books.hold(account, "4")
    books.capture(hold_id, "1", books.outside())
    books.fold()
    books.pay(account, books.outside(), "1")
    assert books.violations() == set()
    with books.superuser() as superuser:
        superuser.execute(PLANTED[name])
    assert name in books.violations()


def test_every_invariant_has_a_planted_fault():
    assert {i.name for i in INVARIANTS if i not in PAYMENT_ORDERS} == set(PLANTED)
