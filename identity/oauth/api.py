"""Addresses that programs call, as the standards spell them: forms in, `{error}` where one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from identity.auth import public
from identity.oauth import service, wire
from identity.oauth.errors import OAuthNotConfigured, OAuthRequestInvalid
from identity.oauth.granting import Answer
from identity.oauth.schemas import DeviceStartOut, EmbeddingOut, IntrospectionOut, OAuthErrorOut, TokenOut
from identity.oauth.states import PROGRAM_SCOPES, Grant
from kernel import origin, rates
from kernel.http import problem_responses
from kernel.settings import settings

router = APIRouter(tags=["oauth"], dependencies=[public()])
_MOST_FIELDS = 30
_FORM = "application/x-www-form-urlencoded"


def issuer_of(request: Request) -> str:
    """Who we are: what the deployment says, never what a request says of itself, but in a sandbox.

    Raises:
        OAuthNotConfigured: a production that does not tell its address.
    """
    told = settings().public_url
    if told is not None:
        return told.rstrip("/")
    if not settings().sandbox:
        raise OAuthNotConfigured
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


Issuer = Annotated[str, Depends(issuer_of)]


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each of which stands there once.

    Raises:
        OAuthRequestInvalid: it is no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthRequestInvalid(f"the body is a form: {_FORM}")
    return read_fields((await request.body()).decode("utf-8", "replace"))


def read_fields(text: str) -> dict[str, str]:
    """Names and values as in a query; empty ones count as absent.

    Raises:
        OAuthRequestInvalid: a name twice, or too many.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise OAuthRequestInvalid("too many fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthRequestInvalid("a field stands there twice")
    return {name: value for name, value in fields.items() if value}


Form = Annotated[dict[str, str], Depends(form_of)]


def _fields(*required: str, **more: str) -> dict[str, Any]:
    """The description of a form for the document."""
    properties = {name: {"type": "string"} for name in (*required, *more)}
    for name, text in more.items():
        properties[name]["description"] = text
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


_CLIENT = {
    "client_id": "unless the client proves itself by HTTP Basic",
    "client_secret": "of a client that has one, unless by HTTP Basic",
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthErrorOut, "description": "Refused; `error` says why, in the words of RFC 6749, 8628 and 8693."},
    401: {"model": OAuthErrorOut, "description": "`invalid_client`: it did not prove that it is this client."},
    **problem_responses(OAuthNotConfigured),
}


def _both(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """A body that is no form is refused in the words of the house, before OAuth begins."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {**told, "content": {**told.get("content", {}), **problem}} for status, told in responses.items()}


def _sent(answer: Answer) -> Response:
    headers = {name: value for name, value in answer.headers if name.lower() != "content-type"}
    return JSONResponse(answer.body, answer.status, {"Cache-Control": "no-store", "Pragma": "no-cache", **headers})


async def _in_thread(work: Any, *given: Any, **named: Any) -> Response:
    return _sent(await anyio.to_thread.run_sync(lambda: work(*given, **named)))


@router.get(
    "/oauth/authorize",
    status_code=302,
    operation_id="oauth_authorize",
    response_class=RedirectResponse,
    responses=problem_responses(OAuthRequestInvalid),
)
def authorize(request: Request) -> Response:
    """Where a program sends a browser: on to the page on which its owner says yes or no."""
    fields = read_fields(request.url.query)
    return RedirectResponse(
        f"/connect?{urlencode(fields)}", 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )


@router.post(
    "/oauth/token",
    operation_id="oauth_token",
    response_model=TokenOut,
    responses=_both(_REFUSED),
    openapi_extra=_fields(
        "grant_type",
        code="authorization_code",
        redirect_uri="authorization_code: the same as before",
        code_verifier="authorization_code: PKCE, S256",
        refresh_token="refresh_token",  # noqa: S106  the name of a field
        device_code="device grant",
        subject_token="token exchange: the partner's JWT",  # noqa: S106  the name of a field
        subject_token_type="token exchange: urn:ietf:params:oauth:token-type:jwt",  # noqa: S106
        scope="`read`, `trade` or both",
        **_CLIENT,
    ),
)
async def token(request: Request, form: Form, issuer: Issuer) -> Response:
    """A token, by any of the grants that the client has."""
    return await _in_thread(wire.token, form, request.headers, issuer=issuer)


@router.post(
    "/oauth/device_authorization",
    operation_id="oauth_device_authorization",
    response_model=DeviceStartOut,
    responses=_both(_REFUSED),
    openapi_extra=_fields(scope="`read`, `trade` or both", **_CLIENT),
)
async def device_authorization(request: Request, form: Form, issuer: Issuer) -> Response:
    """A device without a keyboard begins: it shows `user_code`, and asks for its token until the owner has typed it in."""
    address = rates.network(origin.address_of(request))
    return await _in_thread(wire.start_device, form, request.headers, issuer=issuer, address=address)


@router.post(
    "/oauth/revoke",
    operation_id="oauth_revoke",
    responses=_both(_REFUSED),
    openapi_extra=_fields("token", token_type_hint="`access_token` or `refresh_token`", **_CLIENT),  # noqa: S106
)
async def revoke(request: Request, form: Form, issuer: Issuer) -> dict[str, Any]:
    """This token, and its session with it, is worth nothing any more; the same answer for one that was worth nothing before."""
    return await _in_thread(wire.revoke, form, request.headers, issuer=issuer)  # type: ignore[return-value]


@router.post(
    "/oauth/introspect",
    operation_id="oauth_introspect",
    response_model=IntrospectionOut,
    responses=_both(_REFUSED),
    openapi_extra=_fields("token", token_type_hint="`access_token` or `refresh_token`", **_CLIENT),  # noqa: S106
)
async def introspect(request: Request, form: Form, issuer: Issuer) -> Response:
    """Whether a token of this client lives, and what it may do."""
    return await _in_thread(wire.introspect, form, request.headers, issuer=issuer)


@router.get(
    "/.well-known/oauth-authorization-server",
    operation_id="oauth_metadata",
    responses=problem_responses(OAuthNotConfigured),
)
def metadata(issuer: Issuer) -> Mapping[str, Any]:
    """RFC 8414: what this server can do, for programs that find out by themselves."""
    methods = ["client_secret_basic", "client_secret_post", "none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [grant.value for grant in Grant],
        "scopes_supported": [scope.value for scope in PROGRAM_SCOPES],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/oauth/embedding", operation_id="oauth_embedding")
def embedding(client_id: Annotated[str, Query(max_length=64)]) -> EmbeddingOut:
    """Whom the page `/embed` of this partner listens to; nobody where there is no such partner."""
    return EmbeddingOut(origins=list(service.may_frame(client_id)))
