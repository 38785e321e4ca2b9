"""What `rivermouth ledger …` does and prints; each runs as the engine, over all tenants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from kernel import db, log
from kernel.errors import DomainError
from payments.balances import service as balances
from payments.balances.service import BrokenSeal
from payments.days import service as days
from payments.partitions import service as months
from payments.seals import service as seals


def verify(heads: Path, archive: Path | None = None) -> bool:
    """The chain, the published heads, and the files of archived months where they are given."""
    with _database():
        print("verifying the chain of seals")
        found = seals.verify(
            heads=seals.published(heads), progress=lambda done, last: print(f"  seal {done} of {last}")
        )
        faults = [describe(fault) for fault in found]
        if archive is not None:
            faults += [
                _sentence(f"archive: {fault.fault}", fault.seal_no, fault.journal_id, fault.line)
                for fault in months.check(archive)
            ]
    for fault in faults:
        print(f"BROKEN  {fault}")
    if not faults:
        print("intact")
    return not faults


def describe(fault: BrokenSeal) -> str:
    return _sentence(fault.fault, fault.seal_no, str(fault.journal_id) if fault.journal_id else None, fault.line)


def _sentence(what: str, seal_no: int | None, journal_id: str | None, line: int | None) -> str:
    where = f"seal {seal_no}" if seal_no is not None else "no seal"
    row = f", journal {journal_id}, line {line}" if journal_id is not None else ""
    return f"{what}: {where}{row}"


def rebuild() -> None:
    with _database():
        print(f"{balances.rebuild()} balances were wrong and are rebuilt")


def snapshot(heads: Path) -> None:
    with _database():
        closed = days.close_due()
        print(f"closed {closed.first} to {closed.last}" if closed else "no day to close")
        head = seals.publish_head(heads)
        print(f"head: seal {head['seal_no']}, {head['hash']}" if head else "nothing is sealed yet")


def partitions(*, ahead: int, archive: str | None, into: Path) -> bool:
    """False when the month cannot be archived; why stands on the screen."""
    with _database():
        for name in months.make_ahead(ahead):
            print(f"made {name}")
        if archive is not None:
            try:
                print(f"archived: {months.archive(date.fromisoformat(archive + '-01'), into)}")
            except ValueError:
                print(f"not archived: {archive} is not a month, write it as 2026-01")
                return False
            except DomainError as error:
                print(f"not archived: {error.extra.get('reason', error.code)}")
                return False
        print("months: " + ", ".join(months.months()))
    return True


@contextmanager
def _database() -> Iterator[None]:
    log.configure("ledger", "WARNING")
    db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=2, application_name="rivermouth-ledger")
    try:
        yield
    finally:
        db.dispose()
