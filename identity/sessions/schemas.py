"""Shapes of the session routes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from identity.permissions import Permission
from identity.principals.states import Kind, Role


class LoginIn(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    email: str = Field(min_length=1, max_length=254, examples=["retail@demo.rivermouth.example"])
    password: SecretStr = Field(min_length=1, max_length=256)


class LoginOut(BaseModel):
    """A program gets `access_token`. A browser on our own page gets a cookie that no script reads, and `csrf_token` for its requests."""

    access_token: str | None
    token_type: Literal["bearer", "cookie"] = "bearer"  # noqa: S105  the name of a scheme, no secret
    csrf_token: str | None = None
    expires_at: datetime


class MeOut(BaseModel):
    id: UUID
    tenant_id: UUID
    kind: Kind
    email: str
    name: str
    roles: list[Role]
    permissions: list[Permission]
    realm: Literal["real", "demo"]
    session_expires_at: datetime
    csrf_token: str | None = None
