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
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  the name of a scheme, no secret
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
