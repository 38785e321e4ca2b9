"""Signatures, time windows and addresses: pure decisions about one request."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.api_keys.errors import IpAllowRequired, IpRangeInvalid, PublicKeyInvalid, RequestTooOld
from identity.api_keys.states import Scope
from identity.permissions import Permission

DEFAULT_WINDOW_MS = 5_000
LONGEST_WINDOW_MS = 60_000
AHEAD_MS = 1_000
_RAW = 32

SCOPE_PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset(
        {
            Permission.MARKETS_READ, Permission.PRODUCTS_READ, Permission.FEES_READ, Permission.ORDERS_READ,
            Permission.BALANCES_READ, Permission.STATEMENTS_READ, Permission.PAYMENT_ORDERS_READ,
            Permission.ACCOUNTS_READ, Permission.TRANSFERS_READ, Permission.WITHDRAWALS_READ,
        }
    ),
    Scope.TRADE: frozenset({Permission.ORDERS_WRITE, Permission.ALERTS_WRITE}),
    Scope.WITHDRAW: frozenset({Permission.TRANSFERS_WRITE, Permission.PAYMENT_ORDERS_WRITE, Permission.WITHDRAWALS_WRITE}),
}  # fmt: skip
"""What a key may do of what its owner may; nothing that changes the account itself."""
_WIDEST = {4: 16, 6: 48}


def permissions_of_scopes(scopes: Iterable[Scope]) -> frozenset[Permission]:
    return frozenset().union(*(SCOPE_PERMISSIONS[scope] for scope in scopes))


def hmac_matches(*, secret: bytes, payload: bytes, signature: str) -> bool:
    """Hex of HMAC-SHA256, in either case."""
    expected = hmac.new(secret, payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode("utf-8", "replace"))


def exact_hmac_matches(*, secret: bytes, payload: bytes, signature: str) -> bool:
    """Hex of HMAC-SHA256 in small letters: one request has one spelling."""
    expected = hmac.new(secret, payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def ed25519_matches(*, public_key: bytes, payload: bytes, signature: str) -> bool:
    """Base64 of an Ed25519 signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(signature, validate=True), payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read_public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 key, from PEM or base64.

    Raises:
        PublicKeyInvalid: it is something else.
    """
    try:
        if "-----BEGIN" in text:
            loaded = load_pem_public_key(text.strip().encode("ascii"))
            if not isinstance(loaded, Ed25519PublicKey):
                raise PublicKeyInvalid
            return loaded.public_bytes_raw()
        raw = base64.b64decode(text.strip(), validate=True)
        if len(raw) != _RAW:
            raise PublicKeyInvalid
        return Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()
    except (binascii.Error, ValueError):  # also what is not ASCII, and the library's refusals
        raise PublicKeyInvalid from None


def require_fresh(*, timestamp_ms: int, window_ms: int, now: datetime) -> None:
    """A request that comes too late is refused, so that its sender can know when it can no longer take effect.

    Raises:
        RequestTooOld: outside its window, or from the future.
    """
    now_ms = int(now.timestamp() * 1000)
    if timestamp_ms > now_ms + AHEAD_MS:
        raise RequestTooOld(f"Timestamp for this request was {AHEAD_MS}ms ahead of the server's time.")
    if not 0 < window_ms <= LONGEST_WINDOW_MS:
        raise RequestTooOld(f"recvWindow must be between 1 and {LONGEST_WINDOW_MS}.")
    if now_ms - timestamp_ms > window_ms:
        raise RequestTooOld("Timestamp for this request is outside of the recvWindow.")


def read_ranges(texts: Iterable[str]) -> list[str]:
    """Addresses and ranges as Postgres writes a `cidr`.

    Raises:
        IpRangeInvalid: one is neither, has bits set beyond its prefix, or names a zone, which is a matter of one machine.
    """
    try:
        networks = [ipaddress.ip_network(text.strip()) for text in texts]
    except ValueError:
        raise IpRangeInvalid from None
    if any("%" in str(network) for network in networks):
        raise IpRangeInvalid
    return [str(network) for network in networks]


def require_places(scopes: Iterable[Scope], ranges: Sequence[str]) -> None:
    """Who steals a key that moves money out shall not be able to use it from where they are.

    Raises:
        IpAllowRequired: it may be used from everywhere, or nearly.
    """
    if Scope.WITHDRAW not in set(scopes):
        return
    networks = [ipaddress.ip_network(text) for text in ranges]
    if not networks or any(network.prefixlen < _WIDEST[network.version] for network in networks):
        raise IpAllowRequired


def address_allowed(address: str, ranges: Sequence[str]) -> bool:
    """An empty list allows every address; an address that cannot be read is allowed by no list."""
    if not ranges:
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in ipaddress.ip_network(text) for text in ranges)
