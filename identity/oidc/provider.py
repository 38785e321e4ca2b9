"""Speaking to the provider: where its addresses are, a code for tokens, and the judgement of the token that says who this is.

The operator chose the provider, so its addresses are believed; what it answers is bounded, followed nowhere, and judged with keys and
algorithms that are ours to choose.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from identity.oauth import rules
from identity.oauth.assertions import AssertionRefused, moment, read_header, verified_claims
from identity.oauth.errors import OAuthClientInvalid
from identity.oidc.errors import OidcFailed
from identity.oidc.states import Provider
from kernel import clock, log
from kernel.db import assert_no_transaction

TIMEOUT_S = 5.0
MOST_BYTES = 256 * 1024
KEPT_S = 300.0
_log = log.get("oidc")


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the provider tells of itself."""

    authorize: str
    token: str
    keys: str
    at: float


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    email: str


class Discovery:
    """The provider's addresses, remembered for a while."""

    def __init__(self) -> None:
        self._known: dict[str, Addresses] = {}
        self._lock = threading.Lock()

    def of(self, provider: Provider) -> Addresses:
        """Where it is.

        Raises:
            OidcFailed: it does not answer, or answers for somebody else.
        """
        with self._lock:
            known = self._known.get(provider.issuer)
            if known is None or clock.monotonic() - known.at > KEPT_S:
                known = self._known[provider.issuer] = _discover(provider)
        return known


DISCOVERY = Discovery()


def _discover(provider: Provider) -> Addresses:
    told = _ask("GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    try:
        if told["issuer"] != provider.issuer:
            raise OidcFailed
        addresses = Addresses(
            told["authorization_endpoint"], told["token_endpoint"], told["jwks_uri"], clock.monotonic()
        )
    except (KeyError, TypeError):
        raise OidcFailed from None
    base = httpx.URL(provider.issuer)
    for address in (addresses.authorize, addresses.token, addresses.keys):
        if not isinstance(address, str) or (base.scheme == "https" and httpx.URL(address).scheme != "https"):
            raise OidcFailed
    return addresses


def redeem(provider: Provider, *, code: str, verifier: str, nonce: str, redirect_uri: str) -> Person:
    """Who came back with this code.

    Raises:
        OidcFailed: nobody whom the provider vouches for.
    """
    addresses = DISCOVERY.of(provider)
    told = _ask(
        "POST",
        addresses.token,
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
        auth=(provider.client_id, provider.client_secret),
    )
    token = told.get("id_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or len(token) > 16_384 or not token.isascii():
        raise OidcFailed
    try:
        header = read_header(token)
        claims = verified_claims(token, header, rules.read_keys(_only_signing(_ask("GET", addresses.keys))))
        return _person(claims, provider, nonce=nonce)
    except (AssertionRefused, OAuthClientInvalid):
        raise OidcFailed from None


def _only_signing(jwks: Any) -> dict[str, Any]:
    """Providers publish keys for other uses too, and more of them than one token needs."""
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list):
        raise OidcFailed
    signing = [entry for entry in entries if isinstance(entry, dict) and entry.get("use", "sig") == "sig"]
    return {"keys": [entry for entry in signing if entry.get("kty") in {"RSA", "EC", "OKP"}][: rules.MOST_KEYS]}


def _person(claims: dict[str, Any], provider: Provider, *, nonce: str) -> Person:
    audience, now = claims.get("aud"), clock.wall()
    if claims.get("iss") != provider.issuer or audience not in (provider.client_id, [provider.client_id]):
        raise OidcFailed
    if claims.get("azp", provider.client_id) != provider.client_id or claims.get("nonce") != nonce:
        raise OidcFailed
    if moment(claims.get("exp")) <= now:
        raise OidcFailed
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise OidcFailed
    if claims.get("email_verified") is not True or not isinstance(email, str) or not email.isprintable():
        raise OidcFailed
    return Person(subject, email)


def _ask(method: str, url: str, *, data: dict[str, str] | None = None, auth: tuple[str, str] | None = None) -> Any:
    assert_no_transaction()
    try:
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S, auth=auth) as client:
            answer = client.send(client.build_request(method, url, data=data), stream=True)
            try:
                body = _read(answer)
            finally:
                answer.close()
        return json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        _log.warning("provider_failed", error=type(error).__name__)
        raise OidcFailed from None


def _read(answer: httpx.Response) -> bytes:
    if answer.status_code != httpx.codes.OK:
        _log.warning("provider_refused", status=answer.status_code)
        raise OidcFailed
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise OidcFailed
    return bytes(body)
