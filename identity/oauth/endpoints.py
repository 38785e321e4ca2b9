"""What a program asks beside tokens: to begin on a device without a keyboard, whether a token lives, that it live no more."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint

from identity.oauth import grant_queries, rules
from identity.oauth.grant_queries import DeviceRow, TokenRow
from identity.oauth.granting import AUTH_METHODS, Client, Request, Server
from identity.oauth.states import DeviceState, Grant
from identity.sessions import ending, tokens
from identity.sessions.states import EndReason, TokenKind
from kernel import origin
from kernel.clock import wall
from kernel.ids import uuid7

DEVICE_LIFE_S = 600
INTERVAL_S = 5
_LETTERS = 8


class TemporarilyUnavailable(OAuth2Error):  # type: ignore[misc]
    error = "temporarily_unavailable"


def shown(user_code: str) -> str:
    """In two halves, as a person reads it."""
    return f"{user_code[:4]}-{user_code[4:]}"


def typed(text: str) -> str:
    """As it is stored, however a person typed it."""
    return "".join(c for c in text.upper() if c in rules.USER_CODE_LETTERS)


class DeviceStart(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = AUTH_METHODS
    EXPIRES_IN = DEVICE_LIFE_S
    INTERVAL = INTERVAL_S

    def authenticate_client(self, request: Request) -> Client:
        client: Client = super().authenticate_client(request)
        if not client.check_grant_type(Grant.DEVICE_CODE):
            raise UnauthorizedClientError
        if client.get_allowed_scope(request.payload.scope) is None:
            raise InvalidScopeError
        return client

    def generate_user_code(self) -> str:
        return shown("".join(secrets.choice(rules.USER_CODE_LETTERS) for _ in range(_LETTERS)))

    def generate_device_code(self) -> str:
        return "rmd_" + secrets.token_urlsafe(32)

    def get_verification_uri(self) -> str:
        server: Server = self.server
        return f"{server.issuer}/device"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:
        server: Server = self.server
        client = server.query_client(client_id)
        assert client is not None, "it was authenticated just now"
        scopes = rules.scopes_of(scope, client.row.scopes)
        assert scopes is not None, "they were judged just now"
        now, came_from = wall(), origin.current()
        row = DeviceRow(
            id=uuid7(),
            client_id=client.row.id,
            program=client.row.name,
            user_code=typed(data["user_code"]),
            scopes=scopes,
            state=DeviceState.PENDING,
            connection_id=None,
            address=(came_from.address or "")[:64] if came_from else "",
            interval_s=INTERVAL_S,
            polled_at=None,
            created_at=now,
            expires_at=now + timedelta(seconds=DEVICE_LIFE_S),
        )
        taken = not grant_queries.insert_device(server.tx, row, device_hash=rules.digest(data["device_code"]))
        if taken:  # one of 25 thousand million codes was drawn twice within ten minutes
            raise TemporarilyUnavailable


class Token:
    """A program's token as authlib asks about it."""

    def __init__(self, row: TokenRow) -> None:
        self.row = row

    def check_client(self, client: Client) -> bool:
        return self.row.client_id == client.row.id

    def is_expired(self) -> bool:
        return not self.row.live

    def is_revoked(self) -> bool:
        return not self.row.live


def _token(server: Server, text: str) -> Token | None:
    if not any(tokens.looks_right(text, kind) for kind in TokenKind):
        return None
    row = grant_queries.token(server.tx, tokens.token_hash(text), now=wall())
    return None if row is None else Token(row)


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Either token ends the session, and so both."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _token(self.server, token_string)

    def revoke_token(self, token: Token, request: Request) -> None:
        server: Server = self.server
        ending.end(server.tx, token.row.session_id, principal=token.row.principal_id, reason=EndReason.LOGOUT)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """A program may ask about its own tokens; of any other it learns nothing."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _token(self.server, token_string)

    def check_permission(self, token: Token, client: Client, request: Request) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        server: Server = self.server
        return {
            "active": True,
            "client_id": server.client_key,
            "token_type": "Bearer" if token.row.kind == TokenKind.ACCESS else "refresh_token",
            "scope": rules.text_of(token.row.scopes),
            "sub": str(token.row.principal_id),
            "iss": server.issuer,
            "iat": int(token.row.created_at.timestamp()),
            "exp": int(token.row.expires_at.timestamp()),
        }
