"""Balances at a past time, closed days, and old months that leave for an archive. Time passes here by the business clock of the database."""

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors

from kernel import db, roles
from kernel.ids import uuid7
from payments.balances import service as balances
from payments.days import service as days
from payments.errors import AccountNotFound, LedgerArchived, NotFinalYet
from payments.partitions import service as partitions
from payments.partitions.errors import MonthNotArchivable
from payments.reports import service as reports

D = Decimal


@pytest.fixture
def clock(books):
    return Clock(books)


class Clock:
    """Moves the business clock; with `settle` the jump counts as long ago, as it does a minute later."""

    def __init__(self, books):
        self.books = books

    def jump(self, by, *, settle=True):
        self.books.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + %s', (by,))
        if settle:
            self.settle()

    def settle(self):
        with psycopg.connect(roles.conninfo(self.books.database.superuser), autocommit=True) as superuser:
            superuser.execute("UPDATE kernel.clock SET changed_at = '-infinity'")

    def now(self):
        return self.books.engine.execute("SELECT kernel.business_now()").fetchone()[0]


def _at(books, account, when):
    with db.read_only(tenant=books.tenant) as tx:
        return balances.at(tx, account, when)


def _as_engine(books):
    db.configure(books.database.engine)


def _midnight(when):
    return when.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _history(books, clock, steps=6):
    """A credit each 17 hours, half of them folded at once; returns the account and (time after it, sum so far)."""
    account, known, total = books.customer(), [(clock.now(), D(0))], D(0)
    for n in range(1, steps + 1):
        clock.jump(timedelta(hours=17))
        books.credit(account, str(n))
        if n % 2:
            books.fold()
        total += n
        known.append((clock.now(), total))
    clock.jump(timedelta(minutes=5))
    return account, known


def test_nothing_is_final_while_a_transaction_of_that_time_may_still_commit(books):
    """The timeout ends a transaction before its commit, never within it."""
    longest, final_after = books.engine.execute(
        """SELECT max(CAST(substr(setting, 21) AS interval)), payments.write_limit() FROM pg_roles, unnest(rolconfig) AS setting
            WHERE setting LIKE 'transaction_timeout=%%' AND rolname LIKE 'rivermouth%%'"""
    ).fetchone()
    assert final_after >= longest + timedelta(seconds=30)


def test_a_balance_at_any_time_is_what_was_booked_until_then(books, clock):
    account, known = _history(books, clock)
    assert [_at(books, account, when) for when, _ in known] == [total for _, total in known]
    _as_engine(books)
    closed = days.close_due()
    assert closed is not None
    db.configure(books.database.app)
    assert [_at(books, account, when) for when, _ in known] == [total for _, total in known]
    midnights = {_midnight(when) + timedelta(days=1) for when, _ in known[1:-1]}
    for midnight in midnights - {
        max(midnights)
    }:  # the first moment of a day included; the last one may lie ahead of us
        assert _at(books, account, midnight) == max(total for at, total in known if at <= midnight)
    assert books.violations() == set()


def test_the_present_is_not_final_yet(books, clock):
    account, known = _history(books, clock, steps=2)
    with pytest.raises(NotFinalYet):
        _at(books, account, clock.now())
    with pytest.raises(NotFinalYet):
        _at(books, account, clock.now() + timedelta(days=1))
    clock.jump(timedelta(days=1), settle=False)  # somebody may still be writing who read the clock before
    with pytest.raises(NotFinalYet):
        _at(books, account, known[-1][0])
    _as_engine(books)
    assert days.close_due() is None
    db.configure(books.database.app)
    clock.settle()
    assert _at(books, account, known[-1][0]) == 3


def test_a_foreign_account_is_not_there(books, clock):
    account, known = _history(books, clock, steps=1)
    books.tenant = uuid7()
    with pytest.raises(AccountNotFound):
        _at(books, account, known[0][0])


def test_days_are_closed_once_and_only_for_accounts_that_moved(books, clock):
    account, known = _history(books, clock)
    idle = books.customer()
    _as_engine(books)
    assert days.close_due() is not None
    assert days.close_due() is None
    rows = books.engine.execute(
        "SELECT day, posted FROM payments.balance_daily WHERE account_id = %s ORDER BY 1", (account,)
    ).fetchall()
    by_day = {}
    for when, total in known[1:]:
        by_day[when.astimezone(UTC).date()] = total
    last = books.engine.execute("SELECT max(day) FROM payments.days").fetchone()[0]
    assert dict(rows) == {day: total for day, total in by_day.items() if day <= last}
    assert (
        books.engine.execute("SELECT count(*) FROM payments.balance_daily WHERE account_id = %s", (idle,)).fetchone()[0]
        == 0
    )
    gaps = books.engine.execute("SELECT max(day) - min(day) + 1 - count(*) FROM payments.days").fetchone()[0]
    assert gaps == 0
    with (
        psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        superuser.execute("UPDATE payments.balance_daily SET posted = 0")


def test_a_run_that_was_killed_between_two_steps_is_finished_by_the_next(books, clock):
    account, _ = _history(books, clock)
    first, last = books.engine.execute(
        "SELECT (min(booked_at) AT TIME ZONE 'UTC')::date, (kernel.business_now() AT TIME ZONE 'UTC')::date - 1 FROM payments.journals"
    ).fetchone()
    assert books.engine.execute("SELECT payments.write_days(%s, %s, 0, 1)", (first, last)).fetchone()[0] is not None
    _as_engine(books)
    assert days.close_due() is not None
    assert books.violations() == set()
    assert (
        books.engine.execute(
            "SELECT count(*) FROM payments.balance_daily WHERE account_id = %s", (account,)
        ).fetchone()[0]
        > 1
    )


def test_a_day_that_is_not_final_cannot_be_written(books, clock):
    books.credit(books.customer(), "1")
    today = clock.now().date()
    for call in ("write_days(%s, %s, 0, 10)", "close_days(%s, %s)"):
        with pytest.raises(errors.ObjectNotInPrerequisiteState):
            books.engine.execute(f"SELECT payments.{call}", (today, today))


# rebuild


def test_a_projection_that_is_wrong_is_rebuilt_and_never_plugged(books):
    account, other = books.customer(), books.customer()
    books.credit(account, "10"), books.credit(other, "1")
    books.hold(account, "4")
    books.fold()
    books.pay(account, other, "2")
    with books.superuser() as superuser:
        superuser.execute(
            "UPDATE payments.balances SET posted = posted + 5, held = held + 1 WHERE account_id = %s", (account,)
        )
    journals = books.engine.execute("SELECT count(*) FROM payments.journals").fetchone()[0]
    assert {"posted_is_the_folded_journal", "held_is_open_holds_and_tail"} <= books.violations()
    _as_engine(books)
    assert balances.rebuild([other]) == 0
    assert balances.rebuild() == 1
    assert balances.rebuild() == 0
    assert books.violations() == set()
    assert (books.exact(account), books.available(account)) == ((8, 4), 4)
    assert books.engine.execute("SELECT count(*) FROM payments.journals").fetchone()[0] == journals


def test_only_the_engine_rebuilds(books):
    with pytest.raises(errors.InsufficientPrivilege), psycopg.connect(roles.conninfo(books.database.app)) as app:
        app.execute("SELECT payments.rebuild('{}')")


# archive


@pytest.fixture
def old_month(books, clock, tmp_path):
    """Journals of two months ago, with a hold that was captured then; the days up to last week are closed."""
    books.account, books.into = books.customer(), tmp_path / "archive"
    books.credit(books.account, "100")
    hold_id = books.hold(books.account, "30")
    books.capture(hold_id, "20", books.outside(), release_rest=True)
    books.pay(books.account, books.outside(), "1.5")
    books.month = _into_the_past(books, months=2)
    books.fold()
    clock.jump(timedelta(days=2))
    books.credit(books.account, "5")
    books.fold()
    clock.jump(timedelta(days=2))
    _as_engine(books)
    return books


def _into_the_past(books, *, months):
    """Give everything the ids of an earlier month, as if it had been written then, before it is folded and sealed."""
    with psycopg.connect(roles.conninfo(books.database.owner), autocommit=True) as owner:
        owner.execute("SELECT payments.make_partitions(2, now() - make_interval(months => %s))", (months,))
    with books.superuser() as superuser:
        moved = "overlay(journal_id::text PLACING left(payments.uuid_floor(date_trunc('month', now()) - make_interval(months => %s) + interval '9 days')::text, 13) FROM 1)::uuid"
        for table in ("journals", "entries", "journal_keys"):
            superuser.execute(f"UPDATE payments.{table} SET journal_id = {moved}", (months,))
        return superuser.execute(
            "SELECT (date_trunc('month', now()) - make_interval(months => %s))::date", (months,)
        ).fetchone()[0]


def test_a_month_leaves_for_its_archive_and_the_books_stay_whole(old_month):
    books = old_month
    days.close_due()
    before = books.exact(books.account)
    assert f"{books.month:%Y-%m}" in partitions.months()
    manifest = partitions.archive(books.month, books.into)
    assert manifest.exists()
    assert f"{books.month:%Y-%m}" not in partitions.months()
    assert books.engine.execute("SELECT count(*) FROM payments.entries").fetchone()[0] == 2
    assert books.exact(books.account) == before
    assert books.violations() == set()
    with db.read_only() as tx:
        assert balances.verify_seals(tx) == []
    assert partitions.check(books.into) == []
    assert balances.rebuild() == 0
    db.configure(books.database.app)
    books.pay(books.account, books.outside(), "80")
    books.fold()
    assert books.violations() == set()
    assert books.row(books.account)[0] == D("3.5")


def test_after_the_archive_old_times_are_known_by_their_closed_days(old_month):
    books = old_month
    moment = books.engine.execute("SELECT min(booked_at) FROM payments.journals").fetchone()[0]
    days.close_due()
    partitions.archive(books.month, books.into)
    db.configure(books.database.app)
    with pytest.raises(LedgerArchived):
        _at(books, books.account, _midnight(moment) + timedelta(hours=1))
    end_of_day = _midnight(moment) + timedelta(days=1)
    assert _at(books, books.account, end_of_day) == D("78.5")
    with db.read_only(tenant=books.tenant) as tx:
        with pytest.raises(LedgerArchived):
            reports.trial_balance(tx, realm="REAL", at=_midnight(moment) + timedelta(hours=1))
        assert [(r.kind, r.credit - r.debit) for r in reports.trial_balance(tx, realm="REAL", at=end_of_day).rows] == [
            ("customer", D("78.5")),
            ("external", D("-78.5")),
        ]


def test_an_archive_that_was_changed_names_its_row(old_month):
    books = old_month
    days.close_due()
    partitions.archive(books.month, books.into)
    path = next(books.into.glob("entries-*.gz"))
    honest = path.read_bytes()
    path.write_bytes(honest[:-1] + b"x")
    assert [f.fault for f in partitions.check(books.into)] == [f"file_changed:{path.name}"]
    text = gzip.decompress(honest).decode()
    path.write_bytes(gzip.compress(text.replace(",-20,", ",-21,").encode()))
    with books.superuser() as superuser:  # even by somebody who changes the list of files as well
        superuser.execute(
            "UPDATE payments.archives SET files = jsonb_set(files, ARRAY[%s], to_jsonb(%s::text))",
            (path.name, partitions._digest(path)),
        )
    fault = partitions.check(books.into)[0]
    assert (fault.fault, fault.seal_no, fault.line) == ("row_changed", 1, 1)
    path.unlink()
    assert [f.fault for f in partitions.check(books.into)] == [f"file_missing:{path.name}"]


def test_a_month_stays_until_its_days_are_closed_and_its_holds_are_over(old_month):
    books = old_month
    with pytest.raises(MonthNotArchivable) as refused:
        partitions.archive(books.month, books.into)
    assert refused.value.extra == {"reason": "day_not_closed"}
    days.close_due()
    this_month = datetime.now(UTC).date().replace(day=1)
    with pytest.raises(MonthNotArchivable) as refused:
        partitions.archive(this_month, books.into)
    assert refused.value.extra == {"reason": "too_young"}
    with books.superuser() as superuser:
        superuser.execute("UPDATE payments.holds SET state = 'open', captured = 0, freed = 0")
    with pytest.raises(MonthNotArchivable) as refused:
        partitions.archive(books.month, books.into)
    assert refused.value.extra == {"reason": "hold_open"}
    with books.superuser() as superuser:
        superuser.execute("DELETE FROM payments.seals")
    with pytest.raises(MonthNotArchivable) as refused:
        partitions.archive(books.month, books.into)
    assert refused.value.extra == {"reason": "not_sealed"}
    assert f"{books.month:%Y-%m}" in partitions.months()


def test_a_detached_month_is_still_guarded(old_month):
    books = old_month
    days.close_due()
    partitions.archive(books.month, books.into)
    name = f"archive.entries_y{books.month:%Y}m{books.month:%m}"
    with psycopg.connect(roles.conninfo(books.database.superuser), autocommit=True) as superuser:
        for statement in (f"UPDATE {name} SET line = line", f"DELETE FROM {name}", f"TRUNCATE {name}"):
            with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
                superuser.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege):
        books.engine.execute(f"SELECT * FROM {name}")


def test_what_is_not_archived_cannot_be_detached(old_month):
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        old_month.engine.execute("SELECT payments.detach_month(%s)", (old_month.month,))
