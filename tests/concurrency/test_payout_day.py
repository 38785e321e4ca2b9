"""The day of the proof, small: ten thousand rows due, paid by real workers that are killed; and workers that are wrong, which it finds."""

import random

import pytest

from identity.tenants import service as tenants
from kernel import db
from kernel.ids import uuid7
from rivermouth.prove.payout import COLUMNS, Size, pay_a_day
from rivermouth.prove.report import Report


def paid(database, *, rows, kills, timed=True, change=None):
    report, tenant = Report("small", "a small day", COLUMNS), uuid7()
    db.configure(database.engine, pool_size=4)
    try:
        tenants.ensure(tenant, name="Payout")
        size = Size(rows, kills=kills, batch=max(rows // 100, 5), timed=timed)
        pay_a_day(database.owner, tenant, report, size=size, rng=random.Random(8), change=change)
    finally:
        db.dispose()
    return report


def test_ten_thousand_rows_are_paid_once_by_workers_that_are_killed(database):
    report = paid(database, rows=10_000, kills=5)
    assert report.failed == []
    parts = {row[0]: row for row in report.rows}
    assert parts["rows"][1] == 10_008
    assert {"bare INSERT … SELECT", "bare loop, a commit each", "payout into one account"} <= parts.keys()


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ("paid_before_the_journal", "each row was paid once"),
        ("key_by_chance", "each row was paid once"),
        ("journal_before_the_row", "every customer has what was calculated"),
    ],
)
def test_a_wrong_payout_is_found(database, change, promise):
    report = paid(database, rows=300, kills=3, timed=False, change=f"tests.payout_mutants:{change}")
    assert any(failed.startswith(promise) for failed in report.failed), report.failed
