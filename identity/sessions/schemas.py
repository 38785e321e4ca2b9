"""Shapes of the session routes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from identity.permissions import Permission
from identity.principals.states import Kind, Role
from identity.security.schemas import RecoveryCode, TotpCode


class LoginIn(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    email: str = Field(min_length=1, max_length=254, examples=["retail@demo.rivermouth.example"])
    password: SecretStr = Field(min_length=1, max_length=256)
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None


class LoginOut(BaseModel):
    """A program gets `access_token` and, to go on when that expires, `refresh_token`.

    A browser on our own page gets a cookie that no script reads, and `csrf_token` for its requests.
    """

    access_token: str | None
    token_type: Literal["bearer", "cookie"] = "bearer"  # noqa: S105  the name of a scheme, no secret
    csrf_token: str | None = None
    expires_at: datetime
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None


class LoginMethodsOut(BaseModel):
    """By what a login page may offer to log in; a password always. `staff_login`: staff may go to `/oauth/staff/login`."""

    passkeys: bool
    staff_login: bool


class RefreshIn(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    refresh_token: SecretStr = Field(min_length=1, max_length=256)


class SessionOut(BaseModel):
    """Where somebody is logged in; `current` is the session that asks."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool


class MeOut(BaseModel):
    """`idle_logout_s`: a console ends this session when nobody has touched it for so long; null: it does not."""

    id: UUID
    tenant_id: UUID
    kind: Kind
    email: str
    name: str
    roles: list[Role]
    permissions: list[Permission]
    realm: Literal["real", "demo"]
    session_expires_at: datetime
    second_factor: bool
    idle_logout_s: int | None
    csrf_token: str | None = None
