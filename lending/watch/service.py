"""The watch: one owner marks all running loans at every tick, decides the few that it concerns exactly, and writes what changed.

The book in memory follows the rows by the committed horizon and only proposes: each candidate is read again under its lock and decided
on that, so a second owner, a late tick or a customer's repayment a moment ago can do no harm. Losing the memory loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import clock, db, log, outbox
from kernel.db import Tx
from kernel.errors import DomainError
from lending import prices as market_prices
from lending.liquidation.states import Cause
from lending.loans import queries as loans
from lending.loans.record import Loan, owed
from lending.loans.rules import Owed
from lending.prices import Observed
from lending.products import queries as products
from lending.products.states import Line
from lending.products.terms import ProductVersion
from lending.watch import deciding, queries
from lending.watch.book import NO_ROWS, Memory, Rows, Shelf, read_rows
from lending.watch.catalogue import Catalogue, Entered, Market, Marks
from lending.watch.deciding import Seen, Verdict
from lending.watch.events import LiquidationNotBegun
from lending.watch.freezes import Freezes
from lending.watch.standing import Standing, read_standing
from payments.assets import service as assets

AT_ONCE = 1_000
"""Loans decided in one transaction."""
AGAIN_AFTER = timedelta(seconds=5)
"""When a sale that could not be begun is tried again."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_log = log.get("lending.watch")


class Begin(Protocol):
    """What begins a sale: `lending.liquidation.service.begin`. The loan is locked."""

    def __call__(
        self,
        tx: Tx,
        loan: Loan,
        product: ProductVersion,
        *,
        cause: Cause,
        owed: Owed,
        prices: Mapping[str, Observed],
        evidence_id: UUID | None,
        on: date,
        wanted: Decimal | None = None,
    ) -> UUID: ...


class Rescue(Protocol):
    """What a customer may have asked for before a sale begins: true if it brought the loan back, and the loan was changed."""

    def __call__(self, tx: Tx, loan: Loan, product: ProductVersion, prices: Mapping[str, Observed]) -> bool: ...


@dataclass(slots=True)
class Tally:
    """What one tick did, for logs, tests and benchmarks."""

    looked: int = 0
    changed: int = 0
    begun: int = 0
    kept: list[UUID] = field(default_factory=list)


class Watcher:
    """The owner's memory between two ticks. `held` asks the database whether this process is still the owner."""

    def __init__(
        self, *, begin: Begin, rescue: Rescue | None = None, held: Callable[[Tx], bool] = lambda _: True
    ) -> None:
        self._begin, self._rescue, self._held = begin, rescue, held
        self.memory, self.catalogue = Memory(), Catalogue()
        self._freezes, self._standing = Freezes(), Standing()
        self._horizon: str | None = None
        self._day: date | None = None
        self._seen: dict[UUID, Seen] = {}
        self._marked = clock.monotonic()
        self._kept: dict[UUID, datetime] = {}  # sales that could not be begun, and when that was tried

    # The book -------------------------------------------------------------------------------------------------------------------

    def step(self) -> Tally:
        """Follow the rows, look at the markets, mark everything. A use case."""
        now = self.refresh()
        return self.mark(observe(self.catalogue.markets), at=now)

    def refresh(self, *, on: date | None = None) -> datetime:
        """Take in what was committed since the last time; answers the business time. `on` is another day than today, for replays."""
        since = self._horizon
        while (read := self._read(since)) is None:
            pass
        now, horizon, rows = read
        day = on or now.date()
        if since is None:
            self.memory.rebuild(rows, self.catalogue.weights)
            self._grow(self.memory.shelves, day)
            _log.info("loans_read", loans=len(self.memory))
        elif len(rows):
            fresh = self.memory.take_in(rows, self.catalogue.weights)
            self._grow(fresh, day)
        if day != self._day:
            self._grow(self.memory.shelves, day)
        self._day, self._horizon = day, horizon  # whatever fails before is read again
        return now

    def _read(self, since: str | None) -> tuple[datetime, str, Rows] | None:
        """Business time, the next horizon and the rows of one snapshot; None if loans of versions came that the book has to learn first."""
        with db.read_only(repeatable=True, unlimited=True) as tx:
            used = queries.versions_in_use(tx, changed_since=since)
            unknown = [row for row in used if not self.catalogue.knows(row.product_id, row.version)]
            if not unknown:
                horizon = queries.horizon(tx)
                rows = read_rows(queries.copy_book(tx, self.catalogue.places, changed_since=since)) if used else NO_ROWS
                self._standing = read_standing(tx)
                if since is None:
                    self._freezes.load(queries.freezes(tx))
                return tx.now.astimezone(UTC), horizon, rows
        for row in unknown:
            with db.read_only(tenant=row.tenant_id) as tx:
                version = products.version(tx, row.product_id, row.version)
            assert version is not None, "a loan keeps the version it was made under"
            self.catalogue.learn(row.tenant_id, version)
        return None

    def _grow(self, shelves: Sequence[Shelf], on: date) -> None:
        for tenant, product in self.catalogue.floating:
            with db.read_only(tenant=tenant) as tx:
                self.catalogue.steps[product] = loans.rate_steps(tx, product, until=on)
        for shelf in shelves:
            shelf.accrue(self.catalogue.growth(shelf.accruals, on))

    # The tick -------------------------------------------------------------------------------------------------------------------

    def mark(self, observed: Mapping[Market, Observed], *, at: datetime) -> Tally:
        """Mark the whole book at these prices and this business time."""
        marks, self._marked = self.catalogue.mark(observed, self._standing.prices), clock.monotonic()
        self._follow_freezes(marks, at)
        tally, slack = Tally(), self.catalogue.slack
        for shelf in self.memory.shelves:
            chosen = shelf.chosen(marks.prices, slack)
            tally.looked += len(chosen)
            by_tenant: dict[UUID, list[UUID]] = defaultdict(list)
            for loan_id, place in zip(shelf.ids(chosen), shelf.places[chosen].tolist(), strict=True):
                by_tenant[self.catalogue.tenants[place]].append(loan_id)
            for tenant, ids in by_tenant.items():
                self._decide_all(tenant, ids, marks, tally, at=at)
        return tally

    def _follow_freezes(self, marks: Marks, at: datetime) -> None:
        if marks.frozen or self._freezes.known:
            counted = self.memory.loans_by_kind(len(self.catalogue.kinds)) if marks.frozen else None
            missing = {} if counted is None else {kind: int(counted[kind]) for kind in marks.frozen}
            self._freezes.follow(self.catalogue, marks, loans=missing, prolonged=self._standing.prolonged, at=at)

    def _decide_all(self, tenant: UUID, ids: list[UUID], marks: Marks, tally: Tally, *, at: datetime) -> None:
        """Those that somebody works on come last, one by one, so that nobody else waits for them."""
        sales: list[Verdict] = []
        source = iter(ids)
        busy: list[UUID] = []
        while batch := list(islice(source, AT_ONCE)):
            found = self._decide(tenant, batch, marks, tally, at=at, patient=False)
            busy += found.busy
            sales += found.sales
        self._sell_all(tenant, sales, marks, tally, at=at)
        for loan_id in busy:
            try:
                late = self._decide(tenant, [loan_id], marks, tally, at=at, patient=True)
            except DBAPIError as error:  # whoever holds it does so for long: the next tick comes back
                _log.warning("loan_busy", loan=str(loan_id), error=str(error.orig))
                continue
            self._sell_all(tenant, late.sales, marks, tally, at=at)

    def _sell_all(self, tenant: UUID, sales: Sequence[Verdict], marks: Marks, tally: Tally, *, at: datetime) -> None:
        for verdict in sorted(sales, key=lambda one: one.look.line is not Line.HARD):
            self._sell(tenant, verdict, marks, tally, at=at)

    def _decide(
        self,
        tenant: UUID,
        ids: Sequence[UUID],
        marks: Marks,
        tally: Tally,
        *,
        at: datetime,
        patient: bool,
    ) -> _Found:
        with db.transaction(tenant=tenant) as tx:
            if not self._held(tx):
                return _Found([], [])
            locked = loans.lock_running(tx, ids, waiting=patient)
            written, sales = [], []
            for loan in locked:
                verdict = self._judge(loan, marks, at=at)
                if verdict is None or verdict.look.frozen:
                    continue
                if not self._counts(verdict):
                    continue
                if verdict.sells:
                    if at - self._kept.get(loan.id, _LONG_AGO) >= AGAIN_AFTER:
                        sales.append(verdict)
                elif verdict.look.watch != loan.watch:
                    written.append(verdict)
            if written:
                deciding.write(tx, written, at=at)
        tally.changed += sum(verdict.changes_level for verdict in written)
        missing = set(ids) - {loan.id for loan in locked}
        if patient:
            for loan_id in missing:
                self._seen.pop(loan_id, None)
        return _Found([] if patient else sorted(missing), sales)

    def _counts(self, verdict: Verdict) -> bool:
        """Whether this is a new observation, and remember by which prices a waiting loan was last counted."""
        loan_id, before = verdict.loan.id, self._seen.get(verdict.loan.id)
        if verdict.look.line is not Line.ACTUAL:
            self._seen.pop(loan_id, None)
            return True
        news = deciding.is_news(verdict, before)
        if news or before is None:
            self._seen[loan_id] = deciding.seen_at(verdict)
        return news

    def _judge(self, loan: Loan, marks: Marks, *, at: datetime) -> Verdict | None:
        """None of a version that the book has not met: the next refresh brings it."""
        if not self.catalogue.knows(loan.product_id, loan.version):
            return None
        place = self.catalogue.of(loan.product_id, loan.version)
        product, observed = self.catalogue.products[place], marks.by_place[place]
        return deciding.judge(loan, product, self.catalogue.steps.get(product.id, ()), observed, at=at)

    # Sales ----------------------------------------------------------------------------------------------------------------------

    def _sell(self, tenant: UUID, decided: Verdict, marks: Marks, tally: Tally, *, at: datetime) -> None:
        """Begin one sale in a transaction of its own: one that cannot be begun keeps no other waiting."""
        try:
            if decided.loan.auto_top_up and self._is_rescued(tenant, decided, marks, at=at):
                return
            with db.transaction(tenant=tenant) as tx:
                verdict = self._again(tx, decided, marks, at=at)
                if verdict is None:
                    return
                self._start(tx, verdict, at=at)
        except DomainError as error:
            self._keep(tenant, decided, marks, error.code, tally, at=at)
            return
        except Exception as error:  # noqa: BLE001  one loan must not keep the others from being looked at
            _log.error("sale_not_begun", loan=str(decided.loan.id), error=repr(error), exc_info=True)
            self._keep(tenant, decided, marks, "internal_error", tally, at=at)
            return
        self._kept.pop(decided.loan.id, None)
        tally.begun += 1

    def _is_rescued(self, tenant: UUID, decided: Verdict, marks: Marks, *, at: datetime) -> bool:
        """In a transaction of its own: a top-up that cannot be made, of a frozen account for one, must not keep the loan from its sale."""
        if self._rescue is None:
            return False
        try:
            with db.transaction(tenant=tenant) as tx:
                verdict = self._again(tx, decided, marks, at=at)
                return verdict is not None and self._rescue(tx, verdict.loan, verdict.product, verdict.observed)
        except DomainError as error:
            _log.warning("loan_not_rescued", loan=str(decided.loan.id), code=error.code)
            return False

    def _again(self, tx: Tx, decided: Verdict, marks: Marks, *, at: datetime) -> Verdict | None:
        """The same decision on the row as it is now, locked; None if it is another one, or by now by prices too old to sell by."""
        if not self._held(tx):
            return None
        locked = loans.lock_running(tx, [decided.loan.id], waiting=True)
        if clock.monotonic() - self._marked > decided.product.terms.max_age_s:
            return None  # the next tick decides anew: whoever is sold last is sold by prices as fresh as the first
        verdict = self._judge(locked[0], marks, at=at) if locked else None
        return verdict if verdict is not None and verdict.sells else None

    def _start(self, tx: Tx, verdict: Verdict, *, at: datetime) -> None:
        evidence = deciding.record(tx, [verdict], at=at)
        loan, product, on = verdict.loan, verdict.product, at.astimezone(UTC).date()
        steps = self.catalogue.steps.get(product.id, ())
        self._begin(
            tx,
            loan,
            product,
            cause=Cause.LINE,
            owed=owed(loan, product, on, scale=assets.scale(loan.asset), steps=steps),
            prices=verdict.observed,
            evidence_id=evidence[0],
            on=on,
        )

    def _keep(self, tenant: UUID, decided: Verdict, marks: Marks, reason: str, tally: Tally, *, at: datetime) -> None:
        """The sale stays decided: the loan waits as before, staff is told, and the next tick tries again."""
        with db.transaction(tenant=tenant) as tx:
            verdict = self._again(tx, decided, marks, at=at)
            if verdict is None:
                return
            waits = verdict.held_up()
            deciding.write(tx, [waits], at=at)
            if waits.loan.id not in self._kept:
                fact = LiquidationNotBegun(loan_id=waits.loan.id, customer_id=waits.loan.customer_id, reason=reason)
                outbox.publish(tx, fact, key=str(waits.loan.id))
        self._kept[decided.loan.id] = at
        tally.kept.append(decided.loan.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """Loans of a batch that somebody else held, and those that are to be sold."""

    busy: list[UUID]
    sales: list[Verdict]


def observe(markets: frozenset[Market]) -> dict[Market, Observed]:
    """What the markets say right now; outside of any transaction."""
    found = {market: market_prices.observe(*market) for market in sorted(markets)}
    return {market: seen for market, seen in found.items() if seen is not None}


__all__ = ["Begin", "Entered", "Rescue", "Tally", "Watcher", "observe"]
