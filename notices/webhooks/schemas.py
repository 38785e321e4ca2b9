"""Shapes of the routes of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notices.webhooks.rules import LONGEST_URL
from notices.webhooks.states import DeliveryState, EventKind


class WebhookIn(BaseModel):
    """Tell these kinds of facts at this address."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=8, max_length=LONGEST_URL, examples=["https://example.com/rivermouth"])]
    kinds: Annotated[list[EventKind], Field(min_length=1, max_length=len(EventKind))]


class WebhookOut(BaseModel):
    """A webhook as it stands; its secret is never shown again."""

    id: UUID
    url: str
    kinds: list[EventKind]
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A new webhook; `secret` is in this answer and in no other."""

    secret: str


class TestOut(BaseModel):
    """The `webhook-id` under which the test will arrive, and stand among the deliveries."""

    event_id: UUID


class DeliveryOut(BaseModel):
    """What became of telling one event; `event_id` is the `webhook-id` that the receiver sees, every time."""

    id: UUID
    event_id: UUID
    kind: EventKind
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    data: dict[str, Any]
