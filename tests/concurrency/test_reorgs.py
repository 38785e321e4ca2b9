"""The proof of reorganisations, small: real processes on a real node, and an oracle that sees what is wrong in the books."""

import random
from decimal import Decimal

import psycopg

from kernel import db, roles
from rivermouth.prove.reorg_desk import Parts, become
from rivermouth.prove.reorgs import COLUMNS, Size, play
from rivermouth.prove.report import Report
from wallet_bridge.funds import postings

HARM = [
    ("a final deposit of another amount", "final", "amount = amount + 1"),
    ("one that no block has", "orphaned", "status = 'suspense'"),
    ("one that is nobody's", "final", "customer_id = NULL, place = 'suspense', status = 'suspense'"),
]


def harmed(oracle):
    """Each harm to the books is found."""
    desk = oracle.desk
    assert oracle.problems() == []
    for what, status, harm in HARM:
        [(deposit,)] = desk.rows(f"SELECT id FROM wallet_bridge.deposits WHERE status = '{status}' ORDER BY id LIMIT 1")
        with desk.books.transaction() as harming:
            desk.rows(f"UPDATE wallet_bridge.deposits SET {harm} WHERE id = %s RETURNING id", deposit)
            assert oracle.problems(), what
            raise psycopg.Rollback(harming)
    assert oracle.problems() == []
    become(desk, roles.ENGINE)
    somebody = next(person for person in desk.people if person.kind == "plain")
    with db.transaction(tenant=desk.tenant) as tx:
        postings.deposit(tx, customer_id=somebody.id, asset="USDT", amount=Decimal(5), key="once more")
    [problem] = oracle.problems()
    assert str(somebody.id) in problem


def test_some_reorganisations_and_hostile_hooks_leave_the_books_as_the_chain(
    database, valkey_url, anvil, custody_url, tmp_path
):
    report = Report("small", "a chain that changes its mind", COLUMNS)
    parts = Parts(database.owner, valkey_url, custody_url, anvil, tmp_path)
    play(parts, report, size=Size(reorgs=6, hooks=90), rng=random.Random(11), inspect=harmed)
    assert report.failed == []
    counts = {row[0]: row[1] for row in report.rows}
    assert (counts["reorganisations"], counts["hooks"], counts["withdrawals"]) == (6, 90, 1)
