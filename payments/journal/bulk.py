"""The door for many postings at once: imports, pay-outs from one account to a hundred thousand.

The same rules, locks and keys as `post_batch`, set-based over a stage; a refused journal leaves the others untouched. Chunks commit
apart, because an open writer holds back the fold: after a crash the caller repeats the whole run, and what was posted `exists`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import db
from kernel.db import Tx
from kernel.money import LIMIT, InvalidAmount
from payments.chart import JournalIn, Line
from payments.errors import LedgerRestored
from payments.journal import stage

_RESTORED = "RM002"
CHUNK = 5_000  # journals of two lines: 10,000 rows in one transaction


@dataclass(frozen=True, slots=True)
class NotPosted:
    """An item that was not posted now: it `exists` (then with its journal), or why it was refused."""

    item: int
    key: str
    status: str
    journal_id: UUID | None


@dataclass(slots=True)
class BulkResult:
    """How many were posted, how many were there already, and the refusals; items are counted from 0 over the whole run."""

    posted: int = 0
    existed: int = 0
    refused: list[NotPosted] = field(default_factory=list)


def post_bulk(
    tenant: UUID,
    journals: Iterable[JournalIn],
    *,
    chunk: int = CHUNK,
    progress: Callable[[BulkResult], None] = lambda _result: None,
) -> BulkResult:
    """A use case: post whatever the iterator gives, each chunk in a transaction of its own; `progress` hears after each commit.

    Raises:
        InvalidAmount: an amount is not a number the ledger can hold; chunks before it stay posted.
    """
    result, source = BulkResult(), iter(journals)
    first = 0
    while part := list(islice(source, chunk)):
        _count(result, _committed(tenant, part), first=first, of=len(part))
        first += len(part)
        progress(result)
    return result


def post_chunk(tx: Tx, journals: Sequence[JournalIn], *, dry: bool = False) -> list[NotPosted]:
    """A step: one chunk, so that the caller's progress commits with it. Answers what was not posted; with `dry` nothing is.

    At most once per transaction, and as its last posting.
    """
    if not journals:
        return []
    stage.fill(tx, [_checked(journal) for journal in journals])
    try:
        rows = stage.post(tx, dry=dry)
    except DBAPIError as error:
        if db.sqlstate(error) == _RESTORED:
            raise LedgerRestored from error
        raise
    return [NotPosted(row.item, journals[row.item].key, row.status, row.journal_id) for row in rows]


def _committed(tenant: UUID, journals: Sequence[JournalIn]) -> list[NotPosted]:
    def once() -> list[NotPosted]:
        with db.transaction(tenant=tenant) as tx:
            return post_chunk(tx, journals)

    return db.retrying(once)


def _count(result: BulkResult, answers: list[NotPosted], *, first: int, of: int) -> None:
    for answer in answers:
        if answer.status == "exists":
            result.existed += 1
        else:
            result.refused.append(NotPosted(first + answer.item, answer.key, answer.status, None))
    result.posted += of - len(answers)


def _checked(journal: JournalIn) -> JournalIn:
    empty = False
    for line in journal.lines:
        assert line.hold_id is None, "what a hold pays is posted with its capture, one by one"
        if not line.amount.is_finite() or abs(line.amount) >= LIMIT:
            raise InvalidAmount("an amount of the journal is not a number the ledger can hold")
        empty = empty or not line.amount
    return _without_empty_lines(journal) if empty else journal


def _without_empty_lines(journal: JournalIn) -> JournalIn:
    lines: list[Line] = [line for line in journal.lines if line.amount]
    return JournalIn(
        key=journal.key, kind=journal.kind, lines=lines, principal=journal.principal, order_id=journal.order_id, meta=journal.meta,
        actor=journal.actor, realm=journal.realm, reverses=journal.reverses, effective_at=journal.effective_at,
    )  # fmt: skip
