"""Routes of the inbox: one's own notices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import NotFound
from kernel.http import cut, decode_cursor, problem_responses
from notices.inbox import service
from notices.inbox.schemas import InboxOut, NoticeOut, ReadAllIn, UnreadOut
from notices.inbox.service import Worded
from notices.states import SECURITY, Language

router = APIRouter(prefix="/v1/notices", tags=["notices"])
Reader = Annotated[Principal, requires(Permission.NOTICES_READ)]


@router.get("", operation_id="list_notices")
def list_notices(
    principal: Reader,
    unread: Annotated[bool, Query(description="Only what was not read yet.")] = False,
    language: Annotated[Language | None, Query(description="Of the texts; default the one you chose.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> InboxOut:
    """What you were told, the newest first."""
    found = service.inbox(
        tenant=principal.tenant_id,
        principal=principal.id,
        unread=unread,
        language=language,
        before=decode_cursor(cursor, UUID) if cursor else None,
        limit=limit + 1,
    )
    notices, more = cut(found.notices, limit, lambda one: one.row.id)
    return InboxOut(items=[_out(notice) for notice in notices], next_cursor=more, unread=found.unread)


@router.post("/read", operation_id="read_all_notices")
def mark_all_read(body: ReadAllIn, principal: Reader) -> UnreadOut:
    """All up to this one was read; what came after it stays as it is."""
    return UnreadOut(unread=service.mark_all_read(tenant=principal.tenant_id, principal=principal.id, upto=body.upto))


@router.post("/{id}/read", operation_id="read_notice", responses=problem_responses(NotFound))
def mark_read(id: UUID, principal: Reader) -> NoticeOut:  # noqa: A002  the name of the path's parameter
    """It was read; again changes nothing."""
    return _out(service.mark_read(tenant=principal.tenant_id, principal=principal.id, notice_id=id))


def _out(notice: Worded) -> NoticeOut:
    return NoticeOut(
        id=notice.row.id,
        kind=notice.row.kind,
        security=notice.row.kind in SECURITY,
        title=notice.text.title,
        body=notice.text.body,
        params=notice.row.params,
        created_at=notice.row.created_at,
        read_at=notice.row.read_at,
    )
