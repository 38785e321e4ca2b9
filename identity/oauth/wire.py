"""Use cases of the addresses that programs call, and of the pages on which a person says yes or no to one.

The client is found first, for it says which tenant; then everything is one transaction of that tenant, refusals included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from authlib.oauth2 import OAuth2Error

from identity.api_keys.states import Scope
from identity.audit import service as audit
from identity.oauth import assertions, grant_queries, queries, rules, service
from identity.oauth.assertions import Assertion, AssertionRefused
from identity.oauth.endpoints import DeviceStart, Introspection, Revocation, typed
from identity.oauth.errors import OAuthRequestInvalid, UserCodeUnknown
from identity.oauth.grant_queries import DeviceRow
from identity.oauth.granting import Answer, IssuerNamed, Request, Server, credentials_of
from identity.oauth.queries import ClientRow
from identity.oauth.states import DeviceState, Grant
from identity.sessions import attempts
from identity.sessions.errors import TooManyAttempts
from kernel.clock import wall
from kernel.db import Tx, read_only, retrying, transaction
from kernel.errors import NotFound

Fields = Mapping[str, str]
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program wants of the person before the page; with `redirect_to` it asked wrongly, and is to be told there."""

    program: str
    scopes: tuple[Scope, ...]
    redirect_to: str | None = None


def _refusal(error: str, *, status: int = 400, text: str = "") -> Answer:
    return Answer(status, {"error": error, "error_description": text} if text else {"error": error})


def token(fields: Fields, headers: Headers, *, issuer: str) -> Answer:
    """A token, for whichever grant."""
    exchange = fields.get("grant_type") == Grant.TOKEN_EXCHANGE
    judge = _judge(fields, issuer) if exchange else None

    def answer(server: Server, request: Request) -> Answer:
        return server.create_token_response(request)  # type: ignore[no-any-return]

    return _served(fields, headers, issuer=issuer, answer=answer, judge=judge)


def _judge(fields: Fields, issuer: str) -> Callable[[ClientRow], Assertion | None]:
    def judge(client: ClientRow) -> Assertion | None:
        try:
            return assertions.verify(fields.get("subject_token", ""), client, audience=issuer)
        except AssertionRefused:
            return None

    return judge


def start_device(fields: Fields, headers: Headers, *, issuer: str, address: str) -> Answer:
    """A code for the device and one for its owner; few at a time from one address."""
    if attempts.take(f"device {credentials_of(fields, headers)[0]} {address}", "") is not None:
        return _refusal("slow_down", text="too many devices began from this address")
    return _endpoint(DeviceStart, fields, headers, issuer=issuer)


def revoke(fields: Fields, headers: Headers, *, issuer: str) -> Answer:
    return _endpoint(Revocation, fields, headers, issuer=issuer)


def introspect(fields: Fields, headers: Headers, *, issuer: str) -> Answer:
    return _endpoint(Introspection, fields, headers, issuer=issuer)


def _endpoint(
    kind: type[DeviceStart | Revocation | Introspection], fields: Fields, headers: Headers, *, issuer: str
) -> Answer:
    def answer(server: Server, request: Request) -> Answer:
        server.register_endpoint(kind(server))
        return server.create_endpoint_response(kind.ENDPOINT_NAME, request)  # type: ignore[no-any-return]

    return _served(fields, headers, issuer=issuer, answer=answer)


def _served(
    fields: Fields,
    headers: Headers,
    *,
    issuer: str,
    answer: Callable[[Server, Request], Answer],
    judge: Callable[[ClientRow], Assertion | None] | None = None,
) -> Answer:
    if not rules.fields_are_clean(fields):
        return _refusal("invalid_request", text="a field holds what none may hold")
    client = service.client_by_key(credentials_of(fields, headers)[0] or "")
    if client is None:
        return _refusal("invalid_client", status=401, text="The client does not exist on this server.")
    assertion = judge(client) if judge else None

    def once() -> Answer:
        with transaction(tenant=client.tenant_id) as tx:
            server = Server(tx, client, issuer=issuer, assertion=assertion)
            return answer(server, Request("POST", fields, headers))

    return retrying(once)


def consider(fields: Fields, *, tenant: UUID, principal: UUID, issuer: str) -> Asked:
    """What a program asks a person for, before they decide.

    Raises:
        OAuthRequestInvalid: it is no program of this house, or wants the answer somewhere else: nobody is sent anywhere.
    """
    client = _client_of(fields, tenant)
    request = Request("GET", fields, {})
    with read_only(tenant=tenant) as tx:
        server = Server(tx, client, issuer=issuer)
        try:
            server.get_consent_grant(request, end_user=principal)
        except OAuth2Error as error:
            return Asked(client.name, (), _told(server, request, error))
    scopes = rules.scopes_of(fields.get("scope"), client.scopes)
    assert scopes is not None, "authlib judged them"
    return Asked(client.name, tuple(sorted(scopes)))


def decide(fields: Fields, *, tenant: UUID, principal: UUID, issuer: str, allowed: bool) -> str:
    """Where the browser goes now: back to the program, with a code or a refusal.

    Raises:
        OAuthRequestInvalid: as for `consider`.
        CoolingDown: the password or a second factor was changed within a day.
    """
    client = _client_of(fields, tenant)

    def once() -> str:
        request = Request("GET", fields, {})
        with transaction(tenant=tenant) as tx:
            server = Server(tx, client, issuer=issuer)
            try:
                grant = server.get_consent_grant(request, end_user=principal)
            except OAuth2Error as error:
                return _told(server, request, error)
            user = principal if allowed else None
            answer: Answer = server.create_authorization_response(request, grant_user=user, grant=grant)
            if answer.location is None:
                raise OAuthRequestInvalid
            return answer.location

    return retrying(once)


def _told(server: Server, request: Request, error: OAuth2Error) -> str:
    """The program's own address with the refusal, where that address is known to be its own."""
    if not error.redirect_uri:
        raise OAuthRequestInvalid(error.description or None)
    answer: Answer = server.handle_error_response(request, error)
    IssuerNamed(server.issuer).add_issuer_parameter(server, answer)
    assert answer.location is not None, "it has an address to go to"
    return answer.location


def _client_of(fields: Fields, tenant: UUID) -> ClientRow:
    client = service.client_by_key(fields.get("client_id", "")) if rules.fields_are_clean(fields) else None
    if client is None or client.tenant_id != tenant:
        raise OAuthRequestInvalid("this house knows no such program")
    return client


def waiting_device(*, tenant: UUID, principal: UUID, user_code: str) -> DeviceRow:
    """The device that shows this code.

    Raises:
        UserCodeUnknown: none does.
        TooManyAttempts: this person has tried too many.
    """
    with _guessing(principal), transaction(tenant=tenant) as tx:
        return _waiting(tx, user_code)


def answer_device(*, tenant: UUID, principal: UUID, user_code: str, allowed: bool) -> None:
    """Let a device act for this person, or not.

    Raises:
        UserCodeUnknown: no device shows this code.
        TooManyAttempts: this person has tried too many.
        CoolingDown: the password or a second factor was changed within a day.
    """
    with _guessing(principal), transaction(tenant=tenant) as tx:
        device = _waiting(tx, user_code)
        client = queries.lock_client(tx, device.client_id)
        if client is None:
            raise NotFound
        connection = service.allow(tx, client, principal=principal, scopes=device.scopes).id if allowed else None
        state = DeviceState.ALLOWED if allowed else DeviceState.REFUSED
        moved = grant_queries.move_device(tx, device.id, state, connection_id=connection)
        assert moved, "the row is locked"
        audit.record(
            tx, "oauth_device.answered", kind="oauth_device", resource=device.id, actor=principal, program=device.program,
            before={"state": device.state}, after={"state": state},
        )  # fmt: skip


def _waiting(tx: Tx, user_code: str) -> DeviceRow:
    device = grant_queries.waiting_device(tx, typed(user_code), now=wall())
    if device is None:
        raise UserCodeUnknown
    return device


class _guessing:  # noqa: N801  reads as a condition where it stands
    """Counts codes that a person tries; right ones are taken back."""

    def __init__(self, principal: UUID) -> None:
        self._who = f"device code {principal}"

    def __enter__(self) -> None:
        wait_s = attempts.take(self._who, "")
        if wait_s is not None:
            raise TooManyAttempts(retry_after_s=int(wait_s) + 1)

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None or not issubclass(kind, UserCodeUnknown):
            attempts.refund(self._who, "")
