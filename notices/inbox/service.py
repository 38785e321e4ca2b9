"""Use cases of the inbox: read it, mark what was read, forget what is old. Texts are made here, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kernel.db import read_only, transaction
from kernel.errors import NotFound
from notices import texts
from notices.inbox import queries
from notices.inbox.queries import NoticeRow
from notices.preferences import service as preferences
from notices.states import Language
from notices.words import Text

__all__ = ["Inbox", "NoticeRow", "Worded", "forget_old", "inbox", "mark_all_read", "mark_read"]

KEPT = timedelta(days=365)
_DELETE_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Worded:
    """A notice in somebody's language."""

    row: NoticeRow
    text: Text


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page; `unread` counts all of the inbox."""

    notices: list[Worded]
    unread: int


def inbox(
    *, tenant: UUID, principal: UUID, unread: bool, language: Language | None, before: UUID | None, limit: int
) -> Inbox:
    """The newest first; without a language in the one that the reader chose."""
    with read_only(tenant=tenant) as tx:
        rows = queries.page(tx, principal, unread=unread, before=before, limit=limit)
        count = queries.count_unread(tx, principal)
        chosen = language or preferences.of(tx, [principal])[principal].language
    return Inbox([_worded(row, chosen) for row in rows], count)


def mark_read(*, tenant: UUID, principal: UUID, notice_id: UUID) -> Worded:
    """Read it; again changes nothing.

    Raises:
        NotFound: not in this person's inbox.
    """
    with transaction(tenant=tenant) as tx:
        row = queries.mark_read(tx, principal, notice_id)
        language = preferences.of(tx, [principal])[principal].language
    if row is None:
        raise NotFound
    return _worded(row, language)


def mark_all_read(*, tenant: UUID, principal: UUID, upto: UUID) -> int:
    """All up to the newest one that was looked at, so that what came meanwhile stays unread; answers how much that is."""
    with transaction(tenant=tenant) as tx:
        queries.mark_all_read(tx, principal, upto=upto)
        return queries.count_unread(tx, principal)


def _worded(row: NoticeRow, language: Language) -> Worded:
    return Worded(row, texts.render(row.kind, language, row.params))


def forget_old() -> None:
    """Delete what is older than a year of business time. Only the engine may."""
    deleted = _DELETE_AT_ONCE
    while deleted == _DELETE_AT_ONCE:
        with transaction() as tx:
            deleted = queries.delete_old(tx, before=tx.now - KEPT, limit=_DELETE_AT_ONCE)
