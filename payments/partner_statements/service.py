"""Storing a partner's statement: read twice, once to refuse it as a whole, once to keep it; the same file is kept once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from uuid import UUID

from kernel import commands, db
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from payments.errors import AccountNotFound
from payments.partner_statements import queries, rules
from payments.partner_statements.rules import TheirLine
from payments.reconciliation import projection_queries
from payments.reconciliation.errors import StatementInvalid, StatementNotFound

_AT_ONCE = 2_000

Opener = Callable[[], io.BytesIO | io.BufferedReader]


@dataclass(frozen=True, slots=True)
class _Summary:
    lines: int
    total: Decimal
    first_at: datetime
    last_at: datetime
    sha256: bytes


def upload(
    *, tenant: UUID, principal: UUID, partner: str, account: str, open_file: Opener, key: str | None = None
) -> Outcome:
    """Keep a statement of the account at this path.

    Raises:
        AccountNotFound: there is no such account.
        StatementInvalid: with the first line that cannot be read; nothing of the file is kept.
    """
    with db.read_only(tenant=tenant) as tx:
        found = projection_queries.account_by_path(tx, account)
    if found is None:
        raise AccountNotFound
    summary = _summarise(open_file, found)
    body = {"partner": partner, "account": account, "sha256": summary.sha256.hex()}

    def keep(tx: Tx) -> tuple[str, UUID]:
        return "statement", _keep(tx, principal, partner, found, summary, open_file)

    return commands.run(
        tenant=tenant, principal=principal, route="POST /v1/reconciliation/statements", key=key,
        fingerprint=commands.fingerprint(body), fn=keep,
    )  # fmt: skip


def _keep(tx: Tx, principal: UUID, partner: str, account: AnyRow, summary: _Summary, open_file: Opener) -> UUID:
    statement_id = uuid7()
    row = {
        "id": statement_id, "partner": partner, "account_id": account.account_id, "asset": account.asset, "sha256": summary.sha256,
        "lines": summary.lines, "total": summary.total, "first_at": summary.first_at, "last_at": summary.last_at, "by": principal,
    }  # fmt: skip
    if not queries.insert_statement(tx, row):
        return queries.statement_of(tx, account_id=account.account_id, sha256=summary.sha256)
    rest = _lines(open_file, account)
    while lines := list(islice(rest, _AT_ONCE)):
        queries.insert_lines(tx, statement_id=statement_id, account_id=account.account_id, lines=lines)
    return statement_id


def get(tenant: UUID, statement_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        found = queries.statement(tx, statement_id)
    if found is None:
        raise StatementNotFound
    return found


def _summarise(open_file: Opener, account: AnyRow) -> _Summary:
    count, total = 0, Decimal(0)
    first_at = last_at = None
    for line in _lines(open_file, account):
        count, total = count + 1, total + line.amount
        first_at = line.at if first_at is None else min(first_at, line.at)
        last_at = line.at if last_at is None else max(last_at, line.at)
    assert first_at is not None
    assert last_at is not None
    with open_file() as raw:
        return _Summary(count, total, first_at, last_at, hashlib.file_digest(raw, "sha256").digest())


def _lines(open_file: Opener, account: AnyRow) -> Iterator[TheirLine]:
    with open_file() as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
        try:
            yield from rules.read_csv(text, asset=account.asset, scale=account.scale)
        except UnicodeDecodeError:
            raise StatementInvalid("the statement is not UTF-8") from None
