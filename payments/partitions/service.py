"""Partitions are made months ahead; an old month is written to files, checked against its seals, and taken out of the tables.

What stays behind are the sums per account that every rebuild starts from, and the leaves of the seals: with them the files prove
themselves for as long as the chain is kept, and the chain proves itself without the files.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from kernel import db, log
from payments.partitions import queries
from payments.partitions.errors import MonthNotArchivable
from payments.partitions.rules import ENTRY_FIELDS, JOURNAL_FIELDS, leaf

MONTHS_AHEAD = 2
_ROWS_AT_ONCE = 10_000
_LEAF = 50
_log = log.get("ledger")


@dataclass(frozen=True, slots=True)
class ArchiveFault:
    """What of an archive is not what was sealed."""

    fault: str
    seal_no: int | None = None
    journal_id: str | None = None
    line: int | None = None


def make_ahead(months: int = MONTHS_AHEAD) -> list[str]:
    """Partitions up to so many months after this one; returns those that were missing. Only the engine may."""
    with db.transaction() as tx:
        made = queries.make(tx, ahead=months)
    if made:
        _log.info("partitions_made", names=made)
    return made


def months() -> list[str]:
    """The months in the tables, as `2026-11`, oldest first."""
    with db.read_only() as tx:
        return [name.removeprefix("entries_y").replace("m", "-") for name in queries.months(tx)]


def archive(month: date, into: Path) -> Path:
    """Write the month to files, check them against the seals, detach its partitions; returns the manifest. Only the engine may.

    The files stand before anything leaves the tables. The detached tables lie in the schema `archive` until their owner drops them.

    Raises:
        MonthNotArchivable: the month is too young, not the oldest, not folded, not sealed, has an open hold, or its days are not closed.
    """
    assert month.day == 1, "a month is named by its first day"
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    until = (month + timedelta(days=32)).replace(day=1)
    files, counts = _write(month, until, into)
    with db.read_only(unlimited=True) as tx:
        seals = queries.seals_of(tx, until=until)
        faults = _check(tx, files, seals.first, seals.last, into)
    if faults:
        raise MonthNotArchivable(None, reason=faults[0].fault)
    with db.transaction() as tx:  # the folder waits for this one, payments do not
        answer = queries.archive_month(tx, month=month, files=files)
        if answer != "ok":
            raise MonthNotArchivable(None, reason=answer)
        row = queries.month(tx, month)
        assert row is not None, "it was just written"
        if (row.journals, row.entries, row.seal_from, row.seal_to) != (*counts, seals.first, seals.last):
            raise MonthNotArchivable(None, reason="files_differ")
        detached = queries.detach_month(tx, month=month)
    manifest = into / f"{month:%Y-%m}.json"
    content = {
        "month": f"{month:%Y-%m}", "journals": row.journals, "entries": row.entries,
        "seals": [row.seal_from, row.seal_to], "files": files,
    }  # fmt: skip
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    _log.warning("month_archived", month=f"{month:%Y-%m}", entries=row.entries, detached=detached)
    return manifest


def check(into: Path) -> list[ArchiveFault]:
    """Every archived month's files against their digests, and every row in them against its leaf in the chain."""
    faults: list[ArchiveFault] = []
    with db.read_only(unlimited=True) as tx:
        for row in queries.archived(tx):
            faults += _check(tx, row.files, row.seal_from, row.seal_to, into)
    return faults


def _write(month: date, until: date, into: Path) -> tuple[dict[str, str], tuple[int, int]]:
    files, counts = {}, []
    with db.read_only(repeatable=True, unlimited=True) as tx:

        def journals(last: Row[Any] | None) -> list[Row[Any]]:
            after = last.journal_id if last is not None else queries.ZERO
            return queries.journals(tx, until=until, after=after, limit=_ROWS_AT_ONCE)

        def entries(last: Row[Any] | None) -> list[Row[Any]]:
            after, line = (last.journal_id, last.line) if last is not None else (queries.ZERO, 0)
            return queries.entries(tx, until=until, after=after, line=line, limit=_ROWS_AT_ONCE)

        for what, fields, page in (("journals", JOURNAL_FIELDS, journals), ("entries", ENTRY_FIELDS, entries)):
            path = into / f"{what}-{month:%Y-%m}.csv.gz"
            counts.append(_write_file(path, fields, page))
            files[path.name] = _digest(path)
    return files, (counts[0], counts[1])


def _write_file(path: Path, fields: tuple[str, ...], page: Callable[[Row[Any] | None], list[Row[Any]]]) -> int:
    """Whole or not at all: it gets its name when it is complete."""
    unfinished, written, last = path.with_suffix(".new"), 0, None
    with gzip.open(unfinished, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(fields)
        while rows := page(last):
            writer.writerows([getattr(row, name) for name in fields] for row in rows)
            written, last = written + len(rows), rows[-1]
    unfinished.replace(path)
    return written


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(tx: db.Tx, files: Mapping[str, str], first: int | None, last: int | None, into: Path) -> list[ArchiveFault]:
    names = {name.split("-")[0]: into / name for name in files}
    for name, digest in files.items():
        if not (into / name).exists():
            return [ArchiveFault(f"file_missing:{name}")]
        if _digest(into / name) != digest:
            return [ArchiveFault(f"file_changed:{name}")]
    if first is None or last is None:
        return []
    sealed = {
        bytes(s.leaves)[at : at + 18]: (s.seal_no, bytes(s.leaves)[at + 18 : at + _LEAF])
        for s in queries.leaves(tx, first=first, last=last)
        for at in range(0, len(s.leaves), _LEAF)
    }
    heads = {journal["journal_id"]: journal["head"] for journal in _rows(names["journals"])}
    for entry in _rows(names["entries"]):
        made = leaf(entry, heads.get(entry["journal_id"]))
        kept = sealed.get(made[:18])
        if kept is None or kept[1] != made[18:]:
            fault = "row_added" if kept is None else "row_changed"
            return [ArchiveFault(fault, kept[0] if kept else None, entry["journal_id"], int(entry["line"]))]
    return []


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
