"""A payout day: as many rows as one wants fall due on one business day, and real workers pay them while they are killed.

Afterwards every row was paid once, with the amount that was calculated in whole units, and every customer has it. How fast that was stands
beside a bare INSERT … SELECT of the same rows and a loop over them.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from earn.payouts import service as payouts
from identity.tenants import service as tenants
from kernel import clock, db, log, roles
from kernel.ids import uuid7
from rivermouth import checks
from rivermouth.prove import payout_bare as bare
from rivermouth.prove.own_servers import own_database
from rivermouth.prove.payout_bare import Took
from rivermouth.prove.payout_book import SPARE, Group, PayoutBook, fold
from rivermouth.prove.payout_crew import Crew, Done
from rivermouth.prove.report import Report

COLUMNS = ("part", "rows", "seconds", "rows/s", "of a bare INSERT", "what came of it")
SAMPLE = 2_000
MANY = 200_000
"""Of fewer rows the product's batches are too few to die in."""
DAYS_ROWS = "paid, a journal under its own key, its amount"


@dataclass(frozen=True, slots=True)
class Size:
    """`batch` rows in a transaction, None as the product does it; `kills` in all; nothing is `timed` where only the kills matter."""

    rows: int
    kills: int
    batch: int | None = None
    timed: bool = True

    def groups(self) -> list[Group]:
        """In the order in which the day begins: one hot account, one worker alone, two, and two that are killed (some of it hot too)."""
        hot, alone, pair = self.rows // 20, self.rows // 4, self.rows // 5
        if not self.timed:
            return [Group(0, "killed", "UTC", self.rows, hot)]
        return [
            Group(0, "hot", "Asia/Tokyo", hot, hot),
            Group(1, "alone", "Asia/Shanghai", alone, 0),
            Group(2, "pair", "Asia/Kolkata", pair, 0),
            Group(3, "killed", "UTC", self.rows - hot - alone - pair, hot),
        ]


def prove(*, rows: int = 1_000_000, folder: Path | None = None, seed: int = 20261122) -> int:
    report = Report("payout", "a payout day", COLUMNS)
    log.configure("prove", "CRITICAL")  # what dies here is no news
    with own_database() as database:
        tenant = uuid7()
        db.configure(database.replace(roles.OWNER, roles.ENGINE), pool_size=4)
        tenants.ensure(tenant, name="Payout")
        size = Size(rows, kills=20 if rows >= MANY else 8, batch=None if rows >= MANY // 2 else max(rows // 100, 1))
        pay_a_day(database, tenant, report, size=size, rng=random.Random(seed))
    return report.finish(folder)


def pay_a_day(
    database: str, tenant: UUID, report: Report, *, size: Size, rng: random.Random, change: str | None = None
) -> None:
    """Everything on a migrated database with an empty house; this process is its engine. `change` breaks the workers, for tests."""
    book = PayoutBook(database, tenant)
    try:
        with tempfile.TemporaryDirectory(prefix="rm-payout-") as folder:
            crew = Crew(book.url(roles.ENGINE), tenant, Path(folder), batch=size.batch, change=change)
            day = _Day(book, crew, report, size)
            day.set_up()
            if size.timed:
                day.measure()
            day.disturb(rng)
        day.look()
    finally:
        book.close()


class _Day:
    def __init__(self, book: PayoutBook, crew: Crew, report: Report, size: Size) -> None:
        self._book, self._crew, self._report, self._size = book, crew, report, size
        self._groups = size.groups()
        self._dues: list[datetime] = []
        self._paid: list[Done] = []
        self._floor: list[Took] = []
        self._batch_s = 0.1

    def set_up(self) -> None:
        began = clock.monotonic()
        day = self._book.fill(self._groups, people=max(self._size.rows // 20, 20))
        self._dues = [_begins(day, group) for group in self._groups]
        took, broken = Took(self._size.rows, clock.monotonic() - began), _broken()
        self._write("set up", took, f"due on {day}, invariants {broken}")
        self._report.require(broken == "hold", f"all invariants hold before the day: {broken}")
        bare.prepare(self._book)

    # Undisturbed ---------------------------------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """One account that gets everything, one worker, two workers; between them the bare statements over the rows of one worker."""
        before, alone = self._dues[0], self._dues[1]
        self._bare(before, alone)
        hot = self._work(0, "payout into one account")
        self._bare(before, alone)
        each = bare.row_by_row(self._book, after=before, by=alone, sample=min(SAMPLE, self._groups[1].rows))
        one = self._work(1, "payout by one worker")
        self._batch_s = (self._size.batch or payouts.BATCH) / one.rate
        self._book.connection.execute("TRUNCATE prove.journals, prove.entries")
        self._work(2, "payout by two workers", workers=2)
        self._compare(hot, one, each)

    def _bare(self, after: datetime, by: datetime) -> None:
        self._floor.append(bare.all_at_once(self._book, after=after, by=by))

    def _work(self, place: int, what: str, *, workers: int = 1) -> Took:
        self._begin(place)
        done = self._crew.pay(self._dues[place], workers=workers)
        self._paid += done
        paid = sum(each.paid for each in done)
        took = Took(paid, max(each.ended for each in done) - min(each.began for each in done))
        self._write(
            what, took, f"{paid} of {self._groups[place].rows + 2} paid"
        )  # and the two that were bought at the door
        return took

    def _begin(self, place: int) -> None:
        """The day begins in a zone: what its customers earned is booked first, as every hour does it."""
        self._book.pass_until(self._dues[place])
        payouts.accrue(self._book.tenant, at=self._dues[place])

    def _compare(self, hot: Took, one: Took, each: Took) -> None:
        rates = sorted(took.rate for took in self._floor)
        for took in self._floor:
            self._write("bare INSERT … SELECT", took, "plan → journals and lines, one transaction")
        scaled = each.rows and self._size.rows / each.rate
        self._write("bare loop, a commit each", each, f"a sample; {self._size.rows} rows would take {scaled:.0f} s")
        notes = self._report.notes
        load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
        notes.append(
            f"load of the machine: {load} on {os.cpu_count()} processors; the bare INSERT alone ran from {rates[0]} to {rates[-1]} rows/s"
        )
        notes.append(
            f"one worker: {one.rate / each.rate:.1f} × the bare loop, {self._part(one)} of the bare INSERT … SELECT"
        )
        notes.append(f"a hot account: {hot.rate / one.rate:.2f} × the rate of many accounts")

    # Disturbed -----------------------------------------------------------------------------------------------------------------------

    def disturb(self, rng: random.Random) -> None:
        """The last rows of the day by two workers that are killed again and again; then the same day twice more."""
        self._begin(-1)
        by, began = self._dues[-1], clock.monotonic()
        first = self._crew.pay_through_kills(by, kills=self._size.kills, batch_s=self._batch_s, rng=rng)
        second = self._crew.pay(by, workers=2)
        left = self._due_rows(by)
        third = self._crew.pay(by)
        self._paid += [*first, *second, *third]
        killed = ", ".join(f"{count} at {place}" for place, count in sorted(self._crew.killed.items()))
        took = Took(self._groups[-1].rows, clock.monotonic() - began)
        self._write("two workers, killed", took, f"kill -9: {killed}")
        again = [sum(done.paid for done in each) for each in (second, third)]
        self._write("the same day again", Took(0, 1.0), f"{again[0]} and {again[1]} rows paid", timed=False)
        self._report.require(self._crew.killed.total() >= self._size.kills // 2, f"workers were killed: {killed}")
        self._report.require(len(self._crew.killed) > 1, f"at failpoints and at random moments: {killed}")
        self._report.require((left, again[1]) == (0, 0), f"the third time nothing is left: {left} due, {again[1]} paid")
        self._report.require(not self._crew.trouble, f"no worker fails: {self._crew.trouble[:2]}")

    # Afterwards ----------------------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Each row, each customer, the house, and everything that must always hold."""
        began = clock.monotonic()
        folded = fold()
        took = Took(folded, clock.monotonic() - began)
        self._write("fold and seal", took, f"entries in {took.seconds:.0f} s", timed=False)
        rows, wrong = self._rows()
        self._write("rows", Took(rows, 1.0), f"{wrong} wrong ({DAYS_ROWS})", timed=False)
        people, short = self._customers()
        self._write("customers", Took(people, 1.0), f"{short} have another balance than was calculated", timed=False)
        told = self._one("SELECT sum(paid), sum(refused) FROM earn.runs")
        house = self._house()
        broken = _broken()
        self._write("rivermouth check", Took(rows, 1.0), f"invariants {broken}", timed=False)
        require = self._report.require
        require(rows == self._size.rows + 2 * len(self._groups), "every row of the day was looked at")
        require(wrong == 0, f"each row was paid once: {wrong} were not ({DAYS_ROWS})")
        require(tuple(told) == (rows, 0), f"the runs counted each row once: {tuple(told)} of {rows}")
        require(short == 0, f"every customer has what was calculated: {short} have not")
        require(house == 0, f"what is owed and what it cost is what was calculated: {house} accounts differ")
        require(broken == "hold", f"every invariant holds: {broken}")

    def _rows(self) -> tuple[int, int]:
        """How many, and how many of them are not paid by exactly one journal under the row's own key with exactly its amount."""
        found = self._one(
            """WITH journals AS MATERIALIZED (
                   SELECT k.key, e.account_id, sum(e.amount) AS amount, count(DISTINCT j.journal_id) AS n
                     FROM payments.journals j JOIN payments.journal_keys k USING (journal_id) JOIN payments.entries e USING (journal_id)
                    WHERE j.kind = 'earn_payout' AND e.amount > 0 GROUP BY 1, 2)
               SELECT count(*) FILTER (WHERE w.id IS NOT NULL),
                      count(*) FILTER (WHERE w.id IS NULL OR r.status IS DISTINCT FROM 'paid' OR j.n IS DISTINCT FROM 1
                                          OR j.amount IS DISTINCT FROM w.interest + w.back)
                 FROM prove.wanted w LEFT JOIN earn.repayment_rows r ON r.subscription_id = w.id AND r.seq = 1
                 FULL JOIN journals j ON j.key = 's/earn.payout:' || w.id || ':1' AND j.account_id = w.account_id"""
        )
        return found[0], found[1]

    def _customers(self) -> tuple[int, int]:
        found = self._one(
            """SELECT count(*), count(*) FILTER (WHERE b.posted IS DISTINCT FROM coalesce(w.due, 0) + %s OR b.held <> 0)
                 FROM payments.accounts a JOIN payments.balances b USING (account_id)
                 LEFT JOIN (SELECT account_id, sum(interest + back) AS due FROM prove.wanted GROUP BY 1) w USING (account_id)
                WHERE a.kind = 'customer' AND a.tenant_id = %s""",
            SPARE, self._book.tenant,
        )  # fmt: skip
        return found[0], found[1]

    def _house(self) -> int:
        """Accounts of the house that have another balance: principal of what runs on, no interest owed, what it cost."""
        found = self._one(
            """SELECT (SELECT count(*) FROM payments.accounts a JOIN payments.balances b USING (account_id)
                        LEFT JOIN (SELECT 'earn.principal.' || s.template_id || ':USDT' AS path, sum(w.principal - w.back) AS left
                                     FROM prove.wanted w JOIN earn.subscriptions s USING (id) GROUP BY 1) o USING (path)
                        WHERE a.path LIKE 'earn.%%' AND b.posted <> coalesce(o.left, 0))
                    + (SELECT count(*) FROM payments.accounts a JOIN payments.balances b USING (account_id)
                        WHERE a.path = 'expense.earn:USDT' AND b.posted <> -(SELECT sum(interest) FROM prove.wanted))"""
        )
        return int(found[0])

    def _due_rows(self, by: datetime) -> int:
        return int(
            self._one("SELECT count(*) FROM earn.repayment_rows WHERE status = 'pending' AND due_at <= %s", by)[0]
        )

    def _one(self, statement: str, *values: Any) -> Sequence[Any]:
        found = self._book.connection.execute(statement.encode(), values or None).fetchone()
        assert found is not None, "a count is one row"
        return found

    def _write(self, part: str, took: Took, what: str, *, timed: bool = True) -> None:
        cells = (f"{took.seconds:.1f}", took.rate, self._part(took)) if timed else ("", "", "")
        self._report.row(part, took.rows, *cells, what)

    def _part(self, took: Took) -> str:
        if not self._floor:
            return ""
        rates = sorted(floor.rate for floor in self._floor)
        return f"{100 * took.rate / rates[len(rates) // 2]:.0f} %"


def _begins(day: date, group: Group) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(group.zone)).astimezone(ZoneInfo("UTC"))


def _broken() -> str:
    broken = {result.name: result.count for result in checks.check_all() if not result.ok}
    return f"BROKEN {broken}" if broken else "hold"
