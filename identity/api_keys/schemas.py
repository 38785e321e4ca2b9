"""Shapes of the routes of API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from identity.api_keys.states import Algorithm, Scope
from kernel.clock import Moment


class ApiKeyIn(BaseModel):
    """With `public_key` (Ed25519, PEM or base64) requests are signed by a private key that we never see; else we make a secret."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["my bot"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=8)]
    ip_allow: Annotated[
        list[Annotated[str, Field(max_length=64)]], Field(max_length=20, examples=[["203.0.113.7", "10.0.0.0/8"]])
    ] = []
    public_key: Annotated[str, Field(max_length=1024)] | None = None
    expires_at: Moment | None = None


class ApiKeyOut(BaseModel):
    """A key as it stands; its secret is never shown again."""

    id: UUID
    key: str
    name: str
    scopes: list[Scope]
    ip_allow: list[str]
    algorithm: Algorithm
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewApiKeyOut(ApiKeyOut):
    """A new key; `secret` is in this answer and in no other."""

    secret: str | None
