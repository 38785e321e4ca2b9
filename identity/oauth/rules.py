"""Which clients there can be, where answers may go, and what a scope allows: pure decisions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from identity.api_keys.states import Scope
from identity.oauth.errors import OAuthClientInvalid
from identity.oauth.states import Grant

MOST_KEYS = 10
SMALLEST_RSA = 2_048
_FIELD = re.compile(r"[ !#-\[\]-~]*", re.ASCII)
"""What the standards let stand in a field, without the quotation mark and the backslash."""
_STATE = re.compile(r"[ -~]{0,1024}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ALONE = (Grant.CLIENT_CREDENTIALS, Grant.TOKEN_EXCHANGE)
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so that no code is a word


def digest(secret: str) -> bytes:
    """A plain hash is enough: 256 random bits cannot be guessed, however fast the hash."""
    return hashlib.sha256(secret.encode()).digest()


def fields_are_clean(fields: Mapping[str, str]) -> bool:
    return all((_STATE if name == "state" else _FIELD).fullmatch(text) is not None for name, text in fields.items())


def scopes_of(text: str | None, allowed: Collection[Scope]) -> frozenset[Scope] | None:
    """The scopes that are asked for, reading only where nothing is; None for what is unknown or more than allowed."""
    asked = (text or Scope.READ.value).split()
    if not set(asked) <= {scope.value for scope in allowed}:
        return None
    return frozenset(Scope(name) for name in asked)


def text_of(scopes: Iterable[Scope]) -> str:
    return " ".join(sorted(scopes))


def check_grants(grants: Collection[Grant], *, confidential: bool) -> None:
    """Programs that people connect, a program of one customer and a partner's page are three kinds; no client is two of them.

    Raises:
        OAuthClientInvalid: these grants do not go together.
    """
    kinds = set(grants) - {Grant.REFRESH_TOKEN}
    if not kinds:
        raise OAuthClientInvalid("a client needs a grant besides refresh_token")
    if any(alone in kinds for alone in _ALONE) and len(set(grants)) > 1:
        raise OAuthClientInvalid("client_credentials and token exchange stand alone")
    if Grant.CLIENT_CREDENTIALS in kinds and not confidential:
        raise OAuthClientInvalid("client_credentials needs a secret")


def check_redirect_uri(uri: str) -> None:
    """Where a code may be sent: https, or http on the person's own machine. It is compared letter by letter later.

    Raises:
        OAuthClientInvalid: anything else.
    """
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise OAuthClientInvalid("a redirect address cannot be read") from None
    plain = parts.scheme == "http" and host in _LOOPBACK
    odd = (
        parts.username is not None
        or "#" in uri
        or "\\" in uri
        or not _VISIBLE.fullmatch(uri)
        or not _FIELD.fullmatch(uri)
    )
    if not host or odd or not (parts.scheme == "https" or plain):
        raise OAuthClientInvalid("a redirect address is https, or http on 127.0.0.1, without user and fragment")


def check_origin(origin: str) -> None:
    """A page's origin as browsers spell it.

    Raises:
        OAuthClientInvalid: it is none.
    """
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OAuthClientInvalid("an origin cannot be read") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    exact = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    if not safe or not host or origin != exact or not re.fullmatch(r"[a-z0-9.-]+", host):
        raise OAuthClientInvalid("an origin is https://host[:port] in small letters, and nothing behind it")


def read_keys(jwks: object) -> KeySet:
    """Public keys of a partner, each with its own name.

    Raises:
        OAuthClientInvalid: something else stands there, a secret, or a key that is too weak.
    """
    entries: Any = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_KEYS:
        raise OAuthClientInvalid(f"a key set has 1 to {MOST_KEYS} keys")
    names = [entry.get("kid") if isinstance(entry, dict) else None for entry in entries]
    if not all(isinstance(name, str) and 0 < len(name) <= 200 for name in names) or len(set(names)) < len(names):
        raise OAuthClientInvalid("each key of a key set has a kid of its own")
    try:
        found = KeySet.import_key_set({"keys": entries})
        for key in found.keys:
            if not isinstance(key, RSAKey | ECKey | OKPKey) or key.is_private:
                raise OAuthClientInvalid("only public keys; a shared secret or a private key verifies nothing")
            if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA:
                raise OAuthClientInvalid(f"an RSA key has {SMALLEST_RSA} bits or more")
    except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):
        raise OAuthClientInvalid("a key cannot be read") from None
    return found
