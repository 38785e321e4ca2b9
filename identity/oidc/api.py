"""Two addresses for the browser of a member of staff: off to the provider, and back from it with a session."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from identity.auth import public
from identity.oauth.api import Issuer
from identity.oauth.errors import OAuthNotConfigured
from identity.oidc import provider as speaking
from identity.oidc import service
from identity.oidc.errors import OidcFailed, OidcNotConfigured
from identity.oidc.states import Provider
from identity.sessions import cookies
from identity.sessions.service import LIFE as SESSION_LIFE
from identity.sessions.service import Device
from kernel import origin
from kernel.http import problem_responses
from kernel.rates import Rate
from kernel.settings import settings

router = APIRouter(prefix="/oauth/staff", tags=["oauth"], dependencies=[public(rate=Rate.LOGINS)])
COOKIE = "rivermouth_staff_login"
_PATH = "/oauth/staff"


def _provider() -> Provider:
    chosen = settings()
    if not chosen.oidc_issuer or not chosen.oidc_client_id or chosen.oidc_client_secret is None:
        raise OidcNotConfigured
    return Provider(chosen.oidc_issuer, chosen.oidc_client_id, chosen.oidc_client_secret.get_secret_value())


@router.get(
    "/login",
    status_code=302,
    operation_id="begin_staff_login",
    response_class=RedirectResponse,
    responses=problem_responses(OidcNotConfigured, OAuthNotConfigured, OidcFailed),
)
def begin(request: Request, issuer: Issuer) -> RedirectResponse:
    """Off to the provider. What comes back counts only in this very browser, once, and for ten minutes."""
    provider = _provider()
    address = speaking.DISCOVERY.of(provider).authorize
    begun = service.begin()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": f"{issuer}{_PATH}/callback",
        "scope": "openid email",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    answer = RedirectResponse(f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.set_cookie(
        COOKIE, begun.browser, max_age=int(service.LIFE.total_seconds()), path=_PATH, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.get(
    "/callback",
    status_code=302,
    operation_id="finish_staff_login",
    response_class=RedirectResponse,
    responses=problem_responses(OidcNotConfigured, OAuthNotConfigured, OidcFailed),
)
def finish(
    request: Request,
    issuer: Issuer,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=128)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> RedirectResponse:
    """Back from the provider: a session for the member of staff whom it vouches for."""
    provider = _provider()
    login = service.resume(state=state, browser=request.cookies.get(COOKIE, ""))
    if not code or iss not in (None, provider.issuer):
        raise OidcFailed
    person = speaking.redeem(
        provider, code=code, verifier=login.verifier, nonce=login.nonce, redirect_uri=f"{issuer}{_PATH}/callback"
    )
    device = Device(
        address=origin.address_of(request),
        user_agent=request.headers.get("user-agent", ""),
        browser=True,
    )
    opened = service.open_session(issuer=provider.issuer, subject=person.subject, email=person.email, device=device)
    answer = RedirectResponse("/", 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="lax")
    cookies.give(answer, request, opened.access_token, seconds=int(SESSION_LIFE.total_seconds()))
    return answer
