"""The grants of OAuth 2.0: authlib judges requests as the standards want, this module gives it our rows and our sessions.

One request is one transaction of the client's tenant, refusals included: the replay of a code is refused and what it once opened ends,
together. The library's defaults that are too kind are tightened here: PKCE is S256 and never optional, a parameter stands once.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Request,
    UnauthorizedClientError,
    grants,
)
from authlib.oauth2.rfc6749.grants import BaseGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from authlib.oauth2.rfc9207 import IssuerParameter

from identity.api_keys.states import Scope
from identity.audit import service as audit
from identity.oauth import grant_queries, queries, rules, service
from identity.oauth.assertions import Assertion
from identity.oauth.grant_queries import CodeRow, DeviceRow
from identity.oauth.queries import ClientRow, ConnectionRow
from identity.oauth.states import PROGRAM_SCOPES, ConnectionState, DeviceState, Grant
from identity.sessions import ending, refreshing, tokens
from identity.sessions import queries as session_queries
from identity.sessions.states import EndReason, TokenKind
from kernel.clock import wall
from kernel.db import Tx
from kernel.ids import uuid7

ACCESS_LIFE = timedelta(hours=1)
PAGE_LIFE = timedelta(minutes=15)
"""Of a session on a partner's page, which hands over a fresh token of its own whenever it wants."""
CODE_LIFE = timedelta(minutes=1)
SLOWER_S = 5
MOST_INTERVAL_S = 60
AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
logging.getLogger("authlib").setLevel(logging.INFO)  # its DEBUG writes tokens out
_NO_STORE = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


@dataclass(slots=True)
class Answer:
    """What goes back; `location` where a browser is to be sent."""

    status: int
    body: Any
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def location(self) -> str | None:
        return next((value for name, value in self.headers if name == "Location"), None)

    @location.setter
    def location(self, value: str) -> None:
        self.headers = [(name, value if name == "Location" else old) for name, old in self.headers]


class Request(OAuth2Request):  # type: ignore[misc]
    """A request as authlib reads one. Each field stands once: who asks twice is refused before."""

    def __init__(self, method: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        # The library wants to see https; what carries the request to us is the deployment's business, not this object's.
        super().__init__(method, "https://rivermouth.invalid/", headers=headers)
        self.payload = BasicOAuth2Payload(dict(fields))

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data  # type: ignore[no-any-return]

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data  # type: ignore[no-any-return]


class Client(ClientMixin):  # type: ignore[misc]
    """A program as authlib asks about it."""

    def __init__(self, row: ClientRow) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.key

    def get_default_redirect_uri(self) -> None:
        """Each request says where its answer goes."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        found = rules.scopes_of(scope, self.row.scopes)
        return None if found is None else rules.text_of(found)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.row.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        stored = self.row.secret_hash
        return stored is not None and hmac.compare_digest(stored, rules.digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == (self.row.secret_hash is None)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and Grant.AUTHORIZATION_CODE in self.row.grants

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {grant.value for grant in self.row.grants}


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    code_challenge_method = "S256"

    def __init__(self, row: CodeRow) -> None:
        self.row = row
        self.code_challenge = row.challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return rules.text_of(self.row.scopes)


class Server(AuthorizationServer):  # type: ignore[misc]
    """One request's server: it knows one client, and writes into one transaction."""

    def __init__(self, tx: Tx, client: ClientRow | None, *, issuer: str, assertion: Assertion | None = None) -> None:
        super().__init__(scopes_supported=[scope.value for scope in PROGRAM_SCOPES])
        self.tx, self.issuer, self.assertion = tx, issuer, assertion
        self._client = None if client is None else Client(client)
        self.session_id: UUID | None = None
        self.register_grant(CodeGrant, [Pkce()])
        for grant in (RefreshGrant, CredentialsGrant, DeviceGrant, ExchangeGrant):
            self.register_grant(grant)
        self.register_extension(IssuerNamed(issuer))

    @property
    def client_key(self) -> str:
        return self._client.row.key if self._client else ""

    def query_client(self, client_id: str) -> Client | None:
        client = self._client
        return client if client is not None and client.row.key == client_id else None

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, list(headers))

    def generate_token(
        self,
        grant_type: str,
        client: Client,
        user: ConnectionRow | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        life = PAGE_LIFE if grant_type == Grant.TOKEN_EXCHANGE else ACCESS_LIFE
        made = {
            "token_type": "Bearer",
            "access_token": tokens.new_token(),
            "expires_in": int(life.total_seconds()),
            "scope": scope,
        }
        if include_refresh_token:
            made["refresh_token"] = tokens.new_token(TokenKind.REFRESH)
        return made

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """A session of the program, which may do what its scopes say.

        Raises:
            InvalidGrantError: the customer may not log in any more.
        """
        connection: ConnectionRow = request.user
        session_id, now = uuid7(), wall()
        life = timedelta(seconds=token["expires_in"])
        refresh = token.get("refresh_token")
        scopes = frozenset(Scope(name) for name in token["scope"].split())
        if not grant_queries.insert_session(
            self.tx, session_id=session_id, principal=connection.principal_id, connection_id=connection.id, scopes=scopes,
            now=now, expires_at=now + (refreshing.REFRESH_LIFE if refresh else life),
        ):  # fmt: skip
            raise InvalidGrantError
        if refresh:
            refreshing.issue(
                self.tx, session_id, access=token["access_token"], refresh=refresh, now=now, access_life=life
            )
        else:
            session_queries.insert_token(
                self.tx, token_hash=tokens.token_hash(token["access_token"]), session_id=session_id,
                kind=TokenKind.ACCESS, now=now, expires_at=now + life,
            )  # fmt: skip
        audit.record(
            self.tx, "oauth_session.opened", kind="session", resource=session_id, actor=connection.principal_id,
            after={"live": True, "scopes": sorted(scopes)}, program=connection.program, grant=request.payload.grant_type,
        )  # fmt: skip
        self.session_id = session_id


class IssuerNamed(IssuerParameter):  # type: ignore[misc]
    """Each answer to a browser names us, so that a client of several servers cannot be led to mix them up."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class Pkce(CodeChallenge):  # type: ignore[misc]
    """The library lets requests without PKCE and `plain` pass; we let neither."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012  the library's own way to say it
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str | None) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is needed: code_challenge with code_challenge_method S256")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: BaseGrant, result: Any) -> None:
        if not grant.request.form.get("code_verifier"):
            raise InvalidRequestError("Missing 'code_verifier'")
        super().validate_code_verifier(grant, result)


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def generate_authorization_code(self) -> str:
        return "rmo_" + tokens.new_token().partition("_")[2]

    def save_authorization_code(self, code: str, request: Request) -> None:
        scopes = frozenset(Scope(name) for name in request.scope.split())
        connection = service.allow(self.server.tx, request.client.row, principal=request.user, scopes=scopes)
        grant_queries.insert_code(
            self.server.tx,
            code_hash=rules.digest(code),
            connection_id=connection.id,
            scopes=scopes,
            redirect_uri=request.payload.redirect_uri,
            challenge=request.payload.data["code_challenge"],
            expires_at=wall() + CODE_LIFE,
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        tx: Tx = self.server.tx
        row = grant_queries.lock_code(tx, rules.digest(code))
        if row is None or row.client_id != client.row.id:
            return None
        if row.session_id is not None:  # a second use: one of the two was a thief, and nobody can tell which
            ending.end(tx, row.session_id, principal=row.principal_id, reason=EndReason.TOKEN_REUSED)
            return None
        return None if row.expires_at <= wall() else Code(row)

    def authenticate_user(self, authorization_code: Code) -> ConnectionRow | None:
        return _agreed(self.server.tx, authorization_code.row.connection_id)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        session_id = self.server.session_id
        assert session_id is not None, "the token was saved before"
        grant_queries.use_code(self.server.tx, authorization_code.row.code_hash, session_id=session_id, now=wall())


def _agreed(tx: Tx, connection_id: UUID) -> ConnectionRow | None:
    row = queries.connection(tx, connection_id)
    return row if row is not None and row.state is ConnectionState.AGREED else None


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """Rotation, its grace and what happens to a copied token are those of every session of the house."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> _Refreshable | None:
        if not tokens.looks_right(refresh_token, TokenKind.REFRESH):
            return None
        row = grant_queries.token(self.server.tx, tokens.token_hash(refresh_token), now=wall())
        return None if row is None or row.kind != TokenKind.REFRESH else _Refreshable(row, refresh_token)

    def authenticate_user(self, refresh_token: _Refreshable) -> ConnectionRow | None:
        return _agreed(self.server.tx, refresh_token.row.connection_id)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        shown: _Refreshable = self.request.refresh_token
        client: Client = self.request.client
        if self.authenticate_user(shown) is None:
            raise InvalidGrantError
        pair = refreshing.rotate(self.server.tx, shown.text, client=client.row.id, access_life=ACCESS_LIFE)
        if pair is None:
            raise InvalidGrantError
        made = {
            "token_type": "Bearer",
            "access_token": pair.access_token,
            "expires_in": max(0, int((pair.expires_at - wall()).total_seconds())),
            "scope": shown.get_scope(),
            "refresh_token": pair.refresh_token,
        }
        return 200, made, _NO_STORE


class _Refreshable:
    def __init__(self, row: grant_queries.TokenRow, text: str) -> None:
        self.row, self.text = row, text

    def check_client(self, client: Client) -> bool:
        return self.row.client_id == client.row.id

    def get_scope(self) -> str:
        return rules.text_of(self.row.scopes)


class CredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """The program of one customer, who agreed to it."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

    def validate_token_request(self) -> None:
        super().validate_token_request()
        connected = queries.connections_of_client(self.server.tx, self.request.client.row.id)
        agreed = [row for row in connected if row.state is ConnectionState.AGREED]
        if len(agreed) != 1:
            raise UnauthorizedClientError("no customer has agreed to this program yet")
        self.request.user = agreed[0]

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        scope = _within(self.request.payload.scope, self.request.user)
        token = self.generate_token(user=self.request.user, scope=scope, include_refresh_token=False)
        self.save_token(token)
        return 200, token, _NO_STORE


def _within(asked: str | None, connection: ConnectionRow) -> str:
    """The scopes asked for, or all that were agreed to.

    Raises:
        InvalidScopeError: more than was agreed to.
    """
    found = rules.scopes_of(asked or rules.text_of(connection.scopes), connection.scopes)
    if found is None:
        raise InvalidScopeError
    return rules.text_of(found)


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_device_credential(self, device_code: str) -> _Device:
        row = grant_queries.lock_device(self.server.tx, rules.digest(device_code))
        client = self.server.query_client(_client_key(self.request))
        if row is None or client is None or row.client_id != client.row.id or row.state is DeviceState.USED:
            raise InvalidGrantError
        return _Device(row, client.row.key)

    def query_user_grant(self, user_code: str) -> tuple[ConnectionRow | None, bool] | None:
        row = self._judged.row  # the code is this very row's
        if row.state is DeviceState.PENDING:
            return None
        connection = _agreed(self.server.tx, row.connection_id) if row.connection_id else None
        return connection, connection is not None and row.state is DeviceState.ALLOWED

    def validate_device_credential(self, credential: _Device) -> ConnectionRow | None:
        self._judged = credential
        return super().validate_device_credential(credential)  # type: ignore[no-any-return]

    def should_slow_down(self, credential: _Device) -> bool:
        row, now = credential.row, wall()
        hasty = row.polled_at is not None and now - row.polled_at < timedelta(seconds=row.interval_s - 1)
        interval_s = min(row.interval_s + SLOWER_S, MOST_INTERVAL_S) if hasty else row.interval_s
        grant_queries.note_poll(self.server.tx, row.id, interval_s=interval_s, now=now)
        return hasty

    def save_token(self, token: dict[str, Any]) -> None:
        if not grant_queries.move_device(self.server.tx, self.request.credential.row.id, DeviceState.USED):
            raise InvalidGrantError
        super().save_token(token)


class _Device:
    def __init__(self, row: DeviceRow, client_key: str) -> None:
        self.row, self._client_key = row, client_key

    def get_client_id(self) -> str:
        return self._client_key

    def get_scope(self) -> str:
        return rules.text_of(self.row.scopes)

    def get_user_code(self) -> str:
        return self.row.user_code

    def is_expired(self) -> bool:
        return self.row.expires_at <= wall()


class ExchangeGrant(BaseGrant, grants.TokenEndpointMixin):  # type: ignore[misc]
    """RFC 8693: a partner's token in, a session of ours out, for the customer who agreed to be known by that name there."""

    GRANT_TYPE = Grant.TOKEN_EXCHANGE.value
    ISSUED = "urn:ietf:params:oauth:token-type:access_token"
    ACCEPTED = "urn:ietf:params:oauth:token-type:jwt"

    def validate_token_request(self) -> None:
        client: Client | None = self.server.query_client(_client_key(self.request))
        if client is None or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError
        assertion: Assertion | None = self.server.assertion
        if assertion is None:  # the signature is what proves the partner, so this is a failed authentication
            raise InvalidClientError(status_code=401, description="the subject_token is not accepted")
        if self.request.payload.data.get("subject_token_type") != self.ACCEPTED:
            raise InvalidRequestError("subject_token_type must be that of a JWT")
        tx: Tx = self.server.tx
        used = rules.digest(assertion.id)
        if not grant_queries.use_assertion(
            tx, client_id=client.row.id, assertion_hash=used, expires_at=assertion.expires_at
        ):
            raise InvalidClientError(status_code=401, description="the subject_token was used before")
        connection = queries.connection_of_subject(tx, client_id=client.row.id, subject=assertion.subject)
        if connection is None:
            raise InvalidGrantError("no customer has agreed to be known by this subject")
        self.request.client, self.request.user = client, connection

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        scope = _within(self.request.payload.scope, self.request.user)
        token = self.generate_token(user=self.request.user, scope=scope, include_refresh_token=False)
        self.save_token(token)
        return 200, {**token, "issued_token_type": self.ISSUED}, _NO_STORE


def _client_key(request: Request) -> str:
    return credentials_of(request.payload.data, request.headers)[0] or ""


def credentials_of(fields: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """(client, secret) as a request names them; (None, None) where the header cannot be read."""
    try:
        key, secret = extract_basic_authorization(headers)
    except ValueError:
        return None, None
    return (key, secret) if key else (fields.get("client_id"), fields.get("client_secret"))
