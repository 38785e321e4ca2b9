"""Shapes of the routes of chat channels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from notices.chat.addresses import LONGEST
from notices.chat.states import MessageState, Topic
from notices.states import Language


class ChannelIn(BaseModel):
    """Tell this room of these topics. The address is one that `apprise` reads, or what the service itself gave out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]
    address: Annotated[SecretStr, Field(min_length=4, max_length=LONGEST, examples=["dingtalk://secret@token"])]
    topics: Annotated[list[Topic], Field(min_length=1, max_length=len(Topic))]
    language: Language = Language.EN


class ChannelOut(BaseModel):
    """A channel as it stands; its address is never shown. `last_state`: what became of its newest message."""

    id: UUID
    name: str
    service: str
    topics: list[Topic]
    language: Language
    created_at: datetime
    last_state: MessageState | None
    last_at: datetime | None
