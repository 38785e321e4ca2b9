"""Shapes of the routes of programs and connections. What programs ask at `/oauth/…` has the shapes of the standards."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from identity.api_keys.states import Scope
from identity.oauth.states import ConnectionState, Grant

_Text = Annotated[str, Field(max_length=1024)]
Scopes = Annotated[list[Literal[Scope.READ, Scope.TRADE]], Field(min_length=1, max_length=8)]


class PartnerIn(BaseModel):
    """Whose tokens are exchanged: `issuer` is their `iss`; their keys stand in `jwks` or lie at `jwks_url`; `origins` may show our page."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    issuer: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$", examples=["https://partner.example"])
    ]
    jwks: dict[str, Any] | None = None
    jwks_url: Annotated[str, Field(max_length=2048)] | None = None
    origins: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10)] = []


class OAuthClientIn(BaseModel):
    """`confidential`: it can keep a secret, as a server can; a page, a telephone or a terminal cannot."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Portfolio app"])]
    grants: Annotated[list[Grant], Field(min_length=1, max_length=5)]
    scopes: Scopes
    redirect_uris: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=10)] = []
    confidential: bool
    partner: PartnerIn | None = None


class OAuthClientOut(BaseModel):
    """A program; `client_id` is how it names itself."""

    id: UUID
    client_id: str
    name: str
    grants: list[Grant]
    scopes: list[Scope]
    redirect_uris: list[str]
    confidential: bool
    issuer: str | None
    jwks_url: str | None
    origins: list[str]
    created_at: datetime


class NewOAuthClientOut(OAuthClientOut):
    """A new program; `client_secret` is in this answer and in no other."""

    client_secret: str | None


class ProposalIn(BaseModel):
    """`subject` is what a partner calls the customer in its own tokens."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    customer_id: UUID
    scopes: Scopes
    subject: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None


class ConnectionOut(BaseModel):
    """A program that acts for you (`agreed`), or asks to (`proposed`)."""

    id: UUID
    program: str
    client_id: str
    scopes: list[Scope]
    state: ConnectionState
    proposed_at: datetime
    agreed_at: datetime | None
    last_used_at: datetime | None


class ConsentIn(BaseModel):
    """What a program asked at `/oauth/authorize`, as it asked."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    response_type: _Text = ""
    client_id: _Text
    redirect_uri: _Text = ""
    scope: _Text = ""
    state: _Text = ""
    code_challenge: _Text = ""
    code_challenge_method: _Text = ""


class EmbeddingOut(BaseModel):
    """Pages that may show `/embed` of a partner and hand it a token."""

    origins: list[str]


class AskedOut(BaseModel):
    """What a program wants; with `redirect_to` it asked wrongly, and the browser goes there to tell it."""

    program: str
    scopes: list[Scope]
    redirect_to: str | None


class DecidedOut(BaseModel):
    """Where the browser goes now."""

    redirect_to: str


class DeviceOut(BaseModel):
    """A device that waits for its owner's answer; `address` is where it asked from."""

    program: str
    scopes: list[Scope]
    address: str
    created_at: datetime
    expires_at: datetime


class DeviceIn(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    user_code: Annotated[str, Field(min_length=1, max_length=32, examples=["BCDF-GHJK"])]


class TokenOut(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    issued_token_type: str | None = None


class OAuthErrorOut(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str | None = None
    error_uri: str | None = None


class DeviceStartOut(BaseModel):
    """RFC 8628 §3.2."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class IntrospectionOut(BaseModel):
    """RFC 7662 §2.2; of a token that lives no more, or is somebody else's, only `active`."""

    active: bool
    client_id: str | None = None
    token_type: str | None = None
    scope: str | None = None
    sub: str | None = None
    iss: str | None = None
    iat: int | None = None
    exp: int | None = None
