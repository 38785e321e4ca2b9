"""Approvals on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from identity.approvals.states import ApprovalState

Digest = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$", description="sha256 of what is asked for, in hexadecimal.")]


class ApproveIn(BaseModel):
    """The digest of what was looked at."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    digest: Digest


class RejectIn(BaseModel):
    """Why not; who asked reads it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class ApprovalOut(BaseModel):
    """What is asked for (`summary`, of the thing `resource_id`) and how it stands; `may_decide`: it waits for you."""

    id: UUID
    kind: str
    resource_id: UUID
    summary: dict[str, Any]
    digest: str
    permission: str
    maker: UUID
    maker_name: str | None
    state: ApprovalState
    checker: UUID | None
    checker_name: str | None
    reason: str | None
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    own: bool
    may_decide: bool
