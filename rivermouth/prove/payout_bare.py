"""What the payout is measured beside: the same rows of the plan written as journals and lines into bare tables of the same shape.

No key, no account that is looked at, no rule, no lock, no state of the plan: one INSERT … SELECT for all of them, or a loop that commits
each row. The tables have the ledger's columns, checks and indexes, and are emptied again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from kernel import clock
from rivermouth.prove.payout_book import PayoutBook

_JOURNALS = """
INSERT INTO prove.journals (journal_id, tenant_id, realm, kind, booked_at, meta)
SELECT {id}, s.tenant_id, 'REAL', 'earn_payout', %(by)s, jsonb_build_object('subscription', r.subscription_id, 'seq', r.seq)
  FROM earn.repayment_rows r JOIN earn.subscriptions s ON s.id = r.subscription_id
 WHERE r.tenant_id = %(tenant)s AND r.status = 'pending' AND {which}"""
_LINES = """
INSERT INTO prove.entries (journal_id, line, tenant_id, account_id, asset_id, amount, epoch)
SELECT d.id, l.line, s.tenant_id, l.account, a.asset_id, l.amount, 1
  FROM {journals} JOIN earn.repayment_rows r ON r.subscription_id = d.subscription AND r.seq = d.seq
  JOIN earn.subscriptions s ON s.id = r.subscription_id
  JOIN payments.accounts a ON a.account_id = s.account_id
  JOIN prove.houses h ON h.template_id = s.template_id
 CROSS JOIN LATERAL (VALUES (1, h.interest, -r.interest), (2, h.principal, -r.principal),
                            (3, s.account_id, r.interest + r.principal)) l (line, account, amount)
 WHERE l.amount <> 0"""
_OF = """(SELECT j.journal_id AS id, CAST(j.meta->>'subscription' AS uuid) AS subscription, CAST(j.meta->>'seq' AS integer) AS seq
            FROM prove.journals j) d"""
_ONE = "(SELECT %(id)s::uuid AS id, %(subscription)s::uuid AS subscription, %(seq)s AS seq) d"
_ALL = "r.due_at > %(after)s AND r.due_at <= %(by)s"


class Took(NamedTuple):
    rows: int
    seconds: float

    @property
    def rate(self) -> int:
        return int(self.rows / self.seconds)


def prepare(book: PayoutBook) -> None:
    for name in ("journals", "entries"):
        book.connection.execute(f"CREATE TABLE prove.{name} (LIKE payments.{name} INCLUDING ALL)")
    book.connection.execute(
        """CREATE TABLE prove.houses AS
           SELECT t.template_id, (SELECT a.account_id FROM payments.accounts a WHERE a.path = 'earn.interest.' || t.template_id || ':USDT')
                  AS interest, (SELECT a.account_id FROM payments.accounts a WHERE a.path = 'earn.principal.' || t.template_id || ':USDT')
                  AS principal FROM (SELECT DISTINCT template_id FROM earn.subscriptions) t"""
    )


def all_at_once(book: PayoutBook, *, after: datetime, by: datetime) -> Took:
    """Every row that is due between two moments, in one transaction of two statements."""
    given = {"tenant": book.tenant, "after": after, "by": by}
    book.connection.execute("TRUNCATE prove.journals, prove.entries")
    began = clock.monotonic()
    with book.connection.transaction():
        done = book.connection.execute(_JOURNALS.format(id="uuidv7()", which=_ALL), given)
        book.connection.execute(_LINES.format(journals=_OF))
    return Took(done.rowcount, clock.monotonic() - began)


def row_by_row(book: PayoutBook, *, after: datetime, by: datetime, sample: int) -> Took:
    """The same two statements for one row in a transaction of its own, over the first rows of a sample."""
    run, given = book.connection.execute, dict[str, Any](tenant=book.tenant, by=by)
    run("TRUNCATE prove.journals, prove.entries")
    rows = run(
        f"""SELECT r.subscription_id, r.seq, uuidv7() FROM earn.repayment_rows r WHERE r.tenant_id = %(tenant)s AND r.status = 'pending'
               AND {_ALL} ORDER BY r.due_at, r.subscription_id, r.seq LIMIT %(sample)s""",
        given | {"after": after, "sample": sample},
    ).fetchall()  # fmt: skip
    which = "r.subscription_id = %(subscription)s AND r.seq = %(seq)s"
    began = clock.monotonic()
    for subscription, seq, journal in rows:
        one = {**given, "subscription": subscription, "seq": seq, "id": journal}
        with book.connection.transaction():
            run(_JOURNALS.format(id="%(id)s", which=which), one)
            run(_LINES.format(journals=_ONE), one)
    return Took(len(rows), clock.monotonic() - began)
