"""A partner's token: who of its customers sits before its page, signed by the partner, for us, just now.

The algorithm and the key are ours to choose: the header says which of the partner's known keys signed, and nothing else that we would
follow. What is wrong with a token is not told apart.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from identity.oauth.keys import KEYS
from identity.oauth.queries import ClientRow
from kernel.clock import wall

LONGEST = 8_192
LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",), "OKP": ("Ed25519", "EdDSA")}
"""By the kind of the key that the partner registered, so that a token cannot choose how its own key is read."""
_HEADER = {"alg", "kid", "typ"}


class AssertionRefused(Exception):
    """It is not a token of this partner for us, or not one of now."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a partner vouches for; `id` names the token among all of this partner's."""

    subject: str
    id: str
    expires_at: datetime


def verify(token: str, client: ClientRow, *, audience: str) -> Assertion:
    """Judge a partner's token. May fetch the partner's keys: never inside a transaction.

    Raises:
        AssertionRefused: anything at all is wrong with it.
    """
    if len(token) > LONGEST or not token.isascii() or client.issuer is None:
        raise AssertionRefused
    header = read_header(token)
    kid = header["kid"]
    keys = KEYS.of(client, kid=kid)
    claims = verified_claims(token, header, keys)
    return _read(claims, issuer=client.issuer, audience=audience, now=wall())


def read_header(token: str) -> dict[str, Any]:
    """The header, once it is as small and as plain as we demand.

    Raises:
        AssertionRefused: it names keys, extensions or addresses, or no key of the partner.
    """
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise AssertionRefused from None
    if not isinstance(header, dict) or not set(header) <= _HEADER:
        raise AssertionRefused
    kid, alg = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200 or not isinstance(alg, str):
        raise AssertionRefused
    return header


def verified_claims(token: str, header: dict[str, Any], keys: KeySet | None) -> dict[str, Any]:
    """What was signed by the key that the header names.

    Raises:
        AssertionRefused: there is no such key, it is not of this algorithm, or it did not sign this.
    """
    found: Key | None = next((key for key in keys.keys if key.kid == header["kid"]), None) if keys else None
    allowed = ALGORITHMS.get(found.key_type, ()) if found else ()
    if found is None or header["alg"] not in allowed:
        raise AssertionRefused
    try:
        return dict(jwt.decode(token, found, algorithms=list(allowed)).claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise AssertionRefused from None


def _read(claims: dict[str, Any], *, issuer: str, audience: str, now: datetime) -> Assertion:
    subject, name = claims.get("sub"), claims.get("jti")
    if claims.get("iss") != issuer or claims.get("aud") not in (audience, [audience]):
        raise AssertionRefused
    if not (_is_name(subject) and _is_name(name)):
        raise AssertionRefused
    expires_at, issued_at = moment(claims.get("exp")), moment(claims.get("iat"))
    begins_at = moment(claims["nbf"]) if "nbf" in claims else issued_at
    if expires_at <= now or max(issued_at, begins_at) > now + LEEWAY or expires_at > now + LONGEST_LIFE:
        raise AssertionRefused
    return Assertion(str(subject), str(name), expires_at)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def moment(value: object) -> datetime:
    """Seconds since 1970, as JWT counts.

    Raises:
        AssertionRefused: it is no such number.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**35:
        raise AssertionRefused
    return datetime.fromtimestamp(value, UTC)
