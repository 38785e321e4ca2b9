"""Shapes of the routes of the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.paging import Page
from notices.states import Kind


class NoticeOut(BaseModel):
    """What you were told, in your language; `params` are the same facts for programs."""

    id: UUID
    kind: Kind
    security: bool
    title: str
    body: str
    params: dict[str, str]
    created_at: datetime
    read_at: datetime | None


class ReadAllIn(BaseModel):
    """`upto`: the newest notice that was looked at."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    upto: UUID


class UnreadOut(BaseModel):
    """What is left in the inbox that was not read."""

    unread: int


class InboxOut(Page[NoticeOut]):
    """One page of the inbox; `unread` counts all of it."""

    unread: int
