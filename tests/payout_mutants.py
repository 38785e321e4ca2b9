"""Payouts that are wrong on purpose, for the workers of the proof: each is named by it as a change."""

from uuid import uuid4

from earn.payouts import postings, queries, service
from earn.payouts.record import Due
from kernel import db, failpoints


def paid_before_the_journal():
    """The rows are marked paid in one transaction, their journals are written in the next."""

    def batch(tenant, run_id, by, place):
        with db.transaction(tenant=tenant) as tx:
            rows = queries.claim(tx, by=by, after=place, limit=service.BATCH)
            service.settle(tx, rows)
            queries.progress(tx, run_id, paid=len(rows), refused=0)
        if rows:
            failpoints.hit("earn.payout.before_commit")
            with db.transaction(tenant=tenant) as tx:
                postings.pay(tx, rows)
        return rows, service.Paid(run_id, len(rows), 0)

    service._batch = batch


def key_by_chance():
    """A journal is not named after its row: whoever posts it again posts it twice."""
    Due.key = property(lambda row: f"s/earn.payout:{uuid4()}")


def journal_before_the_row():
    """The other way round, under keys by chance: what died in between is paid once more."""
    key_by_chance()

    def batch(tenant, run_id, by, place):
        with db.transaction(tenant=tenant) as tx:
            rows = queries.claim(tx, by=by, after=place, limit=service.BATCH)
            postings.pay(tx, rows)
        if rows:
            failpoints.hit("earn.payout.before_commit")
        with db.transaction(tenant=tenant) as tx:
            service.settle(tx, rows)
            queries.progress(tx, run_id, paid=len(rows), refused=0)
        return rows, service.Paid(run_id, len(rows), 0)

    service._batch = batch
